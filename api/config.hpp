#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "api/hosting/terms.hpp"
#include "api/http/server.hpp"
#include "api/limits.hpp"
#include "base/error.hpp"
#include "base/settings.hpp"
#include "firmware-signing/trusted_keys.hpp"

namespace tp::api {

/// What trigpoint-api runs with. Every key and default: deploy/trigpoint-api.toml.
struct config {
    std::string database;
    std::size_t database_connections = 8;
    std::vector<ip_address> listen;
    int http_port = 7480, https_port = 7443;  // -1: not at all; 0: any, told in the log
    std::filesystem::path certificate, key;   // both empty: self-made in `tls_folder`
    std::filesystem::path tls_folder;
    std::vector<std::string> tls_names;  // further ones for the self-made certificate
    struct limits limits;
    signing::trusted_keys trusted;  // whose signatures make a list of anchors
    abuse_settings abuse;
    host_terms terms;                    // whose factory lists are believed, and which version of the text hosts accept
    std::filesystem::path consent_file;  // the text, read at the start
    http::server::options server;        // its limits; `listen` and `tls` are filled at start
};

/// What is wrong is told by finish() of the settings.
config read_config(settings& from);

/// Where to listen, as the configuration says.
std::vector<http::server::listener> listeners(config const& from);

}  // namespace tp::api
