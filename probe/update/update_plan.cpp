#include "probe/update/update_plan.hpp"

#include <algorithm>

namespace tp::update {
namespace {

using namespace std::chrono_literals;
using nanoseconds = std::chrono::nanoseconds;

constexpr int minutes_of_two_days = 2 * 24 * 60;  // a window opens within a day, and one more for summer time

/// Of the jitter: from 0 up to, and without, 1. Each instruction has a nonce of its own.
double share_of(std::string_view nonce)
{
    double out = 0;
    for (std::size_t i = std::min<std::size_t>(nonce.size(), 4); i-- > 0;)
        out = (out + static_cast<unsigned char>(nonce[i])) / 256;
    return out;
}

nanoseconds part_of(nanoseconds whole, double share)
{
    return nanoseconds(static_cast<nanoseconds::rep>(static_cast<double>(whole.count()) * share));
}

class window {
public:
    explicit window(host_wishes const& host) : host_(host) {}

    bool open(wall_time at) const { return host_.window.hold(probe::local_time(at, host_.utc_offset)); }

    struct opening {
        wall_time from, to;
    };
    /// The one that is open at this moment, or the next one. None: it is never open.
    std::optional<opening> around_or_after(wall_time at) const
    {
        auto first = std::chrono::floor<std::chrono::minutes>(at);
        int steps = 0;
        for (; !open(first) && steps < minutes_of_two_days; ++steps) first += 1min;
        if (steps == minutes_of_two_days) return std::nullopt;
        auto from = first, to = first;
        if (steps == 0)
            for (int i = 0; i < minutes_of_two_days && open(from - 1min); ++i) from -= 1min;
        for (int i = 0; i < minutes_of_two_days && open(to); ++i) to += 1min;
        return opening{from, to};
    }

private:
    host_wishes const& host_;
};

wall_time begin_in_window(host_wishes const& host, wall_time earliest, double share, wall_time otherwise)
{
    auto const found = window(host).around_or_after(earliest);
    if (!found) return otherwise;
    // Half of it at most, so that what is late is not put off to the next day.
    auto const spread = std::min<nanoseconds>(host.jitter, (found->to - found->from) / 2);
    return std::max(earliest, found->from + part_of(spread, share));
}

}  // namespace

begin_plan plan_begin(proto::instruction const& what, host_wishes const& host, wall_time put_off, wall_time now,
                      nanoseconds ahead)
{
    using kind = begin_plan::kind;
    auto const& wanted = *what.install;
    bool const forced = wanted.how == proto::instruction::mode::forced;
    if (host.how == host_wishes::mode::off) return {kind::declined, {}};
    if (!forced && host.how == host_wishes::mode::forced_only) return {kind::declined, {}};
    if (now >= what.expires) return {kind::too_late, {}};
    if (forced) return {kind::at, std::min(what.issued, now)};

    auto const share = share_of(what.nonce);
    auto const allowed = std::max(wanted.not_before, put_off + ahead);
    auto const begin =
        host.window.empty()
            ? allowed + part_of(host.jitter, share)
            : begin_in_window(host, std::max(allowed, now) - ahead, share, wanted.deadline - ahead) + ahead;
    return {kind::at, std::min(begin, wanted.deadline)};
}

}  // namespace tp::update
