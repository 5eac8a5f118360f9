#include "probe/measure/ping/engine.hpp"

#include <algorithm>
#include <cstring>

#include "base/coroutine.hpp"
#include "probe/measure/net/echo_filter.hpp"
#include "probe/measure/ping/demux.hpp"
#include "probe/measure/source_address.hpp"
#include "probe/together.hpp"

namespace tp::probe {
namespace {

constexpr std::size_t cookie_length = 8;       // octets at the beginning of the payload
constexpr unsigned sends_between_drains = 32;  // more, and stamps and replies fill the receive buffer
// What becomes due within so much of the last look is sent together: a wake-up costs more than a packet does (timer and
// epoll, 30 us in a virtual machine), and when exactly a packet goes is its stamp's to say. Half the shortest interval.
constexpr std::chrono::milliseconds least_pause{1};

std::uint16_t own_identifier(std::uint64_t random) noexcept
{
    return static_cast<std::uint16_t>(random & ~std::uint64_t{traceroute_identifier_bit});
}

}  // namespace

struct ping_engine::active {
    run_number number;
    ping_run run;
    side* by;
    std::string mark;
    std::uint16_t identifier;
    std::uint64_t secret;  // what the payload begins with: replies cannot be forged blindly
    std::vector<demux::name> names;
    outcome what;
    done_handler done;

    std::array<std::uint8_t, cookie_length> cookie() const
    {
        std::array<std::uint8_t, cookie_length> out;
        std::memcpy(out.data(), &secret, out.size());
        return out;
    }
    /// Of each packet, with its IP header.
    std::size_t octets() const
    {
        constexpr std::size_t v4_head = 20, v6_head = 40;
        return (run.target().is_v4() ? v4_head : v6_head) + echo_head + run.options().size;
    }
    bool sent_cookie() const { return run.options().size >= cookie_length; }
    std::vector<std::uint8_t> message() const;
    bool trusts(echo_answer const& answer, ip_address const& from) const;
};

/// An echo message with its payload, the head still to be written.
std::vector<std::uint8_t> ping_engine::active::message() const
{
    std::vector<std::uint8_t> out(echo_head + run.options().size);
    auto at = out.begin() + echo_head;
    if (sent_cookie()) {
        auto const octets = cookie();
        at = std::copy(octets.begin(), octets.end(), at);
    }
    auto const room = static_cast<std::size_t>(out.end() - at);
    std::copy_n(mark.begin(), std::min(mark.size(), room), at);
    return out;
}

/// Whether an answer of the right name is one to us: by the cookie where it is there, else by where it comes from.
bool ping_engine::active::trusts(echo_answer const& answer, ip_address const& from) const
{
    if (sent_cookie() && answer.payload.size() >= cookie_length) {
        auto const octets = cookie();
        return std::equal(octets.begin(), octets.end(), answer.payload.begin());
    }
    if (answer.reply) return from == run.target();
    return answer.quoted_destination == run.target();
}

/// One family: its socket, and whose its packets are.
struct ping_engine::side final : echo_socket::listener {
    side(ping_engine& owner, echo_socket&& opened) : engine(owner), socket(std::move(opened)), packets(socket.raw()) {}

    active* find(std::optional<demux::owner> const& owner) const
    {
        if (!owner) return nullptr;
        auto const found = engine.runs_.find(owner->run);
        return found == engine.runs_.end() ? nullptr : found->second.get();
    }

    void on_answer(echo_answer const& answer, ping_run::answer const& at, std::size_t octets) override
    {
        auto const owner = packets.find(answer.identifier, answer.sequence);
        auto* const one = find(owner);
        if (!one || !one->trusts(answer, at.from)) return;
        ++one->what.cost.packets_received;
        one->what.cost.octets_received += octets;
        engine.guard_.received(proto::result_kind::ping, octets, at.at.user);
        if (answer.reply)
            one->run.reply(owner->packet, at);
        else
            one->run.error(owner->packet, answer.error, at.from, at.at.user);
        engine.look_again(*one);
    }

    void on_sent(std::uint32_t key, wall_time when) override
    {
        auto const owner = packets.find_sent(key);
        if (auto* const one = find(owner)) one->run.sent_stamp(owner->packet, when);
    }

    ping_engine& engine;
    echo_socket socket;
    demux packets;
};

ping_engine::ping_engine(boost::asio::any_io_executor executor, guard& asked, std::optional<echo_socket> v4,
                         std::optional<echo_socket> v6, std::uint64_t seed)
    : executor_(std::move(executor)), guard_(asked), timer_(executor_), random_(seed)
{
    if (v4) v4_ = std::make_unique<side>(*this, std::move(*v4));
    if (v6) v6_ = std::make_unique<side>(*this, std::move(*v6));
}

ping_engine::~ping_engine() = default;

bool ping_engine::can(proto::family af) const noexcept
{
    return (af == proto::family::v4 ? v4_ : v6_) != nullptr;
}

void ping_engine::start(order what, done_handler done)
{
    auto const now = std::chrono::steady_clock::now();
    auto const number = ++last_run_;
    auto const to = what.target.value();
    auto const& options = std::get<proto::ping_options>(what.job.options);
    auto* const by = to.is_v4() ? v4_.get() : v6_.get();
    auto one = std::make_unique<active>(active{number,
                                               ping_run(options, to, now),
                                               by,
                                               options.include_probe_id && what.probe ? what.probe->text() : "",
                                               own_identifier(random_()),
                                               random_(),
                                               {},
                                               {},
                                               std::move(done)});
    one->what.began = wall_now();
    one->what.target = to;
    if (auto const source = source_address(to)) one->what.source = *source;
    runs_.emplace(number, std::move(one));
    if (agenda_.plan(number, now)) timer_.cancel();  // pace() looks at the agenda again
}

boost::asio::awaitable<void> ping_engine::run()
{
    std::vector<boost::asio::awaitable<void>> parts;
    parts.push_back(pace());
    if (v4_) parts.push_back(receive(*v4_));
    if (v6_) parts.push_back(receive(*v6_));
    co_await together(std::move(parts));
}

boost::asio::awaitable<void> ping_engine::pace()
{
    steady_time looked = steady_time::min();
    for (;;) {
        timer_.expires_at(std::max(agenda_.next(), looked + least_pause));
        co_await timer_.async_wait(as_values);
        looked = std::chrono::steady_clock::now();
        step();
    }
}

boost::asio::awaitable<void> ping_engine::receive(side& from)
{
    for (;;) {
        auto const [ec] =
            co_await from.socket.descriptor().async_wait(boost::asio::posix::descriptor_base::wait_read, as_values);
        if (!ec) from.socket.drain(from);
    }
}

/// Everything that is due, for all runs.
void ping_engine::step()
{
    unsigned sends = 0;
    for (;;) {
        auto const now = std::chrono::steady_clock::now();
        auto const number = agenda_.take_due(now);
        if (!number) break;
        advance(*runs_.at(*number), now);
        if (++sends % sends_between_drains == 0) drain();
    }
}

/// An answer may have brought the end of a run nearer.
void ping_engine::look_again(active& one)
{
    if (agenda_.plan_by(one.number, one.run.next_event())) timer_.cancel();
}

void ping_engine::drain()
{
    if (v4_) v4_->socket.drain(*v4_);
    if (v6_) v6_->socket.drain(*v6_);
}

void ping_engine::advance(active& one, steady_time now)
{
    if (auto const packet = one.run.due(now)) send(one, *packet, now);
    if (!one.run.done(now) && !one.what.failed) {
        agenda_.plan(one.number, one.run.next_event());
        return;
    }
    if (one.by) one.by->socket.drain(*one.by);  // what arrived just before the end counts
    finish(one);
}

void ping_engine::send(active& one, unsigned packet, steady_time now)
{
    auto const asked = guard_.may_send({proto::result_kind::ping, one.run.target(), one.octets()}, now);
    if (!asked) return refuse(one, asked, now);
    if (!one.by) {
        one.what.failed = proto::failure{proto::failure_source::probe, "socket failed: no ICMP socket of this family"};
        return;
    }
    demux::owner const owner{one.number, packet};
    auto const name = one.by->packets.take(one.identifier, owner);
    if (!name) return one.run.not_sent("too many packets", now);
    one.names.push_back(*name);
    auto message = one.message();
    write_echo_request(one.by->socket.af(), name->identifier, name->sequence, message);
    if (one.names.size() == 1) one.what.began = wall_now();
    auto const before = std::chrono::steady_clock::now();
    auto const key = one.by->socket.send(one.run.target(), message);
    if (!key) return one.run.not_sent("sendto failed: " + key.error().message(), before);
    one.run.sent(before);
    ++one.what.cost.packets_sent;
    one.what.cost.octets_sent += one.octets();
    one.by->packets.sent(*key, owner);
}

/// A target that is refused before anything was sent fails the whole run.
void ping_engine::refuse(active& one, verdict const& no, steady_time now)
{
    if (no.is == verdict::kind::later) {
        one.run.hold(no.when);
        return;
    }
    one.what.why = no.why;
    if (one.names.empty())
        one.what.failed = proto::failure{proto::failure_source::guard, no.said};
    else
        one.run.not_sent(no.said, now);
}

void ping_engine::finish(active& one)
{
    auto const owner = std::move(runs_.at(one.number));
    runs_.erase(owner->number);
    for (auto const name : owner->names) owner->by->packets.forget(name);
    auto found = owner->run.report();
    if (owner->what.failed) found.packets.clear();
    owner->what.clock = owner->run.clock();
    owner->what.found = std::move(found);
    agenda_.forget(owner->number);
    owner->done(std::move(owner->what));
}

}  // namespace tp::probe
