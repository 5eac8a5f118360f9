#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "probe/agent/caps_text.hpp"
#include "probe/link/dialling.hpp"
#include "probe/schedule/done_list.hpp"
#include "proto/block_list.hpp"
#include "proto/job.hpp"
#include "proto/messages.hpp"

/// What the probe remembers over a restart besides results: small files, replaced as a whole, each with a check.
namespace tp::probe {

/// The job list, for whom it is, and when a controller was last heard.
struct kept_jobs {
    probe_id probe;
    wall_time contact;
    std::vector<proto::job> jobs;
};

/// The list of anchors as it was signed, to be judged again; and the version that was believed last under these keys.
struct kept_anchors {
    std::uint64_t version = 0;
    std::string keys;  // signing::trusted_keys::id()
    std::string octets;
};

std::string encode_kept(kept_assignment const& value);
std::string encode_kept(kept_jobs const& value);
std::string encode_kept(done_list const& value);
std::string encode_kept(kept_day const& value);
std::string encode_kept(proto::cap_limits const& value);
std::string encode_kept(kept_anchors const& value);
std::string encode_kept(proto::block_list const& value);
/// Errors: errc::malformed, for anything but a whole and undamaged file.
result<kept_assignment> decode_kept_assignment(std::string_view file);
result<kept_jobs> decode_kept_jobs(std::string_view file);
result<done_list> decode_kept_done(std::string_view file);
result<kept_day> decode_kept_day(std::string_view file);
result<proto::cap_limits> decode_kept_limits(std::string_view file);
/// Only version and keys are looked at: the octets carry signatures, and if they are damaged the version still holds.
result<kept_anchors> decode_kept_anchors(std::string_view file);
result<proto::block_list> decode_kept_blocks(std::string_view file);

/// The files. A file that is missing or damaged counts as nothing kept.
class kept_files {
public:
    static constexpr std::size_t largest = 8 * 1024 * 1024;  // octets of one file

    explicit kept_files(std::filesystem::path folder) : folder_(std::move(folder)) {}

    std::optional<kept_assignment> assignment() const;
    std::optional<kept_jobs> jobs() const;
    done_list done() const;
    kept_day day() const;
    proto::cap_limits platform_limits() const;
    std::optional<kept_anchors> anchors() const;
    /// Errors: those of reading; errc::malformed. To be told apart from no file: it was there to block something.
    result<proto::block_list> blocks() const;
    /// Errors: those of writing.
    result<void> keep(kept_assignment const& value) const;
    result<void> keep(kept_jobs const& value) const;
    result<void> keep(done_list const& value) const;
    result<void> keep(kept_day const& value) const;
    result<void> keep(proto::cap_limits const& value) const;
    result<void> keep(kept_anchors const& value) const;
    result<void> keep(proto::block_list const& value) const;

    /// One more than at the last start, and persisted. Errors: those of reading (other than a missing file) and
    /// writing; errc::malformed for a file that is none: a guess could give a sequence number twice.
    result<std::uint32_t> next_boot() const;

private:
    std::filesystem::path folder_;
};

}  // namespace tp::probe
