#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace tp::cli {

struct up_options {
    std::filesystem::path data;    // empty: the user's data folder
    std::filesystem::path config;  // empty: every default
    std::string database;          // empty: a private cluster
    // In place of the section "trust" of the settings, if there are keys.
    std::vector<std::string> trust_keys;
    std::size_t trust_threshold = 1;
};

/// Runs the whole platform until SIGINT or SIGTERM; answers the exit code.
int up(up_options const& options);

}  // namespace tp::cli
