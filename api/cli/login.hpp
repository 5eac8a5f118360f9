#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "api/cli/client.hpp"

namespace tp::cli {

/// How to reach the API, as told on the command line; what is empty is taken from elsewhere.
struct login {
    std::string api, key, ca_file;
};

/// Answers an environment variable; empty when it is not set.
using environment = std::function<std::string(char const*)>;

/// $XDG_CONFIG_HOME/trigpoint/cli.toml, or ~/.config/trigpoint/cli.toml; empty when neither variable is set.
std::filesystem::path login_file(environment const& variable);

/// Fills in what the command line left open: first from TRIGPOINT_API, TRIGPOINT_KEY and TRIGPOINT_CA, then from the
/// file (keys api, key, ca; of mode 0600), then http://localhost:7480.
/// On failure `complaint` says in plain words what is wrong, and there is no answer.
std::optional<api_client::access> complete(login given, environment const& variable, std::string& complaint);

}  // namespace tp::cli
