#include "probe/measure/ping/socket.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/owned_fd.hpp"
#include "probe/measure/net/echo_filter.hpp"
#include "probe/measure/net/stamping.hpp"
#include "probe/measure/socket_address.hpp"

namespace tp::probe {
namespace {

// Octets, as the kernel counts them: about 1 kB for each small packet. 2,000 replies and stamps may wait while the
// process does not run. Without CAP_NET_ADMIN the kernel caps it at net.core.rmem_max.
constexpr int receive_buffer = 2 * 1024 * 1024;

void set(int fd, int level, int name, int value)
{
    // Every one of these only adds to what is known about a packet: an old kernel without it still pings.
    ::setsockopt(fd, level, name, &value, sizeof value);
}

}  // namespace

result<echo_socket> echo_socket::open(boost::asio::any_io_executor executor, proto::family af)
{
    bool const v4 = af == proto::family::v4;
    int const family = v4 ? AF_INET : AF_INET6;
    int const protocol = v4 ? static_cast<int>(IPPROTO_ICMP) : static_cast<int>(IPPROTO_ICMPV6);
    constexpr int flags = SOCK_CLOEXEC | SOCK_NONBLOCK;
    bool raw = true;
    int fd = ::socket(family, SOCK_RAW | flags, protocol);
    if (fd < 0 && (errno == EPERM || errno == EACCES)) {
        raw = false;
        fd = ::socket(family, SOCK_DGRAM | flags, protocol);
    }
    if (fd < 0) return last_error();
    echo_socket out(std::move(executor), fd, af, raw);
    if (raw)
        if (auto const opened = out.open_sender(); !opened) return opened.error();
    out.set_options();
    return out;
}

result<void> echo_socket::open_sender()
{
    bool const v4 = af_ == proto::family::v4;
    int const protocol = v4 ? static_cast<int>(IPPROTO_ICMP) : static_cast<int>(IPPROTO_ICMPV6);
    sender_ = owned_socket(::socket(v4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
    if (!sender_) return last_error();
    keep_no_icmp(sender_.get(), af_);
    return {};
}

echo_socket::echo_socket(boost::asio::any_io_executor executor, int fd, proto::family af, bool raw)
    : descriptor_(std::move(executor), fd), receiver_(fd), af_(af), raw_(raw), batch_(std::make_unique<message_batch>())
{
}

void echo_socket::set_options()
{
    bool const v4 = af_ == proto::family::v4;
    for (int const fd : {receiver_, sender()}) {  // stamps wait in the sender's
        set(fd, SOL_SOCKET, SO_RCVBUF, receive_buffer);
        set(fd, SOL_SOCKET, SO_RCVBUFFORCE, receive_buffer);
    }
    set(receiver_, v4 ? SOL_IP : SOL_IPV6, v4 ? IP_RECVTTL : IPV6_RECVHOPLIMIT, 1);
    if (raw_)
        keep_own_icmp(receiver_, af_);
    else
        set(receiver_, v4 ? SOL_IP : SOL_IPV6, v4 ? IP_RECVERR : IPV6_RECVERR, 1);
    stamp_packets(receiver_);
    stamp_from_zero();
}

void echo_socket::stamp_from_zero()
{
    stamp_packets(sender());
    next_key_ = 0;
}

result<std::uint32_t> echo_socket::send(ip_address const& to, std::span<std::uint8_t const> message)
{
    int const fd = sender();
    auto const target = to_kernel(to);
    auto sent = ::sendto(fd, message.data(), message.size(), MSG_DONTWAIT, target.get(), target.length);
    // An ICMP error for an earlier packet is told once to whoever calls next.
    if (sent < 0 && !raw_)
        sent = ::sendto(fd, message.data(), message.size(), MSG_DONTWAIT, target.get(), target.length);
    if (sent >= 0) return next_key_++;
    auto const failed = errno == EAGAIN ? make_error_code(errc::unavailable) : last_error();
    stamp_from_zero();  // kernels differ in whether a failed packet counts
    return failed;
}

std::size_t echo_socket::ip_header() const noexcept
{
    return af_ == proto::family::v4 ? 20 : 40;  // octets, without options
}

void echo_socket::drain(listener& to)
{
    constexpr auto most_batches = most_at_once / message_batch::most;
    for (std::size_t i = 0; i < most_batches && receive_from_error_queue(to); ++i) {
    }
    for (std::size_t i = 0; i < most_batches && receive(to); ++i) {
    }
}

/// Reads once. Whether there may be more.
bool echo_socket::receive(listener& to)
{
    auto const got = batch_->receive(receiver_);
    if (!got) return true;  // an error that was queued for the socket; what follows it is still to be read
    auto const user = std::chrono::steady_clock::now();
    auto const wall = wall_now();
    for (std::size_t i = 0; i < *got; ++i) take_answer(i, user, wall, to);
    return *got == message_batch::most;
}

bool echo_socket::receive_from_error_queue(listener& to)
{
    auto const got = batch_->receive(sender(), MSG_ERRQUEUE);
    if (!got) return false;
    auto const user = std::chrono::steady_clock::now();
    auto const wall = wall_now();
    for (std::size_t i = 0; i < *got; ++i) take_error(i, user, wall, to);
    return *got == message_batch::most;
}

void echo_socket::take_answer(std::size_t number, steady_time user, wall_time wall, listener& to)
{
    auto const octets = batch_->octets(number);
    bool const v4 = af_ == proto::family::v4;
    auto const answer = !v4 ? read_v6_message(octets) : raw_ ? read_v4_packet(octets) : read_v4_message(octets);
    auto const from = from_kernel(batch_->from(number));
    if (!answer || !from) return;
    auto const with = batch_->with(number);
    to.on_answer(
        *answer,
        {stamp_of_receipt(user, wall, with.kernel), *from, with.ttl, static_cast<unsigned>(answer->payload.size())},
        octets.size() + (v4 && raw_ ? 0 : ip_header()));
}

void echo_socket::take_error(std::size_t number, steady_time user, wall_time wall, listener& to)
{
    auto const with = batch_->with(number);
    auto const error = with.error.value_or(queued_error{});
    if (error.origin == error_origin::time_stamp) {
        if (with.kernel) to.on_sent(error.data, *with.kernel);
        return;
    }
    bool const by_icmp = error.origin == error_origin::icmp || error.origin == error_origin::icmp6;
    auto const quoted = batch_->octets(number);
    if (!by_icmp || quoted.size() < echo_head || !with.offender) return;
    echo_answer answer;
    answer.sequence = static_cast<std::uint16_t>(quoted[6] << 8 | quoted[7]);
    answer.payload = quoted.subspan(echo_head);
    if (auto const destination = from_kernel(batch_->from(number))) answer.quoted_destination = *destination;
    answer.error = af_ == proto::family::v4 ? v4_error(error.type, error.code) : v6_error(error.type, error.code);
    // The error's own header and its quotation's are not shown.
    to.on_answer(answer, {stamp_of_receipt(user, wall, with.kernel), *with.offender, {}, 0},
                 quoted.size() + 2 * ip_header() + echo_head);
}

}  // namespace tp::probe
