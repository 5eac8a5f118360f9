#include "registry/detect/units.hpp"

#include <charconv>

namespace tp::registry::detect {
namespace {

std::string two_digits(unsigned number)
{
    return {static_cast<char>('0' + number / 10 % 10), static_cast<char>('0' + number % 10)};
}

}  // namespace

result<country_code> country_code::parse(std::string_view text) noexcept
{
    country_code out;
    if (text.empty()) return out;
    if (text.size() != out.letters_.size()) return errc::malformed;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] < 'A' || text[i] > 'Z') return errc::malformed;
        out.letters_[i] = text[i];
    }
    return out;
}

std::string country_code::text() const
{
    return known() ? std::string(letters_.data(), letters_.size()) : "?";
}

std::string decimal(double number, int digits)
{
    std::array<char, 64> room{};
    auto const [end, error] =
        std::to_chars(room.data(), room.data() + room.size(), number, std::chars_format::fixed, digits);
    return error == std::errc{} ? std::string(room.data(), end) : "?";
}

std::string percent(double share)
{
    return decimal(share * 100, 1) + " %";
}

std::string in_text(as_number as)
{
    if (as == as_number::unknown) return "an unknown AS";
    return "AS" + std::to_string(static_cast<std::uint32_t>(as));
}

std::string in_text(millis length)
{
    return decimal(static_cast<double>(length.count()), 1) + " ms";
}

std::string in_text(tally of)
{
    return std::to_string(of.hits) + " of " + std::to_string(of.of);
}

std::string in_text(hour_time hour)
{
    auto const day = std::chrono::floor<std::chrono::days>(hour);
    std::chrono::year_month_day const date(day);
    auto const clock = static_cast<unsigned>((hour - day).count());
    return std::to_string(static_cast<int>(date.year())) + "-" + two_digits(static_cast<unsigned>(date.month())) + "-" +
           two_digits(static_cast<unsigned>(date.day())) + " " + two_digits(clock) + ":00 UTC";
}

}  // namespace tp::registry::detect
