#include "probe/guard/quiet_hours.hpp"

#include <algorithm>
#include <cstdio>

namespace tp::probe {
namespace {

constexpr unsigned minutes_a_day = 24 * 60;

/// "06:30"; 24:00 is the end of the day.
std::optional<unsigned> minute_of(std::string_view text)
{
    constexpr std::string_view form = "00:00";
    if (text.size() != form.size() || text[2] != ':') return std::nullopt;
    unsigned digits[4];
    for (unsigned i = 0; i < 4; ++i) {
        auto const c = text[i < 2 ? i : i + 1];
        if (c < '0' || c > '9') return std::nullopt;
        digits[i] = static_cast<unsigned>(c - '0');
    }
    auto const hour = digits[0] * 10 + digits[1], minute = digits[2] * 10 + digits[3];
    if (minute > 59 || hour * 60 + minute > minutes_a_day) return std::nullopt;
    return hour * 60 + minute;
}

std::string clock_text(unsigned minute)
{
    char out[16];
    std::snprintf(out, sizeof out, "%02u:%02u", minute / 60, minute % 60);
    return out;
}

}  // namespace

result<void> quiet_hours::add(std::string_view text)
{
    auto const dash = text.find('-');
    if (dash == text.npos) return errc::malformed;
    auto const from = minute_of(text.substr(0, dash)), to = minute_of(text.substr(dash + 1));
    if (!from || !to || *from == *to || *from == minutes_a_day) return errc::malformed;
    if (ranges_.size() == most_ranges) return errc::too_large;
    ranges_.push_back({*from, *to});
    return {};
}

bool quiet_hours::hold(std::optional<local_moment> now) const noexcept
{
    if (ranges_.empty()) return false;
    if (!now) return true;
    return std::any_of(ranges_.begin(), ranges_.end(), [minute = now->minute](range const& one) {
        if (one.from < one.to) return one.from <= minute && minute < one.to;
        return one.from <= minute || minute < one.to;
    });
}

std::string quiet_hours::text() const
{
    std::string out;
    for (auto const& one : ranges_) out += (out.empty() ? "" : ", ") + clock_text(one.from) + '-' + clock_text(one.to);
    return out;
}

}  // namespace tp::probe
