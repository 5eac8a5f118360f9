#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "firmware-signing/tuf/json.hpp"

/// Members that must be there and of a type. Errors of all: refusal::malformed.
namespace tp::tuf {

result<std::string_view> text_field(json::value of, std::string_view name);
/// A whole number of at least `least`, which is 0 or more.
result<std::uint64_t> number_field(json::value of, std::string_view name, std::int64_t least);
result<std::vector<std::string_view>> texts_field(json::value of, std::string_view name);

}  // namespace tp::tuf
