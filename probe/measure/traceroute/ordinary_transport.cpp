#include "probe/measure/traceroute/ordinary_transport.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/coroutine.hpp"
#include "base/owned_fd.hpp"
#include "probe/measure/net/stamping.hpp"
#include "probe/measure/socket_address.hpp"
#include "probe/measure/traceroute/extension.hpp"
#include "probe/measure/traceroute/octets.hpp"
#include "probe/measure/traceroute/packet.hpp"
#include "probe/measure/traceroute/run.hpp"

namespace tp::probe {
namespace {

using proto::trace_protocol;
using kind = trace_answer::kind;

constexpr int socket_flags = SOCK_CLOEXEC | SOCK_NONBLOCK;
constexpr int receive_buffer = 64 * 1024;  // octets of a run's socket
// linux/in.h and linux/in6.h, 5.9; the C library's headers do not have them yet.
constexpr int recverr_rfc4884 = 26, ipv6_recverr_rfc4884 = 31;
constexpr std::size_t udp_head = 8;
/// The kernel repeats a SYN after a second, and cannot be told not to: what comes later could answer either.
constexpr std::chrono::milliseconds longest_connect{900};

bool set(int fd, int level, int name, int value)
{
    return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

std::uint16_t port_of(sockaddr_storage const& address)
{
    sockaddr_in told;  // the port stands at the same place for IPv6
    std::memcpy(&told, &address, sizeof told);
    return ntohs(told.sin_port);
}

result<std::uint16_t> bound_port(int fd)
{
    socket_address own;
    own.length = sizeof own.storage;
    if (::getsockname(fd, own.get(), &own.length) != 0) return last_error();
    return port_of(own.storage);
}

bool bind_to(int fd, ip_address const& address, std::uint16_t port)
{
    auto const own = to_kernel(address, port);
    return ::bind(fd, own.get(), own.length) == 0;
}

proto::failure unsupported(std::string what)
{
    return {proto::failure_source::probe, "unsupported: " + std::move(what)};
}

}  // namespace

result<std::unique_ptr<trace_transport>> ordinary_transport::open(boost::asio::any_io_executor executor,
                                                                  proto::family af)
{
    int const poller = ::epoll_create1(EPOLL_CLOEXEC);
    if (poller < 0) return last_error();
    return std::unique_ptr<trace_transport>(new ordinary_transport(std::move(executor), poller, af));
}

std::optional<proto::failure> ordinary_transport::begin(run_number run, trace_plan& plan,
                                                        proto::traceroute_options& options)
{
    if (plan.hop_by_hop_size != 0 || plan.destination_option_size != 0)
        return unsupported("IPv6 options headers need raw sockets");
    flow one;
    one.plan = &plan;
    if (options.protocol == trace_protocol::tcp) {
        options.size = 0;
        options.response_timeout = std::min(options.response_timeout, longest_connect);
    } else if (auto const opened = open_datagrams(one, plan); !opened) {
        if (options.protocol == trace_protocol::icmp && opened.error().value() == EACCES)
            return unsupported("ICMP needs raw sockets or net.ipv4.ping_group_range");
        return proto::failure{proto::failure_source::probe, "socket failed: " + opened.error().message()};
    } else if (auto const watched = watch(one.socket.get(), run); !watched) {
        return proto::failure{proto::failure_source::probe, "socket failed: " + watched.error().message()};
    }
    flows_[run] = std::move(one);
    return std::nullopt;
}

/// Where an error may quote too little to name its packet, one packet is out at a time.
unsigned ordinary_transport::window(trace_plan const& plan) const noexcept
{
    bool const named = plan.protocol == trace_protocol::icmp || (plan.protocol == trace_protocol::udp && !plan.paris());
    return named ? trace_run::usual_window : 1;
}

/// ICMP: the kernel's port is the identifier of the echo messages.
result<void> ordinary_transport::open_datagrams(flow& of, trace_plan& plan)
{
    bool const icmp = plan.protocol == trace_protocol::icmp;
    int const echo = plan.v4() ? static_cast<int>(IPPROTO_ICMP) : static_cast<int>(IPPROTO_ICMPV6);
    of.socket = owned_socket(::socket(plan.v4() ? AF_INET : AF_INET6, SOCK_DGRAM | socket_flags,
                                      icmp ? echo : static_cast<int>(IPPROTO_UDP)));
    int const fd = of.socket.get();
    if (fd < 0) return last_error();
    if (!bind_to(fd, plan.source, icmp ? 0 : plan.source_port) && !bind_to(fd, plan.source, 0)) return last_error();
    auto const port = bound_port(fd);
    if (!port) return port.error();
    (icmp ? plan.identifier : plan.source_port) = *port;
    set(fd, SOL_SOCKET, SO_RCVBUF, receive_buffer);
    set_options(fd, plan.dont_fragment);
    stamp_packets(fd);
    return {};
}

void ordinary_transport::set_options(int fd, bool dont_fragment) const
{
    constexpr int autoflowlabel = 70;  // linux/in6.h
    if (af_ == proto::family::v4) {
        set(fd, SOL_IP, IP_RECVERR, 1);
        set(fd, SOL_IP, recverr_rfc4884, 1);
        set(fd, SOL_IP, IP_RECVTTL, 1);
        set(fd, SOL_IP, IP_RECVTOS, 1);
        set(fd, SOL_IP, IP_MTU_DISCOVER, dont_fragment ? IP_PMTUDISC_PROBE : IP_PMTUDISC_DONT);
        return;
    }
    set(fd, SOL_IPV6, IPV6_RECVERR, 1);
    set(fd, SOL_IPV6, ipv6_recverr_rfc4884, 1);
    set(fd, SOL_IPV6, IPV6_RECVHOPLIMIT, 1);
    set(fd, SOL_IPV6, IPV6_RECVTCLASS, 1);
    set(fd, SOL_IPV6, autoflowlabel, 0);
    set(fd, SOL_IPV6, IPV6_MTU_DISCOVER, dont_fragment ? IPV6_PMTUDISC_PROBE : IPV6_PMTUDISC_DONT);
}

result<void> ordinary_transport::watch(int fd, run_number run)
{
    epoll_event wanted{};
    wanted.events = EPOLLIN | EPOLLOUT | EPOLLET;  // edges: a socket can always be written to
    wanted.data.u32 = run;
    if (::epoll_ctl(poller_.native_handle(), EPOLL_CTL_ADD, fd, &wanted) != 0) return last_error();
    return {};
}

result<void> ordinary_transport::send(run_number run, trace_plan const& plan, trace_packet const& what)
{
    auto const found = flows_.find(run);
    if (found == flows_.end()) return errc::not_found;
    if (plan.protocol == trace_protocol::tcp) return connect(run, found->second, plan, what);
    return send_datagram(found->second, plan, what);
}

result<void> ordinary_transport::send_datagram(flow& by, trace_plan const& plan, trace_packet const& what)
{
    constexpr int most_tries = 8;  // errors for earlier packets are told to whoever calls next, one a call
    bool const udp = plan.protocol == trace_protocol::udp;
    std::array<std::uint8_t, largest_trace_packet> room;
    octets_view const whole(room.data(), write_transport(plan, what, room));
    auto const message = whole.subspan(udp ? udp_head : 0);
    int const fd = by.socket.get();
    set(fd, plan.v4() ? SOL_IP : SOL_IPV6, plan.v4() ? IP_TTL : IPV6_UNICAST_HOPS, static_cast<int>(what.hop));
    auto const target = to_kernel(plan.target, udp ? destination_port_of(plan, what.number) : std::uint16_t{0});
    for (int tried = 0; tried < most_tries; ++tried) {
        if (::sendto(fd, message.data(), message.size(), MSG_DONTWAIT, target.get(), target.length) >= 0) {
            by.keys.push_back(static_cast<std::uint16_t>(what.number));
            if (udp && plan.paris()) by.fillers.emplace_back(get16(message, 0), what.number);
            return {};
        }
        if (errno == EAGAIN || errno == ENOBUFS) break;
    }
    bool const full = errno == EAGAIN || errno == ENOBUFS;
    auto const failed = full ? make_error_code(errc::unavailable) : last_error();
    stamp_packets(fd);  // kernels differ in whether a failed packet counts
    by.keys.clear();
    return failed;
}

/// A connection that is broken off as soon as it answers. The one before is given up first: both have the same ports.
result<void> ordinary_transport::connect(run_number run, flow& by, trace_plan const& plan, trace_packet const& what)
{
    by.socket = owned_socket(::socket(plan.v4() ? AF_INET : AF_INET6, SOCK_STREAM | socket_flags, IPPROTO_TCP));
    int const fd = by.socket.get();
    if (fd < 0) return last_error();
    linger const abort{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
    set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    set(fd, SOL_TCP, TCP_SYNCNT, 1);
    set_options(fd, plan.dont_fragment);
    stamp_packets(fd);
    set(fd, plan.v4() ? SOL_IP : SOL_IPV6, plan.v4() ? IP_TTL : IPV6_UNICAST_HOPS, static_cast<int>(what.hop));
    if (!bind_to(fd, plan.source, plan.source_port) && !bind_to(fd, plan.source, 0)) return last_error();
    auto const target = to_kernel(plan.target, plan.port);
    by.tcp_number = what.number;
    by.connected = ::connect(fd, target.get(), target.length) == 0 ? 0 : errno;
    bool const on_its_way = by.connected == 0 || by.connected == EINPROGRESS || by.connected == ECONNREFUSED;
    if (!on_its_way) return error_code(by.connected, boost::system::system_category());
    return watch(fd, run);
}

void ordinary_transport::drain(listener& to)
{
    constexpr int most_events = 64;
    std::array<epoll_event, most_events> events;
    for (auto const run : std::exchange(unfinished_, {})) drain(run, to);
    for (unsigned round = 0; round < most_rounds; ++round) {
        int const count = ::epoll_wait(poller_.native_handle(), events.data(), most_events, 0);
        if (count <= 0) return;
        for (int i = 0; i < count; ++i) {
            auto const run = static_cast<run_number>(events[static_cast<std::size_t>(i)].data.u32);
            drain(run, to);
        }
    }
}

boost::asio::awaitable<void> ordinary_transport::receive(listener& to)
{
    for (;;) {
        if (unfinished_.empty()) {
            auto const [ec] = co_await poller_.async_wait(boost::asio::posix::descriptor_base::wait_read, as_values);
            if (ec) continue;
        } else {
            co_await boost::asio::post(poller_.get_executor(), boost::asio::use_awaitable);
        }
        drain(to);
        to.on_drained();
    }
}

/// The poller tells edges: what is left of a flow would not be told again.
void ordinary_transport::drain(run_number run, listener& to)
{
    auto const found = flows_.find(run);
    if (found == flows_.end() || drain(run, found->second, to)) return;
    if (std::find(unfinished_.begin(), unfinished_.end(), run) == unfinished_.end()) unfinished_.push_back(run);
    poller_.cancel();  // the engine drains, too, while receive() waits
}

/// False if more may be waiting.
bool ordinary_transport::drain(run_number run, flow& from, listener& to)
{
    if (!from.socket) return true;
    bool const tcp = from.plan->protocol == trace_protocol::tcp;
    unsigned errors = 0, replies = 0;
    while (errors < most_in_row && from.socket && read_error(run, from, to)) ++errors;
    if (tcp)
        end_connect(run, from, to);
    else
        while (replies < most_in_row && read_reply(run, from, to)) ++replies;
    return errors < most_in_row && replies < most_in_row;
}

bool ordinary_transport::read_error(run_number run, flow& from, listener& to)
{
    auto const got = receive_message(from.socket.get(), buffer_, MSG_ERRQUEUE);
    if (got.failed) return false;
    if (!got.with.error) return true;
    if (got.with.error->origin == error_origin::time_stamp) {
        auto const key = got.with.error->data;
        if (key < from.keys.size() && got.with.kernel) to.on_sent(run, from.keys[key], *got.with.kernel);
        return true;
    }
    auto const answer = error_answer(from, got);
    if (!answer || !got.with.offender) return true;
    if (from.plan->protocol == trace_protocol::tcp) from.socket.close();  // the kernel gave up, too
    to.on_answer(*answer, {stamp_of_receipt(got.with.kernel), *got.with.offender, got.with.ttl, got.with.tos}, run);
    return true;
}

std::optional<trace_answer> ordinary_transport::error_answer(flow const& from, kernel_message const& got) const
{
    constexpr std::size_t v4_header = 20, v6_header = 40;
    auto const& error = *got.with.error;
    if (error.origin != error_origin::icmp && error.origin != error_origin::icmp6) return std::nullopt;
    auto const of = kind_of_error(af_, error.type, error.code);
    if (!of) return std::nullopt;
    trace_answer out;
    out.is = *of;
    out.code = error.code;
    bool const udp = from.plan->protocol == trace_protocol::udp;
    out.size = static_cast<unsigned>((from.plan->v4() ? v4_header : v6_header) + (udp ? udp_head : 0) + got.length);
    if (*of == kind::too_big) out.mtu = error.info;
    struct {  // sock_ee_data_rfc4884 of linux/errqueue.h
        std::uint16_t structure_at;
        std::uint8_t flags, reserved;
    } extended;
    static_assert(sizeof extended == sizeof error.data);
    std::memcpy(&extended, &error.data, sizeof extended);
    if (*of != kind::too_big && extended.structure_at != 0 && extended.structure_at < got.length)
        out.extension = read_extension(octets_view(buffer_).first(got.length).subspan(extended.structure_at), true);
    describe_quote(from, got, out.quote);
    return out;
}

/// What the kernel tells of the packet that met the error. It gives a UDP datagram without its head: the payload's
/// first octets name the packet, if the router quoted that far.
void ordinary_transport::describe_quote(flow const& from, kernel_message const& got, trace_quote& out) const
{
    auto const& plan = *from.plan;
    out.protocol = plan.protocol;
    auto const destination = from_kernel(got.from);
    out.destination = destination ? *destination : plan.target;
    out.source_port = plan.source_port;
    out.destination_port = port_of(got.from);
    octets_view const quoted(buffer_.data(), got.length);
    if (plan.protocol == trace_protocol::tcp) {
        out.tcp_sequence = tcp_sequence_of(plan, from.tcp_number);
    } else if (plan.protocol == trace_protocol::icmp) {
        if (quoted.size() >= 8) out.sequence = get16(quoted, 6);
    } else if (quoted.size() >= 2) {
        auto const first = get16(quoted, 0);
        auto const found = std::find_if(from.fillers.begin(), from.fillers.end(),
                                        [first](auto const& one) { return one.first == first; });
        if (found != from.fillers.end()) out.checksum = udp_checksum_of(plan, found->second);
    }
}

bool ordinary_transport::read_reply(run_number run, flow& from, listener& to)
{
    auto const got = receive_message(from.socket.get(), buffer_);
    if (got.failed) return !got.nothing();
    auto const source = from_kernel(got.from);
    if (!source) return true;
    std::optional<trace_answer> answer;
    if (from.plan->protocol == trace_protocol::icmp) {
        answer = read_icmp_answer(af_, octets_view(buffer_).first(got.length));
    } else {
        answer.emplace();
        answer->is = kind::udp;
        answer->source_port = port_of(got.from);
        answer->size = static_cast<unsigned>(got.length);
    }
    if (answer) to.on_answer(*answer, {stamp_of_receipt(got.with.kernel), *source, got.with.ttl, got.with.tos}, run);
    return true;
}

/// What became of the connection: open, refused, or still on its way.
void ordinary_transport::end_connect(run_number run, flow& from, listener& to)
{
    constexpr unsigned syn_and_ack = 0x12, reset_and_ack = 0x14;
    if (!from.socket) return;
    int error = from.connected;
    socklen_t length = sizeof error;
    socket_address peer;
    peer.length = sizeof peer.storage;
    if (error == EINPROGRESS) ::getsockopt(from.socket.get(), SOL_SOCKET, SO_ERROR, &error, &length);
    bool const open = error == 0 && ::getpeername(from.socket.get(), peer.get(), &peer.length) == 0;
    if (!open && error != ECONNREFUSED) return;
    from.socket.close();
    trace_answer answer;
    answer.is = kind::tcp;
    answer.source_port = from.plan->port;
    answer.acknowledged = tcp_sequence_of(*from.plan, from.tcp_number) + 1;
    answer.tcp_flags = open ? syn_and_ack : reset_and_ack;
    to.on_answer(answer, {stamp_of_receipt(std::nullopt), from.plan->target, {}, {}}, run);
}

}  // namespace tp::probe
