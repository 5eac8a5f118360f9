#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <unordered_map>

#include "controller/relay/piece_cache.hpp"
#include "controller/relay/turnstile.hpp"

namespace tp::controller {

/// Pieces from the cache, or from the store, once for all who wait for the same.
class pieces {
public:
    static constexpr std::size_t reads_at_once = 2;  // of the store, which has other things to do
    static constexpr std::chrono::seconds read_limit{10};

    using reader = std::function<boost::asio::awaitable<result<std::string>>(piece_key)>;

    /// @param limit  how long a reading of the store may take here.
    pieces(boost::asio::any_io_executor executor, reader read, std::size_t cache_octets,
           std::chrono::nanoseconds limit = read_limit)
        : executor_(executor),
          read_(std::move(read)),
          cache_(cache_octets),
          limit_(limit),
          reading_(executor, reads_at_once)
    {
    }

    /// Errors: those of the reader; errc::timed_out; errc::closed.
    boost::asio::awaitable<result<piece_ptr>> get(piece_key key, steady_time until);
    void close();
    std::size_t cached_octets() const noexcept { return cache_.octets(); }

private:
    struct flight {
        boost::asio::steady_timer landed;  // never expires: cancelled to wake who waits
        result<piece_ptr> outcome = errc::unavailable;
        bool over = false;
    };
    boost::asio::awaitable<result<piece_ptr>> fetch(piece_key key, steady_time until);

    boost::asio::any_io_executor executor_;
    reader read_;
    piece_cache cache_;
    std::chrono::nanoseconds limit_;
    turnstile reading_;
    std::unordered_map<piece_key, std::shared_ptr<flight>, piece_key_hash> flights_;
};

}  // namespace tp::controller
