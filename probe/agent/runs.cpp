#include "probe/agent/runs.hpp"

#include <utility>
#include <variant>

#include "base/coroutine.hpp"
#include "probe/agent/machine.hpp"
#include "probe/agent/version.hpp"
#include "probe/guard/target_text.hpp"

namespace tp::probe {
namespace {

/// The findings of a run of this type that found nothing.
proto::findings nothing_found(proto::options const& told)
{
    using namespace proto;
    struct of {
        findings operator()(ping_options const& o) const { return ping_report{.size = o.size, .packets = {}}; }
        findings operator()(traceroute_options const& o) const
        {
            traceroute_report out;
            out.protocol = o.protocol;
            out.size = o.size;
            out.stopped_by = trace_end::send_error;
            return out;
        }
        findings operator()(dns_options const& o) const
        {
            return dns_report{.transport = o.transport, .by_resolvers = o.use_probe_resolver, .exchanges = {}};
        }
        findings operator()(http_options const& o) const
        {
            http_report out;
            out.method = o.method;
            return out;
        }
        findings operator()(tls_options const& o) const
        {
            tls_report out;
            out.port = o.port;
            return out;
        }
        findings operator()(ntp_options const&) const { return ntp_report{}; }
    };
    return std::visit(of{}, told);
}

/// As Atlas words it for this type. By the resolver, or it would be taken for a fault of the target's server.
proto::failure not_resolved(proto::options const& told, std::string const& why)
{
    bool const ping = std::holds_alternative<proto::ping_options>(told);
    return {proto::failure_source::resolver, (ping ? "dns" : "name") + (" resolution failed: " + why)};
}

}  // namespace

runs::runs(boost::asio::any_io_executor executor, parts with, std::uint32_t boot, result_handler keep)
    : executor_(std::move(executor)), with_(with), keep_(std::move(keep)), sequence_(std::uint64_t{boot} << 32)
{
}

void runs::begin(due_run due)
{
    begun what{std::move(due.job), due.planned, running(), {}};
    if (what.job.when.interval && on_.contains(what.job.measurement)) return skip(what);
    if (auto const asked = with_.asked.may_run(what.job, what.beside); !asked)
        return failed(what, {proto::failure_source::guard, asked.said}, asked.why);
    what.counted = true;
    if (what.job.when.interval) on_.insert(what.job.measurement);
    with_.asked.began(proto::kind_of(what.job.options));
    if (!proto::needs_target(what.job.options)) {
        auto const to = what.job.address;
        return start(std::move(what), to);
    }
    auto const resolved = what.job.address;
    if (resolved) return start_at(std::move(what), *resolved);
    find_target(std::move(what));
}

void runs::skip(begun const& what)
{
    outcome nothing;
    nothing.began = wall_now();
    nothing.target = what.job.address;
    nothing.failed = proto::failure{proto::failure_source::guard, "run skipped"};
    nothing.why = "the one before is still on";
    note(what, nothing);
}

void runs::find_target(begun what)
{
    auto const kind = kind_of_target(what.job.target);
    if (kind == target_text::first_hop || kind == target_text::second_hop)
        return start_at_near_hop(std::move(what), kind == target_text::first_hop);
    if (kind == target_text::neither) return failed(what, not_resolved(what.job.options, "not a host name"));
    if (kind == target_text::address) {
        auto const to = parse_address(what.job.target).value();
        return start_at(std::move(what), to);
    }
    ++resolving_;
    boost::asio::co_spawn(executor_, resolve_and_start(std::move(what)), [this](std::exception_ptr thrown) {
        --resolving_;
        expect_cancelled(thrown);
    });
}

void runs::stop()
{
    stopping_ = true;
    for (auto& one : held_) one.cancel();
}

/// Waits while the guard says "later". What it said last.
boost::asio::awaitable<verdict> runs::ask_to_look_up(proto::result_kind kind)
{
    auto const end = std::chrono::steady_clock::now() + longest_hold;
    for (;;) {
        auto asked = with_.asked.may_look_up(kind, std::chrono::steady_clock::now());
        if (asked.is != verdict::kind::later || asked.when > end) co_return asked;
        auto const timer = held_.emplace(held_.end(), executor_, asked.when);
        co_await timer->async_wait(as_values);
        held_.erase(timer);
        if (stopping_) co_return asked;
    }
}

/// Bounded by `longest_hold` and resolver::limit.
boost::asio::awaitable<void> runs::resolve_and_start(begun what)
{
    auto const kind = proto::kind_of(what.job.options);
    auto const asked = co_await ask_to_look_up(kind);
    if (stopping_) co_return;
    if (asked.is == verdict::kind::refuse)
        co_return failed(what, {proto::failure_source::guard, asked.said}, asked.why);
    if (!asked) co_return failed(what, {proto::failure_source::probe, "too many packets at once"});
    auto const from = std::chrono::steady_clock::now();
    auto const found = co_await with_.names.resolve(what.job.target, what.job.af);
    what.resolve_time = std::chrono::steady_clock::now() - from;
    if (stopping_) co_return;
    with_.asked.received(kind, look_up_cost::answer_octets, std::chrono::steady_clock::now());
    if (found)
        start_at(std::move(what), found->front());
    else
        failed(what, not_resolved(what.job.options, found.error().message()));
}

/// The target is somebody else's choice: what is exempt by the probe's own choice does not count.
void runs::start_at(begun what, ip_address to)
{
    if (auto const asked = with_.asked.may_target(to); !asked)
        return failed(what, {proto::failure_source::guard, asked.said}, asked.why, to);
    start(std::move(what), to);
}

/// "first-hop": the router that this machine itself uses; "second-hop": the one behind it, as traces found it.
void runs::start_at_near_hop(begun what, bool first)
{
    if (auto const asked = guard::may_name_near_hop(what.job); !asked)
        return failed(what, {proto::failure_source::guard, asked.said}, asked.why);
    auto const& hops = first ? with_.around.first_hops() : with_.around.second_hops();
    auto const hop = hops.of(what.job.af);
    if (!hop) {
        auto const words = not_resolved(what.job.options, "this probe does not know that hop").text;
        return failed(what, {proto::failure_source::probe, words});
    }
    auto const to = *hop;
    if (auto const asked = with_.asked.may_reach(proto::kind_of(what.job.options), to); !asked)
        return failed(what, {proto::failure_source::guard, asked.said}, asked.why, to);
    start(std::move(what), to);
}

void runs::start(begun what, std::optional<ip_address> to)
{
    if (to && to->is_v4() != (what.job.af == proto::family::v4))
        return failed(what, {proto::failure_source::target, "address of another family"});
    auto* const by = with_.by.of(proto::kind_of(what.job.options));
    if (!by) return failed(what, {proto::failure_source::probe, "unsupported"});
    order told{with_.asked.bounded(what.job), to, probe_};
    by->start(std::move(told), [this, what = std::move(what)](outcome found) { finish(what, std::move(found)); });
}

proto::report runs::report_of(begun const& what) const
{
    proto::report out;
    out.software = software_version;
    out.since_clock_sync = since_clock_sync();
    out.af = what.job.af;
    out.target = what.job.target;
    out.destination = what.job.address;
    out.resolve_time = what.resolve_time;
    out.planned = what.planned;
    out.jobs_beside = static_cast<unsigned>(what.beside);
    return out;
}

void runs::failed(begun const& what, proto::failure why, std::string reason, std::optional<ip_address> to)
{
    outcome nothing;
    nothing.began = wall_now();
    nothing.target = to ? to : what.job.address;
    nothing.failed = std::move(why);
    nothing.why = std::move(reason);
    nothing.found = nothing_found(what.job.options);
    finish(what, std::move(nothing));
}

/// For the host.
void runs::note(begun const& what, outcome const& found)
{
    with_.log.write({found.began, what.job.measurement, proto::kind_of(what.job.options), what.job.target, found.target,
                     found.cost, found.failed, found.why});
}

void runs::finish(begun const& what, outcome found)
{
    if (what.counted) {
        with_.asked.ended(proto::kind_of(what.job.options));
        if (what.job.when.interval) on_.erase(what.job.measurement);
    }
    note(what, found);
    with_.around.learn_from(found);
    auto report = report_of(what);
    report.destination = found.target;
    report.source = found.source;
    report.clock = found.clock;
    report.failed = std::move(found.failed);
    report.found = std::move(found.found);
    auto octets = proto::encode(report);
    if (octets.size() > proto::largest_report) {
        report.failed = proto::failure{proto::failure_source::probe, "the result is too large"};
        report.found = nothing_found(what.job.options);
        octets = proto::encode(report);
    }
    keep_({what.job.measurement, found.began, sequence_++, proto::kind_of(what.job.options), std::move(octets)});
}

void runs::check_self(std::function<void(bool well)> done)
{
    auto const& first = with_.around.first_hops();
    auto const hop = first.v4 ? first.v4 : first.v6;
    proto::job job{.measurement = measurement_id::from(1).value()};
    job.af = hop && hop->is_v6() ? proto::family::v6 : proto::family::v4;
    job.options = proto::ping_options{.packets = 1};
    auto* const by = with_.by.of(proto::result_kind::ping);
    bool const can = by && (by->can(proto::family::v4) || by->can(proto::family::v6));
    bool const may = hop && by && by->can(job.af) && with_.asked.may_run(job, running()) &&
                     with_.asked.may_reach(proto::result_kind::ping, *hop);
    if (!may) return done(can);
    by->start({std::move(job), *hop, probe_}, [done = std::move(done)](outcome found) {
        done(!found.failed || found.failed->source != proto::failure_source::probe);
    });
}

}  // namespace tp::probe
