#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>

#include "registry/director/catalogue.hpp"
#include "store/database.hpp"

namespace tp::registry {

/// Keeps the list of all firmware that was ever signed, which detectors hold reports against: made anew when the
/// repository was replaced. By whoever leads alone.
class listing {
public:
    static constexpr std::chrono::seconds again_after{30};  // a failure

    /// Both must live longer.
    listing(store::database& database, catalogue& repository) : database_(database), repository_(repository) {}

    /// Never fails: a list that lags accuses nobody, and rollouts go on without it.
    boost::asio::awaitable<void> look(wall_time now);

private:
    boost::asio::awaitable<result<void>> keep_up(wall_time now);

    store::database& database_;
    catalogue& repository_;
    wall_time next_{};
    bool well_ = true;
};

}  // namespace tp::registry
