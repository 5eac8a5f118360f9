#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "base/settings.hpp"

namespace tp::registry {

/// The table [director] of a registry.
struct director_settings {
    static constexpr std::chrono::seconds shortest_round{1}, longest_round{std::chrono::hours{6}};

    std::filesystem::path key;   // its private Ed25519 key; empty: this registry leads no rollouts
    std::filesystem::path root;  // of the signed repository, as officers handed it over
    /// How often it compares what updated probes measure with what the others do.
    std::chrono::seconds compare{std::chrono::hours{1}};
};

/// Asks for every key below "director".
director_settings read_director_settings(settings& from);
/// The keys that read_director_settings() reads, as lines of TOML with dotted names. @pre the paths are plain texts
/// without quotes or backslashes, as read_director_settings() sees to it.
std::string director_settings_text(director_settings const& chosen);

}  // namespace tp::registry
