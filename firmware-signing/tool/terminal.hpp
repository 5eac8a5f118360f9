#pragma once

#include <optional>
#include <string>

namespace tp::signing::tool {

/// Asks at the terminal, whatever standard input is, and does not show what is typed. Nothing without a terminal, and
/// when nothing was typed.
std::optional<std::string> ask_secretly(std::string const& question);

}  // namespace tp::signing::tool
