#pragma once

#include <boost/asio/awaitable.hpp>
#include <vector>

namespace tp::probe {

/// Runs coroutines side by side until the first one ends, cancels the others, and returns when all have ended.
/// Throws what one of them threw, other than its cancellation. A cancelled caller unwinds at its next co_await.
boost::asio::awaitable<void> together(std::vector<boost::asio::awaitable<void>> all);

}  // namespace tp::probe
