#pragma once

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/coroutine.hpp"
#include "base/ssh/client.hpp"
#include "base/ssh/server.hpp"
#include "temporary_folder.hpp"

namespace tp::ssh {

/// A real server on the loopback and a script that talks to it, in one io_context.
class ssh_fixture : public testing::Test {
protected:
    static constexpr std::chrono::seconds patience{60};  // for a whole test, on a busy machine

    void serve(server::handler each, limits const& with = {})
    {
        auto const any = asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0);
        auto opened =
            server::open(io_, {.listen = {any}, .host_key = host_key_, .subsystems = {"echo"}, .limits = with});
        ASSERT_TRUE(opened) << opened.error().message();
        server_ = std::move(*opened);
        run(std::move(each));
    }

    void run(server::handler each)
    {
        address_ = server_->endpoints();
        asio::co_spawn(io_, server_->run(std::move(each)),
                       asio::bind_cancellation_slot(stop_.slot(), [this](std::exception_ptr thrown) {
                           server_ended_ = true;
                           expect_cancelled(thrown);
                       }));
    }

    /// Runs the script, then stops the server. Fails when anything still runs at the end.
    void play(asio::awaitable<void> script)
    {
        bool script_ended = false;
        asio::co_spawn(io_, std::move(script), [&](std::exception_ptr thrown) {
            script_ended = true;
            stop_.emit(asio::cancellation_type::terminal);
            if (thrown) std::rethrow_exception(thrown);
        });
        io_.run_for(patience);
        EXPECT_TRUE(script_ended);
        EXPECT_TRUE(server_ended_ || !server_);
        EXPECT_TRUE(io_.stopped());
        EXPECT_EQ(open_descriptors(), before_);
        EXPECT_EQ(server_ ? server_->counts().sessions : 0U, 0U);
    }

    std::vector<asio::ip::tcp::endpoint> const& address() const { return address_; }
    dial_options options(limits const& with = {}) const
    {
        return {
            .host_keys = {host_key_.shared()}, .key = key_, .user = "somebody", .subsystem = "echo", .limits = with};
    }
    asio::awaitable<std::shared_ptr<channel>> connect()
    {
        auto dialled = co_await dial(address(), options());
        if (!dialled) throw std::runtime_error("dial: " + dialled.error().message());
        co_return std::move(*dialled);
    }

    static asio::awaitable<void> echo(std::shared_ptr<channel> with)
    {
        with->vouch();
        for (;;) {
            auto frame = co_await with->read();
            if (!frame) co_return;
            auto const written = co_await with->write(std::move(*frame));
            if (!written) co_return;
        }
    }

    std::ptrdiff_t open_descriptors()
    {
        asio::ip::tcp::socket const reactor_exists(io_);  // and has its own descriptors
        return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
    }

    test::temporary_folder folder_;
    private_key host_key_ = *private_key::load_or_make(folder_ / "host_key");
    private_key key_ = *private_key::load_or_make(folder_ / "key");
    asio::io_context io_{1};
    asio::cancellation_signal stop_;
    std::ptrdiff_t before_ = open_descriptors();
    std::unique_ptr<server> server_;
    std::vector<asio::ip::tcp::endpoint> address_;
    bool server_ended_ = false;
};

}  // namespace tp::ssh
