#include "probe/measure/dns/stream_queries.hpp"

#include <algorithm>
#include <cstring>

#include "base/coroutine.hpp"
#include "probe/measure/dns/answer.hpp"
#include "probe/measure/dns/findings.hpp"
#include "probe/measure/dns/query.hpp"
#include "probe/measure/dns/stream_answer.hpp"

namespace tp::probe {

struct stream_queries::one_query {
    proto::dns_exchange exchange;
    std::uint16_t id = 0;
    dns_cookie cookie{};
    std::string message;
    bool unformattable = false;
    std::optional<verdict> refused;
    traffic cost;
};

namespace {

using clock = std::chrono::steady_clock;

proto::dns_options const& options_of(order const& what)
{
    return std::get<proto::dns_options>(what.job.options);
}

/// Runs coroutines side by side until all have ended.
asio::awaitable<void> all_of(asio::any_io_executor executor, std::vector<asio::awaitable<void>> all)
{
    using operation = decltype(asio::co_spawn(executor, std::move(all.front()), asio::deferred));
    std::vector<operation> operations;
    operations.reserve(all.size());
    for (auto& one : all) operations.push_back(asio::co_spawn(executor, std::move(one), asio::deferred));
    all.clear();
    auto group = asio::experimental::make_parallel_group(std::move(operations));
    auto [order, thrown] = co_await group.async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
    for (auto const& one : thrown) expect_cancelled(one);
}

/// Of a connection that was not made.
void put_connect_error(proto::dns_exchange& to, proto::dns_options const& options, error_code why)
{
    namespace sys = boost::system::errc;
    if (why == errc::timed_out) return put_error(to, "timeout", std::to_string(options.timeout.count()));
    if (why == errc::rejected) return put_error(to, "TU_BAD_ADDR", "true");
    if (why == errc::unavailable) return put_error(to, "TUSOCKET", "too many packets at once");
    for (auto const ours : {sys::too_many_files_open, sys::too_many_files_open_in_system, sys::no_buffer_space,
                            sys::not_enough_memory, sys::address_family_not_supported})
        if (why == ours) return put_error(to, "TUSOCKET", why.message());
    put_error(to, "TUCONNECT", why.message());
}

template <class Stream>
asio::awaitable<result<void>> exchange_messages(Stream& over, std::string const& query, stream_answer& answer,
                                                steady_time deadline)
{
    auto const octets = framed(query);
    auto const written = co_await over.write(octets, deadline);
    if (!written) co_return written;
    for (;;) {
        auto const piece = co_await over.read(deadline);
        if (!piece) co_return piece.error();
        if (answer.add(*piece) != stream_answer::state::partial) co_return result<void>();
    }
}

}  // namespace

stream_queries::stream_queries(asio::any_io_executor executor, guard& asked, tls_context& shared)
    : executor_(std::move(executor)), guard_(asked), tls_(shared), entrance_(executor_, most_at_once)
{
}

asio::awaitable<outcome> stream_queries::measure(order what, std::vector<ip_address> servers)
{
    auto const& options = options_of(what);
    outcome out;
    out.began = wall_now();
    out.target = what.target;
    std::vector<one_query> queries(servers.size());
    std::vector<asio::awaitable<void>> parts;
    for (std::size_t i = 0; i < servers.size(); ++i) {
        queries[i].exchange.server = servers[i];
        queries[i].exchange.port = port_of(options);
        parts.push_back(ask(what, queries[i]));
    }
    co_await all_of(executor_, std::move(parts));

    refusals no;
    std::vector<proto::dns_exchange> exchanges;
    for (auto& one : queries) {
        if (one.refused) no.add(one.refused->said, one.refused->why);
        if (one.unformattable) out.failed = proto::failure{proto::failure_source::probe, "unable to format DNS query"};
        if (one.exchange.round_trip) out.clock = proto::clock_kind::user;
        add(out.cost, one.cost);
        exchanges.push_back(std::move(one.exchange));
    }
    if (!exchanges.empty() && exchanges.front().at != wall_time{}) out.began = exchanges.front().at;
    finish_findings(out, options, std::move(exchanges), no);
    co_return out;
}

asio::awaitable<void> stream_queries::ask(order const& what, one_query& query)
{
    auto const pass = co_await entrance_.enter(longest_queueing);
    if (!pass) co_return put_error(query.exchange, "TUSOCKET", "too many connections at once");
    auto const& options = options_of(what);
    query.id = random_.next<std::uint16_t>();
    auto const cookie = random_.next<std::uint64_t>();
    std::memcpy(query.cookie.data(), &cookie, sizeof cookie);
    dns_query_values const values{query.id, what.probe, wall_now(), random_.next<std::uint64_t>(), query.cookie};
    auto message = make_query(options, values);
    query.unformattable = !message;
    if (!message) co_return;
    query.message = std::move(*message);
    tcp_connection connection(executor_, guard_, proto::result_kind::dns);
    co_await converse(what, query, connection);
    query.exchange.source = connection.source();
    query.exchange.at = connection.began_at().value_or(wall_time{});
    query.refused = query.exchange.error_name == "TU_BAD_ADDR" ? connection.refusal() : std::nullopt;
    query.cost = connection.cost();
}

asio::awaitable<void> stream_queries::converse(order const& what, one_query& query, tcp_connection& over)
{
    auto const& options = options_of(what);
    auto& found = query.exchange;
    auto const connected = co_await over.connect(found.server.value(), found.port, options.timeout);
    if (!connected) co_return put_connect_error(found, options, connected.error());
    auto const began = over.began().value();
    auto const deadline = began + options.timeout;
    found.connect_time = over.connect_time();

    stream_answer answer;
    result<void> ended;
    if (options.transport == proto::dns_transport::tls) {
        tls_stream tls(tls_, over, what.job.target);
        auto const greeted = co_await tls.handshake(deadline);
        found.connect_time = clock::now() - began;
        if (auto const version = tls.version(); !version.empty()) found.tls_version = "TLSv" + version;
        if (!greeted) co_return put_connect_error(found, options, greeted.error());
        ended = co_await exchange_messages(tls, query.message, answer, deadline);
    } else {
        ended = co_await exchange_messages(over, query.message, answer, deadline);
    }
    auto const now = clock::now();
    if (options.include_qbuf) found.query = query.message;
    for (auto const ours : {errc::timed_out, errc::rejected, errc::unavailable})
        if (!ended && ended.error() == ours) co_return put_connect_error(found, options, ours);
    if (!ended) answer.cut_short(ended.error());
    if (!answer.error_name().empty()) co_return put_error(found, answer.error_name(), answer.error_text());
    put_stream_answer(found, answer.message(), query.id, options);
    if (!found.error_name.empty()) co_return;
    found.round_trip = now - began;
    found.cookie_mismatch = options.set_cookie && has_another_cookie(answer.message(), query.cookie);
}

}  // namespace tp::probe
