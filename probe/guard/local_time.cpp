#include "probe/guard/local_time.hpp"

#include <ctime>

namespace tp::probe {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::minutes;

constexpr minutes furthest_offset = std::chrono::hours{14};  // Kiribati's

std::optional<unsigned> two_digits(std::string_view text)
{
    auto const digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.size() != 2 || !digit(text[0]) || !digit(text[1])) return std::nullopt;
    return static_cast<unsigned>((text[0] - '0') * 10 + (text[1] - '0'));
}

/// As the system's zone has it at that moment. localtime_r reads a plain file: a static program may use it.
minutes system_offset(wall_time at)
{
    ::tzset();  // looks whether the file was changed; localtime_r alone does not
    auto const seconds = static_cast<std::time_t>(to_unix_seconds(at));
    std::tm shown{};
    if (!::localtime_r(&seconds, &shown)) return minutes{0};
    return floor<minutes>(std::chrono::seconds(shown.tm_gmtoff));
}

}  // namespace

result<minutes> parse_utc_offset(std::string_view text)
{
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return errc::malformed;
    auto const hour = two_digits(text.substr(1, 2)), minute = two_digits(text.substr(4));
    if (!hour || !minute || *minute > 59) return errc::malformed;
    auto const size = std::chrono::hours(*hour) + minutes(*minute);
    if (size > furthest_offset) return errc::out_of_range;
    return text[0] == '-' ? -size : size;
}

std::optional<local_moment> local_time(wall_time at, std::optional<minutes> offset)
{
    if (at < clock_is_set_from) return std::nullopt;
    auto const shown = at + (offset ? *offset : system_offset(at));
    auto const day = floor<days>(shown);
    return local_moment{day.time_since_epoch().count(), static_cast<unsigned>(floor<minutes>(shown - day).count())};
}

}  // namespace tp::probe
