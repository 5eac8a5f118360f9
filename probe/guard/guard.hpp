#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "probe/guard/anchors.hpp"
#include "probe/guard/targets.hpp"
#include "proto/job.hpp"
#include "proto/report.hpp"

namespace tp::probe {

/// What the probe's host lets measurements cost.
struct caps {
    unsigned packets_per_second = 200;  // over all jobs; as many may go in one burst
    unsigned jobs_at_once = 500;
    std::chrono::seconds shortest_interval{1};
    unsigned largest_size = 2048;  // octets of payload
};

/// The answer to "may I?".
struct verdict {
    enum class kind {
        allow,
        later,  // not before `when`: ask again then
        refuse
    };
    kind is = kind::allow;
    std::string said;       // refusal: for the report, as Atlas words it where it has words
    std::string why;        // refusal: the reason in full, for the probe's own log
    steady_time when = {};  // later

    explicit operator bool() const noexcept { return is == kind::allow; }
};

/// A packet that a measurement wants to send.
struct packet {
    proto::result_kind kind{};
    ip_address to;
    std::size_t octets = 0;  // with its IP header
};

/// Asked before a job runs and before every packet. It decides by the host's caps and lists alone: nothing that a
/// controller sends can widen them.
class guard {
public:
    guard(caps limits, target_policy targets, steady_time now);

    /// May this job run now, beside `running` others?
    verdict may_run(proto::job const& job, std::size_t running) const;
    /// May measurements of this type go to this address?
    verdict may_reach(proto::result_kind kind, ip_address const& address) const;
    /// May this packet go now? `allow` takes it from the budget. A stream asks for its first packet, and then for each
    /// write, with the octets of both.
    verdict may_send(packet const& what, steady_time now);
    /// What came in for a run: it counts against the day's octets and the bits per second, and is never refused.
    void received(proto::result_kind kind, std::size_t octets, steady_time now);
    /// May HTTP go to this address and port? Only to anchors, and only where may_reach() allows it.
    verdict may_fetch(ip_address const& address, std::uint16_t port) const;

    target_policy& targets() noexcept { return targets_; }
    /// From the signed list. None until there is one: then HTTP goes nowhere.
    void set_anchors(std::vector<anchor> anchors) { anchors_ = std::move(anchors); }

private:
    void refill(steady_time now);

    caps limits_;
    target_policy targets_;
    std::vector<anchor> anchors_;
    double tokens_;  // packets that may go at once
    steady_time filled_at_;
};

}  // namespace tp::probe
