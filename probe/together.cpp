#include "probe/together.hpp"

#include <exception>

#include "base/coroutine.hpp"

namespace tp::probe {

boost::asio::awaitable<void> together(std::vector<boost::asio::awaitable<void>> all)
{
    auto const executor = co_await asio::this_coro::executor;
    using operation = decltype(asio::co_spawn(executor, std::move(all.front()), asio::deferred));
    std::vector<operation> operations;
    operations.reserve(all.size());
    for (auto& one : all) operations.push_back(asio::co_spawn(executor, std::move(one), asio::deferred));
    all.clear();
    auto group = asio::experimental::make_parallel_group(std::move(operations));
    auto [order, thrown] = co_await group.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    for (auto const index : order) expect_cancelled(thrown[index]);
}

}  // namespace tp::probe
