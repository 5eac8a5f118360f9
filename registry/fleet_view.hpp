#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "store/database.hpp"
#include "store/fleet.hpp"

namespace tp::registry {

/// The controllers as of a moment ago, and what this registry has placed since: a registration does not count all
/// placements of the fleet. What others place meanwhile is counted where a controller is nearly full (vacancy_on).
class fleet_view {
public:
    static constexpr std::chrono::milliseconds fresh{1'000};

    explicit fleet_view(store::database& database) : database_(database) {}

    boost::asio::awaitable<result<std::vector<store::controller_record>>> controllers();
    /// A probe's first controller is another now.
    void note_placed(std::optional<controller_id> before, controller_id now) noexcept;
    /// Another was quicker: the controllers are read anew.
    void forget() noexcept { read_.reset(); }

private:
    store::database& database_;
    std::vector<store::controller_record> list_;
    std::optional<steady_time> read_;
};

}  // namespace tp::registry
