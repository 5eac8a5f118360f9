#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>

#include "registry/location.hpp"
#include "store/database.hpp"

namespace tp::registry {

/// What nobody asks for and somebody must do. Any number of registries may do it at once.
struct housekeeping {
    static constexpr std::chrono::seconds every{5};
    static constexpr std::chrono::seconds controller_is_gone{30};  // its sessions are ended in its place
    static constexpr std::chrono::minutes tags_every{10};
    static constexpr std::uint32_t most_located = 1'000;  // sessions in one round

    store::database& database;
    location_files const& places;

    /// Until cancelled.
    boost::asio::awaitable<void> run();

private:
    boost::asio::awaitable<result<void>> round(bool tags);
    boost::asio::awaitable<result<void>> locate();
};

}  // namespace tp::registry
