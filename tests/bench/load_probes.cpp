#include "tests/bench/load_probes.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "base/coroutine.hpp"
#include "base/ssh/client.hpp"
#include "proto/codec.hpp"
#include "tests/bench/some_report.hpp"

namespace tp::bench {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds look_again{20};
constexpr std::chrono::milliseconds ask_again{200};  // for a file that is not to be had now

double seconds_since(steady_time start)
{
    return std::chrono::duration<double>(steady_clock::now() - start).count();
}

}  // namespace

void swarm::spawn(boost::asio::awaitable<void> work)
{
    ++running_;
    asio::co_spawn(io_, std::move(work), [this](std::exception_ptr thrown) {
        --running_;
        expect_cancelled(thrown);
    });
}

boost::asio::awaitable<void> swarm::all_ended(steady_clock::duration limit, std::size_t left)
{
    auto const deadline = steady_clock::now() + limit;
    while (running_ > left && steady_clock::now() < deadline) co_await pause_for(look_again);
}

boost::asio::awaitable<void> swarm::connect()
{
    auto const begun = steady_clock::now();
    for (auto const& each : stage_.probes) members_.push_back({.who = &each});
    for (std::size_t i = 0; i < load_.dialling; ++i) spawn(dial_from(i));
    co_await all_ended(std::chrono::hours(1), 0);
    outcome_.connect_seconds = seconds_since(begun);
}

boost::asio::awaitable<void> swarm::dial_from(std::size_t first)
{
    for (auto i = first; i < members_.size(); i += load_.dialling) {
        auto const joined = co_await join(members_[i]);
        ++(joined ? outcome_.connected : outcome_.failed);
        if (!joined) members_[i].link.reset();
    }
}

boost::asio::awaitable<result<void>> swarm::join(member& one)
{
    ssh::dial_options options{
        .host_keys = {stage_.host_key}, .key = one.who->key, .subsystem = "trigpoint-controller", .limits = {}};
    auto dialled = co_await ssh::dial(stage_.controller, std::move(options));
    if (!dialled) co_return dialled.error();
    one.link = std::move(*dialled);
    proto::controller_hello const hello{.versions = proto::our_versions,
                                        .runs = {"0.1.0", {"ping", "ping4"}},
                                        .probe = one.who->probe,
                                        .boot_count = 1,
                                        .clock = wall_now()};
    proto::to_controller const message = hello;
    auto const said = co_await one.link->write(proto::encode(message));
    if (!said) co_return said.error();
    for (;;) {
        auto const frame = co_await within(answer_limit, one.link->read());
        if (!frame) co_return frame.error();
        auto const answer = proto::decode_from_controller(*frame);
        if (!answer) co_return answer.error();
        if (std::holds_alternative<proto::refuse>(*answer) || std::holds_alternative<proto::wait>(*answer)) {
            co_return errc::rejected;
        }
        auto const* page = std::get_if<proto::job_page>(&*answer);
        if (page != nullptr && page->last) co_return result<void>{};
    }
}

boost::asio::awaitable<void> swarm::listen(member& one)
{
    for (;;) {
        auto const frame = co_await one.link->read();
        if (!frame) {
            if (!over_) ++outcome_.lost;
            co_return;
        }
        auto const message = proto::decode_from_controller(*frame);
        auto const* heard = message ? std::get_if<proto::acknowledge>(&*message) : nullptr;
        if (heard == nullptr) continue;
        for (auto const number : heard->batches) {
            auto const found = one.unanswered.find(number);
            if (found == one.unanswered.end()) continue;
            outcome_.acknowledged += found->second.second;
            outcome_.latencies.push_back(seconds_since(found->second.first));
            one.unanswered.erase(found);
        }
    }
}

std::string swarm::next_frame(member& one)
{
    proto::result_batch batch{.number = one.next_batch++, .results = {}};
    for (std::size_t i = 0; i < load_.batch; ++i) {
        auto const sequence = boot_ << 32U | one.next_sequence++;
        auto const& measurement = stage_.measurements[sequence % stage_.measurements.size()];
        batch.results.push_back({measurement, wall_now(), sequence, proto::result_kind::ping, some_report(sequence)});
    }
    one.unanswered[batch.number] = {steady_clock::now(), batch.results.size()};
    proto::to_controller const message = std::move(batch);
    return proto::encode(message);
}

boost::asio::awaitable<void> swarm::send(member& one, std::chrono::duration<double> delay)
{
    auto const results_between = static_cast<double>(load_.batch * outcome_.connected);
    auto const period =
        std::chrono::duration_cast<steady_clock::duration>(std::chrono::duration<double>(results_between / load_.rate));
    asio::steady_timer timer(io_, steady_clock::now() + std::chrono::duration_cast<steady_clock::duration>(delay));
    while (timer.expiry() < stop_at_) {  // by the clock, so that a busy machine does not make the load smaller
        co_await timer.async_wait(as_values);
        auto frame = next_frame(one);
        auto const written = co_await one.link->write(std::move(frame));
        if (!written) co_return;
        outcome_.sent += load_.batch;
        timer.expires_at(timer.expiry() + period);
    }
}

boost::asio::awaitable<void> swarm::keep_alive()
{
    proto::to_controller const message = proto::keepalive{};
    auto const frame = proto::encode(message);
    auto next = steady_clock::now();
    while (!over_) {
        co_await pause_for(look_again);
        if (steady_clock::now() < next) continue;
        next += keepalive;
        for (auto& each : members_) {
            if (!each.link) continue;
            [[maybe_unused]] auto const ignored = co_await each.link->write(frame);
        }
    }
}

boost::asio::awaitable<outcome> swarm::deliver()
{
    auto const begun = steady_clock::now();
    stop_at_ = begun + load_.length;
    std::size_t listening = 1;  // and the one that keeps sessions alive
    spawn(keep_alive());
    for (auto& each : members_) {
        if (!each.link) continue;
        spawn(listen(each));
        ++listening;
    }
    double place = 0;
    for (auto& each : members_) {
        if (!each.link || load_.rate <= 0) continue;
        spawn(send(each, std::chrono::duration<double>(place++ * static_cast<double>(load_.batch) / load_.rate)));
    }
    co_await pause_for(load_.length);
    co_await all_ended(patience, listening);
    auto const deadline = steady_clock::now() + patience;
    while (outcome_.acknowledged < outcome_.sent && outcome_.lost < outcome_.connected &&
           steady_clock::now() < deadline) {
        co_await pause_for(look_again);
    }
    outcome_.seconds = seconds_since(begun);
    over_ = true;
    for (auto& each : members_) {
        if (each.link) each.link->close();
    }
    co_await all_ended(patience, 0);
    std::sort(outcome_.latencies.begin(), outcome_.latencies.end());
    co_return outcome_;
}

boost::asio::awaitable<outcome> swarm::fetch(std::string path)
{
    auto const begun = steady_clock::now();
    for (auto& each : members_)
        if (each.link) spawn(fetch_file(each, path));
    co_await all_ended(std::chrono::hours(1), 0);
    outcome_.seconds = seconds_since(begun);
    co_return outcome_;
}

boost::asio::awaitable<void> swarm::fetch_file(member& one, std::string path)
{
    std::uint64_t have = 0, number = 0;
    for (;;) {
        proto::file_request wish{++number, path, have};
        auto const part = co_await ask(one, std::move(wish));
        if (!part) {
            ++outcome_.lost;
            co_return;
        }
        if (part->status != proto::file_status::here) {
            ++outcome_.put_off;
            co_await pause_for(ask_again);
            continue;
        }
        if (part->octets.empty()) break;
        have += part->octets.size();
        outcome_.octets += part->octets.size();
    }
    one.link->close();
}

boost::asio::awaitable<result<proto::file_part>> swarm::ask(member& one, proto::file_request wish)
{
    proto::to_controller const message = std::move(wish);
    auto const said = co_await one.link->write(proto::encode(message));
    if (!said) co_return said.error();
    for (;;) {
        auto const frame = co_await within(answer_limit, one.link->read());
        if (!frame) co_return frame.error();
        auto answer = proto::decode_from_controller(*frame);
        if (!answer) co_return answer.error();
        if (auto* part = std::get_if<proto::file_part>(&*answer)) co_return std::move(*part);
    }
}

}  // namespace tp::bench
