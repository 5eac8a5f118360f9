#include "probe/anchor/dns/udp_server.hpp"

#include <array>
#include <boost/asio/ip/v6_only.hpp>

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "probe/anchor/dns/answer.hpp"
#include "probe/anchor/dns/stream_session.hpp"

namespace tp::anchor {
namespace {

using udp = asio::ip::udp;

constexpr std::chrono::milliseconds error_pause{100};  // after a failed receive
constexpr int kernel_buffer = 1024 * 1024;             // octets of datagrams that wait for us

std::optional<std::string> reply_to(dns_zone const& zone, std::span<std::uint8_t const> query,
                                    answer_limiter::verdict verdict)
{
    if (verdict == answer_limiter::verdict::drop) return std::nullopt;
    bool const whole = verdict == answer_limiter::verdict::answer;
    return answer_query(zone, query, whole ? dns_path::udp : dns_path::udp_truncated);
}

}  // namespace

udp_server::udp_server(asio::io_context& io, dns_zone const& zone, answer_limiter::options limits)
    : io_(io), zone_(zone), limiter_(limits, answer_limiter::keys::random(), std::chrono::steady_clock::now())
{
}

result<udp::endpoint> udp_server::listen(endpoint const& at)
{
    udp::socket socket(io_);
    error_code error, ignored;
    socket.open(at.protocol(), error);
    if (!error && at.address().is_v6()) socket.set_option(asio::ip::v6_only(true), error);
    if (!error) socket.bind(at, error);
    if (!error) socket.non_blocking(true, error);
    if (error) return error;
    socket.set_option(udp::socket::receive_buffer_size(kernel_buffer), ignored);
    auto const bound = socket.local_endpoint();
    sockets_.push_back(std::move(socket));
    return bound;
}

void udp_server::start()
{
    for (auto& each : sockets_) asio::co_spawn(io_, serve(each), expect_cancelled);
}

void udp_server::stop()
{
    stopping_ = true;
    error_code ignored;
    for (auto& each : sockets_) each.close(ignored);
}

asio::awaitable<void> udp_server::serve(udp::socket& on)
{
    std::array<std::uint8_t, largest_query> buffer{};
    udp::endpoint peer;
    while (!stopping_) {
        auto const [error, size] = co_await on.async_receive_from(asio::buffer(buffer), peer, as_values);
        if (stopping_) break;
        if (error) {
            log::warning("dns", "cannot receive: " + error.message());
            co_await pause_for(error_pause);
            continue;
        }
        auto const verdict = limiter_.judge(peer.address(), std::chrono::steady_clock::now());
        auto const reply = reply_to(zone_, {buffer.data(), size}, verdict);
        error_code unsent;  // a full queue: an answer over UDP may get lost
        if (reply) on.send_to(asio::buffer(*reply), peer, 0, unsent);
    }
}

}  // namespace tp::anchor
