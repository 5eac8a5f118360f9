#pragma once

#include <boost/json/object.hpp>
#include <vector>

#include "store/rollouts.hpp"

namespace tp::api {

/// As lists show it.
boost::json::object rollout_object(store::rollout_record const& record);

/// What became of it so far.
struct rollout_seen {
    std::vector<store::rollout_count> counts;
    std::vector<store::rollout_trouble> troubles;
    std::vector<store::rollout_event> history;
};
/// With its progress: probes by wave and stage, who failed and why, and what happened.
boost::json::object rollout_page(store::rollout_record const& record, rollout_seen const& seen);

}  // namespace tp::api
