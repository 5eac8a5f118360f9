#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "base/settings.hpp"
#include "base/ssh/limits.hpp"
#include "controller/conversation.hpp"
#include "store/database.hpp"
#include "store/fleet.hpp"

namespace tp::controller {

/// deploy/trigpoint-controller.toml, read.
struct config {
    std::string name;
    store::controller_site site;
    std::vector<boost::asio::ip::tcp::endpoint> listen;
    std::vector<std::string> advertise;  // empty: where it listens
    std::filesystem::path host_key;
    store::database::options database;
    struct terms terms;
    relay_terms files;
    ssh::limits limits;
};

/// Asks for every key; settings::finish() then tells what was wrong.
config read_config(settings& from);

/// The addresses that probes are told: those of the configuration, else those on which we listen but for wildcards.
std::vector<std::string> addresses_for(config const& config,
                                       std::vector<boost::asio::ip::tcp::endpoint> const& listening);

}  // namespace tp::controller
