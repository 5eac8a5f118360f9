#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/ids.hpp"
#include "firmware-signing/anchor_list.hpp"

/// What a list says about an anchor, in types: for those who show and search anchors. Probes do not read it.
namespace tp::signing {

struct anchor_facts {
    std::string country;            // ISO 3166, two capital letters; empty: not said
    std::string city, company;      // empty: not said
    std::optional<probe_id> probe;  // that stands beside it
    std::optional<std::uint32_t> asn_v4, asn_v6;
    std::optional<double> latitude, longitude;  // degrees; both or neither
};

struct read_facts {
    anchor_facts facts;
    std::optional<std::string> complaint;  // which subject says what cannot be
};
/// Reads the subjects that are members above, by their names, and passes over others.
read_facts facts_about(listed_anchor const& anchor);

}  // namespace tp::signing
