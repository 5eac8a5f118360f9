#pragma once

#include <chrono>
#include <string>

#include "base/settings.hpp"
#include "registry/detect/inspect.hpp"
#include "registry/watch/canaries.hpp"
#include "registry/watch/look_ups.hpp"

namespace tp::registry {

/// How the detectors work here: the table [detectors] of a registry.
struct watch_settings {
    static constexpr std::chrono::seconds shortest_round{1}, longest_round{std::chrono::hours{6}};

    watch_settings();

    bool on = true;
    /// What the rules call an hour; shorter for tests.
    std::chrono::seconds round{std::chrono::hours{1}};
    /// After a round's end, for results on their way.
    std::chrono::seconds delay{std::chrono::minutes{10}};
    detect::settings rules;
    canary_settings canaries;
    look_up_settings look_ups;
};

/// Asks for every key below "detectors" and "look_ups", and the tables [[canaries]].
watch_settings read_watch_settings(settings& from);
/// The keys that read_watch_settings() reads, as lines of TOML with dotted names, but for the tables of
/// canaries_text().
std::string watch_settings_text(watch_settings const& chosen);

}  // namespace tp::registry
