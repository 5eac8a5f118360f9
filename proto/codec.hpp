#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "proto/messages.hpp"

/// Messages to and from the body of a frame (protobuf, package trigpoint.v1). A body of a kind that this build does not
/// know, or beyond a limit, is an error; unknown fields inside a known message are ignored, which is what lets an older
/// peer talk to a newer one.
namespace tp::proto {

inline constexpr std::size_t largest_frame = 64 * 1024;  // octets; base/ssh refuses more
inline constexpr std::size_t usual_batch = 4 * 1024;    // octets of results in one frame: libssh's buffers never shrink
inline constexpr std::size_t most_results = 512;        // in one batch
inline constexpr std::size_t most_jobs = 128;           // in one page; in one change, of changed and of removed each
inline constexpr std::size_t largest_job = 3 * 1024;    // octets of one job: its texts make up most of it
inline constexpr std::size_t most_acknowledged = 4096;  // batches in one frame
inline constexpr std::size_t most_controllers = 8;      // in one assignment
inline constexpr std::size_t most_addresses = 16;       // of one controller, at least one
inline constexpr std::size_t most_host_keys = 8;        // of one controller, at least one
inline constexpr std::size_t most_capabilities = 64;    // of one software
inline constexpr std::size_t most_held = 8;             // documents of one probe
inline constexpr std::size_t most_events = 32;          // in one frame
inline constexpr std::size_t longest_name = 64;         // octets of a capability or the kind of an event
inline constexpr std::size_t longest_text = 1024;       // octets of any text for people

/// Encoding never fails and checks no limit of a list or an option: that is its caller's promise, and the reader's
/// check. Texts for people are made valid and short enough (UTF-8, longest_text).
/// As many events or acknowledged batches as one message may hold always fit in one frame; results and jobs need
/// counting.
std::string encode(to_registry const& message);
std::string encode(from_registry const& message);
std::string encode(to_controller const& message);
std::string encode(from_controller const& message);

/// Errors: errc::malformed; errc::too_large; errc::unsupported for a message kind that this build does not know.
/// Three things of later versions are no error: a job of an unknown kind is dropped from its page or change; a refusal
/// with an unknown code counts as refusal::not_placed_here; a result of an unknown kind keeps its number.
result<to_registry> decode_to_registry(std::string_view body);
result<from_registry> decode_from_registry(std::string_view body);
result<to_controller> decode_to_controller(std::string_view body);
result<from_controller> decode_from_controller(std::string_view body);

/// A job as the store keeps it, and back.
/// Errors: errc::malformed; errc::too_large; errc::unsupported for options of a kind that this build does not know.
std::string encode(job const& value);
result<job> decode_job(std::string_view octets);

}  // namespace tp::proto
