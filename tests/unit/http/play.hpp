#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "base/coroutine.hpp"
#include "probe/guard/guard.hpp"
#include "tests/unit/probe/support.hpp"

namespace tp::probe {

inline ip_address loopback()
{
    return parse_address("127.0.0.1").value();
}

/// A guard whose host allows loopback.
inline guard lenient_guard(unsigned packets_per_second = 100'000)
{
    return {caps{.packets_per_second = packets_per_second},
            target_policy(parse_allow_list("127.0.0.0/8\n::1\n").prefixes), std::chrono::steady_clock::now()};
}

/// Runs a coroutine to its end, which must come within 30 s.
template <class T>
T play(asio::io_context& io, asio::awaitable<T> what)
{
    std::optional<T> out;
    asio::co_spawn(io, std::move(what), [&](std::exception_ptr thrown, T value) {
        if (thrown) std::rethrow_exception(thrown);
        out = std::move(value);
    });
    io.restart();
    auto const end = std::chrono::steady_clock::now() + 30s;
    while (!out && std::chrono::steady_clock::now() < end) io.run_one_for(50ms);
    if (!out) throw std::runtime_error("a coroutine did not end");
    return std::move(*out);
}

}  // namespace tp::probe
