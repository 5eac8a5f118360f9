#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>

#include "registry/watch/settings.hpp"
#include "registry/watch/watched_fleet.hpp"
#include "store/database.hpp"

namespace tp::registry {

/// Writes down what a round found, and lets follow what the policy says: findings before the changes that rest on them.
/// Each step may be done twice: a registry that died in between leaves nothing that the next one could not do again.
class consequences {
public:
    consequences(store::database& database, watch_settings const& chosen, watched_fleet& fleet)
        : database_(database), settings_(chosen), fleet_(fleet)
    {
    }

    boost::asio::awaitable<result<void>> draw(detect::round_report report);

private:
    boost::asio::awaitable<result<void>> record(std::vector<detect::found> findings);
    boost::asio::awaitable<result<void>> clear(std::vector<detect::rule_set> clean);
    boost::asio::awaitable<result<void>> follow(std::vector<detect::told> proposals);
    boost::asio::awaitable<result<void>> change(std::size_t subject, detect::told what);
    boost::asio::awaitable<result<void>> tell(detect::round_report report);
    bool listens(std::size_t rule) const noexcept;
    std::chrono::seconds window() const noexcept;

    store::database& database_;
    watch_settings const& settings_;
    watched_fleet& fleet_;
};

}  // namespace tp::registry
