#pragma once

#include <boost/json/fwd.hpp>
#include <string>

namespace tp::cli {

/// What of the repository went, or would go, and what stays, as people read it.
std::string prune_text(boost::json::value const& answer);

}  // namespace tp::cli
