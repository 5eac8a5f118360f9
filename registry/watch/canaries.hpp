#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/settings.hpp"
#include "proto/job.hpp"
#include "registry/detect/observation.hpp"
#include "registry/watch/gather.hpp"
#include "store/canaries.hpp"
#include "store/measurements.hpp"
#include "store/result_store.hpp"

/// Targets whose outcome is known beforehand: what probes are to be asked, and what an answer says. No I/O.
namespace tp::registry {

/// One of the tables [[canaries]].
struct canary_target {
    static constexpr std::size_t most = 32;

    detect::canary kind{};
    proto::family af = proto::family::v4;
    std::string target;  // an address; absent-name: the name that must not exist, asked for at the probe's resolvers
    std::uint16_t port = 0;  // closed-port, nonce
};

struct canary_settings {
    /// How many active probes, by chance, are asked about each target in a round.
    std::uint32_t probes = 50;
    std::uint32_t watched = 1'000;  // of those that are suspect, isolated or on probation
    std::vector<canary_target> targets;
};

/// The tables [[canaries]] and the key "detectors.canary_probes".
canary_settings read_canary_settings(settings& from);
/// The tables of it, as read_canary_settings() reads them.
std::string canaries_text(canary_settings const& chosen);

/// As in the store and in settings: "closed-port".
std::string_view word_for(detect::canary kind) noexcept;

/// What probes are asked in the round that begins now: four times, at moments of their own.
/// @param nonce  of this round, for anchors.
store::new_measurement canary_measurement(canary_target const& target, account_id owner, wall_time now,
                                          std::chrono::seconds round, std::string const& nonce);

/// What the probes answered to one canary.
class canary_hours {
public:
    /// Errors: errc::malformed for a kind that is none.
    static result<canary_hours> of(store::canary_job const& asked);

    void add(store::result_row const& row);
    /// Nonces that did not come count as unanswered only where other probes had them.
    void give_to(probe_hours& all) const;

private:
    canary_hours(detect::canary kind, proto::job asked) : kind_(kind), asked_(std::move(asked)) {}

    detect::canary kind_;
    proto::job asked_;
    std::unordered_map<probe_id, detect::canary_hour> by_probe_;
};

}  // namespace tp::registry
