#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ip_prefix.hpp"
#include "base/time.hpp"
#include "probe/measure/stamp.hpp"
#include "proto/job.hpp"
#include "proto/report.hpp"

namespace tp::probe {

/// One ping of one target, without I/O: what to send when, and what became of it.
class ping_run {
public:
    /// How long replies are waited for after the last packet. One to an earlier packet that takes longer and comes
    /// while the run is still on is late. Source: RIPE Atlas's ping, which calls the late one a duplicate.
    static constexpr std::chrono::milliseconds reply_wait{1000};
    /// And how long further replies are waited for once every packet is answered or failed. Source: RIPE Atlas's
    /// traceroute, its default for duplicates.
    static constexpr std::chrono::milliseconds duplicate_wait{10};
    /// A packet that the guard holds back longer than this is given up.
    static constexpr std::chrono::seconds longest_delay{10};

    struct answer {
        stamp at;
        ip_address from;
        std::optional<unsigned> ttl;
        unsigned size = 0;  // octets of payload
    };

    ping_run(proto::ping_options options, ip_address target, steady_time start);

    /// The packet to send now, or nothing.
    std::optional<unsigned> due(steady_time now) const;
    /// When something is due: a packet, or the end.
    steady_time next_event() const;
    bool done(steady_time now) const;

    /// What came of the packet that was due. It went out between `before` and now.
    void sent(steady_time before);
    void not_sent(std::string why, steady_time now);
    /// The guard wants it later. False when that is too late: then it counts as not sent.
    bool hold(steady_time until);

    void sent_stamp(unsigned packet, wall_time kernel);
    void reply(unsigned packet, answer const& got);
    void error(unsigned packet, std::string words, ip_address const& from, steady_time now);

    proto::ping_report report() const;
    /// The least exact clock that the report needed.
    proto::clock_kind clock() const;
    ip_address const& target() const noexcept { return target_; }
    proto::ping_options const& options() const noexcept { return options_; }

private:
    struct packet {
        bool was_sent = false;
        stamp at;
        std::optional<answer> first;
        unsigned duplicates = 0;
        std::string error;
        std::optional<ip_address> error_from;
    };
    void advance(steady_time now);
    void settle(steady_time now);

    proto::ping_options options_;
    ip_address target_;
    std::vector<packet> packets_;
    unsigned next_ = 0;
    steady_time due_;      // the next packet, by its place in the run
    steady_time held_to_;  // and by the guard
    steady_time end_;
};

}  // namespace tp::probe
