#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "probe/measure/stamp.hpp"
#include "probe/measure/traceroute/hearing.hpp"
#include "probe/measure/traceroute/kept_reply.hpp"
#include "probe/measure/traceroute/plan.hpp"
#include "proto/findings.hpp"
#include "proto/report.hpp"

namespace tp::probe {

/// One traceroute, without I/O: what to send when, and what became of it.
///
/// The packets of a hop follow one another, each after the answer to the one before (and a moment for duplicates of
/// it) or after the response timeout; so "late" and "dup" mean what they mean for RIPE Atlas. Several hops are asked
/// at once, but none that a trace of one hop after the other would not have asked, save a few behind the target: what
/// comes from there is dropped.
class trace_run {
public:
    /// Hops asked at once, where answers name their packets. More would burden the target, which answers for every
    /// hop behind it.
    static constexpr unsigned usual_window = 4;
    /// A hop is asked once the one before has answered, or this long after that one was first asked: where answers come
    /// quickly, nothing is sent behind the target.
    static constexpr std::chrono::milliseconds hop_pause{10};
    /// A packet that the guard holds back longer than this ends the run.
    static constexpr std::chrono::seconds longest_delay{60};

    struct settings {
        proto::traceroute_options options;
        unsigned size = 0;        // payload octets
        unsigned headers = 0;     // octets of a packet beside its payload
        unsigned least_size = 0;  // of the payload, when routers make packets smaller
        unsigned window = usual_window;
    };

    trace_run(settings with, steady_time start);

    /// The packet to send now, or nothing. It is the same one until sent(), not_sent() or an answer.
    std::optional<trace_packet> due(steady_time now);
    /// When something is due: a packet, a timeout, or the end.
    steady_time next_event() const;
    bool done(steady_time now);
    /// Whether silence or the end would be noted now: what waits to be read is to be told first.
    bool times_out(steady_time now) const noexcept;

    /// What came of the packet that was due. It went out between `before` and now.
    void sent(trace_packet const& what, steady_time before);
    void not_sent(trace_packet const& what, std::string why, steady_time now);
    /// The guard wants it later. False when it has wanted that for too long.
    bool hold(steady_time until, steady_time now);

    void sent_stamp(unsigned number, wall_time kernel);
    /// @param number  of the packet that this answers; none: the answer does not say.
    void answered(std::optional<unsigned> number, heard const& what);

    /// Without what the run does not know: paris id, end.
    proto::traceroute_report report() const;
    /// The least exact clock that the report needed.
    proto::clock_kind clock() const noexcept { return clock_; }
    bool sent_any() const noexcept { return sent_any_; }

private:
    enum class phase : std::uint8_t { to_send, waiting, complete };
    enum class fate : std::uint8_t { unsent, pending, answered, silent };

    struct packet {
        steady_time before;
        wall_time kernel{};  // zero: none
        fate is = fate::unsent;
    };
    struct hop {
        std::vector<packet> packets;
        std::vector<kept_reply> replies;
        steady_time when;  // to_send: not before; waiting: until
        std::uint8_t distance = 0, next = 0;
        phase is = phase::to_send;
        bool answered = false, went_on = false, reached = false, unreachable = false;

        /// Whether the trace ends here, as far as is known.
        bool ends() const noexcept { return (reached || unreachable) && !went_on; }
    };

    unsigned ordinal(unsigned number) const noexcept { return number / options_.packets; }
    std::size_t last() const noexcept;
    bool all_complete() const noexcept;
    std::optional<unsigned> next_distance() const noexcept;
    steady_time next_opening() const noexcept;
    void open_next(steady_time now);
    void time_out(steady_time now);
    void step_on(hop& at, steady_time when);
    void settle(steady_time now);
    void take(hop& at, unsigned index, heard const& what);
    void note(hop& at, heard const& what);
    void answered_nameless(heard const& what);
    void one_at_a_time(steady_time now);
    void shrink(unsigned mtu) noexcept;
    void keep(hop& at, proto::trace_reply const& reply);
    proto::trace_end stopped_by() const noexcept;

    proto::traceroute_options options_;
    std::chrono::milliseconds duplicate_wait_;
    unsigned size_, asked_size_, headers_, least_size_, window_;
    std::vector<hop> hops_;
    std::string send_error_;            // of the last hop
    unsigned last_number_ = 0;          // of the packet sent last
    unsigned furthest_answer_;          // the greatest distance that was answered in time
    steady_time held_to_, held_since_;  // by the guard
    steady_time deaf_until_;            // answers before are dropped
    steady_time last_answer_;
    steady_time ready_;  // since when another hop could be asked
    std::optional<steady_time> end_;
    proto::clock_kind clock_ = proto::clock_kind::none;
    bool sent_any_ = false, jumped_ = false, failed_ = false, held_ = false;
};

}  // namespace tp::probe
