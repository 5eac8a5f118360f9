#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tp::registry {

/// The operator's regions: which countries each has. A controller names the region in which it stands.
class regions {
public:
    /// Reads "europe NL DE FR": a name and country codes (ISO 3166 alpha-2). Errors: errc::malformed; errc::conflict
    /// for a country that has a region already.
    result<void> add(std::string_view text);

    /// Empty for a country without one.
    std::string of(std::string const& country) const;

private:
    std::map<std::string, std::string> by_country_;
};

}  // namespace tp::registry
