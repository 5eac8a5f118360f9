#include "firmware-signing/tool/times.hpp"

#include <charconv>
#include <cstdio>

namespace tp::signing::tool {
namespace {

using namespace std::chrono;

constexpr int first_year = 1970, last_year = 2199;

/// Cuts off so many digits and what must follow them.
std::optional<int> take_number(std::string_view& text, std::size_t digits, std::string_view behind)
{
    if (text.size() < digits + behind.size() || text.substr(digits, behind.size()) != behind) return std::nullopt;
    if (text.substr(0, digits).find_first_not_of("0123456789") != text.npos) return std::nullopt;
    int value = 0;
    std::from_chars(text.data(), text.data() + digits, value);
    text.remove_prefix(digits + behind.size());
    return value;
}

/// "12:00:00Z"
std::optional<seconds> take_time(std::string_view text)
{
    auto const hour = take_number(text, 2, ":"), minute = take_number(text, 2, ":"), second = take_number(text, 2, "Z");
    if (!hour || !minute || !second || !text.empty()) return std::nullopt;
    if (*hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
    return hours(*hour) + minutes(*minute) + seconds(*second);
}

std::string count_text(std::int64_t count, std::string_view unit)
{
    return "in " + std::to_string(count) + ' ' + std::string(unit) + (count == 1 ? "" : "s");
}

}  // namespace

std::optional<wall_time> parse_date(std::string_view text)
{
    bool const alone = text.find('T') == text.npos;
    auto const y = take_number(text, 4, "-"), m = take_number(text, 2, "-"), d = take_number(text, 2, alone ? "" : "T");
    if (!y || !m || !d || *y < first_year || *y > last_year) return std::nullopt;
    year_month_day const date{year(*y), month(static_cast<unsigned>(*m)), day(static_cast<unsigned>(*d))};
    if (!date.ok() || (alone && !text.empty())) return std::nullopt;
    auto const time = alone ? std::optional(seconds(0)) : take_time(text);
    if (!time) return std::nullopt;
    return wall_time(sys_days(date)) + *time;
}

std::string date_text(wall_time at)
{
    auto const whole = floor<seconds>(at);
    auto const midnight = floor<days>(whole);
    year_month_day const date(midnight);
    hh_mm_ss const time(whole - midnight);
    char out[80];
    std::snprintf(out, sizeof out, "%04d-%02u-%02u %02d:%02d:%02d UTC", int(date.year()), unsigned(date.month()),
                  unsigned(date.day()), int(time.hours().count()), int(time.minutes().count()),
                  int(time.seconds().count()));
    return out;
}

std::string ahead_text(wall_time at, wall_time now)
{
    if (at <= now) return "EXPIRED";
    auto const left = at - now;
    if (left >= days(1)) return count_text(round<days>(left).count(), "day");
    if (left >= hours(1)) return count_text(round<hours>(left).count(), "hour");
    return count_text(ceil<minutes>(left).count(), "minute");
}

}  // namespace tp::signing::tool
