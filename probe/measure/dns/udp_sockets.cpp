#include "probe/measure/dns/udp_sockets.hpp"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/coroutine.hpp"
#include "base/owned_fd.hpp"
#include "probe/measure/dns/answer.hpp"
#include "probe/measure/net/kernel_message.hpp"
#include "probe/measure/socket_address.hpp"

namespace tp::probe {
namespace {

void set(int fd, int level, int name)
{
    // Each of these only adds to what is known about an answer: an old kernel without it still asks.
    int const on = 1;
    ::setsockopt(fd, level, name, &on, sizeof on);
}

result<int> open_socket(proto::family af)
{
    bool const v4 = af == proto::family::v4;
    int const fd = ::socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return last_error();
    if (v4) {
        set(fd, IPPROTO_IP, IP_RECVTTL);
        set(fd, IPPROTO_IP, IP_PKTINFO);
    } else {
        set(fd, IPPROTO_IPV6, IPV6_V6ONLY);
        set(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT);
        set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO);
    }
    set(fd, SOL_SOCKET, SO_TIMESTAMPNS);
    socket_address any;  // port 0: the kernel takes a random one
    any.storage.ss_family = v4 ? AF_INET : AF_INET6;
    any.length = v4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    if (::bind(fd, any.get(), any.length) != 0) {
        auto const failed = last_error();
        ::close(fd);
        return failed;
    }
    return fd;
}

std::uint16_t port_in(sockaddr_storage const& from)
{
    // At the same place in both families.
    static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
    sockaddr_in v4;
    std::memcpy(&v4, &from, sizeof v4);
    return ntohs(v4.sin_port);
}

}  // namespace

result<udp_sockets> udp_sockets::open(boost::asio::any_io_executor executor, proto::family af)
{
    int const epoll = ::epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) return last_error();
    return udp_sockets(std::move(executor), af, epoll);
}

udp_sockets::udp_sockets(boost::asio::any_io_executor executor, proto::family af, int epoll)
    : af_(af), epoll_(std::move(executor), epoll), buffer_(largest_dns_message)
{
}

udp_sockets::~udp_sockets()
{
    for (auto const& [number, one] : all_) ::close(one.fd);
}

result<std::uint32_t> udp_sockets::take(unpredictable& random)
{
    if (in_use_.size() < open_at_once && all_.size() < most) {
        auto const added = add();
        if (!added && in_use_.empty()) return added.error();
    }
    if (in_use_.empty()) return make_error_code(errc::unavailable);
    auto const place = random.next<std::uint16_t>() % in_use_.size();
    auto const number = in_use_[place];
    auto& one = all_.at(number);
    ++one.waiting;
    if (++one.uses >= most_uses && all_.size() < most) retire(place);
    return number;
}

result<std::uint32_t> udp_sockets::add()
{
    auto const fd = open_socket(af_);
    if (!fd) return fd.error();
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = ++last_;
    if (::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, *fd, &event) != 0) {
        auto const failed = last_error();
        ::close(*fd);
        return failed;
    }
    all_.emplace(last_, one_socket{.fd = *fd});
    in_use_.push_back(last_);
    return last_;
}

void udp_sockets::retire(std::size_t place)
{
    all_.at(in_use_[place]).retired = true;
    in_use_[place] = in_use_.back();
    in_use_.pop_back();
}

void udp_sockets::remove(std::uint32_t socket)
{
    auto const found = all_.find(socket);
    ::close(found->second.fd);  // which takes it from the epoll set
    all_.erase(found);
}

void udp_sockets::done(std::uint32_t socket)
{
    auto& one = all_.at(socket);
    if (--one.waiting == 0 && one.retired) remove(socket);
}

void udp_sockets::close_idle()
{
    for (std::size_t place = 0; place < in_use_.size();) {
        auto const number = in_use_[place];
        if (all_.at(number).waiting > 0) {
            ++place;
            continue;
        }
        retire(place);
        remove(number);
    }
}

result<void> udp_sockets::send(std::uint32_t socket, ip_address const& to, std::uint16_t port, std::string_view message)
{
    auto const address = to_kernel(to, port);
    auto const sent =
        ::sendto(all_.at(socket).fd, message.data(), message.size(), MSG_DONTWAIT, address.get(), address.length);
    if (sent < 0) return last_error();
    return {};
}

boost::asio::awaitable<void> udp_sockets::ready()
{
    co_await epoll_.async_wait(boost::asio::posix::descriptor_base::wait_read, as_values);
}

void udp_sockets::drain(listener& to)
{
    std::array<epoll_event, most> events;
    int const count = ::epoll_wait(epoll_.native_handle(), events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < count; ++i) read(events[static_cast<std::size_t>(i)].data.u32, to);
}

void udp_sockets::read(std::uint32_t socket, listener& to)
{
    for (unsigned i = 0; i < most_in_row; ++i) {
        auto const found = all_.find(socket);  // an answer that was heard of may have closed it
        if (found == all_.end()) return;
        auto const got = receive_message(found->second.fd, buffer_);
        if (got.nothing()) return;
        if (got.failed) continue;
        auto const from = from_kernel(got.from);
        if (!from) continue;
        to.on_datagram(socket, {{buffer_.data(), got.length},
                                *from,
                                port_in(got.from),
                                got.with.destination,
                                got.with.ttl,
                                {std::chrono::steady_clock::now(), got.with.kernel}});
    }
}

}  // namespace tp::probe
