#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/settings.hpp"
#include "base/ssh/limits.hpp"
#include "registry/alerts/settings.hpp"
#include "registry/conversation.hpp"
#include "registry/director/settings.hpp"
#include "registry/location.hpp"
#include "registry/watch/settings.hpp"
#include "store/database.hpp"

namespace tp::registry {

/// deploy/trigpoint-registry.toml, read.
struct config {
    std::vector<boost::asio::ip::tcp::endpoint> listen;
    std::filesystem::path host_key;
    store::database::options database;
    location_files::paths location;
    struct terms terms;
    std::uint32_t moves_per_second = 50;
    watch_settings detectors;
    std::vector<alert_receiver> alert_receivers;
    director_settings director;
    ssh::limits limits;
};

/// Asks for every key; settings::finish() then tells what was wrong.
config read_config(settings& from);

}  // namespace tp::registry
