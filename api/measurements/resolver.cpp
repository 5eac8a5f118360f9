#include "api/measurements/resolver.hpp"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstring>
#include <functional>
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

/// Blocks. The texts of one record, put together.
std::string text_of(ns_rr const& record)
{
    std::string out;
    auto const* at = ns_rr_rdata(record);
    auto const* const end = at + ns_rr_rdlen(record);
    while (at < end) {
        auto const length = std::min<std::ptrdiff_t>(*at, end - at - 1);
        out.append(reinterpret_cast<char const*>(at + 1), static_cast<std::size_t>(length));
        at += 1 + length;
    }
    return out;
}

result<std::vector<std::string>> texts_in(std::vector<unsigned char> const& message, int length)
{
    ns_msg parsed{};
    if (ns_initparse(message.data(), length, &parsed) != 0) return errc::malformed;
    std::vector<std::string> out;
    for (int i = 0; i < ns_msg_count(parsed, ns_s_an) && out.size() < resolver::most_texts; ++i) {
        ns_rr record{};
        if (ns_parserr(&parsed, ns_s_an, i, &record) != 0) return errc::malformed;
        if (ns_rr_type(record) == ns_t_txt) out.push_back(text_of(record));
    }
    if (out.empty()) return errc::not_found;
    return out;
}

void ask_only(struct __res_state& state, asio::ip::udp::endpoint const& server)
{
    state.nscount = 1;
    state.nsaddr_list[0] = {};
    state.nsaddr_list[0].sin_family = AF_INET;
    state.nsaddr_list[0].sin_port = htons(server.port());
    state.nsaddr_list[0].sin_addr.s_addr = htonl(server.address().to_v4().to_uint());
}

/// Blocks, for some 8 s at most.
result<std::vector<std::string>> look_up_texts(std::string const& name,
                                               std::optional<asio::ip::udp::endpoint> const& name_server)
{
    struct __res_state state {};
    if (res_ninit(&state) != 0) return errc::unavailable;
    state.retrans = 2;  // seconds
    state.retry = 2;
    if (name_server) ask_only(state, *name_server);
    std::vector<unsigned char> message(NS_MAXMSG);
    auto const length =
        res_nquery(&state, name.c_str(), ns_c_in, ns_t_txt, message.data(), static_cast<int>(message.size()));
    auto const why = state.res_h_errno;
    res_nclose(&state);
    if (length < 0) return why == TRY_AGAIN ? errc::timed_out : errc::not_found;
    return texts_in(message, std::min(length, static_cast<int>(message.size())));
}

/// Shared by the waiting coroutine and the thread; only the loop reads and writes it.
template <class T>
struct answer {
    explicit answer(asio::io_context& io, std::chrono::milliseconds limit) : waiting(io, limit) {}
    asio::steady_timer waiting;
    std::optional<result<T>> value;
};

}  // namespace

struct resolver::parts {
    parts(asio::io_context& loop, std::optional<asio::ip::udp::endpoint> server) : io(loop), name_server(server) {}
    asio::io_context& io;
    std::optional<asio::ip::udp::endpoint> name_server;
    std::size_t waiting = 0;
    asio::thread_pool pool{threads};

    /// Runs what blocks in a thread, and waits for it no longer than `limit`.
    template <class T>
    asio::awaitable<result<T>> in_thread(std::function<result<T>()> work, std::chrono::milliseconds limit)
    {
        if (waiting >= most_waiting) co_return errc::unavailable;
        ++waiting;
        auto const shared = std::make_shared<answer<T>>(io, limit);
        asio::post(pool, [this, shared, work = std::move(work)] {
            auto found = work();
            asio::post(io, [this, shared, found = std::move(found)]() mutable {
                --waiting;
                shared->value = std::move(found);
                shared->waiting.cancel();
            });
        });
        co_await shared->waiting.async_wait(as_values);
        if (!shared->value) co_return errc::timed_out;
        co_return std::move(*shared->value);
    }
};

resolver::resolver(asio::io_context& io, std::optional<asio::ip::udp::endpoint> name_server)
    : parts_(std::make_unique<parts>(io, name_server))
{
}

resolver::~resolver()
{
    parts_->pool.join();
}

asio::awaitable<result<ip_address>> resolver::lookup(std::string name, proto::family af,
                                                     std::chrono::milliseconds limit)
{
    auto const family = af == proto::family::v4 ? AF_INET : AF_INET6;
    std::function<result<ip_address>()> work = [wanted = std::move(name), family] {
        return look_up_now(wanted, family);
    };
    co_return co_await parts_->in_thread<ip_address>(std::move(work), limit);
}

asio::awaitable<result<std::vector<std::string>>> resolver::lookup_texts(std::string name,
                                                                         std::chrono::milliseconds limit)
{
    std::function<result<std::vector<std::string>>()> work = [wanted = std::move(name), server = parts_->name_server] {
        return look_up_texts(wanted, server);
    };
    co_return co_await parts_->in_thread<std::vector<std::string>>(std::move(work), limit);
}

}  // namespace tp::api
