#include "api/measurements/resolver.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstring>
#include <optional>

#include "base/coroutine.hpp"
#include "base/handle.hpp"

namespace tp::api {
namespace {

/// Blocks. Runs in a thread of the pool and touches nothing of the loop.
result<ip_address> look_up_now(std::string const& name, int family)
{
    addrinfo wanted{};
    wanted.ai_family = family;
    wanted.ai_socktype = SOCK_DGRAM;  // one entry for each address, not one for each protocol
    addrinfo* list = nullptr;
    if (::getaddrinfo(name.c_str(), nullptr, &wanted, &list) != 0 || list == nullptr) return errc::not_found;
    handle<addrinfo, ::freeaddrinfo> const owner{list};
    asio::ip::tcp::endpoint out;
    if (list->ai_addrlen > out.capacity()) return errc::malformed;
    std::memcpy(out.data(), list->ai_addr, list->ai_addrlen);
    return out.address();
}

/// Shared by the waiting coroutine and the thread; only the loop reads and writes it.
struct answer {
    explicit answer(asio::io_context& io, std::chrono::milliseconds limit) : waiting(io, limit) {}
    asio::steady_timer waiting;
    std::optional<result<ip_address>> value;
};

}  // namespace

struct resolver::parts {
    explicit parts(asio::io_context& loop) : io(loop) {}
    asio::io_context& io;
    std::size_t waiting = 0;
    asio::thread_pool pool{threads};
};

resolver::resolver(asio::io_context& io) : parts_(std::make_unique<parts>(io))
{
}

resolver::~resolver()
{
    parts_->pool.join();
}

asio::awaitable<result<ip_address>> resolver::lookup(std::string name, proto::family af,
                                                     std::chrono::milliseconds limit)
{
    auto& all = *parts_;
    if (all.waiting >= most_waiting) co_return errc::unavailable;
    ++all.waiting;
    auto const shared = std::make_shared<answer>(all.io, limit);
    auto const family = af == proto::family::v4 ? AF_INET : AF_INET6;
    asio::post(all.pool, [&all, shared, family, wanted = std::move(name)] {
        auto found = look_up_now(wanted, family);
        asio::post(all.io, [&all, shared, found = std::move(found)] {
            --all.waiting;
            shared->value = found;
            shared->waiting.cancel();
        });
    });
    co_await shared->waiting.async_wait(as_values);
    if (!shared->value) co_return errc::timed_out;
    co_return *shared->value;
}

}  // namespace tp::api
