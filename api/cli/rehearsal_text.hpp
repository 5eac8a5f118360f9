#pragma once

#include <boost/json/fwd.hpp>
#include <string>

namespace tp::cli {

/// What losing a controller would do, as people read it.
std::string rehearsal_text(boost::json::value const& answer);

}  // namespace tp::cli
