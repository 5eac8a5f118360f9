#pragma once

#include <filesystem>
#include <string>

namespace tp::cli {

struct up_options {
    std::filesystem::path data;    // empty: the user's data folder
    std::filesystem::path config;  // empty: every default
    std::string database;          // empty: a private cluster
};

/// Runs the whole platform until SIGINT or SIGTERM; answers the exit code.
int up(up_options const& options);

}  // namespace tp::cli
