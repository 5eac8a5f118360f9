#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "base/ip_prefix.hpp"
#include "base/time.hpp"
#include "proto/codec.hpp"
#include "proto/messages.hpp"
#include "proto/trigpoint.pb.h"

/// Private to proto: how single fields are written, read and checked.
namespace tp::proto {

namespace v1 = ::trigpoint::v1;

/// No duration in a message is longer. With the limits on times, sums and differences of what was read fit in 64 bits.
inline constexpr std::chrono::seconds longest_span = std::chrono::years{10};
inline constexpr wall_time earliest_time{};
inline constexpr wall_time latest_time = std::chrono::sys_days{std::chrono::year{2200} / 1 / 1};

std::string octets_of(ip_address const& address);
std::string octets_of(std::optional<ip_address> const& address);

/// UTF-8 without NUL, at most `most` octets: what is neither becomes '?', the rest is cut. So a text from elsewhere (an
/// error message, a resolver's answer) never makes a frame unreadable.
std::string clean_text(std::string_view text, std::size_t most = longest_text);

inline std::int64_t to_wire(wall_time at)
{
    return at.time_since_epoch().count();
}
/// Milliseconds, held within 0 .. longest_span.
std::int64_t to_wire(std::chrono::seconds length);

/// Reads the fields of one message and remembers the first that breaks its promise. What a failed read returns is only
/// there to be thrown away: values leave by finish().
class field_reader {
public:
    void require(bool holds, errc otherwise = errc::malformed)
    {
        if (!holds && !first_) first_ = otherwise;
    }
    void at_most(int count, std::size_t most) { require(static_cast<std::size_t>(count) <= most, errc::too_large); }

    template <class Id>
    Id id(std::int64_t value)
    {
        auto const read = Id::from(value);
        require(read.has_value());
        return read ? *read : *Id::from(1);
    }

    template <class T>
    T within(T value, T lowest, T highest)
    {
        require(lowest <= value && value <= highest);
        return value;
    }

    /// Takes what `read` gave, or its error.
    template <class T>
    std::optional<T> take(result<T> read)
    {
        if (read) return std::move(*read);
        if (!first_) first_ = read.error();
        return std::nullopt;
    }

    std::string text(std::string const& octets, std::size_t most = longest_text);
    std::string octets(std::string const& value, std::size_t most);
    std::optional<ip_address> address(std::string const& octets);
    /// Never an error: what lies beyond the limits is moved to them.
    wall_time time(std::int64_t nanoseconds);
    /// Parts of a second count as a whole one.
    std::chrono::seconds span(std::int64_t milliseconds, std::chrono::seconds shortest = std::chrono::seconds{0});
    std::chrono::nanoseconds fine_span(std::int64_t count);

    family read_family(v1::AddressFamily value);
    version_range versions(v1::VersionRange const& from);
    software runs(v1::Software const& from);

    template <class T>
    result<T> finish(T value) const
    {
        if (first_) return first_;
        return value;
    }

private:
    error_code first_;
};

void write(version_range const& from, v1::VersionRange& to);
void write(software const& from, v1::Software& to);
void write(wait const& from, v1::Wait& to);
void write(refuse const& from, v1::Refuse& to);
void write(job const& from, v1::Job& to);
void write(options const& from, v1::Job& to);
void write(findings const& from, v1::Report& to);
void put(v1::Report& to, traceroute_report const& from);
v1::AddressFamily to_wire(family af);

result<wait> read_wait(v1::Wait const& from);
result<refuse> read_refuse(v1::Refuse const& from);
/// Errors: errc::unsupported for options of a kind that this build does not know; errc::malformed; errc::too_large.
result<job> read_job(v1::Job const& from);
/// @pre the kind is one that this build knows.
options read_options(field_reader& in, v1::Job const& from);
findings read_findings(field_reader& in, v1::Report const& from);
traceroute_report read_traceroute(field_reader& in, v1::TracerouteReport const& from);

/// Reads a whole message. Errors: errc::malformed, also for no octets at all; errc::too_large.
template <class Message>
result<Message> parse(std::string_view octets, std::size_t most)
{
    if (octets.size() > most) return errc::too_large;
    Message message;
    if (octets.empty() || !message.ParseFromArray(octets.data(), static_cast<int>(octets.size())))
        return errc::malformed;
    return message;
}

/// The body `from` as one alternative of the variant `Frame`, or the error.
template <class Frame, class Body>
result<Frame> as(result<Body> body)
{
    if (!body) return body.error();
    return Frame(std::move(*body));
}

}  // namespace tp::proto
