#include "store/condition_sql.hpp"

#include <array>
#include <type_traits>

namespace tp::store {
namespace {

/// In the order of condition_value.
constexpr std::array<char const*, std::variant_size_v<condition_value>> casts{
    "::bool", "::bigint", "::float8", "::text", "::inet", "::bigint[]", "::text[]"};

/// The value as the next parameter of the statement, and how SQL calls it.
std::string placed(parameters& values, condition_value const& value)
{
    std::visit(
        [&](auto const& held) {
            if constexpr (std::is_same_v<std::decay_t<decltype(held)>, ip_address>)
                values.add(held.to_string());
            else
                values.add(held);
        },
        value);
    return '$' + std::to_string(values.count()) + casts[value.index()];
}

std::string compared(std::string const& left, comparison how, std::string const& right)
{
    switch (how) {
        case comparison::equal:
            return left + " = " + right;
        case comparison::less:
            return left + " < " + right;
        case comparison::at_most:
            return left + " <= " + right;
        case comparison::more:
            return left + " > " + right;
        case comparison::at_least:
            return left + " >= " + right;
        case comparison::contains:
            return "position(" + right + " in " + left + ") > 0";
        case comparison::mentions:
            return "position(lower(" + right + ") in lower(" + left + ")) > 0";
        case comparison::begins:
            return "starts_with(" + left + ", " + right + ')';
        case comparison::ends:
            return "right(" + left + ", length(" + right + ")) = " + right;
        case comparison::among:
            return left + " = any(" + right + ')';
        case comparison::holds:
            return right + " <@ " + left;
    }
    return "false";
}

}  // namespace

void append_condition(statement& to, std::string_view expression, comparison how, condition_value const& value)
{
    to.sql += " and " + compared('(' + std::string(expression) + ')', how, placed(to.values, value));
}

}  // namespace tp::store
