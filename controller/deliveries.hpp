#pragma once

#include <unordered_map>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "controller/relay/pace.hpp"
#include "proto/messages.hpp"

namespace tp::controller {

/// How fast a probe's results are taken. At once goes twice what a spool holds, as results are counted here; then 1
/// MiB/s, while the caps of an anchor (20 GB of traffic a day) cannot make a quarter of it, nor those of a home a
/// hundredth.
inline constexpr rate usual_delivery_rate{8 * 1'048'576, std::chrono::seconds{128}};

/// When results of each probe may be taken, so that no probe fills the disks of all. It is kept by probe: a session
/// that follows another goes on where that was. Pure.
class deliveries {
public:
    /// What a row costs beside its report, in octets: its columns, and its place in the index.
    static constexpr std::size_t row = 64;

    explicit deliveries(rate kept) : kept_(kept) {}

    /// When it is this batch's turn, which it has to wait for.
    steady_time turn_of(probe_id probe, proto::result_batch const& batch, steady_time now);
    /// Forgets the probes that may deliver as much as one that never did. To be called now and then.
    void forget_idle(steady_time now);
    std::size_t known() const noexcept { return by_probe_.size(); }

private:
    rate kept_;
    std::unordered_map<probe_id, pace> by_probe_;
};

}  // namespace tp::controller
