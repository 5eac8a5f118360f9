#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "store/database.hpp"
#include "store/observations.hpp"

/// Measurements whose outcome is known beforehand: who is asked, and which there were.
namespace tp::store {

/// The account that owns what the platform measures.
boost::asio::awaitable<result<account_id>> platform_account(database& database);

struct canary_rotation {
    std::uint32_t active = 0;   // of the active probes so many, by chance
    std::uint32_t watched = 0;  // and of those that are in doubt, isolated or on probation all, up to so many
};
/// Probes in session whose software can do it.
boost::asio::awaitable<result<std::vector<probe_id>>> canary_probes(database& database, std::string capability,
                                                                    canary_rotation most);

struct canary_job {
    proto::job job;
    std::string kind;  // "closed-port"
};
/// Those that ran at some time of the span.
boost::asio::awaitable<result<std::vector<canary_job>>> canaries_in(database& database, time_span span);

}  // namespace tp::store
