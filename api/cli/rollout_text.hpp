#pragma once

#include <boost/json/fwd.hpp>
#include <string>

namespace tp::cli {

/// A rollout's page as people read it: what it is for, how far each wave is, who failed and why, and what happened.
std::string rollout_text(boost::json::value const& answer);
/// How far it is, on one line: "running wave 2 of 3 (1%): 12 done, 3 under way, 1 failed of 16 told, 84 to come".
std::string rollout_line(boost::json::value const& answer);
/// Whether nothing more will happen by itself.
bool rollout_rests(boost::json::value const& answer);

}  // namespace tp::cli
