#include "probe/measure/resolve/resolver.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/coroutine.hpp"
#include "probe/measure/resolve/ares_core.hpp"
#include "probe/measure/socket_address.hpp"

namespace tp::probe {
namespace {

/// One look-up. Its callback may come before anybody waits, and after nobody does any more.
template <class Core>
struct waiting {
    explicit waiting(std::shared_ptr<Core> core) : owner(core), timer(core->executor(), resolver::limit) {}

    std::weak_ptr<Core> owner;
    boost::asio::steady_timer timer;
    std::optional<result<std::vector<ip_address>>> outcome;

    static void on_answer(void* argument, int status, int /*timeouts*/, ares_addrinfo* answer);
};

result<std::vector<ip_address>> read_answer(int status, ares_addrinfo const* answer)
{
    if (status != ARES_SUCCESS) return error_code(status, ares_category());
    std::vector<ip_address> out;
    for (auto const* one = answer->nodes; one; one = one->ai_next) {
        sockaddr_storage storage{};
        std::memcpy(&storage, one->ai_addr, std::min<std::size_t>(one->ai_addrlen, sizeof storage));
        if (auto const address = from_kernel(storage)) out.push_back(*address);
    }
    if (out.empty()) return error_code(ARES_ENODATA, ares_category());
    return out;
}

template <class Core>
void waiting<Core>::on_answer(void* argument, int status, int, ares_addrinfo* answer)
{
    std::unique_ptr<std::shared_ptr<waiting>> const self(static_cast<std::shared_ptr<waiting>*>(argument));
    handle<ares_addrinfo, ::ares_freeaddrinfo> const owner_of_answer(answer);
    (*self)->outcome = read_answer(status, answer);
    (*self)->timer.cancel();
    if (auto const core = (*self)->owner.lock()) --core->pending;
}

}  // namespace

bool means_no_address(error_code why) noexcept
{
    return why.category() == ares_category() && (why.value() == ARES_ENODATA || why.value() == ARES_ENOTFOUND);
}

resolver::resolver(boost::asio::any_io_executor executor) : core_(std::make_shared<core>(std::move(executor)))
{
    ::ares_library_init(ARES_LIB_INIT_ALL);  // counted by c-ares
}

resolver::~resolver()
{
    core_.reset();
    ::ares_library_cleanup();
}

void resolver::cancel()
{
    if (core_->channel()) ::ares_cancel(core_->channel());
}

boost::asio::awaitable<result<std::vector<ip_address>>> resolver::resolve(std::string name, proto::family af)
{
    auto const with = core_;
    if (with->pending >= most_at_once) co_return errc::unavailable;
    auto const prepared = with->prepare();
    if (!prepared) co_return prepared.error();

    using one_waiting = waiting<core>;
    auto const one = std::make_shared<one_waiting>(with);
    ares_addrinfo_hints hints{};
    hints.ai_family = af == proto::family::v4 ? AF_INET : AF_INET6;
    hints.ai_socktype = SOCK_DGRAM;
    ++with->pending;
    auto argument = std::make_unique<std::shared_ptr<one_waiting>>(one);
    ::ares_getaddrinfo(with->channel(), name.c_str(), nullptr, &hints, one_waiting::on_answer, argument.release());
    with->arm_timer();
    if (!one->outcome) co_await one->timer.async_wait(as_values);
    if (!one->outcome) co_return errc::timed_out;
    co_return *one->outcome;
}

}  // namespace tp::probe
