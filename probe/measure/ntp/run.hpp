#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "probe/measure/ntp/packet.hpp"
#include "probe/measure/stamp.hpp"
#include "proto/options.hpp"
#include "proto/report.hpp"

namespace tp::probe {

/// One NTP measurement of one server, without I/O: one packet after the other, each until its answer or its timeout.
class ntp_run {
public:
    /// A packet that has to wait longer than this, for the guard or for the server's sake, is given up.
    static constexpr std::chrono::seconds longest_delay{60};

    ntp_run(proto::ntp_options options, steady_time start);

    /// Whether a packet is to go now.
    bool due(steady_time now) const noexcept;
    /// When something is due: a packet, or the end of waiting for an answer.
    steady_time next_event() const noexcept;
    bool done() const noexcept { return over_ || report_.packets.size() == options_.packets; }
    /// Whether anything went out.
    bool sent_any() const noexcept { return sent_any_; }
    /// Time has passed: an answer may be overdue.
    void pass(steady_time now);

    /// What became of the packet that was due.
    /// @param transmit  the random timestamp in it; @param before  read before sending.
    void sent(proto::ntp_time transmit, steady_time before);
    void not_sent(std::string why);
    /// It may not go before `until`.
    void hold(steady_time until);
    /// Nothing more is to be sent to this server.
    void stop() { over_ = true; }

    void sent_stamp(wall_time kernel);
    enum class taken { yes, kiss, ignored };
    /// An answer. Ignored, and counted, is what is not the server's answer to the packet that is on its way.
    /// @param wall  this process's clock, read with `at.user`.
    taken reply(ntp_header const& got, stamp const& at, wall_time wall);
    /// An ICMP error for the packet that is on its way.
    void error(std::string words);
    /// What arrived was no NTP packet.
    void ignore() { ++mismatched_; }

    proto::ntp_report const& report() const noexcept { return report_; }
    proto::clock_kind clock() const noexcept { return clock_; }
    /// How much came from the server and was no answer to the packet on its way.
    unsigned mismatched() const noexcept { return mismatched_; }

private:
    struct flight {
        proto::ntp_time transmit = 0;
        stamp sent;
        steady_time ends;
    };
    void settle(proto::ntp_packet what);

    proto::ntp_options options_;
    proto::ntp_report report_;
    proto::clock_kind clock_ = proto::clock_kind::none;
    std::optional<flight> flying_;
    steady_time due_, held_to_;
    unsigned mismatched_ = 0;
    bool sent_any_ = false, over_ = false;
};

}  // namespace tp::probe
