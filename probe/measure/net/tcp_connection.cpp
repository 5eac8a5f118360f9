#include "probe/measure/net/tcp_connection.hpp"

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "base/coroutine.hpp"

namespace tp::probe {

using asio::ip::tcp;

stream_cost cost_of_stream(std::size_t octets, bool v4) noexcept
{
    constexpr std::size_t v4_head = 20, v6_head = 40, tcp_head = 32;  // with the timestamps option
    constexpr std::size_t link = 1500;                                // octets of a packet
    auto const head = (v4 ? v4_head : v6_head) + tcp_head;
    auto const segment = link - head;
    auto const packets = octets == 0 ? 1 : (octets + segment - 1) / segment;
    return {packets, packets * head + octets};
}

struct tcp_connection::core : std::enable_shared_from_this<core> {
    explicit core(asio::any_io_executor const& executor) : socket(executor), timer(executor) {}

    /// Ends the wait that begins now at this moment.
    void arm(steady_time deadline);
    error_code why(error_code ec) const;

    tcp::socket socket;
    asio::steady_timer timer;
    bool armed = false, timed_out = false;
};

void tcp_connection::core::arm(steady_time deadline)
{
    if (armed && timer.expiry() == deadline) return;
    timed_out = false;
    armed = true;
    timer.expires_at(deadline);
    timer.async_wait([weak = weak_from_this()](error_code ec) {
        auto const self = weak.lock();
        // A handler that was on its way when the timer was set anew has nothing to say about the new deadline.
        if (ec || !self || self->timer.expiry() > steady_time::clock::now()) return;
        self->timed_out = true;
        self->armed = false;
        error_code ignored;
        self->socket.cancel(ignored);
    });
}

/// The error of an operation, or that its time was over.
error_code tcp_connection::core::why(error_code ec) const
{
    return ec == asio::error::operation_aborted && timed_out ? make_error_code(errc::timed_out) : ec;
}

tcp_connection::tcp_connection(asio::any_io_executor executor, guard& asked, proto::result_kind kind)
    : core_(std::make_shared<core>(executor)), guard_(asked), kind_(kind)
{
}

tcp_connection::~tcp_connection()
{
    core_->timer.cancel();
    error_code ignored;
    core_->socket.close(ignored);
}

asio::awaitable<result<void>> tcp_connection::wait_for_leave(ip_address to)
{
    to_ = to;
    auto const allowed = co_await ask(0, steady_time::clock::now() + longest_hold);
    may_leave_ = allowed.has_value();
    co_return allowed;
}

asio::awaitable<result<void>> tcp_connection::connect(ip_address to, std::uint16_t port,
                                                      steady_time::clock::duration limit)
{
    if (!may_leave_) {
        auto const allowed = co_await wait_for_leave(to);
        if (!allowed) co_return allowed;
    }
    tcp::endpoint const peer(to, port);
    error_code failed;
    began_ = steady_time::clock::now();
    began_at_ = wall_now();
    core_->socket.open(peer.protocol(), failed);
    if (failed) co_return failed;
    // Options only: without them writes may be a little late, and the kernel takes in more than we want.
    core_->socket.set_option(tcp::no_delay(true), failed);
    auto const buffer = kind_ == proto::result_kind::http ? kernel_buffer_for_http : kernel_buffer;
    core_->socket.set_option(tcp::socket::receive_buffer_size(buffer), failed);
    core_->socket.non_blocking(true, failed);
    if (failed) co_return failed;
    core_->arm(*began_ + limit);
    sent(0);
    auto const [ec] = co_await core_->socket.async_connect(peer, as_values);
    if (ec) co_return core_->why(ec);
    connect_time_ = steady_time::clock::now() - *began_;
    received(0);
    sent(0);
    auto const own = core_->socket.local_endpoint(failed);
    if (!failed) source_ = own.address();
    co_return result<void>();
}

asio::awaitable<result<void>> tcp_connection::write(std::string_view octets, steady_time deadline)
{
    auto const allowed = co_await ask(octets.size(), deadline);
    if (!allowed) co_return allowed;
    core_->arm(deadline);
    sent(octets.size());
    auto const buffer = asio::buffer(octets.data(), octets.size());
    auto const [ec, count] = co_await asio::async_write(core_->socket, buffer, as_values);
    if (ec) co_return core_->why(ec);
    co_return result<void>();
}

asio::awaitable<result<std::string_view>> tcp_connection::read(steady_time deadline)
{
    // Octets stay in the kernel until somebody is about to look at them, so no connection needs a buffer of its own.
    static thread_local std::array<char, largest_read> shared;
    for (;;) {
        if (steady_time::clock::now() >= deadline) co_return errc::timed_out;  // a peer that drips is never waited for
        auto const allowed = co_await ask_to_read(deadline);
        if (!allowed) co_return allowed.error();
        core_->arm(deadline);
        auto const [ec] = co_await core_->socket.async_wait(tcp::socket::wait_read, as_values);
        if (ec) co_return core_->why(ec);
        auto const still = co_await ask_to_read(deadline);  // leave that was given before the wait may be long used up
        if (!still) co_return still.error();
        error_code failed;
        auto const count = core_->socket.read_some(asio::buffer(shared), failed);
        if (failed == asio::error::would_block) continue;
        if (failed == asio::error::eof) co_return errc::closed;
        if (failed) co_return failed;
        received(count);
        co_return std::string_view(shared.data(), count);
    }
}

/// Waits until the guard lets so many octets go.
asio::awaitable<result<void>> tcp_connection::ask(std::size_t octets, steady_time deadline)
{
    packet const next{kind_, to_, cost_of_stream(octets, to_.is_v4()).octets};
    for (;;) {
        auto answer = guard_.may_send(next, steady_time::clock::now());
        if (answer) co_return result<void>();
        auto const heeded = co_await heed(std::move(answer), deadline);
        if (!heeded) co_return heeded;
    }
}

/// What waits in the kernel has come over the line already; reading it is what lets the peer send more.
asio::awaitable<result<void>> tcp_connection::ask_to_read(steady_time deadline)
{
    for (;;) {
        auto answer = guard_.may_receive(kind_, steady_time::clock::now());
        if (answer) co_return result<void>();
        auto const heeded = co_await heed(std::move(answer), deadline);
        if (!heeded) co_return heeded;
    }
}

/// Waits until it is worth asking again.
asio::awaitable<result<void>> tcp_connection::heed(verdict no, steady_time deadline)
{
    auto const is = no.is;
    auto const when = no.when;
    refusal_ = std::move(no);
    if (is == verdict::kind::refuse) co_return errc::rejected;
    if (when > deadline) co_return errc::unavailable;
    asio::steady_timer timer(core_->timer.get_executor(), when);
    co_await timer.async_wait(as_values);
    co_return result<void>();
}

void tcp_connection::sent(std::size_t octets)
{
    auto const cost = cost_of_stream(octets, to_.is_v4());
    cost_.packets_sent += cost.packets;
    cost_.octets_sent += cost.octets;
}

void tcp_connection::received(std::size_t octets)
{
    auto const cost = cost_of_stream(octets, to_.is_v4());
    cost_.packets_received += cost.packets;
    cost_.octets_received += cost.octets;
    guard_.received(kind_, cost.octets, steady_time::clock::now());
}

namespace {

/// Whether an error of socket(2) or connect(2) tells of this machine, not of the way or of the other end.
bool is_ours(error_code why)
{
    namespace sys = boost::system::errc;
    for (auto const one : {sys::too_many_files_open, sys::too_many_files_open_in_system, sys::no_buffer_space,
                           sys::not_enough_memory, sys::address_family_not_supported, sys::address_not_available,
                           sys::permission_denied, sys::operation_not_permitted})
        if (why == one) return true;
    return false;
}

}  // namespace

proto::failure connect_failure(tcp_connection const& connection, error_code why)
{
    using enum proto::failure_source;
    if (why == errc::rejected && connection.refusal()) return {guard, connection.refusal()->said};
    if (why == errc::unavailable) return {probe, "too many packets at once"};
    if (why == errc::timed_out || why == boost::system::errc::timed_out) return {network, "connect: timeout"};
    if (is_ours(why)) return {probe, "socket failed: " + why.message()};
    auto const by_target = why == boost::system::errc::connection_refused;
    return {by_target ? target : network, "connect: " + why.message()};
}

}  // namespace tp::probe
