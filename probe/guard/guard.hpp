#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "probe/guard/anchors.hpp"
#include "probe/guard/bucket.hpp"
#include "probe/guard/caps.hpp"
#include "probe/guard/day_budget.hpp"
#include "probe/guard/targets.hpp"
#include "proto/job.hpp"
#include "proto/report.hpp"

namespace tp::probe {

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

/// What looking up the name of a target costs, about: a question to one of the machine's resolvers and another try, and
/// an answer to each.
struct look_up_cost {
    static constexpr unsigned packets = 2;
    static constexpr std::size_t octets = 200, answer_octets = 400;  // with IP headers
};

/// Asked before a job runs and before every packet. It decides by the host's caps and lists alone: what a controller
/// sends can lower the caps, and widen nothing.
class guard {
public:
    guard(caps limits, target_policy targets, steady_time now);

    /// May this job run now, beside `running` others?
    verdict may_run(proto::job const& job, std::size_t running) const;
    /// The job, told to take no more than the host's caps allow where it says nothing itself: an HTTP body.
    proto::job bounded(proto::job job) const;
    /// May a job of this type have this target, which somebody else chose? As may_reach(), without any exemption.
    verdict may_target(ip_address const& address) const;
    /// May this job have "first-hop" or "second-hop" for its target? Only the platform's own ping and traceroute may,
    /// and none that tells which ports of the host's router are open.
    static verdict may_name_near_hop(proto::job const& job);
    /// May measurements of this type go to this address? The probe's own resolvers and near hops are allowed where
    /// target_policy exempts them: that the probe chose them itself is seen to by may_target().
    verdict may_reach(proto::result_kind kind, ip_address const& address) const;
    /// May this packet go now? `allow` takes it from the budget. A stream asks for its first packet, and then for each
    /// write, with the octets of both.
    verdict may_send(packet const& what, steady_time now);
    /// May the name of a target be looked up for a run of this type? `allow` takes look_up_cost from the budget, but
    /// for the answers, which are received().
    verdict may_look_up(proto::result_kind kind, steady_time now);
    /// May a stream take in what waits for it? `later` until what came before is paid for in bits per second; refused
    /// once the day's bytes are used up. Takes nothing: that is received().
    verdict may_receive(proto::result_kind kind, steady_time now);
    /// What came in for a run: it counts against the day's octets and the bits per second.
    void received(proto::result_kind kind, std::size_t octets, steady_time now);
    /// May HTTP go to this address and port? Only to anchors, and only where may_reach() allows it.
    verdict may_fetch(ip_address const& address, std::uint16_t port) const;

    /// A run of this type has begun; it has ended.
    void began(proto::result_kind kind) noexcept { ++runs_of(kind); }
    void ended(proto::result_kind kind) noexcept { --runs_of(kind); }

    /// What the host's clock shows, at least once a second. None: it is not set.
    void look(std::optional<local_moment> now) noexcept;
    /// What the platform asks us to stay below; it replaces what it asked before.
    void set_platform_limits(proto::cap_limits const& wish, steady_time now);
    /// The host's caps as the platform lowered them.
    caps const& effective() const noexcept { return effective_; }

    target_policy& targets() noexcept { return targets_; }
    day_budget& day() noexcept { return day_; }
    /// From the signed list. None until there is one: then HTTP goes nowhere.
    void set_anchors(anchors list) { anchors_ = std::move(list); }

private:
    struct buckets {
        bucket packets, bits;
    };

    std::optional<verdict> not_now(std::uint64_t octets) const;
    verdict spend(proto::result_kind kind, unsigned packets, std::size_t octets, steady_time now);
    std::size_t& runs_of(proto::result_kind kind) { return runs_.at(static_cast<std::size_t>(kind) - 1); }
    std::array<buckets*, 2> asked_for(proto::result_kind kind);

    caps limits_, effective_;
    target_policy targets_;
    anchors anchors_;
    buckets all_;
    std::vector<buckets> each_;  // by type
    std::array<std::size_t, proto::kind_names.size()> runs_{};
    day_budget day_;
    std::optional<local_moment> clock_;
};

}  // namespace tp::probe
