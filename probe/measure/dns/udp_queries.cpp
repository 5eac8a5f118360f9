#include "probe/measure/dns/udp_queries.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cstring>
#include <optional>

#include "base/coroutine.hpp"
#include "probe/measure/dns/answer.hpp"
#include "probe/measure/dns/findings.hpp"
#include "probe/measure/source_address.hpp"
#include "probe/together.hpp"

namespace tp::probe {
namespace {

constexpr unsigned begun_between_drains = 32;  // more, and answers fill the receive buffers

std::size_t packet_octets(ip_address const& to, std::size_t message)
{
    constexpr std::size_t v4_head = 20, v6_head = 40, udp_head = 8;
    return (to.is_v4() ? v4_head : v6_head) + udp_head + message;
}

}  // namespace

struct udp_queries::one_query {
    run_number number;
    one_run& of;
    side* by;
    udp_exchange exchange;
    std::optional<std::uint64_t> awaits;  // its key among the pending ones
};

struct udp_queries::one_run {
    run_number number;
    order what;
    engine::done_handler done;
    outcome found;
    refusals no;
    std::vector<std::unique_ptr<one_query>> queries;
    std::size_t open = 0;  // queries that have not ended

    proto::dns_options const& options() const { return std::get<proto::dns_options>(what.job.options); }
};

/// One family: its sockets, and whose the answers are.
struct udp_queries::side final : udp_sockets::listener {
    side(udp_queries& owner, udp_sockets opened) : queries(owner), sockets(std::move(opened)) {}

    static std::uint64_t key(std::uint32_t socket, std::uint16_t id) { return std::uint64_t{socket} << 16 | id; }
    static std::uint32_t socket_of(std::uint64_t key) { return static_cast<std::uint32_t>(key >> 16); }

    /// Notes who awaits an answer there, and gives the id: the one proposed, or another that is free at that socket.
    std::uint16_t await(one_query& query, std::uint32_t socket, std::uint16_t id, unpredictable& random)
    {
        // Few queries wait at a socket, far fewer than there are ids.
        while (!pending.emplace(key(socket, id), &query).second) id = random.next<std::uint16_t>();
        query.awaits = key(socket, id);
        return id;
    }

    void on_datagram(std::uint32_t socket, dns_arrival const& what) override
    {
        auto const id = message_id(what.message);
        if (!id) return;
        auto const found = pending.find(key(socket, *id));
        if (found != pending.end() && found->second->exchange.take(what)) {
            auto& query = *found->second;
            auto& run = query.of;
            ++run.found.cost.packets_received;
            auto const octets = packet_octets(what.from, what.message.size());
            run.found.cost.octets_received += octets;
            queries.guard_.received(proto::result_kind::dns, octets, what.at.user);
            return queries.end(query);
        }
        if (found != pending.end()) return;  // from elsewhere
        for (auto const& [place, query] : pending)
            if (socket_of(place) == socket) query->exchange.take(what);  // it counts the wrong id if it is its server's
    }

    udp_queries& queries;
    udp_sockets sockets;
    std::unordered_map<std::uint64_t, one_query*> pending;
};

udp_queries::udp_queries(boost::asio::any_io_executor executor, guard& asked)
    : executor_(std::move(executor)),
      guard_(asked),
      fresh_there_(executor_, steady_time::max()),
      timer_(executor_, steady_time::max())
{
    for (auto const af : {proto::family::v4, proto::family::v6}) {
        auto sockets = udp_sockets::open(executor_, af);
        if (sockets) (af == proto::family::v4 ? v4_ : v6_) = std::make_unique<side>(*this, std::move(*sockets));
    }
}

udp_queries::~udp_queries() = default;

void udp_queries::start(order what, std::vector<ip_address> const& servers, engine::done_handler done)
{
    auto const now = std::chrono::steady_clock::now();
    auto owner = std::make_unique<one_run>(one_run{++last_, std::move(what), std::move(done), {}, {}, {}, 0});
    auto& run = *owner;
    runs_.emplace(run.number, std::move(owner));
    run.found.target = run.what.target;
    run.found.began = wall_now();
    for (auto const& server : servers) {
        auto* const by = server.is_v4() ? v4_.get() : v6_.get();
        run.queries.push_back(
            std::make_unique<one_query>(one_query{++last_, run, by, {run.options(), server, now}, std::nullopt}));
        queries_.emplace(last_, run.queries.back().get());
        fresh_.push_back(run.queries.back().get());
    }
    run.open = run.queries.size();
    fresh_there_.cancel();
}

boost::asio::awaitable<void> udp_queries::run()
{
    std::vector<boost::asio::awaitable<void>> parts;
    parts.push_back(begin_fresh());
    parts.push_back(pace());
    if (v4_) parts.push_back(receive(*v4_));
    if (v6_) parts.push_back(receive(*v6_));
    co_await together(std::move(parts));
}

boost::asio::awaitable<void> udp_queries::begin_fresh()
{
    // Not while run() is still launching its parts: a caller that hears of an end may cancel it, and those launched
    // later would not hear of that.
    co_await boost::asio::post(executor_, boost::asio::use_awaitable);
    for (;;) {
        for (unsigned begun = 0; !fresh_.empty();) {
            auto& query = *fresh_.front();
            fresh_.pop_front();
            advance(query, std::chrono::steady_clock::now());
            if (++begun % begun_between_drains == 0) drain();
        }
        co_await fresh_there_.async_wait(as_values);
    }
}

boost::asio::awaitable<void> udp_queries::pace()
{
    for (;;) {
        auto const idle = idle_since_ == steady_time::max() ? idle_since_ : idle_since_ + idle_for;
        timer_.expires_at(std::min(agenda_.next(), idle));
        co_await timer_.async_wait(as_values);
        for (unsigned looked = 0;;) {
            auto const now = std::chrono::steady_clock::now();
            auto const number = agenda_.take_due(now);
            if (!number) break;
            advance(*queries_.at(*number), now);
            if (++looked % begun_between_drains == 0) drain();
        }
        close_idle(std::chrono::steady_clock::now());
    }
}

boost::asio::awaitable<void> udp_queries::receive(side& from)
{
    for (;;) {
        co_await from.sockets.ready();
        from.sockets.drain(from);
    }
}

void udp_queries::drain()
{
    if (v4_) v4_->sockets.drain(*v4_);
    if (v6_) v6_->sockets.drain(*v6_);
}

void udp_queries::close_idle(steady_time now)
{
    if (idle_since_ == steady_time::max() || now < idle_since_ + idle_for) return;
    idle_since_ = steady_time::max();
    if (v4_) v4_->sockets.close_idle();
    if (v6_) v6_->sockets.close_idle();
}

void udp_queries::advance(one_query& query, steady_time now)
{
    // What arrived just before the end counts. It may end the query: then it is gone.
    auto const number = query.number;
    if (query.awaits && now >= query.exchange.next_event()) {
        query.by->sockets.drain(*query.by);
        if (!queries_.contains(number)) return;
    }
    auto next = query.exchange.due(now);
    if (next == udp_exchange::step::send) {
        leave(query);
        send(query, now);
        next = query.exchange.due(now);
    }
    if (next == udp_exchange::step::end) return end(query);
    auto const when = query.exchange.next_event();
    agenda_.plan(number, when);
    if (when < timer_.expiry()) timer_.cancel();  // pace() sets it anew
}

void udp_queries::send(one_query& query, steady_time now)
{
    auto& run = query.of;
    if (!query.by) return query.exchange.not_sent("socket", "none of this family");
    dns_query_values values{
        random_.next<std::uint16_t>(), run.what.probe, wall_now(), random_.next<std::uint64_t>(), {}};
    auto const cookie = random_.next<std::uint64_t>();
    std::memcpy(values.cookie.data(), &cookie, sizeof cookie);
    auto message = make_query(run.options(), values);
    if (!message) {
        run.found.failed = proto::failure{proto::failure_source::probe, "unable to format DNS query"};
        return query.exchange.not_sent("senderror", "unable to format DNS query");
    }
    if (!permitted(query, packet_octets(query.exchange.server(), message->size()), now)) return;
    auto const socket = query.by->sockets.take(random_);
    if (!socket) return query.exchange.not_sent("socket", socket.error().message());
    auto const id = query.by->await(query, *socket, values.id, random_);
    write_id(*message, id);
    stamp const at{std::chrono::steady_clock::now(), wall_now()};
    if (run.found.cost.packets_sent == 0) run.found.began = *at.kernel;
    auto const sent = query.by->sockets.send(*socket, query.exchange.server(), query.exchange.port(), *message);
    if (!sent) {
        auto const* const family = query.exchange.server().is_v4() ? "AF_INET, " : "AF_INET6, ";
        return query.exchange.not_sent("senderror", family + sent.error().message());
    }
    ++run.found.cost.packets_sent;
    run.found.cost.octets_sent += packet_octets(query.exchange.server(), message->size());
    query.exchange.sent(std::move(*message), values.cookie, at);
}

bool udp_queries::permitted(one_query& query, std::size_t octets, steady_time now)
{
    auto const asked = guard_.may_send({proto::result_kind::dns, query.exchange.server(), octets}, now);
    if (asked) return true;
    if (asked.is == verdict::kind::later) {
        query.exchange.hold(asked.when, now);
        return false;
    }
    query.of.no.add(asked.said, asked.why);
    query.exchange.not_sent("senderror", asked.said);
    return false;
}

/// No answer to what was sent last is awaited any more.
void udp_queries::leave(one_query& query)
{
    if (!query.awaits) return;
    query.by->pending.erase(*query.awaits);
    query.by->sockets.done(side::socket_of(*query.awaits));
    query.awaits.reset();
}

void udp_queries::end(one_query& query)
{
    leave(query);
    agenda_.forget(query.number);
    queries_.erase(query.number);
    auto& run = query.of;
    if (--run.open == 0) finish(run);
}

void udp_queries::finish(one_run& run)
{
    auto const owner = std::move(runs_.at(run.number));
    runs_.erase(owner->number);
    std::vector<proto::dns_exchange> exchanges;
    auto& found = owner->found;
    for (auto const& query : owner->queries) {
        found.clock = less_exact(found.clock, query->exchange.clock());
        exchanges.push_back(query->exchange.report());
        if (exchanges.back().source || !query->exchange.ever_sent()) continue;
        if (auto const source = source_address(query->exchange.server())) exchanges.back().source = *source;
    }
    finish_findings(found, owner->options(), std::move(exchanges), owner->no);
    if (runs_.empty()) {
        idle_since_ = std::chrono::steady_clock::now();
        if (idle_since_ + idle_for < timer_.expiry()) timer_.cancel();
    }
    owner->done(std::move(found));
}

}  // namespace tp::probe
