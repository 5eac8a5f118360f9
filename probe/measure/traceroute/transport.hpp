#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>

#include "base/error.hpp"
#include "probe/measure/traceroute/answer.hpp"
#include "probe/measure/traceroute/hearing.hpp"
#include "probe/measure/traceroute/plan.hpp"
#include "proto/findings.hpp"

namespace tp::probe {

/// How the packets of one family leave, and how their answers come back: by raw sockets, or by ordinary ones.
class trace_transport {
public:
    /// A run, as the engine knows it.
    using run_number = std::uint16_t;

    /// What arrives, told from within drain() and receive().
    struct listener {
        virtual ~listener() = default;
        /// @param run  whose answer it is, where the socket tells; else the answer does.
        virtual void on_answer(trace_answer const& answer, receipt const& by, std::optional<run_number> run) = 0;
        /// The packet left for the network at `when`.
        virtual void on_sent(run_number run, unsigned number, wall_time when) = 0;
        /// All that waited was told.
        virtual void on_drained() = 0;
    };

    virtual ~trace_transport() = default;

    /// Before a run: opens what it needs, and changes what it cannot choose in the plan and the options.
    /// The failure of the run, if it cannot be.
    virtual std::optional<proto::failure> begin(run_number run, trace_plan& plan,
                                                proto::traceroute_options& options) = 0;
    virtual void end(run_number run) = 0;
    /// How many hops may be asked at once without confusing their answers.
    virtual unsigned window(trace_plan const& plan) const noexcept = 0;
    virtual bool unprivileged() const noexcept = 0;

    /// Errors: those of sendto(2); errc::unavailable when the kernel's queue is full.
    virtual result<void> send(run_number run, trace_plan const& plan, trace_packet const& what) = 0;
    /// Hands what waits to the listener.
    virtual void drain(listener& to) = 0;
    /// Waits for packets and drains, until cancelled.
    virtual boost::asio::awaitable<void> receive(listener& to) = 0;
};

}  // namespace tp::probe
