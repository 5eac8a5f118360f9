#pragma once

#include <boost/json/fwd.hpp>
#include <string>

namespace tp::cli {

/// The page about a probe's trust as people read it: the state and what it means, each finding with what it saw, what
/// it was compared with and what clears it, and every change with its reason.
std::string explanation_text(boost::json::value const& answer);

}  // namespace tp::cli
