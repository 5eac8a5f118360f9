#pragma once

#include "proto/job.hpp"

namespace tp::proto {

/// A one-off's packets are counted as if they were spread over so much at least.
inline constexpr std::chrono::seconds shortest_run{10};

/// How many packets a second one probe is planned to send towards the target by this job: those of a run, over its
/// interval, or for a one-off over the time that its run and spread take. An estimate from above: every hop and every
/// retry that the options allow is counted; of streams (TCP, TLS, HTTP) what one exchange needs without loss.
double packets_per_second(job const& told) noexcept;

}  // namespace tp::proto
