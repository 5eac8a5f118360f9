#include "api/times.hpp"

#include <charconv>
#include <cstdio>
#include <optional>

namespace tp::api {
namespace {

using std::chrono::sys_days;

/// Takes exactly `digits` decimal digits from the front.
std::optional<int> take_number(std::string_view& text, std::size_t digits) noexcept
{
    if (text.size() < digits) return std::nullopt;
    int value = 0;
    for (char const c : text.substr(0, digits)) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, char wanted) noexcept
{
    if (!text.starts_with(wanted)) return false;
    text.remove_prefix(1);
    return true;
}

/// "YYYY-MM-DD"
std::optional<sys_days> take_date(std::string_view& text) noexcept
{
    auto const year = take_number(text, 4);
    if (!year || !take(text, '-')) return std::nullopt;
    auto const month = take_number(text, 2);
    if (!month || !take(text, '-')) return std::nullopt;
    auto const day = take_number(text, 2);
    if (!day) return std::nullopt;
    std::chrono::year_month_day const date(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day)));
    if (!date.ok()) return std::nullopt;
    return sys_days(date);
}

/// "HH:MM[:SS[.fraction]]"; the fraction is dropped.
std::optional<std::chrono::seconds> take_clock(std::string_view& text) noexcept
{
    auto const hours = take_number(text, 2);
    if (!hours || !take(text, ':')) return std::nullopt;
    auto const minutes = take_number(text, 2);
    if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
    int seconds = 0;
    if (take(text, ':')) {
        auto const given = take_number(text, 2);
        if (!given || *given > 60) return std::nullopt;
        seconds = *given;
        if (take(text, '.') && !take_number(text, 1)) return std::nullopt;
        while (take_number(text, 1)) {
        }
    }
    return std::chrono::hours(*hours) + std::chrono::minutes(*minutes) + std::chrono::seconds(seconds);
}

/// "Z", "+HH:MM", "-HHMM", or nothing: how much the clock is ahead of UTC.
std::optional<std::chrono::minutes> take_zone(std::string_view& text) noexcept
{
    if (text.empty() || take(text, 'Z') || take(text, 'z')) return std::chrono::minutes(0);
    bool const west = take(text, '-');
    if (!west && !take(text, '+')) return std::nullopt;
    auto const hours = take_number(text, 2);
    take(text, ':');
    auto const minutes = take_number(text, 2);
    if (!hours || !minutes || *hours > 14 || *minutes > 59) return std::nullopt;
    std::chrono::minutes const ahead = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
    return west ? -ahead : ahead;
}

result<wall_time> within_range(std::int64_t seconds) noexcept
{
    if (seconds < 0 || seconds > latest_time) return errc::out_of_range;
    return from_unix_seconds(seconds);
}

}  // namespace

result<wall_time> parse_time(std::string_view text)
{
    std::int64_t seconds = 0;
    auto const* const last = text.data() + text.size();
    auto const [end, error] = std::from_chars(text.data(), last, seconds);
    if (error == std::errc::result_out_of_range) return errc::out_of_range;
    if (error == std::errc{} && (end == last || *end == '.')) return within_range(seconds);

    auto const date = take_date(text);
    if (!date) return errc::malformed;
    auto at = std::chrono::sys_seconds(*date);
    if (!text.empty()) {
        if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return errc::malformed;
        auto const clock = take_clock(text);
        if (!clock) return errc::malformed;
        auto const zone = take_zone(text);
        if (!zone || !text.empty()) return errc::malformed;
        at += *clock - *zone;
    }
    return within_range(at.time_since_epoch().count());
}

std::string iso_text(wall_time at)
{
    auto const seconds = std::chrono::floor<std::chrono::seconds>(at);
    auto const day = std::chrono::floor<std::chrono::days>(seconds);
    std::chrono::year_month_day const date(day);
    std::chrono::hh_mm_ss const clock(seconds - day);
    char out[40];
    std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return out;
}

}  // namespace tp::api
