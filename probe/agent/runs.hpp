#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <set>
#include <string>

#include "probe/agent/host_log.hpp"
#include "probe/agent/surroundings.hpp"
#include "probe/guard/guard.hpp"
#include "probe/measure/engines.hpp"
#include "probe/measure/resolve/resolver.hpp"
#include "probe/schedule/schedule.hpp"
#include "proto/messages.hpp"
#include "proto/report.hpp"

namespace tp::probe {

/// The way of each run from the moment at which it is due: the guard is asked, a name is looked up, an engine measures,
/// and what came of it becomes a result.
class runs {
public:
    /// What it works with; all of it must outlive this.
    struct parts {
        guard& asked;
        resolver& names;
        engines& by;
        surroundings& around;
        host_log& log;
    };
    using result_handler = std::function<void(proto::result_item const&)>;

    static constexpr std::chrono::seconds longest_hold{60};  // that the guard may delay the look-up of a name

    /// @param boot  of this start: results of no other have the same sequence.
    runs(boost::asio::any_io_executor executor, parts with, std::uint32_t boot, result_handler keep);

    void set_probe(probe_id probe) noexcept { probe_ = probe; }
    /// Its result comes later, or at once if it is refused. A periodic measurement has one run at a time, as on Atlas:
    /// a run whose predecessor is still on is skipped. Then there is no result, which would read as one about the
    /// target, but a line in the host's log.
    void begin(due_run due);
    /// Names that are found from now on are too late: nothing starts any more.
    void stop();

    /// Sends a packet to the router that this machine uses, on the agent's own behalf, to see that measuring works
    /// here; whether it is answered says nothing. Where there is no such router, or the host does not want it now, that
    /// an engine is there has to do. `done` is called once, maybe at once.
    void check_self(std::function<void(bool well)> done);

private:
    /// A run that is on its way: what its report says beside the findings.
    struct begun {
        proto::job job;
        wall_time planned;
        std::size_t beside = 0;
        std::optional<std::chrono::nanoseconds> resolve_time;
        bool counted = false;  // the guard was told that it began
    };
    std::size_t running() const noexcept { return with_.by.running() + resolving_; }
    boost::asio::awaitable<verdict> ask_to_look_up(proto::result_kind kind);
    boost::asio::awaitable<void> resolve_and_start(begun what);
    void skip(begun const& what);
    void find_target(begun what);
    void start_at(begun what, ip_address to);
    void start_at_near_hop(begun what, bool first);
    void start(begun what, std::optional<ip_address> to);
    void failed(begun const& what, proto::failure why, std::string reason = {}, std::optional<ip_address> to = {});
    void note(begun const& what, outcome const& found);
    proto::report report_of(begun const& what) const;
    void finish(begun const& what, outcome found);

    boost::asio::any_io_executor executor_;
    parts with_;
    result_handler keep_;
    std::uint64_t sequence_;  // of the next result
    std::optional<probe_id> probe_;
    std::set<measurement_id> on_;  // that have a run now
    std::size_t resolving_ = 0;
    std::list<boost::asio::steady_timer> held_;  // those of them that the guard holds back
    bool stopping_ = false;
};

}  // namespace tp::probe
