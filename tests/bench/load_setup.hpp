#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/ssh/keys.hpp"
#include "store/database.hpp"

namespace tp::bench {

/// A simulated probe: known to the store.
struct identity {
    ssh::private_key key;
    probe_id probe;
};

/// Everything that the load needs to find in the store.
struct stage {
    std::vector<boost::asio::ip::tcp::endpoint> controller;
    ssh::public_key host_key;
    std::vector<identity> probes;
    std::vector<measurement_id> measurements;
};

struct setup_options {
    std::filesystem::path keys;  // folder; keys that are missing are made
    std::string controller;      // name; empty: the first
    std::size_t probes = 0;
    std::size_t measurements = 0;  // made anew, with all probes as participants
    bool place = true;             // on that controller; else the registries do it
};

/// Adds the probes, several at a time; places them; and makes the measurements.
/// `database` logs in as the owner.
/// Errors: errc::not_found when there is no such controller; those of the store.
boost::asio::awaitable<result<stage>> set_up(store::database& database, setup_options options);

}  // namespace tp::bench
