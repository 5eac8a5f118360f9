#pragma once

#include <optional>
#include <string>

#include "firmware-signing/repository/content.hpp"

/// What content must be beyond its form: rules of ours, which hold before anybody signs and again before anything is
/// published. Each function answers what is wrong, for people.
namespace tp::repository {

/// Content by itself: thresholds that can be reached, releases whose numbers rise and whose floors never fall.
std::optional<std::string> complaint_about(content const& what);

/// Content after what its role said before: the next version, and no release changed, renumbered or slipped in below.
/// @pre both are of one role.
std::optional<std::string> complaint_about_successor(content const& fresh, content const& before);

/// A target of so many octets: the platform brings none beyond largest_target to probes.
std::optional<std::string> complaint_about_length(std::uint64_t length);

}  // namespace tp::repository
