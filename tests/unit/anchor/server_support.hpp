#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <thread>

#include "base/coroutine.hpp"
#include "probe/anchor/tcp_server.hpp"

namespace tp::anchor {

/// A blocking client; every wait ends after 30 s.
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

    /// So many octets, or what came before the end.
    std::string octets(std::size_t count)
    {
        error_code error;
        if (pending_.size() < count)
            asio::read(socket_, asio::dynamic_buffer(pending_), asio::transfer_exactly(count - pending_.size()), error);
        auto out = pending_.substr(0, count);
        pending_.erase(0, out.size());
        return out;
    }

    /// Up to the empty line, or what came before the end.
    std::string head()
    {
        error_code error;
        asio::read_until(socket_, asio::dynamic_buffer(pending_), "\r\n\r\n", error);
        auto const end = pending_.find("\r\n\r\n");
        return octets(end == std::string::npos ? pending_.size() : end + 4);
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

/// A server on a port of its own, in a thread of its own, until the test ends.
class tcp_fixture : public testing::Test {
protected:
    void start(tcp_server::make_session each, crowd::limits room = {})
    {
        server_ = std::make_unique<tcp_server>(io_, room);
        where_ = server_->listen({asio::ip::address_v4::loopback(), 0}, std::move(each)).value();
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

    raw_client client() const { return raw_client(where_); }

    asio::io_context io_;
    std::unique_ptr<tcp_server> server_;
    asio::ip::tcp::endpoint where_;
    std::thread thread_;
    bool ended_ = false;
};

}  // namespace tp::anchor
