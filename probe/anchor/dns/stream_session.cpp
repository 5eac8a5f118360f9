#include "probe/anchor/dns/stream_session.hpp"

#include <array>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "base/coroutine.hpp"
#include "probe/anchor/dns/answer.hpp"

namespace tp::anchor {
namespace {

using frame_head = std::array<std::uint8_t, 2>;  // the length of what follows

std::string framed(std::string const& message)
{
    auto const size = message.size();
    return std::string{static_cast<char>(size >> 8U & 0xffU), static_cast<char>(size & 0xffU)} + message;
}

class dns_session final : public session {
public:
    dns_session(asio::ip::tcp::socket socket, dns_zone const& zone, dns_stream_limits limits)
        : stream_(std::move(socket)), zone_(zone), limits_(limits)
    {
    }

    asio::awaitable<void> serve() override
    {
        for (unsigned served = 0; served < dns_stream_limits::queries && !ending_; ++served) {
            bool const answered = co_await serve_one();
            if (!answered) break;
        }
        cut();
    }
    void end() override
    {
        ending_ = true;
        if (idle_) cut();
    }
    void cut() override { stream_.close(); }

private:
    /// False: that was the last one.
    asio::awaitable<bool> serve_one()
    {
        std::vector<std::uint8_t> query;
        stream_.expires_after(limits_.idle);
        idle_ = true;
        bool const whole = co_await read(query);
        idle_ = false;
        if (!whole) co_return false;
        auto const answer = answer_query(zone_, query, dns_path::tcp);
        if (!answer) co_return false;
        auto const octets = framed(*answer);
        stream_.expires_after(limits_.idle);
        auto const [error, size] = co_await asio::async_write(stream_, asio::buffer(octets), as_values);
        co_return !error;
    }

    asio::awaitable<bool> read(std::vector<std::uint8_t>& query)
    {
        frame_head head{};
        auto const [head_error, head_size] = co_await asio::async_read(stream_, asio::buffer(head), as_values);
        if (head_error) co_return false;
        std::size_t const length = std::size_t{head[0]} << 8U | head[1];
        if (length > largest_query) co_return false;
        query.resize(length);
        auto const [error, size] = co_await asio::async_read(stream_, asio::buffer(query), as_values);
        co_return !error;
    }

    boost::beast::tcp_stream stream_;
    dns_zone const& zone_;
    dns_stream_limits limits_;
    bool idle_ = false, ending_ = false;
};

}  // namespace

std::unique_ptr<session> make_dns_session(asio::ip::tcp::socket socket, dns_zone const& zone, dns_stream_limits limits)
{
    return std::make_unique<dns_session>(std::move(socket), zone, limits);
}

}  // namespace tp::anchor
