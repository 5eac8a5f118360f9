#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/ip_prefix.hpp"

/// How lists are narrowed down: what they show is compared with values, and all comparisons have to hold.
namespace tp::store {

enum class comparison {
    equal,
    less,
    at_most,
    more,
    at_least,
    contains,  // texts
    mentions,  // the same in any case of letters
    begins,
    ends,
    among,  // the value is a list, and what is compared is in it
    holds,  // what is compared is a list, and all of the value is in it
};

using condition_value = std::variant<bool, std::int64_t, double, std::string, ip_address, std::vector<std::int64_t>,
                                     std::vector<std::string>>;

/// `Column` is a list's enumeration of what can be compared. Where there is nothing to compare, it does not hold.
template <class Column>
struct condition {
    Column column{};
    comparison how = comparison::equal;
    condition_value value;
};

}  // namespace tp::store
