#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

/// What detectors count in.
namespace tp::registry::detect {

/// An hour of the wall clock, UTC: every observation is gathered in one.
using hour_time = std::chrono::sys_time<std::chrono::hours>;

/// Round trips and clock offsets, with their fraction.
using millis = std::chrono::duration<float, std::milli>;

/// No rule looks further back.
inline constexpr std::chrono::hours longest_window{24};

/// An autonomous system. `unknown` equals no other, see differ().
enum class as_number : std::uint32_t { unknown = 0 };

/// True when both are known and are not the same.
constexpr bool differ(as_number a, as_number b) noexcept
{
    return a != as_number::unknown && b != as_number::unknown && a != b;
}

/// ISO 3166 alpha-2, or unknown.
class country_code {
public:
    constexpr country_code() = default;
    /// Reads two capital letters; an empty text is the unknown country. Errors: errc::malformed.
    static result<country_code> parse(std::string_view text) noexcept;

    bool known() const noexcept { return letters_[0] != 0; }
    std::string text() const;  // "NL", or "?"
    auto operator<=>(country_code const&) const = default;

private:
    std::array<char, 2> letters_{};
};

/// True when both are known and are not the same.
inline bool differ(country_code a, country_code b) noexcept
{
    return a.known() && b.known() && a != b;
}

/// So many of so many.
struct tally {
    std::uint32_t hits = 0, of = 0;

    void count(bool hit) noexcept
    {
        hits += hit ? 1U : 0U;
        ++of;
    }
    /// 0 .. 1; of nothing: 0.
    double share() const noexcept { return of == 0 ? 0.0 : static_cast<double>(hits) / of; }
    tally& operator+=(tally more) noexcept
    {
        hits += more.hits;
        of += more.of;
        return *this;
    }
    bool operator==(tally const&) const = default;
};

// ---- as people read them

std::string in_text(as_number as);               // "AS64500"; unknown: "an unknown AS"
std::string in_text(millis length);              // "12.3 ms"
std::string in_text(hour_time hour);             // "2026-03-01 14:00 UTC"
std::string in_text(tally of);                   // "3 of 48"
std::string percent(double share);               // 0.125: "12.5 %"
std::string decimal(double number, int digits);  // digits behind the point

}  // namespace tp::registry::detect
