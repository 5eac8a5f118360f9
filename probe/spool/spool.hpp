#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "probe/spool/segment.hpp"
#include "proto/codec.hpp"
#include "proto/messages.hpp"

namespace tp::probe {

struct spool_limits {
    std::uint64_t octets = 64 * 1024 * 1024;  // on disk; the oldest results go first
    std::uint64_t segment = 256 * 1024;       // octets of one file, about
    std::size_t batch = proto::usual_batch;   // octets of results in one batch, about
    std::size_t in_flight = 16;               // batches that were handed out and not acknowledged
    write_call write = nullptr;               // nullptr: write(2)
    steady_time (*now)() = nullptr;           // nullptr: the steady clock
};

/// Results on disk until they are acknowledged. append() has given a result to the kernel when it returns, so a killed
/// process loses none; flush(), called at most a second later, bounds what a power cut takes. Only places in files are
/// held in memory. A result may be handed out again after a restart although it was acknowledged (its key makes that
/// harmless), and never gets lost other than by being counted in dropped().
class spool {
public:
    static constexpr std::chrono::minutes longest_unreadable{1};  // a segment that the disk does not give back

    /// Makes the folder if need be. Errors: those of the file system.
    static result<spool> open(std::filesystem::path folder, spool_limits limits);

    /// Errors: those of writing; the result is then counted as dropped. A full disk is made room on by dropping the
    /// oldest results first.
    result<void> append(proto::result_item const& item);
    result<void> flush();
    bool dirty() const noexcept { return files_.dirty(); }

    /// The next results that are not in flight, or nothing. Batches are numbered from 1 after each returned(). What
    /// cannot be read now is left where it is, to be asked for again.
    std::optional<proto::result_batch> next();
    /// Forgets these batches; numbers that are not in flight are ignored.
    void acknowledge(std::span<std::uint64_t const> batches);
    /// The session is over: what was in flight will be handed out again.
    void returned();

    /// Results lost since the last call: too old for a full spool, damaged, or refused by the disk.
    std::uint64_t take_dropped() noexcept { return std::exchange(dropped_, 0); }
    /// The disk had no room for a result since the last call, so that older ones had to go.
    bool take_full() noexcept { return std::exchange(full_, false); }
    /// Why results could not be read, if that happened since the last call.
    error_code take_unreadable() noexcept { return std::exchange(unreadable_, {}); }
    std::uint64_t octets() const noexcept { return files_.total(); }
    std::size_t in_flight() const noexcept;

private:
    struct place {
        std::uint64_t segment = 0, offset = 0;
        auto operator<=>(place const&) const = default;
    };
    struct batch {
        enum class state { waiting, in_flight, acknowledged };
        place from;
        std::uint64_t until = 0;  // offset in the same segment
        std::uint64_t number = 0;
        state is = state::in_flight;
    };

    struct bad_segment {
        std::uint64_t number;
        steady_time since;
    };

    spool(std::filesystem::path folder, spool_limits limits);
    void restore_place();
    void keep_place();
    void skip_removed();
    bool make_room(std::uint64_t wanted);
    void drop_oldest();
    std::uint64_t count_from(place from) const;
    void count_damage(place at);
    std::optional<batch> read_ahead(std::vector<proto::result_item>& into);
    bool read_range(batch const& one, std::vector<proto::result_item>& into);
    bool is_lost(std::uint64_t segment, error_code why);
    void settle();

    std::filesystem::path folder_;
    spool_limits limits_;
    segment_files files_;
    place done_;                 // everything before is acknowledged
    place read_;                 // where the next new batch begins
    std::deque<batch> batches_;  // between the two, in order
    std::uint64_t numbered_ = 0;
    std::uint64_t dropped_ = 0;
    bool full_ = false;
    error_code unreadable_;
    std::optional<bad_segment> bad_;
};

}  // namespace tp::probe
