#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "registry/rollout/definition.hpp"

namespace tp::registry::rollout {

/// A probe that a rollout is for.
struct candidate {
    probe_id probe;
    std::string model;
    std::string country;               // ISO 3166 alpha-2, or empty
    std::optional<std::uint32_t> asn;  // none: not known
    bool lab = false;
};

/// A stratum with fewer probes is joined with the others of its country and model, and then of its model: a share of so
/// few is chance.
inline constexpr std::size_t smallest_stratum = 20;

/// In which wave each is, in the order of `from`. The shares hold in all and, as nearly as whole probes allow, in each
/// stratum (model, country, AS). The same seed and probes make the same choice, in whatever order they come.
std::vector<std::uint32_t> choose_waves(std::vector<candidate> const& from, waves const& reach, std::uint64_t seed);

}  // namespace tp::registry::rollout
