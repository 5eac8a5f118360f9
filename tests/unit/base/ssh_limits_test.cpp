// Peers that do not behave, and those that never speak: each limit is crossed once.
#include <sys/resource.h>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "base/frame.hpp"
#include "ssh_fixture.hpp"

namespace tp::ssh {
namespace {

using namespace std::chrono_literals;
using asio::ip::tcp;

class ssh_limits_test : public ssh_fixture {
protected:
    asio::awaitable<tcp::socket> raw()
    {
        tcp::socket out(io_);
        co_await out.async_connect(address().front(), asio::use_awaitable);
        co_return out;
    }

    /// Reads until the other side ends.
    static asio::awaitable<void> until_dropped(tcp::socket& socket)
    {
        std::string ignored;
        co_await asio::async_read(socket, asio::dynamic_buffer(ignored), as_values);
    }

    asio::awaitable<void> expect_service()
    {
        auto const link = co_await connect();
        co_await link->write("well");
        auto const answer = co_await link->read();
        EXPECT_EQ(answer.value(), "well");
    }
};

TEST_F(ssh_limits_test, a_silent_peer_is_dropped_after_the_handshake_limit)
{
    serve(echo, {.handshake = 300ms});
    play([](auto& self) -> asio::awaitable<void> {
        auto const begin = std::chrono::steady_clock::now();
        auto socket = co_await self.raw();
        co_await until_dropped(socket);
        EXPECT_GE(std::chrono::steady_clock::now() - begin, 300ms);
    }(*this));
    EXPECT_EQ(server_->counts().handshake_timed_out, 1U);
    EXPECT_EQ(server_->counts().half_open, 0U);
}

TEST_F(ssh_limits_test, garbage_is_a_protocol_error)
{
    serve(echo);
    play([](auto& self) -> asio::awaitable<void> {
        auto socket = co_await self.raw();
        std::string const garbage = "SSH-2.0-x\r\n" + std::string(400, '\xff');
        co_await asio::async_write(socket, asio::buffer(garbage), as_values);
        co_await until_dropped(socket);
        co_await self.expect_service();
    }(*this));
    EXPECT_EQ(server_->counts().protocol_errors, 1U);
}

TEST_F(ssh_limits_test, octets_before_login_are_counted)
{
    serve(echo);
    play([](auto& self) -> asio::awaitable<void> {
        auto socket = co_await self.raw();
        // SSH_MSG_IGNORE (2) with an empty text, in the clear: well-formed, and accepted for ever by libssh.
        std::string const ignore("\0\0\0\x0c\x06\x02\0\0\0\0......", 16);
        std::string flood = "SSH-2.0-x\r\n";
        while (flood.size() < 66 * 1024) flood += ignore;
        co_await asio::async_write(socket, asio::buffer(flood), as_values);
        co_await until_dropped(socket);
        co_await self.expect_service();
    }(*this));
    EXPECT_EQ(server_->counts().too_much_before_login, 1U);
}

TEST_F(ssh_limits_test, one_address_has_its_share_of_half_open_sessions)
{
    serve(echo, {.half_open_per_address = 3, .handshake = 2'000ms});
    play([](auto& self) -> asio::awaitable<void> {
        std::vector<tcp::socket> sockets;
        for (int i = 0; i < 5; ++i) sockets.push_back(co_await self.raw());
        while (self.server_->counts().refused_address < 2) co_await pause_for(5ms);
        EXPECT_EQ(self.server_->counts().half_open, 3U);
        auto const refused = co_await dial(self.address(), self.options());
        EXPECT_FALSE(refused);
        sockets.clear();
        while (self.server_->counts().half_open > 0) co_await pause_for(5ms);
        co_await self.expect_service();  // and sessions that are open do not count
        auto const one = co_await self.connect(), two = co_await self.connect(), three = co_await self.connect();
        co_await self.expect_service();
    }(*this));
    EXPECT_EQ(server_->counts().refused_address, 3U);
}

TEST_F(ssh_limits_test, who_logged_in_and_is_not_known_has_no_more_than_the_share_of_its_address)
{
    serve(
        [](std::shared_ptr<channel> with) -> asio::awaitable<void> {
            auto const frame = co_await with->read();
            if (!frame) co_return;
            with->vouch();
            co_await with->write("known");
            co_await with->read();
        },
        {.half_open_per_address = 2});
    play([](auto& self) -> asio::awaitable<void> {
        auto const one = co_await self.connect(), two = co_await self.connect();
        auto const refused = co_await dial(self.address(), self.options());
        EXPECT_FALSE(refused);
        EXPECT_EQ(self.server_->counts().strangers, 2U);
        co_await one->write("hello");
        auto const answer = co_await one->read();
        EXPECT_EQ(answer.value(), "known");
        EXPECT_EQ(self.server_->counts().strangers, 1U);
        auto const three = co_await self.connect();
    }(*this));
    EXPECT_EQ(server_->counts().refused_address, 1U);
    EXPECT_EQ(server_->counts().strangers, 0U);
}

TEST_F(ssh_limits_test, beyond_all_sessions_nobody_comes_in)
{
    serve(echo, {.sessions = 2});
    play([](auto& self) -> asio::awaitable<void> {
        auto one = co_await self.connect();
        auto const two = co_await self.connect();
        auto const refused = co_await dial(self.address(), self.options());
        EXPECT_EQ(refused.error(), errc::unavailable);
        one->close();
        while (self.server_->counts().sessions > 1) co_await pause_for(5ms);
        co_await self.expect_service();
    }(*this));
    EXPECT_EQ(server_->counts().refused_full, 1U);
}

TEST_F(ssh_limits_test, comes_back_when_descriptors_had_run_out)
{
    serve(echo);
    play([](auto& self) -> asio::awaitable<void> {
        tcp::socket socket(self.io_);
        socket.open(tcp::v4());
        rlimit before{};
        getrlimit(RLIMIT_NOFILE, &before);
        rlimit const none{0, before.rlim_max};
        setrlimit(RLIMIT_NOFILE, &none);
        co_await socket.async_connect(self.address().front(), as_values);
        co_await pause_for(200ms);
        EXPECT_EQ(self.server_->counts().accepted, 0U);
        setrlimit(RLIMIT_NOFILE, &before);
        std::string banner(4, '\0');
        co_await asio::async_read(socket, asio::buffer(banner), as_values);
        EXPECT_EQ(banner, "SSH-");
    }(*this));
    EXPECT_EQ(server_->counts().accepted, 1U);
}

TEST_F(ssh_limits_test, listens_on_both_families)
{
    auto const v4 = tcp::endpoint(asio::ip::address_v4::loopback(), 0);
    auto const v6 = tcp::endpoint(asio::ip::address_v6::loopback(), 0);
    auto opened = server::open(io_, {.listen = {v4, v6}, .host_key = host_key_, .subsystems = {"echo"}});
    ASSERT_TRUE(opened);
    server_ = std::move(*opened);
    run(echo);
    play([](auto& self) -> asio::awaitable<void> {
        for (auto const& at : self.address()) {
            std::vector const only{at};
            auto const link = co_await dial(only, self.options());
            EXPECT_TRUE(link && (*link)->address() == at.address()) << at << ' ' << link.error().message();
        }
    }(*this));
    EXPECT_EQ(server::open(io_, {.listen = {tcp::endpoint(v4.address(), 1)}, .host_key = host_key_, .subsystems = {}})
                  .has_error(),
              ::geteuid() != 0);
}

// ---- dial()

TEST_F(ssh_limits_test, dial_refuses_a_host_key_that_is_not_pinned)
{
    serve(echo);
    play([](auto& self) -> asio::awaitable<void> {
        auto wrong = self.options();
        wrong.host_keys = {self.key_.shared()};
        auto const refused = co_await dial(self.address(), wrong);
        EXPECT_EQ(refused.error(), errc::rejected);
        wrong.host_keys = {};
        auto const none = co_await dial(self.address(), wrong);
        EXPECT_EQ(none.error(), errc::rejected);
        wrong.host_keys = {self.key_.shared(), self.host_key_.shared()};
        auto const either = co_await dial(self.address(), wrong);
        EXPECT_TRUE(either);
    }(*this));
    EXPECT_EQ(server_->counts().opened, 1U) << "the key was shown to nobody else";
}

TEST_F(ssh_limits_test, dial_is_refused_an_unknown_subsystem)
{
    serve(echo);
    play([](auto& self) -> asio::awaitable<void> {
        auto other = self.options();
        other.subsystem = "sftp";
        auto const refused = co_await dial(self.address(), other);
        EXPECT_EQ(refused.error(), errc::rejected);
    }(*this));
    EXPECT_EQ(server_->counts().opened, 0U);
}

TEST_F(ssh_limits_test, dial_takes_the_first_that_answers)
{
    serve(echo);
    play([](auto& self) -> asio::awaitable<void> {
        tcp::acceptor closed(self.io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        auto const nobody = closed.local_endpoint();
        closed.close();
        std::vector const both{nobody, self.address().front()}, only{nobody};
        auto const second = co_await dial(both, self.options());
        EXPECT_TRUE(second);
        auto const refused = co_await dial(only, self.options());
        EXPECT_EQ(refused.error(), boost::system::errc::connection_refused);
        std::vector<tcp::endpoint> const none;
        auto const nowhere = co_await dial(none, self.options());
        EXPECT_EQ(nowhere.error(), errc::not_found);
    }(*this));
}

/// A listener that is no SSH server: it sends `greeting`, and then waits or hangs up.
asio::awaitable<void> pose(tcp::acceptor& at, std::string greeting, bool waits)
{
    auto socket = co_await at.async_accept(asio::use_awaitable);
    co_await asio::async_write(socket, asio::buffer(greeting), as_values);
    std::string ignored;
    if (waits) co_await asio::async_read(socket, asio::dynamic_buffer(ignored), as_values);
}

TEST_F(ssh_limits_test, dial_says_what_is_wrong_with_the_other_side)
{
    play([](auto& self) -> asio::awaitable<void> {
        struct row {
            std::string greeting;
            bool waits;
            errc expected;
        };
        std::vector<row> const rows = {
            row{"", true, errc::timed_out},
            row{"SSH-2.0-x\r\n", true, errc::timed_out},
            row{"", false, errc::unavailable},
            row{"SSH-2.0-x\r\n", false, errc::unavailable},
            row{"SSH-1.5-x\r\n", true, errc::malformed},
            row{std::string(1000, 'x'), true, errc::malformed},
        };
        for (auto const& [greeting, waits, expected] : rows) {
            SCOPED_TRACE(greeting);
            tcp::acceptor at(self.io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
            asio::co_spawn(self.io_, pose(at, greeting, waits), expect_cancelled);
            std::vector const there{at.local_endpoint()};
            limits const hasty{.handshake = 700ms};
            auto const outcome = co_await dial(there, self.options(hasty));
            EXPECT_EQ(outcome.error(), expected) << outcome.error().message();
        }
    }(*this));
}

TEST_F(ssh_limits_test, a_cancelled_dial_leaves_nothing)
{
    play([](auto& self) -> asio::awaitable<void> {
        tcp::acceptor at(self.io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        asio::co_spawn(self.io_, pose(at, "SSH-2.0-x\r\n", true), expect_cancelled);
        std::vector const there{at.local_endpoint()};
        auto const outcome = co_await within(200ms, dial(there, self.options()));
        EXPECT_EQ(outcome.error(), errc::timed_out);
    }(*this));
}

}  // namespace
}  // namespace tp::ssh
