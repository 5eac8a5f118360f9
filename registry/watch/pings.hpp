#pragma once

#include <vector>

#include "registry/detect/targets.hpp"
#include "registry/watch/gather.hpp"
#include "store/result_store.hpp"

/// Pings of anchors whose place is known: what tells where a probe is. Pure.
namespace tp::registry {

/// The measurements among these that ping such an anchor, by its name or an address of it.
std::vector<detect::target_info> targets_among(std::vector<proto::job> const& jobs,
                                               std::vector<store::anchor_site> const& anchors);

/// Adds results of such a measurement up, by probe. What cannot be read is passed over: the controller would have
/// refused it.
class ping_hours {
public:
    explicit ping_hours(measurement_id of) : of_(of) {}
    void add(store::result_row const& row);
    /// Hands what was seen to the probes' hours.
    void give_to(probe_hours& all) const;

private:
    struct seen {
        detect::target_hour pings;
        bool synchronised = false;
    };
    measurement_id of_;
    std::unordered_map<probe_id, seen> by_probe_;
};

}  // namespace tp::registry
