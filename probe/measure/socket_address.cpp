#include "probe/measure/socket_address.hpp"

#include <netinet/in.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "probe/measure/source_address.hpp"

namespace tp::probe {

socket_address to_kernel(ip_address const& address, unsigned short port)
{
    socket_address out;
    if (address.is_v4()) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        v4.sin_addr.s_addr = htonl(address.to_v4().to_uint());
        std::memcpy(&out.storage, &v4, sizeof v4);
        out.length = sizeof v4;
    } else {
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        v6.sin6_scope_id = static_cast<std::uint32_t>(address.to_v6().scope_id());
        auto const octets = address.to_v6().to_bytes();
        std::memcpy(&v6.sin6_addr, octets.data(), octets.size());
        std::memcpy(&out.storage, &v6, sizeof v6);
        out.length = sizeof v6;
    }
    return out;
}

result<ip_address> from_kernel(sockaddr_storage const& address)
{
    if (address.ss_family == AF_INET) {
        sockaddr_in v4;
        std::memcpy(&v4, &address, sizeof v4);
        return ip_address(boost::asio::ip::address_v4(ntohl(v4.sin_addr.s_addr)));
    }
    if (address.ss_family != AF_INET6) return errc::unsupported;
    sockaddr_in6 v6;
    std::memcpy(&v6, &address, sizeof v6);
    boost::asio::ip::address_v6::bytes_type octets;
    std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
    return ip_address(boost::asio::ip::address_v6(octets));
}

namespace {

/// Kept open, for a socket costs more than the question. Each thread has its own.
class asking_socket {
public:
    explicit asking_socket(int family) noexcept : family_(family) {}
    asking_socket(asking_socket const&) = delete;
    asking_socket& operator=(asking_socket const&) = delete;
    ~asking_socket() { close(); }

    void close() noexcept
    {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }

    /// A socket that is connected to nobody, or -1.
    int disconnected() noexcept
    {
        if (fd_ < 0) return fd_ = ::socket(family_, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        sockaddr nobody{};  // else the address of the first answer would be that of all
        nobody.sa_family = AF_UNSPEC;
        ::connect(fd_, &nobody, sizeof nobody);
        return fd_;
    }

private:
    int family_;
    int fd_ = -1;
};

}  // namespace

result<ip_address> source_address(ip_address const& destination)
{
    constexpr unsigned short discard = 9;  // connect(2) wants a port; nothing is sent there
    thread_local asking_socket v4(AF_INET), v6(AF_INET6);
    auto const last_error = [] { return error_code(errno, boost::system::system_category()); };
    auto& asked = destination.is_v4() ? v4 : v6;
    int const fd = asked.disconnected();
    if (fd < 0) return last_error();
    auto const to = to_kernel(destination, discard);
    if (::connect(fd, to.get(), to.length) != 0) {
        auto const why = last_error();
        asked.close();  // it has a port by now, and nobody at its other end: it would hear whoever writes there
        return why;
    }
    socket_address own;
    own.length = sizeof own.storage;
    if (::getsockname(fd, own.get(), &own.length) != 0) return last_error();
    return from_kernel(own.storage);
}

}  // namespace tp::probe
