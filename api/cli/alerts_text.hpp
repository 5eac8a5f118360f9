#pragma once

#include <boost/json/fwd.hpp>
#include <string>

namespace tp::cli {

/// The table of `trigpoint alerts`, with a cell for each receiver: "pager: waiting after 3 attempts (status 500)".
std::string alerts_text(boost::json::value const& answer);

}  // namespace tp::cli
