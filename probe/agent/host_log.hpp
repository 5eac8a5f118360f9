#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "probe/measure/engine.hpp"

/// What the probe's host can read about everything that this probe did and refused to do: a line a run.
namespace tp::probe {

struct run_entry {
    wall_time at;
    measurement_id measurement;
    proto::result_kind kind{};
    std::string_view target;            // as the user wrote it: anything may stand there
    std::optional<ip_address> address;  // really used
    traffic cost;
    std::optional<proto::failure> failed;
    std::string_view why;  // the guard's reason in full
};

/// "2026-01-31T12:00:00Z 1001 ping example.net 192.0.2.1 sent 3/228 received 3/228 done", without the end of the line.
/// Sent and received are packets and octets. It ends with "refused: WHAT (WHY)" or "failed by SOURCE: WHAT" otherwise.
/// Nothing in it can end the line, and a target is one word, whatever a user wrote.
std::string log_line(run_entry const& run);

/// "2026-01-31T12:00:00Z".
std::string log_time(wall_time at);
/// Reads "2026-01-31", "2026-01-31T12:00:00Z", or an age: "90s", "30m", "2h", "7d". Errors: errc::malformed.
result<wall_time> parse_log_time(std::string_view text, wall_time now);

/// Which lines somebody wants to see.
struct log_filter {
    std::optional<wall_time> since;
    bool refused = false;  // only these

    bool wants(std::string_view line) const;
};

/// Two files, `log` and `log.1`, of so many octets at most each: the newest lines. It is written when flush() is
/// called and when a block is full, so a crash loses a second of it.
class host_log {
public:
    static constexpr std::size_t block = 8 * 1024;     // octets
    static constexpr std::size_t longest_line = 1024;  // octets

    host_log(std::filesystem::path folder, std::uint64_t most_octets);
    host_log(host_log const&) = delete;
    host_log& operator=(host_log const&) = delete;
    ~host_log();

    void write(run_entry const& run);
    /// Errors: those of the system calls; the lines are then lost. A log that cannot be written is no reason to stop.
    result<void> flush();

private:
    result<void> open(std::size_t more);
    result<void> reopen();

    std::filesystem::path path_;
    std::uint64_t most_;
    int fd_ = -1;
    std::uint64_t size_ = 0;
    std::string waiting_;
};

}  // namespace tp::probe
