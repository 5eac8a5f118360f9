#pragma once

#include <string>
#include <vector>

#include "registry/rollout/machine.hpp"
#include "store/director.hpp"
#include "store/rollouts.hpp"

/// Rollouts between the words of the store and the types that decide, for the director and the API alike. Pure.
namespace tp::registry {

/// Errors: errc::malformed, also for one that could not be carried out.
result<rollout::definition> definition_from(store::rollout_record const& record);
/// The other way round, but for its targets, which the store keeps apart.
store::rollout_wish record_of(rollout::definition const& from, std::string reason);
result<rollout::progress> progress_from(store::rollout_progress const& from);
store::rollout_progress record_of(rollout::progress const& from);
rollout::wish wish_from(std::string const& text) noexcept;
/// Errors: errc::malformed.
result<rollout::member> member_from(store::rollout_member const& from);
store::member_change change_of(rollout::member const& from);

/// What is said of a step in the rollout's history; empty if it is none.
std::string words_for(rollout::progress const& before, rollout::progress const& after, rollout::waves const& reach);

}  // namespace tp::registry
