#pragma once

#include <optional>
#include <span>

#include "store/trust.hpp"

namespace tp::registry {

/// Where a probe stands. Only an isolated one can be held: by an operator, so that no clean window lets it out.
struct standing {
    store::trust_state state = store::trust_state::pending;
    bool held = false;
    bool operator==(standing const&) const = default;
};

/// One way that trust can go. The table trust_rule in the database has the same rows, and a test compares them.
struct trust_rule {
    store::trust_event event{};
    store::trust_actor actor{};
    standing from, to;
    bool operator==(trust_rule const&) const = default;
};
std::span<trust_rule const> trust_rules() noexcept;

/// Where an event leads; none where it leads nowhere from here, or not by this actor.
std::optional<standing> after(standing now, store::trust_event event, store::trust_actor actor) noexcept;

}  // namespace tp::registry
