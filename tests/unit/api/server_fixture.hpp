#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <string>
#include <thread>

#include "api/http/server.hpp"
#include "base/coroutine.hpp"

namespace tp::api::http {

/// A blocking client on a raw socket; every wait ends after 30 s.
class raw_client {
public:
    explicit raw_client(asio::ip::tcp::endpoint const& where) : socket_(io_)
    {
        socket_.connect(where);
        timeval const limit{30, 0};
        ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    }

    /// False if the server hung up on it.
    bool send(std::string const& text)
    {
        error_code error;
        asio::write(socket_, asio::buffer(text), error);
        return !error;
    }

    /// One answer with a Content-Length.
    std::string answer()
    {
        error_code error;
        asio::read_until(socket_, asio::dynamic_buffer(pending_), "\r\n\r\n", error);
        auto const head = pending_.find("\r\n\r\n");
        if (head == std::string::npos) return std::exchange(pending_, {});
        auto const at = pending_.find("Content-Length: ");
        auto const length = at < head ? std::stoul(pending_.substr(at + 16)) : 0;
        auto const whole = head + 4 + length;
        if (pending_.size() < whole) {
            auto const missing = whole - pending_.size();
            asio::read(socket_, asio::dynamic_buffer(pending_), asio::transfer_exactly(missing), error);
        }
        auto out = pending_.substr(0, whole);
        pending_.erase(0, whole);
        return out;
    }

    /// Everything until the server closes.
    std::string rest()
    {
        error_code error;
        asio::read(socket_, asio::dynamic_buffer(pending_), error);
        return std::exchange(pending_, {});
    }

    asio::ip::tcp::socket& socket() { return socket_; }

private:
    asio::io_context io_;
    asio::ip::tcp::socket socket_;
    std::string pending_;
};

/// A server on ports of its own, in a thread of its own, until the test ends.
class server_fixture : public testing::Test {
protected:
    void start(server::options options, handler each)
    {
        if (options.listen.empty()) options.listen = {{{asio::ip::address_v4::loopback(), 0}, false}};
        server_ = server::open(io_, std::move(options), std::move(each)).value();
        asio::co_spawn(io_, server_->run(), [this](std::exception_ptr thrown) {
            ended_ = true;
            if (thrown) std::rethrow_exception(thrown);
        });
        thread_ = std::thread([this] { io_.run(); });
    }

    void stop()
    {
        if (!thread_.joinable()) return;
        asio::post(io_, [this] { server_->stop(); });
        thread_.join();
        EXPECT_TRUE(ended_);
    }

    void TearDown() override { stop(); }

    asio::ip::tcp::endpoint where(std::size_t index = 0) const { return server_->listening().at(index).at; }

    asio::io_context io_;
    std::unique_ptr<server> server_;
    std::thread thread_;
    bool ended_ = false;
};

/// Answers with the method, path and body of the request.
inline asio::awaitable<response> echo(request given)
{
    response out;
    out.content_type = "text/plain";
    out.body = std::string(name_of(given.verb)) + ' ' + given.path + ' ' + given.body;
    co_return out;
}

}  // namespace tp::api::http
