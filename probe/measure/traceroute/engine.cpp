#include "probe/measure/traceroute/engine.hpp"

#include <algorithm>
#include <vector>

#include "base/coroutine.hpp"
#include "probe/measure/net/echo_filter.hpp"
#include "probe/measure/source_address.hpp"
#include "probe/measure/traceroute/packet.hpp"
#include "probe/measure/traceroute/run.hpp"
#include "probe/together.hpp"

namespace tp::probe {
namespace {

using proto::failure_source;
using proto::trace_protocol;
using kind = trace_answer::kind;

constexpr unsigned sends_between_drains = 32;  // more, and stamps and replies fill the receive buffer
constexpr std::chrono::milliseconds full_queue_wait{10};
constexpr std::size_t most_measurements_kept = 100'000;

proto::failure unavailable()
{
    return {failure_source::probe, "socket failed: no sockets for traceroute over this family"};
}

}  // namespace

struct traceroute_engine::active {
    run_number number = 0;
    trace_transport* by = nullptr;
    trace_plan plan;
    std::optional<trace_run> run;  // none: it failed before it began
    std::vector<std::uint16_t> ports;
    outcome what;
    done_handler done;
};

traceroute_engine::traceroute_engine(boost::asio::any_io_executor executor, guard& asked,
                                     std::unique_ptr<trace_transport> v4, std::unique_ptr<trace_transport> v6,
                                     std::uint64_t seed)
    : guard_(asked), v4_(std::move(v4)), v6_(std::move(v6)), timer_(std::move(executor)), random_(seed)
{
}

traceroute_engine::~traceroute_engine() = default;

bool traceroute_engine::can(proto::family af) const noexcept
{
    return (af == proto::family::v4 ? v4_ : v6_) != nullptr;
}

/// A number has 15 bits in an echo identifier; far fewer runs are on at once.
traceroute_engine::run_number traceroute_engine::free_number()
{
    do {
        last_run_ = (last_run_ + 1) & (traceroute_identifier_bit - 1U);
    } while (runs_.contains(last_run_));
    return last_run_;
}

/// Flows are taken in turn, so that a measurement sees each of them again and again.
unsigned traceroute_engine::next_paris_id(measurement_id measurement, unsigned flows)
{
    if (flows == 0) return 0;
    if (paris_runs_.size() >= most_measurements_kept) paris_runs_.clear();
    return paris_runs_[measurement.value()]++ % flows + 1;
}

void traceroute_engine::start(order what, done_handler done)
{
    auto one = std::make_unique<active>();
    one->what.began = wall_now();
    one->what.target = what.target;
    one->what.found = proto::traceroute_report{};
    one->done = std::move(done);
    one->number = free_number();
    prepare(*one, what);
    auto const number = one->number;
    runs_.emplace(number, std::move(one));
    agenda_.plan(number, std::chrono::steady_clock::now());
    wake();
}

/// Everything up to the first packet. A run that cannot be is told so at its first turn.
void traceroute_engine::prepare(active& one, order const& what)
{
    auto const to = what.target.value();
    auto options = std::get<proto::traceroute_options>(what.job.options);
    auto& failed = one.what.failed;
    std::get<proto::traceroute_report>(one.what.found).protocol = options.protocol;
    if (auto const asked = guard_.may_reach(proto::result_kind::traceroute, to); !asked) {
        failed = proto::failure{failure_source::guard, asked.said};
        one.what.why = asked.why;
        return;
    }
    one.by = to.is_v4() ? v4_.get() : v6_.get();
    auto const source = source_address(to);
    if (!source) failed = proto::failure{failure_source::network, "connect failed: " + source.error().message()};
    if (!one.by) failed = unavailable();
    if (failed) return;
    one.what.source = one.plan.source = *source;
    choose_fields(one, what);
    auto const size = std::max(options.size, least_size(options));
    options.size = size;
    failed = one.by->begin(one.number, one.plan, options);
    if (failed) return;
    one.run.emplace(trace_run::settings{.options = options,
                                        .size = options.size,
                                        .headers = static_cast<unsigned>(packet_octets(one.plan, 0)),
                                        .least_size = least_size(options),
                                        .window = one.by->window(one.plan)},
                    std::chrono::steady_clock::now());
}

void traceroute_engine::choose_fields(active& one, order const& what)
{
    auto const& options = std::get<proto::traceroute_options>(what.job.options);
    auto& plan = one.plan;
    plan.protocol = options.protocol;
    plan.target = *what.target;
    plan.paris_id = next_paris_id(what.job.measurement, options.paris);
    plan.port = base_port_of(options);
    plan.identifier = traceroute_identifier_bit | one.number;
    plan.nonce = static_cast<std::uint8_t>(random_());
    plan.secret = random_();
    plan.dont_fragment = options.dont_fragment;
    if (!plan.v4()) {
        plan.hop_by_hop_size = options.hop_by_hop_option_size;
        plan.destination_option_size = options.destination_option_size;
    }
    if (options.protocol == trace_protocol::icmp) return;
    // The same for every run of a measurement with this flow, unless another run has it.
    constexpr std::uint64_t spreads = 2654435761;
    auto const place = static_cast<std::uint64_t>(what.job.measurement.value()) * spreads + plan.paris_id;
    if (auto const port = ports_.take(place, one.number)) one.ports.push_back(plan.source_port = *port);
}

boost::asio::awaitable<void> traceroute_engine::run()
{
    std::vector<boost::asio::awaitable<void>> parts;
    parts.push_back(pace());
    if (v4_) parts.push_back(v4_->receive(*this));
    if (v6_) parts.push_back(v6_->receive(*this));
    co_await together(std::move(parts));
}

boost::asio::awaitable<void> traceroute_engine::pace()
{
    for (;;) {
        armed_for_ = agenda_.next();
        timer_.expires_at(armed_for_);
        co_await timer_.async_wait(as_values);
        step();
    }
}

/// The timer is set anew only when it would come too late: that costs a call into the kernel.
void traceroute_engine::wake()
{
    if (agenda_.next() >= armed_for_) return;
    armed_for_ = agenda_.next();
    timer_.cancel();  // pace() looks at the agenda again
}

/// Everything that is due, for all runs.
void traceroute_engine::step()
{
    for (;;) {
        auto const now = std::chrono::steady_clock::now();
        auto const number = agenda_.take_due(now);
        if (!number) break;
        advance(*runs_.at(static_cast<run_number>(*number)), now);
        if (sends_since_drain_ >= sends_between_drains) drain();
    }
}

void traceroute_engine::drain()
{
    sends_since_drain_ = 0;
    if (v4_) v4_->drain(*this);
    if (v6_) v6_->drain(*this);
}

void traceroute_engine::advance(active& one, steady_time now)
{
    if (!one.run) return finish(one);
    if (one.run->times_out(now)) one.by->drain(*this);  // what came before counts
    while (auto const packet = one.run->due(now))
        if (!send(one, *packet, now)) break;
    if (one.what.failed || one.run->done(now)) return finish(one);
    agenda_.plan(one.number, one.run->next_event());
}

/// False when nothing more can be sent now.
bool traceroute_engine::send(active& one, trace_packet const& what, steady_time now)
{
    auto const octets = packet_octets(one.plan, what.size);
    auto const asked = guard_.may_send({proto::result_kind::traceroute, one.plan.target, octets}, now);
    if (!asked) {
        refuse(one, asked, now);
        return false;
    }
    if (!one.plan.paris() && one.plan.protocol == trace_protocol::tcp && what.number != 0) {
        auto const port = ports_.take(one.plan.source_port + 1U - first_trace_port, one.number);
        if (port) one.ports.push_back(one.plan.source_port = *port);
    }
    if (!one.run->sent_any()) one.what.began = wall_now();
    auto const before = std::chrono::steady_clock::now();
    ++sends_since_drain_;
    if (auto const sent = one.by->send(one.number, one.plan, what); !sent) {
        bool const full = sent.error() == errc::unavailable;
        if (full && one.run->hold(now + full_queue_wait, now)) return false;
        one.run->not_sent(what, "sendto failed: " + sent.error().message(), before);
        return true;
    }
    one.run->sent(what, before);
    ++one.what.cost.packets_sent;
    one.what.cost.octets_sent += octets;
    return true;
}

void traceroute_engine::refuse(active& one, verdict const& no, steady_time now)
{
    if (no.is == verdict::kind::later && one.run->hold(no.when, now)) return;
    one.what.why = no.why;
    one.what.failed =
        proto::failure{failure_source::guard, no.is == verdict::kind::later ? "too many packets" : no.said};
}

void traceroute_engine::finish(active& one)
{
    auto const owner = std::move(runs_.at(one.number));
    runs_.erase(owner->number);
    agenda_.forget(owner->number);
    for (auto const port : owner->ports) ports_.give_back(port);
    if (owner->run) {
        owner->by->end(owner->number);
        auto found = owner->run->report();
        found.unprivileged = owner->by->unprivileged();
        owner->what.clock = owner->run->clock();
        owner->what.found = std::move(found);
    }
    auto& found = std::get<proto::traceroute_report>(owner->what.found);
    found.paris_id = owner->plan.paris_id;
    found.ended = wall_now();
    owner->done(std::move(owner->what));
}

traceroute_engine::active* traceroute_engine::owner_of(trace_answer const& answer, std::optional<run_number> run) const
{
    bool const icmp = answer.is_error() ? answer.quote.protocol == trace_protocol::icmp : answer.is == kind::echo_reply;
    if (!run && icmp) {
        auto const identifier = answer.is_error() ? answer.quote.identifier : answer.identifier;
        run = static_cast<run_number>(identifier & ~traceroute_identifier_bit);
    }
    if (!run) run = ports_.find(answer.is_error() ? answer.quote.source_port : answer.destination_port);
    if (!run) return nullptr;
    auto const found = runs_.find(*run);
    return found == runs_.end() || !found->second->run ? nullptr : found->second.get();
}

void traceroute_engine::on_answer(trace_answer const& answer, receipt const& by, std::optional<run_number> run)
{
    constexpr std::size_t heads = 28;  // octets, about: of IP and of ICMP or UDP
    auto* const one = owner_of(answer, run);
    if (!one) return;
    auto const named = naming_of(one->plan, answer, by.from);
    if (!named) return;
    ++one->what.cost.packets_received;
    one->what.cost.octets_received += answer.size + heads;
    guard_.received(proto::result_kind::traceroute, answer.size + heads, by.at.user);
    one->run->answered(named->number, hear(one->plan, answer, by));
    agenda_.plan_by(one->number, one->run->next_event());
}

void traceroute_engine::on_sent(run_number run, unsigned number, wall_time when)
{
    auto const found = runs_.find(run);
    if (found != runs_.end() && found->second->run) found->second->run->sent_stamp(number, when);
}

/// Answers often make the next packet due at once: it goes without the timer.
void traceroute_engine::on_drained()
{
    step();
    wake();
}

}  // namespace tp::probe
