#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "proto/job.hpp"
#include "store/measurements.hpp"

/// Whether a target may be measured, and how much more: asked in the transaction that makes or widens a measurement.
/// For this folder only.
namespace tp::store {

class connection;

/// What would be sent where.
struct target_load {
    std::optional<ip_address> address;  // none: the probes resolve `target`
    std::string target;                 // lower case; empty: nowhere
    double packets_per_second = 0;
};
target_load load_of(proto::job const& job, std::size_t probes);

/// Until the end of the transaction nobody else is judged for the same targets and prefixes.
boost::asio::awaitable<result<void>> lock_targets(connection& link, std::vector<target_load> const& loads);

/// Why it must not be, if so. `which` of the answer is 0. To be asked under lock_targets().
boost::asio::awaitable<result<std::optional<target_refusal>>> judge_target(connection& link, target_load load,
                                                                           target_caps caps);

}  // namespace tp::store
