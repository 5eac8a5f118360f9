#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "registry/placement/moves.hpp"
#include "registry/regions.hpp"
#include "store/database.hpp"
#include "store/fleet.hpp"

namespace tp::registry {

/// Places probes anew that must leave their controller: because it is being drained, died, or has far more than the
/// others. One registry at a time does it, so many a second and not in step; the old controller then ends the session,
/// and the probe asks where to go.
class mover {
public:
    static constexpr std::chrono::seconds round_length{1};
    static constexpr std::chrono::seconds lead{10};  // so long nobody else takes over from one that died
    static constexpr std::chrono::seconds settling{
        30};  // after the database was away: controllers have to be heard first

    struct settings {
        std::uint32_t per_second = 50;
        std::chrono::seconds lease{};  // of a new placement
    };

    mover(store::database& database, regions const& places, settings chosen, std::uint64_t seed);

    /// Until cancelled.
    boost::asio::awaitable<void> run();
    /// One round; answers how many probes were placed anew.
    boost::asio::awaitable<result<std::size_t>> round();

private:
    enum class fate { moved, stays };
    boost::asio::awaitable<result<fate>> move(store::placed_probe who, moves due,
                                              std::vector<store::controller_record>& controllers);
    std::chrono::milliseconds pause_between(std::size_t count);

    store::database& database_;
    regions const& places_;
    settings settings_;
    std::mt19937_64 random_;
    std::string name_;  // ours among the registries
    steady_time well_since_;
};

}  // namespace tp::registry
