#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "proto/job.hpp"
#include "proto/report.hpp"

/// What every type of measurement has in common: an order goes in, an outcome comes out.
namespace tp::probe {

/// A run that the guard let begin. Its target is resolved, but not yet judged: the engine asks the guard about the
/// address before it sends.
struct order {
    proto::job job;
    std::optional<ip_address> target;  // none: proto::needs_target() is false
    std::optional<probe_id> probe;     // for payloads and macros
};

/// What was sent and received for a run: octets are those of IP packets, or an estimate for streams.
struct traffic {
    std::uint64_t packets_sent = 0, octets_sent = 0, packets_received = 0, octets_received = 0;
};

struct outcome {
    wall_time began{};                         // when its first packet was sent, or would have been
    std::optional<ip_address> target, source;  // as used
    std::optional<proto::failure> failed;      // of the run as a whole
    std::string why;                           // the guard's reason in full, for the host's own log
    proto::clock_kind clock = proto::clock_kind::none;
    traffic cost;
    proto::findings found;  // also when it failed: the kind, and what is known
};

/// All runs of one type. Used from one thread.
class engine {
public:
    using done_handler = std::function<void(outcome)>;

    virtual ~engine() = default;

    /// Begins a run. `done` is called once, from run() and never from within start().
    virtual void start(order what, done_handler done) = 0;
    /// Works until cancelled. Runs that are on then are dropped without a call.
    virtual boost::asio::awaitable<void> run() = 0;
    /// Whether this machine lets us measure so.
    virtual bool can(proto::family af) const noexcept = 0;
    virtual std::size_t running() const noexcept = 0;
};

}  // namespace tp::probe
