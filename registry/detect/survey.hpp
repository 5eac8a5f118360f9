#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "registry/detect/observation.hpp"
#include "registry/detect/targets.hpp"

namespace tp::registry::detect {

struct survey_limits {
    std::uint32_t least_peers = 8;     // fewer are no measure for anybody
    std::uint32_t least_doubters = 3;  // so many probes, and
    double doubtful_share = 0.05;      // such a share of those who asked, contradict an anchor or a canary: it is wrong
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
    bool doubts_place(measurement_id measurement) const;
    bool doubts_canary(canary_hour const& seen) const;
    bool doubts_clock(controller_id controller) const;
    std::vector<measurement_id> doubted() const;  // the first two kinds, each once, in order

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
    static std::uint64_t key(measurement_id measurement, cell around) noexcept;
    static void note(spread& into, probe_id probe, target_hour const& seen);
    spread const* find(measurement_id measurement, cell around) const;
    bool doubtful(tally of) const noexcept;

    target_list const& targets_;
    survey_limits limits_;
    std::unordered_map<std::uint64_t, spread> spreads_;
    std::unordered_map<measurement_id, tally> too_fast_, canaries_;
    std::unordered_map<controller_id, std::array<std::uint32_t, offset_levels>> offsets_;
    std::array<std::uint32_t, octet_levels> octets_{};
};

}  // namespace tp::registry::detect
