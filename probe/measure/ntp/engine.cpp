#include "probe/measure/ntp/engine.hpp"

#include <random>

#include "base/coroutine.hpp"
#include "probe/measure/coroutine_engine.hpp"
#include "probe/measure/ntp/servers.hpp"
#include "probe/measure/ntp/socket.hpp"

namespace tp::probe {
namespace {

/// One run: what it was told, and what came of it so far.
class ntp_session final : ntp_socket::listener {
public:
    ntp_session(guard& asked, ntp_servers& servers, std::mt19937_64& random, order const& what)
        : guard_(asked),
          servers_(servers),
          random_(random),
          target_(what.target.value()),
          run_(std::get<proto::ntp_options>(what.job.options), std::chrono::steady_clock::now())
    {
        out_.began = wall_now();
        out_.target = target_;
    }

    asio::awaitable<outcome> measure();

private:
    asio::awaitable<void> converse(ntp_socket& socket);
    void step(ntp_socket& socket, steady_time now);
    void send(ntp_socket& socket);
    void left_alone(std::string const& kiss);
    void refuse(verdict const& no);
    std::size_t octets_on_the_way(std::size_t payload) const
    {
        constexpr std::size_t udp_head = 8, v4_head = 20, v6_head = 40;
        return payload + udp_head + (target_.is_v4() ? v4_head : v6_head);
    }

    void on_sent(wall_time when) override { run_.sent_stamp(when); }
    void on_packet(std::span<std::uint8_t const> octets, stamp const& at, wall_time wall) override;
    void on_error(std::string words) override { run_.error(std::move(words)); }

    guard& guard_;
    ntp_servers& servers_;
    std::mt19937_64& random_;
    ip_address target_;
    ntp_run run_;
    outcome out_;
};

asio::awaitable<outcome> ntp_session::measure()
{
    auto const executor = co_await asio::this_coro::executor;
    auto socket = ntp_socket::open(executor, target_);
    if (socket) {
        out_.source = socket->source();
        co_await converse(*socket);
    } else {
        out_.failed = proto::failure{proto::failure_source::network, "connect failed: " + socket.error().message()};
    }
    out_.clock = run_.clock();
    out_.found = out_.failed ? proto::ntp_report{} : run_.report();
    co_return std::move(out_);
}

asio::awaitable<void> ntp_session::converse(ntp_socket& socket)
{
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (;;) {
        step(socket, std::chrono::steady_clock::now());
        if (run_.done() || out_.failed) co_return;
        timer.expires_at(run_.next_event());
        auto both = asio::experimental::make_parallel_group(
            socket.descriptor().async_wait(asio::posix::descriptor_base::wait_read, asio::deferred),
            timer.async_wait(asio::deferred));
        co_await both.async_wait(asio::experimental::wait_for_one(), as_values);
    }
}

void ntp_session::step(ntp_socket& socket, steady_time now)
{
    socket.drain(*this);
    run_.pass(now);
    if (!run_.due(now)) return;
    auto const asked = guard_.may_send({proto::result_kind::ntp, target_, octets_on_the_way(ntp_header_size)}, now);
    if (asked.is == verdict::kind::later) return run_.hold(asked.when);
    if (!asked) return refuse(asked);
    auto const place = servers_.ask(target_, now);
    if (!place.kiss.empty()) return left_alone(place.kiss);
    if (!place.now) return run_.hold(place.when);
    send(socket);
}

void ntp_session::send(ntp_socket& socket)
{
    auto const transmit = random_() | 1;  // never 0, which is no timestamp
    if (!run_.sent_any()) out_.began = wall_now();
    auto const before = std::chrono::steady_clock::now();
    auto const sent = socket.send(ntp_request(transmit));
    if (!sent) return run_.not_sent("sendto failed: " + sent.error().message());
    run_.sent(transmit, before);
    ++out_.cost.packets_sent;
    out_.cost.octets_sent += octets_on_the_way(ntp_header_size);
}

void ntp_session::left_alone(std::string const& kiss)
{
    if (run_.sent_any()) return run_.stop();
    out_.failed = proto::failure{proto::failure_source::target, "not asked: the server said " + kiss + " before"};
}

void ntp_session::refuse(verdict const& no)
{
    out_.why = no.why;
    if (!run_.sent_any())
        out_.failed = proto::failure{proto::failure_source::guard, no.said};
    else
        run_.not_sent(no.said);
}

void ntp_session::on_packet(std::span<std::uint8_t const> octets, stamp const& at, wall_time wall)
{
    ++out_.cost.packets_received;
    out_.cost.octets_received += octets_on_the_way(octets.size());
    guard_.received(proto::result_kind::ntp, octets_on_the_way(octets.size()), at.user);
    auto const got = read_ntp(octets);
    if (!got) return run_.ignore();
    if (run_.reply(*got, at, wall) != ntp_run::taken::kiss) return;
    if (servers_.kissed(target_, kiss_code(*got), at.user)) run_.stop();
}

/// What all runs share.
struct ntp_measurer {
    asio::awaitable<outcome> measure(order what)
    {
        ntp_session session(asked, servers, random, what);
        co_return co_await session.measure();
    }

    guard& asked;
    std::mt19937_64 random;
    ntp_servers servers = {};
};

}  // namespace

std::unique_ptr<engine> make_ntp_engine(boost::asio::any_io_executor executor, guard& asked, std::uint64_t seed)
{
    auto const all = std::make_shared<ntp_measurer>(ntp_measurer{asked, std::mt19937_64(seed)});
    return std::make_unique<coroutine_engine>(std::move(executor),
                                              [all](order what) { return all->measure(std::move(what)); });
}

}  // namespace tp::probe
