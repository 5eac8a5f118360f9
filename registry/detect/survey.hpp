#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "registry/detect/observation.hpp"
#include "registry/detect/targets.hpp"

namespace tp::registry::detect {

struct survey_limits {
    std::uint32_t least_peers = 8;     // fewer are no measure for anybody
    std::uint32_t least_doubters = 3;  // so many probes, and
    double misplaced_share = 0.005;  // such a share of those who ping an anchor, are too near to it (or so many of the
                                     // five with the soonest replies): its own place is wrong
    double broken_share = 0.05;      // or such a share of those who ask reach a canary: it is broken
    double network_share = 0.5;      // of the other probes of an AS or a country share a trouble: it is the network's
    std::uint32_t least_mates = 2, least_countrymen = 4;  // others that must be there
    std::uint32_t least_for_dead = 20;    // probes that ping a target before "nobody reaches it" means anything
    millis controller_clock_off{500.0F};  // median offset of a controller's probes: its own clock is wrong
};

/// What all probes in good standing saw in one hour: whom a single probe is compared with. Its size is bounded by
/// targets and cells, not by probes.
class survey {
public:
    explicit survey(target_list const& targets, survey_limits const& limits = {});

    /// Adds an hour of a probe that is active. Isolated and suspected ones are not to be asked.
    void add(profile const& who, probe_hour const& seen);

    struct level {
        double value = 0;
        std::uint32_t peers = 0;
    };
    /// The share of answered packets that the best quarter of the peers reaches. Peers are those of the cell or, where
    /// they are too few, all. None without enough of them.
    std::optional<level> best_success(measurement_id measurement, cell around) const;
    /// The highest hourly least round trip, milliseconds, among the other probes of the cell.
    std::optional<level> highest_round_trip(measurement_id measurement, cell around, probe_id but) const;
    /// The round trip, milliseconds, that nine of ten probes of the cell stay below.
    std::optional<level> usual_round_trip(measurement_id measurement, cell around) const;
    /// True when at most one of a hundred (and one more: the probe at hand) has an answer from it.
    bool nobody_reaches(measurement_id measurement) const;
    /// Octets that a result has with half of the probes.
    std::optional<level> octets_per_result() const;

    // What is more likely to be wrong itself than so many probes are.
    bool doubts_place(target_info const& target) const;
    bool doubts_canary(canary_hour const& seen) const;
    /// Something in its network answers for others: probes of the same AS, or of the same country, have it, too.
    bool network_answers(canary of, profile const& who, probe_hour const& seen) const;
    /// Probes that had the same home are in the same new AS: it was renumbered.
    bool as_was_renumbered(as_number home, as_number seen) const;
    /// Probes of the AS that say the same country are put in the same other one: the database is wrong about it.
    bool database_is_wrong(as_number as, country_code claimed, country_code seen) const;
    bool doubts_clock(controller_id controller) const;
    std::vector<std::int32_t> doubted_sites() const;       // in order
    std::vector<measurement_id> doubted_canaries() const;  // in order

private:
    static constexpr std::size_t success_levels = 51;      // 2 % each
    static constexpr std::size_t round_trip_levels = 112;  // eight an octave, from 1/4 ms
    static constexpr std::size_t octet_levels = 128;       // eight an octave, from 1 octet
    static constexpr std::size_t offset_levels = 201;      // 100 ms each, from -10 s to 10 s

    struct spread {
        std::array<std::uint32_t, success_levels> success{};
        std::array<std::uint32_t, round_trip_levels> round_trips{};
        struct {
            float length = 0;
            std::int32_t probe = 0;
        } highest, second;
        std::uint32_t peers = 0, answered = 0;
    };
    struct soonest {
        float length = 0;
        std::int32_t probe = 0;
        bool too_fast = false;
    };
    void note_soonest(profile const& who, target_info const& target, target_hour const& seen);
    void note_sites(profile const& who, probe_hour const& seen);
    void note_network(profile const& who, probe_hour const& seen);
    template <class Counts>
    bool most_are(Counts const& counts, typename Counts::key_type wanted) const;
    bool shared(tally of, std::uint32_t least) const noexcept;
    static std::uint64_t key(measurement_id measurement, cell around) noexcept;
    static void note(spread& into, probe_id probe, target_hour const& seen);
    spread const* find(measurement_id measurement, cell around) const;
    bool doubtful(tally of, double share) const noexcept;

    target_list const& targets_;
    survey_limits limits_;
    std::unordered_map<std::uint64_t, spread> spreads_;
    std::unordered_map<std::int32_t, std::vector<soonest>> soonest_;  // by site, as the next
    std::unordered_map<std::int32_t, tally> too_fast_;
    std::unordered_map<measurement_id, tally> canaries_;
    std::map<std::pair<as_number, canary>, tally> canaries_by_as_;
    std::map<std::pair<country_code, canary>, tally> canaries_by_country_;
    std::map<as_number, std::map<as_number, std::uint32_t>> seen_by_home_;
    std::map<std::pair<as_number, country_code>, std::map<country_code, std::uint32_t>> seen_by_claim_;
    std::unordered_map<controller_id, std::array<std::uint32_t, offset_levels>> offsets_;
    std::array<std::uint32_t, octet_levels> octets_{};
};

}  // namespace tp::registry::detect
