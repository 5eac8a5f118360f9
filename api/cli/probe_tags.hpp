#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <vector>

namespace tp::cli {

/// The slugs that a probe's own tags are to be, given the probe as the API shows it: in its order, the new ones last.
/// Without those that begin with "system", which are the platform's.
boost::json::array tags_after(boost::json::value const& probe, std::vector<std::string> const& add,
                              std::vector<std::string> const& remove);

}  // namespace tp::cli
