#pragma once

#include <cstdint>

#include "registry/detect/finding.hpp"
#include "registry/detect/survey.hpp"
#include "registry/detect/window_view.hpp"

/// Where a probe is said to be, where its address is, and what its pings say. Each contradiction has a weight; alone
/// none isolates, because each has innocent reasons: a wrong entry in a database, a new provider, a line whose traffic
/// goes ashore far away.
namespace tp::registry::detect {

struct place_limits {
    kilometres near{800}, far{900};  // of the claimed place: anchors that should be close, and those that should not
    double nearer = 1.25;            // times: the soonest far anchor is sooner than all near ones,
    millis nearer_by{10.0F};      // and by so much; and nine of ten peers see the near one sooner than this probe, or
                                  // its address is in another country
    double nearer_alone = 1.5;    // times, where there are too few peers to ask: then it counts without them
    double slower = 1.5;          // times what nine of ten peers have,
    millis slower_by{10.0F};      // and so much more, towards the near one or
    double slower_share = 0.6;    // towards such a share of the targets (two at least)
    double share_of_hours = 0.6;  // in which a contradiction must hold
    std::size_t hours_too_fast = 4;  // sooner than light, even with one anchor only (see round_trip.hpp)
    std::size_t many_countries = 3;  // that its address was in, within 24 h

    // Two of the first four isolate, but for a slow line of a new provider.
    unsigned weight_measured = 8;  // far anchors are nearer than near ones, or a reply was sooner than light
    unsigned weight_country = 7;   // its address is in another country
    unsigned weight_as = 6;        // its address is in another AS than its home
    unsigned weight_slower = 5;    // if not measured: slower than for nine of ten peers
    unsigned weight_split = 1;     // its traceroutes leave through another AS than its session
    unsigned weight_moving = 12;   // its address is in a new country again and again
    unsigned warning = 8, grave = 12;
};

struct place_hour {
    country_code country;  // of its address
    bool other_country = false, other_as = false, split = false;
    bool compared = false, elsewhere = false;  // near anchors and far ones could be compared; a far one is nearer
    bool slower = false;                       // the near one is slower than for the neighbours
    bool too_fast = false;
    as_number as{}, home_as{};
    country_code claimed_country;
    std::int32_t near_measurement = 0, far_measurement = 0;
    millis near{}, far{}, usual{};  // least round trips; usual: nine of ten peers are below, towards the near one
};

place_hour place_of(profile const& who, probe_hour const& seen, target_list const& targets, survey const& others,
                    place_limits const& limits);
verdict examine_place(window_view window, place_limits const& limits);

}  // namespace tp::registry::detect
