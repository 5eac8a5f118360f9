#include "tests/bench/fleet_load/simulated_probe.hpp"

#include <algorithm>
#include <utility>

#include "base/coroutine.hpp"
#include "base/endpoint.hpp"
#include "base/ssh/client.hpp"
#include "probe/link/registry_call.hpp"
#include "proto/codec.hpp"
#include "tests/bench/some_report.hpp"

namespace tp::bench {
namespace {

constexpr std::chrono::seconds silence_limit{60};  // three of the controller's keepalives
constexpr std::uint32_t boot = 1;

proto::software software()
{
    return {"0.1.0", {"ping", "ping4"}};
}

std::vector<asio::ip::tcp::endpoint> endpoints_of(proto::controller_place const& place)
{
    std::vector<asio::ip::tcp::endpoint> out;
    for (auto const& text : place.addresses) {
        if (auto const one = parse_endpoint(text)) out.push_back(*one);
    }
    return out;
}

}  // namespace

simulated_probe::simulated_probe(identity const& who, ip_address from, known_registries const& registries,
                                 fleet_watch& watch, std::uint64_t seed)
    : who_(who),
      from_(from),
      registries_(registries),
      watch_(watch),
      dialling_(registries.at.size(), {.first_registry = static_cast<std::size_t>(seed)}, seed),
      next_sequence_(std::uint64_t{boot} << 32U | 1U)
{
}

std::size_t simulated_probe::kept() const noexcept
{
    auto count = waiting_.size();
    for (auto const& [number, results] : in_flight_) count += results.size();
    return count;
}

void simulated_probe::switch_off()
{
    off_ = true;
    if (link_) link_->close();
}

asio::awaitable<void> simulated_probe::live()
{
    while (!off_) {
        auto const step = dialling_.next(wall_now());
        if (step.is == probe::dialling::action::pause)
            co_await pause_for(step.length);
        else if (step.is == probe::dialling::action::ask_registry)
            co_await ask(step.index);
        else
            co_await hold_session(step.index);
    }
}

asio::awaitable<void> simulated_probe::ask(std::size_t registry)
{
    auto const answer = co_await question(registry);
    watch_.registry_answered(answer ? &*answer : nullptr);
    if (!answer)
        dialling_.registry_failed();
    else if (auto const* const assignment = std::get_if<proto::assignment>(&*answer))
        dialling_.assigned(*assignment, wall_now());
    else if (auto const* const wait = std::get_if<proto::wait>(&*answer))
        dialling_.registry_said_wait(*wait);
    else
        dialling_.registry_refused(std::get<proto::refuse>(*answer));
}

asio::awaitable<result<proto::from_registry>> simulated_probe::question(std::size_t registry)
{
    ssh::dial_options options{
        .host_keys = registries_.keys, .key = who_.key, .subsystem = "trigpoint-registry", .limits = {}, .from = from_};
    std::vector<asio::ip::tcp::endpoint> const to(1, registries_.at[registry]);
    auto dialled = co_await ssh::dial(to, std::move(options));
    if (!dialled) co_return dialled.error();
    proto::to_registry const message = proto::registry_hello{.versions = proto::our_versions,
                                                             .runs = software(),
                                                             .boot_count = boot,
                                                             .claim_code = {},
                                                             .clock = wall_now(),
                                                             .local_v4 = from_,
                                                             .local_v6 = {}};
    auto frame = proto::encode(message);
    auto const written = co_await (*dialled)->write(std::move(frame));
    if (!written) co_return written.error();
    auto const answer = co_await within(probe::registry_answer_limit, (*dialled)->read());
    (*dialled)->close();
    if (!answer) co_return answer.error();
    co_return proto::decode_from_registry(*answer);
}

asio::awaitable<void> simulated_probe::hold_session(std::size_t controller)
{
    auto const place = dialling_.assignment()->value.controllers.at(controller);
    ssh::dial_options options{.host_keys = place.host_keys,
                              .key = who_.key,
                              .subsystem = "trigpoint-controller",
                              .limits = {},
                              .from = from_};
    auto to = endpoints_of(place);
    auto dialled = co_await ssh::dial(std::move(to), std::move(options));
    if (!dialled || off_) {
        watch_.dial_failed();
        dialling_.dial_failed();
        co_return;
    }
    link_ = std::move(*dialled);
    controller_ = place.name;
    welcomed_at_ = {};
    auto const said = co_await converse();
    leave(said);
}

/// From the hello to the end of the session.
asio::awaitable<simulated_probe::last_word> simulated_probe::converse()
{
    last_word said;
    auto const link = link_;
    proto::to_controller const hello = proto::controller_hello{.versions = proto::our_versions,
                                                               .runs = software(),
                                                               .probe = who_.probe,
                                                               .boot_count = boot,
                                                               .clock = wall_now(),
                                                               .holds = {}};
    auto frame = proto::encode(hello);
    auto const written = co_await link->write(std::move(frame));
    if (!written) co_return said;
    while (std::holds_alternative<std::monostate>(said)) {
        auto const heard = co_await within(silence_limit, link->read());
        if (!heard) co_return said;
        auto message = proto::decode_from_controller(*heard);
        if (message) co_await take(std::move(*message), said);
    }
    co_return said;
}

asio::awaitable<void> simulated_probe::take(proto::from_controller message, last_word& said)
{
    if (std::holds_alternative<proto::welcome>(message)) {
        welcomed_at_ = std::chrono::steady_clock::now();
        watch_.entered(*this);
    } else if (auto* const page = std::get_if<proto::job_page>(&message)) {
        co_await take_page(std::move(*page));
    } else if (auto const* const change = std::get_if<proto::job_change>(&message)) {
        take_change(*change);
    } else if (auto const* const told = std::get_if<proto::acknowledge>(&message)) {
        acknowledge(*told);
    } else if (std::holds_alternative<proto::signed_instruction>(message)) {
        watch_.told(*this);
        co_await begin_update();
    } else if (auto const* const part = std::get_if<proto::file_part>(&message)) {
        if (part->status == proto::file_status::here) watch_.begun(*this);
    } else if (auto* const wait = std::get_if<proto::wait>(&message)) {
        said = std::move(*wait);
    } else if (auto* const refuse = std::get_if<proto::refuse>(&message)) {
        said = std::move(*refuse);
    }
}

asio::awaitable<void> simulated_probe::take_page(proto::job_page page)
{
    if (page.first) pages_.clear();
    for (auto const& each : page.jobs) pages_.push_back(each.measurement);
    if (!page.last) co_return;
    jobs_ = std::exchange(pages_, {});
    has_jobs_ = true;
    watch_.working(*this);
    co_await deliver();
}

void simulated_probe::take_change(proto::job_change const& change)
{
    auto const forget = [this](measurement_id which) { std::erase(jobs_, which); };
    for (auto const which : change.removed) forget(which);
    for (auto const& each : change.changed) {
        forget(each.measurement);
        jobs_.push_back(each.measurement);
    }
    if (jobs_.empty()) watch_.working(*this);
}

asio::awaitable<void> simulated_probe::measure()
{
    if (off_) co_return;
    if (jobs_.empty()) {
        co_await say_that_we_live();
        co_return;
    }
    auto const sequence = next_sequence_++;
    waiting_.push_back(
        {jobs_[sequence % jobs_.size()], wall_now(), sequence, proto::result_kind::ping, some_report(sequence)});
    if (waiting_.size() > most_kept) waiting_.pop_front();
    co_await deliver();
}

/// Whoever has nothing to deliver would be taken for dead.
asio::awaitable<void> simulated_probe::say_that_we_live()
{
    auto const link = link_;
    if (!link || !has_jobs_) co_return;
    proto::to_controller const message = proto::keepalive{};
    auto frame = proto::encode(message);
    co_await link->write(std::move(frame));
}

asio::awaitable<void> simulated_probe::deliver()
{
    auto const link = link_;
    while (link && link == link_ && has_jobs_ && !waiting_.empty()) {
        auto const count = static_cast<std::ptrdiff_t>(std::min(batch, waiting_.size()));
        proto::result_batch next{next_batch_++, {waiting_.begin(), waiting_.begin() + count}};
        waiting_.erase(waiting_.begin(), waiting_.begin() + count);
        in_flight_[next.number] = next.results;
        proto::to_controller const message = std::move(next);
        auto frame = proto::encode(message);
        auto const written = co_await link->write(std::move(frame));
        if (!written) co_return;
    }
}

/// What is forced begins at once: with the newest timestamp, by way of the controller.
asio::awaitable<void> simulated_probe::begin_update()
{
    proto::to_controller const message =
        proto::file_request{.number = next_request_++, .path = "metadata/timestamp.json", .offset = 0};
    auto frame = proto::encode(message);
    auto const link = link_;
    static_cast<void>(co_await link->write(std::move(frame)));  // a broken session is noticed by who reads from it
}

void simulated_probe::acknowledge(proto::acknowledge const& told)
{
    for (auto const number : told.batches) {
        auto const found = in_flight_.find(number);
        if (found == in_flight_.end()) continue;
        watch_.acknowledged(*this, found->second);
        in_flight_.erase(found);
    }
}

/// What was under way is to be sent again; and the real probe's rules about where to go now.
void simulated_probe::leave(last_word const& said)
{
    bool const welcomed = welcomed_at_ != steady_time{};
    auto const lasted = std::chrono::steady_clock::now() - welcomed_at_;
    if (welcomed) watch_.left(*this, said);
    link_.reset();
    controller_.clear();
    has_jobs_ = false;
    for (auto each = in_flight_.rbegin(); each != in_flight_.rend(); ++each)
        waiting_.insert(waiting_.begin(), each->second.begin(), each->second.end());
    in_flight_.clear();
    next_batch_ = 1;
    if (auto const* const wait = std::get_if<proto::wait>(&said))
        dialling_.controller_said_wait(*wait);
    else if (auto const* const refuse = std::get_if<proto::refuse>(&said))
        dialling_.controller_refused(*refuse);
    else if (welcomed)
        dialling_.session_lost(lasted);
    else
        dialling_.dial_failed();
}

}  // namespace tp::bench
