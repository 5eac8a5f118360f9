#include "probe/measure/traceroute/raw_transport.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "base/coroutine.hpp"
#include "base/owned_fd.hpp"
#include "probe/measure/net/kernel_message.hpp"
#include "probe/measure/net/stamping.hpp"
#include "probe/measure/socket_address.hpp"
#include "probe/measure/traceroute/filters.hpp"
#include "probe/measure/traceroute/packet.hpp"
#include "probe/measure/traceroute/run.hpp"
#include "probe/together.hpp"

namespace tp::probe {
namespace {

using proto::trace_protocol;

constexpr int receive_buffer = 512 * 1024;  // octets; the kernel caps it at net.core.rmem_max
constexpr int socket_flags = SOCK_CLOEXEC | SOCK_NONBLOCK;

void set(int fd, int level, int name, int value)
{
    ::setsockopt(fd, level, name, &value, sizeof value);
}

int kernel_protocol(trace_protocol protocol, proto::family af) noexcept
{
    if (protocol == trace_protocol::tcp) return IPPROTO_TCP;
    if (protocol == trace_protocol::udp) return IPPROTO_UDP;
    return af == proto::family::v4 ? static_cast<int>(IPPROTO_ICMP) : static_cast<int>(IPPROTO_ICMPV6);
}

/// The greatest packet that the kernel sends there at present; 0 if it does not tell.
std::size_t path_mtu(ip_address const& to)
{
    constexpr unsigned short discard = 9;  // connect(2) wants a port; nothing is sent there
    int const fd = ::socket(to.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return 0;
    auto const target = to_kernel(to, discard);
    int mtu = 0;
    socklen_t length = sizeof mtu;
    if (::connect(fd, target.get(), target.length) != 0 ||
        ::getsockopt(fd, to.is_v4() ? SOL_IP : SOL_IPV6, to.is_v4() ? IP_MTU : IPV6_MTU, &mtu, &length) != 0)
        mtu = 0;
    ::close(fd);
    return static_cast<std::size_t>(mtu);
}

}  // namespace

result<std::unique_ptr<trace_transport>> raw_transport::open(boost::asio::any_io_executor executor, proto::family af)
{
    std::unique_ptr<raw_transport> out(new raw_transport(std::move(executor), af));
    auto opened = out->open_sender();
    for (auto const protocol : {trace_protocol::icmp, trace_protocol::udp, trace_protocol::tcp})
        if (opened) opened = out->open_receiver(protocol);
    if (!opened) return opened.error();
    return std::unique_ptr<trace_transport>(std::move(out));
}

result<void> raw_transport::open_sender()
{
    int const fd = ::socket(af_ == proto::family::v4 ? AF_INET : AF_INET6, SOCK_RAW | socket_flags, IPPROTO_RAW);
    if (fd < 0) return last_error();
    sender_ = owned_socket(fd);
    set(fd, SOL_SOCKET, SO_RCVBUF, receive_buffer);  // its stamps count against it
    // The kernel is not to hold a path's MTU against us that an answer to us told it: that is for the trace to find.
    if (af_ == proto::family::v4)
        set(fd, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
    else
        set(fd, SOL_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
    stamp_packets(fd);
    return filter_everything(fd);
}

result<void> raw_transport::open_receiver(trace_protocol protocol)
{
    bool const v4 = af_ == proto::family::v4;
    int const fd = ::socket(v4 ? AF_INET : AF_INET6, SOCK_RAW | socket_flags, kernel_protocol(protocol, af_));
    if (fd < 0) return last_error();
    receivers_.emplace_back(executor_, fd);
    auto const filtered = protocol == trace_protocol::icmp ? filter_icmp(fd, af_) : filter_ports(fd, af_);
    if (!filtered) return filtered.error();
    set(fd, SOL_SOCKET, SO_RCVBUF, receive_buffer);
    if (!v4) {
        set(fd, SOL_IPV6, IPV6_RECVHOPLIMIT, 1);
        set(fd, SOL_IPV6, IPV6_RECVTCLASS, 1);
    }
    stamp_packets(fd);
    return {};
}

/// An answer to a UDP trace that is a datagram names no packet: the run then goes on with one at a time.
unsigned raw_transport::window(trace_plan const&) const noexcept
{
    return trace_run::usual_window;
}

result<void> raw_transport::send(run_number run, trace_plan const& plan, trace_packet const& what)
{
    std::array<std::uint8_t, largest_trace_packet> room;
    auto const packet = std::span(room).first(write_packet(plan, what, room));
    auto sent = send_octets(plan, packet);
    if (!sent && sent.error().value() == EMSGSIZE && !plan.dont_fragment) sent = send_in_fragments(plan, packet);
    if (!sent) return sent.error();
    auto const key = next_key_ - 1;  // of the last fragment
    stamps_[key % stamps_.size()] = {key, run, static_cast<std::uint16_t>(what.number), true};
    return {};
}

result<void> raw_transport::send_in_fragments(trace_plan const& plan, std::span<std::uint8_t const> packet)
{
    auto const parts = fragments_of(packet, path_mtu(plan.target), ++next_identification_);
    if (parts.empty()) return error_code(EMSGSIZE, boost::system::system_category());
    for (auto const& one : parts)
        if (auto const sent = send_octets(plan, one); !sent) return sent.error();
    return {};
}

result<void> raw_transport::send_octets(trace_plan const& plan, std::span<std::uint8_t const> packet)
{
    int const fd = sender_.get();
    auto const target = to_kernel(plan.target);
    if (::sendto(fd, packet.data(), packet.size(), MSG_DONTWAIT, target.get(), target.length) >= 0) {
        ++next_key_;
        return {};
    }
    bool const full = errno == EAGAIN || errno == ENOBUFS;
    auto const failed = full ? make_error_code(errc::unavailable) : last_error();
    stamp_packets(fd);  // kernels differ in whether a failed packet counts
    stamps_.fill({});
    next_key_ = 0;
    last_stamped_ = no_key;
    return failed;
}

void raw_transport::drain(listener& to)
{
    drain_stamps(to);
    for (auto const protocol : {trace_protocol::icmp, trace_protocol::udp, trace_protocol::tcp})
        drain_answers(protocol, to);
}

void raw_transport::drain_stamps(listener& to)
{
    for (int i = 0; i < most_at_once && last_stamped_ + 1 != next_key_ && read_stamp(to); ++i) {
    }
}

void raw_transport::drain_answers(trace_protocol protocol, listener& to)
{
    for (int i = 0; i < most_at_once && read_answer(protocol, to); ++i) {
    }
}

bool raw_transport::read_stamp(listener& to)
{
    auto const got = receive_message(sender_.get(), buffer_, MSG_ERRQUEUE);
    if (got.failed) return false;
    if (!got.with.error || got.with.error->origin != error_origin::time_stamp || !got.with.kernel) return true;
    auto const key = last_stamped_ = got.with.error->data;
    auto const& one = stamps_[key % stamps_.size()];
    if (one.used && one.key == key) to.on_sent(one.run, one.number, *got.with.kernel);
    return true;
}

bool raw_transport::read_answer(trace_protocol protocol, listener& to)
{
    auto const got = receive_message(receiver(protocol).native_handle(), buffer_);
    if (got.failed) return !got.nothing();
    auto const octets = std::span<std::uint8_t const>(buffer_).first(got.length);
    auto const answer = af_ == proto::family::v4 ? read_v4_answer(octets) : read_v6_answer(protocol, octets);
    auto const from = from_kernel(got.from);
    if (!answer || !from) return true;
    to.on_answer(*answer, {stamp_of_receipt(got.with.kernel), *from, got.with.ttl, got.with.tos}, {});
    return true;
}

boost::asio::awaitable<void> raw_transport::receive(listener& to)
{
    std::vector<boost::asio::awaitable<void>> parts;
    for (auto const protocol : {trace_protocol::icmp, trace_protocol::udp, trace_protocol::tcp})
        parts.push_back(receive_answers(protocol, to));
    co_await together(std::move(parts));
}

/// Stamps first: round trips are taken when the answer is read.
boost::asio::awaitable<void> raw_transport::receive_answers(trace_protocol protocol, listener& to)
{
    for (;;) {
        auto const [ec] =
            co_await receiver(protocol).async_wait(boost::asio::posix::descriptor_base::wait_read, as_values);
        if (ec) continue;
        drain_stamps(to);
        drain_answers(protocol, to);
        to.on_drained();
    }
}

}  // namespace tp::probe
