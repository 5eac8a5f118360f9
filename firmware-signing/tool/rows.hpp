#pragma once

#include <string>
#include <string_view>
#include <vector>

/// What people read, in two columns.
namespace tp::signing::tool {

std::string padded(std::string_view text, std::size_t width);
/// "title       value" and a line feed.
std::string row(std::string_view title, std::string_view value);
/// "ann, bob, eve"
std::string joined(std::vector<std::string> const& words);

}  // namespace tp::signing::tool
