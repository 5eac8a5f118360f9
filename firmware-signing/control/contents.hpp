#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

/// The targets "control/*" of the repository: what officers tell all probes besides programs.
namespace tp::control {

inline constexpr std::string_view folder = "control/";      // their paths begin with it
inline constexpr std::size_t largest_content = 512 * 1024;  // octets

enum class content { anchors, director, hosts, opt_out, special_purpose };
inline constexpr std::array all_contents{content::anchors, content::director, content::hosts, content::opt_out,
                                         content::special_purpose};

/// "special-purpose"
std::string_view name_of(content which) noexcept;
/// "control/special-purpose"
std::string path_of(content which);
std::optional<content> content_named(std::string_view name) noexcept;

/// Whether these octets are what the name promises, in its one spelling. Errors: those of its reader;
/// signing::refusal::too_large.
result<void> check(content which, std::string_view octets);

}  // namespace tp::control
