#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "probe/guard/targets.hpp"
#include "proto/job.hpp"

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

/// Asked before a job runs and before every packet. It decides by the host's caps and lists alone: nothing that a
/// controller sends can widen them.
class guard {
public:
    guard(caps limits, target_policy targets, steady_time now);

    /// May this job run now, beside `running` others?
    verdict may_run(proto::job const& job, std::size_t running) const;
    /// May measurements go to this address?
    verdict may_reach(ip_address const& address) const;
    /// May one packet go to this address now? `allow` takes it from the budget.
    verdict may_send(ip_address const& address, steady_time now);

    target_policy& targets() noexcept { return targets_; }

private:
    void refill(steady_time now);

    caps limits_;
    target_policy targets_;
    double tokens_;  // packets that may go at once
    steady_time filled_at_;
};

}  // namespace tp::probe
