/* The network's part of fault.c: each call on a socket of TCP, but those of epoll. When these fail a program waits until its
 * patience is over, and nothing else happens. */
#define _GNU_SOURCE
#include <poll.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/support/fault.h"

static int fails_on(char const* call, int fd)
{
    return watched(fd) == network && fails(call, network, any_call);
}

enum ending { as_usual, failing, one_octet };

/* How a call ends that receives. One that sends is never cut short: it would have to be followed by the event that the socket
 * takes more, which waits for an edge and which nobody but the kernel can make. */
static enum ending ending_of(char const* call, int fd)
{
    if (watched(fd) != network || !fails(call, network, divisible)) return as_usual;
    return in_part() ? one_octet : failing;
}

static size_t part_of(size_t size, enum ending how)
{
    return how == one_octet && size > 1 ? 1 : size;
}

/* The same of many pieces; the first one of any length stands for it. */
static struct iovec first_octet(struct iovec const* pieces, size_t count)
{
    struct iovec out = {0, 0};
    for (size_t i = 0; i < count && out.iov_len == 0; ++i) out = pieces[i];
    if (out.iov_len > 1) out.iov_len = 1;
    return out;
}

int socket(int domain, int type, int protocol)
{
    int const is_tcp = (domain == AF_INET || domain == AF_INET6) && (type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) == SOCK_STREAM;
    if (!is_tcp) return REAL(socket)(domain, type, protocol);
    return fails("socket", network, any_call) ? -1 : watch(REAL(socket)(domain, type, protocol), network);
}

int connect(int fd, struct sockaddr const* to, socklen_t size)
{
    return fails_on("connect", fd) ? -1 : REAL(connect)(fd, to, size);
}

int bind(int fd, struct sockaddr const* to, socklen_t size)
{
    return fails_on("bind", fd) ? -1 : REAL(bind)(fd, to, size);
}

int shutdown(int fd, int how)
{
    return fails_on("shutdown", fd) ? -1 : REAL(shutdown)(fd, how);
}

int setsockopt(int fd, int level, int name, void const* value, socklen_t size)
{
    return fails_on("setsockopt", fd) ? -1 : REAL(setsockopt)(fd, level, name, value, size);
}

int getsockopt(int fd, int level, int name, void* value, socklen_t* size)
{
    return fails_on("getsockopt", fd) ? -1 : REAL(getsockopt)(fd, level, name, value, size);
}

int getsockname(int fd, struct sockaddr* to, socklen_t* size)
{
    return fails_on("getsockname", fd) ? -1 : REAL(getsockname)(fd, to, size);
}

int getpeername(int fd, struct sockaddr* to, socklen_t* size)
{
    return fails_on("getpeername", fd) ? -1 : REAL(getpeername)(fd, to, size);
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list more;
    va_start(more, request);
    void* const argument = va_arg(more, void*);
    va_end(more);
    return fails_on("ioctl", fd) ? -1 : REAL(ioctl)(fd, request, argument);
}

int poll(struct pollfd* all, nfds_t count, int timeout)
{
    for (nfds_t i = 0; i < count; ++i)
        if (watched(all[i].fd) == network) return fails_on("poll", all[i].fd) ? -1 : REAL(poll)(all, count, timeout);
    return REAL(poll)(all, count, timeout);
}

ssize_t send(int fd, void const* from, size_t size, int flags)
{
    return fails_on("send", fd) ? -1 : REAL(send)(fd, from, size, flags);
}

ssize_t sendto(int fd, void const* from, size_t size, int flags, struct sockaddr const* to, socklen_t length)
{
    return fails_on("sendto", fd) ? -1 : REAL(sendto)(fd, from, size, flags, to, length);
}

ssize_t sendmsg(int fd, struct msghdr const* message, int flags)
{
    return fails_on("sendmsg", fd) ? -1 : REAL(sendmsg)(fd, message, flags);
}

ssize_t writev(int fd, struct iovec const* pieces, int count)
{
    return fails_on("writev", fd) ? -1 : REAL(writev)(fd, pieces, count);
}

ssize_t recv(int fd, void* to, size_t size, int flags)
{
    enum ending const how = ending_of("recv", fd);
    return how == failing ? -1 : REAL(recv)(fd, to, part_of(size, how), flags);
}

ssize_t recvfrom(int fd, void* to, size_t size, int flags, struct sockaddr* from, socklen_t* length)
{
    enum ending const how = ending_of("recvfrom", fd);
    return how == failing ? -1 : REAL(recvfrom)(fd, to, part_of(size, how), flags, from, length);
}

ssize_t recvmsg(int fd, struct msghdr* message, int flags)
{
    enum ending const how = ending_of("recvmsg", fd);
    if (how != one_octet) return how == failing ? -1 : REAL(recvmsg)(fd, message, flags);
    struct iovec const piece = first_octet(message->msg_iov, message->msg_iovlen);
    return REAL(recv)(fd, piece.iov_base, piece.iov_len, flags);
}

ssize_t readv(int fd, struct iovec const* pieces, int count)
{
    enum ending const how = ending_of("readv", fd);
    if (how != one_octet) return how == failing ? -1 : REAL(readv)(fd, pieces, count);
    struct iovec const piece = first_octet(pieces, (size_t)count);
    return REAL(read)(fd, piece.iov_base, piece.iov_len);
}

ssize_t read_stream(int fd, void* to, size_t size)
{
    enum ending const how = ending_of("read", fd);
    return how == failing ? -1 : REAL(read)(fd, to, part_of(size, how));
}

ssize_t write_stream(int fd, void const* from, size_t size)
{
    return fails_on("write", fd) ? -1 : REAL(write)(fd, from, size);
}
