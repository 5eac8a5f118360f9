#pragma once

#include <string>
#include <string_view>

/// For this folder only.
namespace tp::store {

/// For an array of bytea: hexadecimal digits, and decode(..., 'hex') in SQL.
std::string hex(std::string_view octets);

}  // namespace tp::store
