#include "probe/measure/net/tcp_connection.hpp"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <boost/asio/bind_cancellation_slot.hpp>

#include "probe/measure/net/tls_stream.hpp"
#include "probe/measure/net/turnstile.hpp"
#include "tests/unit/http/peer.hpp"
#include "tests/unit/http/play.hpp"

namespace tp::probe {
namespace {

class net_test : public testing::Test {
protected:
    static constexpr std::chrono::milliseconds limit = 20s, short_limit = 100ms;

    /// Connects, sends `request`, and reads until the end or an error, which is put into `ending`.
    static asio::awaitable<std::string> exchange(tcp_connection& over, std::uint16_t port, std::string request,
                                                 steady_time::clock::duration patience, error_code& ending)
    {
        auto const connected = co_await over.connect(loopback(), port, limit);
        if (!connected) {
            ending = connected.error();
            co_return std::string();
        }
        auto const deadline = steady_time::clock::now() + patience;
        auto const written = co_await over.write(request, deadline);
        if (!written) ending = written.error();
        std::string out;
        while (!ending) {
            auto const got = co_await over.read(deadline);
            if (got)
                out += *got;
            else
                ending = got.error();
        }
        co_return out;
    }

    static asio::awaitable<std::string> exchange_in_tls(tcp_connection& over, tls_stream& tls, std::uint16_t port,
                                                        error_code& ending)
    {
        auto const deadline = steady_time::clock::now() + limit;
        auto const connected = co_await over.connect(loopback(), port, limit);
        if (!connected) {
            ending = connected.error();
            co_return std::string();
        }
        auto const shaken = co_await tls.handshake(deadline);
        if (!shaken) {
            ending = shaken.error();
            co_return std::string();
        }
        auto const written = co_await tls.write("hello", deadline);
        if (!written) ending = written.error();
        std::string out;
        while (!ending) {
            auto const got = co_await tls.read(deadline);
            if (got)
                out += *got;
            else
                ending = got.error();
        }
        co_await tls.close(deadline);
        co_return out;
    }

    asio::io_context io_{1};
    guard guard_ = lenient_guard();
    tcp_connection tcp_{io_.get_executor(), guard_, proto::result_kind::http};
    tls_context shared_;
    error_code ending_;
};

TEST(stream_cost, counts_segments_with_their_headers)
{
    EXPECT_EQ(cost_of_stream(0, true).packets, 1U);
    EXPECT_EQ(cost_of_stream(0, true).octets, 52U);
    EXPECT_EQ(cost_of_stream(1448, true).packets, 1U);
    EXPECT_EQ(cost_of_stream(1449, true).packets, 2U);
    EXPECT_EQ(cost_of_stream(1449, false).octets, 1449U + 2 * 72);
}

TEST_F(net_test, a_connection_reads_to_the_end_and_knows_what_it_cost)
{
    std::string heard;
    peer other([&](int fd) {
        heard = peer::hear_head(fd);
        peer::say(fd, std::string(100'000, 'x'));
    });
    auto const got = play(io_, exchange(tcp_, other.port(), "please\r\n\r\n", limit, ending_));
    EXPECT_EQ(got, std::string(100'000, 'x'));
    EXPECT_EQ(ending_, errc::closed);
    EXPECT_EQ(tcp_.source(), loopback());
    EXPECT_TRUE(tcp_.connect_time() && tcp_.began() && tcp_.began_at());
    EXPECT_GE(tcp_.cost().octets_received, 100'000U);
    EXPECT_GE(tcp_.cost().packets_sent, 3U);
}

TEST_F(net_test, waits_end_at_the_deadline)
{
    peer silent([](int fd) { peer::hear_all(fd); });
    {
        tcp_connection one(io_.get_executor(), guard_, proto::result_kind::http);
        play(io_, exchange(one, silent.port(), "hello", short_limit, ending_));
    }
    EXPECT_EQ(ending_, errc::timed_out);
}

TEST_F(net_test, the_kernels_errors_keep_their_names)
{
    std::uint16_t port = 0;
    {
        peer gone([](int) {});
        port = gone.port();
    }
    play(io_, exchange(tcp_, port, "hello", limit, ending_));
    EXPECT_EQ(ending_, boost::system::errc::connection_refused);
    EXPECT_EQ(connect_failure(tcp_, ending_),
              (proto::failure{proto::failure_source::target, "connect: Connection refused"}));
}

TEST_F(net_test, a_reset_is_an_error)
{
    peer rude([](int fd) {
        peer::hear_head(fd);
        peer::reset(fd);
    });
    play(io_, exchange(tcp_, rude.port(), "\r\n\r\n", limit, ending_));
    EXPECT_EQ(ending_, boost::system::errc::connection_reset);
}

TEST_F(net_test, nothing_goes_where_the_guard_says_no)
{
    guard strict(caps{}, target_policy(), std::chrono::steady_clock::now());
    bool met = false;
    peer other([&](int) { met = true; });
    tcp_connection one(io_.get_executor(), strict, proto::result_kind::http);
    play(io_, exchange(one, other.port(), "hello", limit, ending_));
    EXPECT_EQ(ending_, errc::rejected);
    ASSERT_TRUE(one.refusal());
    EXPECT_EQ(one.refusal()->said, "address not allowed");
    EXPECT_EQ(connect_failure(one, ending_), (proto::failure{proto::failure_source::guard, "address not allowed"}));
    EXPECT_FALSE(one.began());
    EXPECT_FALSE(met);
}

TEST_F(net_test, the_guard_may_hold_a_packet_back)
{
    guard slow = lenient_guard(10);
    for (int i = 0; i < 10; ++i)
        slow.may_send({proto::result_kind::http, loopback(), 60}, std::chrono::steady_clock::now());
    peer other([&](int fd) { peer::say(fd, "hi"); });
    tcp_connection one(io_.get_executor(), slow, proto::result_kind::http);
    EXPECT_EQ(play(io_, exchange(one, other.port(), "hello", limit, ending_)), "hi");
}

TEST_F(net_test, what_comes_in_waits_for_the_bits_per_second)
{
    constexpr unsigned octets_per_second = 10'000;
    guard slow(caps{.bits_per_second = octets_per_second * 8}, lenient_guard().targets(),
               std::chrono::steady_clock::now());
    peer other([](int fd) { peer::flood(fd, std::string(16 * 1024, 'x')); });
    tcp_connection one(io_.get_executor(), slow, proto::result_kind::tls);
    auto const got = play(io_, exchange(one, other.port(), "hello", 3s, ending_));
    EXPECT_EQ(ending_, errc::unavailable) << ending_.message();
    EXPECT_EQ(connect_failure(one, ending_).source, proto::failure_source::probe) << "the peer is not to blame";
    EXPECT_GE(got.size(), octets_per_second);
    EXPECT_LE(got.size(), 4 * octets_per_second + 2 * tcp_connection::largest_read) << "a burst, and 3 s";
}

TEST_F(net_test, what_comes_in_ends_with_the_days_octets)
{
    constexpr std::size_t a_day = 100'000;
    guard poor(caps{.bytes_per_day = a_day}, lenient_guard().targets(), std::chrono::steady_clock::now());
    peer other([](int fd) { peer::flood(fd, std::string(16 * 1024, 'x')); });
    tcp_connection one(io_.get_executor(), poor, proto::result_kind::tls);
    auto const got = play(io_, exchange(one, other.port(), "hello", limit, ending_));
    EXPECT_EQ(ending_, errc::rejected) << ending_.message();
    EXPECT_EQ(one.refusal().value().said, "the day's bytes are used up");
    EXPECT_LE(got.size(), a_day + tcp_connection::largest_read);
}

TEST_F(net_test, the_kernel_takes_in_little_that_nobody_reads)
{
    auto const idle = [](tcp_connection& over, std::uint16_t port) -> asio::awaitable<bool> {
        auto const connected = co_await over.connect(loopback(), port, limit);
        co_await pause_for(500ms);
        co_return connected.has_value();
    };
    std::ptrdiff_t taken = 0;
    {
        peer other([&](int fd) {
            std::string const octets(16 * 1024, 'x');
            for (int tries = 0; tries < 10; ++tries) {
                for (ssize_t n; (n = ::send(fd, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT)) > 0;)
                    taken += n;
                ::usleep(20'000);
            }
            int unsent = 0;
            ::ioctl(fd, SIOCOUTQ, &unsent);
            taken -= unsent;
        });
        tcp_connection one(io_.get_executor(), guard_, proto::result_kind::tls);
        EXPECT_TRUE(play(io_, idle(one, other.port())));
    }
    EXPECT_GT(taken, 0);
    EXPECT_LE(taken, 3 * tcp_connection::kernel_buffer);
}

/// Each octet of these records is part of a HelloRequest, RFC 5246, section 7.4.1.1, which a client passes over.
TEST_F(net_test, a_server_that_never_comes_to_the_point_is_left)
{
    std::string record("\x16\x03\x03\x40\x00", 5);
    record.append(0x4000, '\0');
    peer other([&](int fd) { peer::flood(fd, record); });
    tcp_connection one(io_.get_executor(), guard_, proto::result_kind::tls);
    tls_stream tls(shared_, one, "");
    play(io_, exchange_in_tls(one, tls, other.port(), ending_));
    EXPECT_EQ(ending_, errc::too_large) << ending_.message();
    EXPECT_LE(one.cost().octets_received, 2 * tls_stream::most_beside);
}

TEST_F(net_test, tls_of_both_versions_with_the_certificate_as_sent)
{
    auto const identity = tls_identity::make("odd.example");
    for (auto const& [number, text] : {std::pair{TLS1_2_VERSION, "1.2"}, std::pair{TLS1_3_VERSION, "1.3"}}) {
        SCOPED_TRACE(text);
        auto const context = tls_side::make_context(identity, number);
        std::string name, heard;
        std::optional<tcp_connection> below;
        below.emplace(io_.get_executor(), guard_, proto::result_kind::tls);
        tls_stream tls(shared_, *below, "anchor.example");
        tls.keep_certificate_message();
        {
            peer other([&](int fd) {
                tls_side side(context.get(), fd);
                if (!side.accept()) return;
                name = side.name();
                heard = side.hear();
                side.say(std::string(400'000, 'y'));
                side.close();
                peer::hear_all(fd);
            });
            ending_ = {};
            auto got = play(io_, exchange_in_tls(*below, tls, other.port(), ending_));
            EXPECT_EQ(got, std::string(400'000, 'y')) << "more than may come beside it";
            EXPECT_EQ(ending_, errc::closed) << ending_.message();
            below.reset();  // the other end waits for that
        }
        EXPECT_EQ(name, "anchor.example");
        EXPECT_EQ(heard, "hello");
        EXPECT_EQ(tls.version(), text);
        EXPECT_TRUE(tls.cipher());
        ASSERT_TRUE(tls.certificates());
        EXPECT_NE(tls.certificates()->octets.find(identity.der()), std::string::npos);
        EXPECT_EQ(tls.certificates()->v1_3, number == TLS1_3_VERSION);
    }
}

TEST_F(net_test, the_servers_alert_is_told)
{
    auto const identity = tls_identity::make("odd.example");
    auto const context = tls_side::make_context(identity, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(context.get(), "aNULL:@SECLEVEL=0");  // which we do not offer
    peer other([&](int fd) { tls_side(context.get(), fd).accept(); });
    tls_stream tls(shared_, tcp_, "");
    play(io_, exchange_in_tls(tcp_, tls, other.port(), ending_));
    EXPECT_TRUE(ending_);
    constexpr unsigned fatal = 2, handshake_failure = 40;
    EXPECT_EQ(tls.alert(), (proto::tls_alert{fatal, handshake_failure}));
    EXPECT_EQ(tls.version(), "");
}

TEST_F(net_test, what_is_no_tls_is_said_so)
{
    peer other([](int fd) {
        peer::say(fd, "HTTP/1.1 400 Bad Request\r\n\r\n");
        peer::hear_all(fd);
    });
    {
        tcp_connection one(io_.get_executor(), guard_, proto::result_kind::tls);
        tls_stream tls(shared_, one, "127.0.0.1");
        play(io_, exchange_in_tls(one, tls, other.port(), ending_));
    }
    EXPECT_EQ(ending_.message(), "wrong version number");
}

class turnstile_test : public testing::Test {
protected:
    asio::awaitable<void> visit(turnstile& door, std::chrono::milliseconds stay, steady_time::clock::duration patience)
    {
        auto const pass = co_await door.enter(patience);
        if (!pass) {
            ++turned_away_;
            co_return;
        }
        most_ = std::max(most_, ++inside_);
        co_await pause_for(stay);
        --inside_;
        ++served_;
    }
    void send(turnstile& door, std::chrono::milliseconds stay, steady_time::clock::duration patience)
    {
        asio::co_spawn(io_, visit(door, stay, patience),
                       asio::bind_cancellation_slot(stops_.emplace_back().slot(), expect_cancelled));
    }

    asio::io_context io_{1};
    std::list<asio::cancellation_signal> stops_;  // one each, in the order of coming
    int inside_ = 0, most_ = 0, served_ = 0, turned_away_ = 0;
};

TEST_F(turnstile_test, lets_so_many_in_and_all_in_the_end)
{
    turnstile door(io_.get_executor(), 3);
    for (int i = 0; i < 20; ++i) send(door, 1ms, 20s);
    io_.run_for(20s);
    EXPECT_EQ(served_, 20);
    EXPECT_EQ(most_, 3);
}

TEST_F(turnstile_test, patience_ends)
{
    turnstile door(io_.get_executor(), 1);
    send(door, 300ms, 20s);
    send(door, 1ms, 1ms);
    send(door, 1ms, 20s);
    io_.run_for(20s);
    EXPECT_EQ(served_, 2);
    EXPECT_EQ(turned_away_, 1);
}

TEST_F(turnstile_test, who_is_called_away_leaves_the_queue)
{
    turnstile door(io_.get_executor(), 1);
    send(door, 50ms, 20s);
    io_.poll();
    send(door, 1ms, 20s);
    send(door, 1ms, 20s);
    io_.poll();
    std::next(stops_.begin())->emit(asio::cancellation_type::terminal);
    io_.run_for(20s);
    EXPECT_EQ(served_, 2);
}

}  // namespace
}  // namespace tp::probe
