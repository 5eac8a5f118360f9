#pragma once

#include <charconv>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tp {

/// A number that names one kind of thing, and does not mix with the numbers of other kinds. Always 1 .. 2^31 - 1, which
/// is what PostgreSQL's int4 and the clients of the Atlas API hold.
template <class Kind>
class strong_id {
public:
    /// Errors: errc::out_of_range.
    static result<strong_id> from(std::int64_t value) noexcept
    {
        if (value < 1 || value > INT32_MAX) return errc::out_of_range;
        return strong_id(static_cast<std::int32_t>(value));
    }

    /// Reads decimal digits without sign or spaces. Errors: errc::malformed; errc::out_of_range.
    static result<strong_id> parse(std::string_view text) noexcept
    {
        std::uint64_t value = 0;
        auto const* const last = text.data() + text.size();
        auto const [end, error] = std::from_chars(text.data(), last, value);
        if (error == std::errc::result_out_of_range || value > INT32_MAX) return errc::out_of_range;
        if (error != std::errc{} || end != last) return errc::malformed;
        return from(static_cast<std::int64_t>(value));
    }

    std::int32_t value() const noexcept { return value_; }
    std::string text() const { return std::to_string(value_); }
    auto operator<=>(strong_id const&) const = default;

private:
    explicit strong_id(std::int32_t value) noexcept : value_(value) {}
    std::int32_t value_;
};

using probe_id = strong_id<struct probe_kind>;
using measurement_id = strong_id<struct measurement_kind>;
using controller_id = strong_id<struct controller_kind>;
using account_id = strong_id<struct account_kind>;

}  // namespace tp

template <class Kind>
struct std::hash<tp::strong_id<Kind>> {
    std::size_t operator()(tp::strong_id<Kind> id) const noexcept { return std::hash<std::int32_t>{}(id.value()); }
};
