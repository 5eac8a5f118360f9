#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "firmware-signing/repository/draft.hpp"
#include "firmware-signing/repository/plan.hpp"

/// What is to be signed next, made from what people wish and from what their role said before.
namespace tp::repository {

struct prepared {
    std::optional<draft> made;
    std::optional<std::string> complaint;
};

/// @param before  the newest root; none for the first one.
prepared prepare_root(plan const& wish, root_content const* before, sys_seconds now);
/// @param before  the newest targets; none for the first ones.
prepared prepare_targets(plan const& wish, targets_content const* before, sys_seconds now);

struct release_wish {
    std::string model, channel;
    std::optional<release> fresh;   // none: only a later expiry, or releases that go
    std::vector<std::string> drop;  // images of releases that are no longer offered
    std::chrono::days life{default_targets_days};
};
/// @param before  the newest of this model and channel; none for the first one.
prepared prepare_releases(release_wish const& wish, release_content const* before, sys_seconds now);

struct control_wish {
    std::vector<control_file> put;       // new, or in the place of what was said before
    std::vector<control::content> drop;  // is not said any more
    std::chrono::days life{default_targets_days};
};
/// @param before  the newest of the role control; none for the first one.
prepared prepare_control(control_wish const& wish, control_content const* before, sys_seconds now);

}  // namespace tp::repository
