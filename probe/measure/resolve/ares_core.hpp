#pragma once

#include <ares.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <map>
#include <memory>

#include "base/error.hpp"
#include "base/handle.hpp"
#include "probe/measure/resolve/resolver.hpp"

/// Private to this folder: c-ares on Asio. It tells which sockets to watch; we tell it when they are ready.
namespace tp::probe {

boost::system::error_category const& ares_category() noexcept;

class resolver::core : public std::enable_shared_from_this<core> {
public:
    explicit core(boost::asio::any_io_executor executor) : executor_(std::move(executor)), timer_(executor_) {}
    core(core const&) = delete;
    core& operator=(core const&) = delete;
    ~core();

    /// Makes the channel anew if the machine's resolvers may have changed and nothing is on. Errors: c-ares' own.
    result<void> prepare();
    ares_channel channel() const noexcept { return channel_; }
    boost::asio::any_io_executor executor() const { return executor_; }

    /// To be called after every call into c-ares that can start or end something.
    void arm_timer();

    std::size_t pending = 0;  // look-ups whose callback is to come

private:
    struct watch {
        boost::asio::posix::stream_descriptor descriptor;
        std::uint64_t number;  // descriptors are reused, numbers are not
        bool read = false, write = false, waiting_read = false, waiting_write = false;
    };
    static void on_socket_state(void* self, ares_socket_t fd, int read, int write);
    void want(ares_socket_t fd, bool read, bool write);
    void arm(ares_socket_t fd, bool for_write);
    void ready(ares_socket_t fd, std::uint64_t number, bool for_write);
    void destroy();

    boost::asio::any_io_executor executor_;
    boost::asio::steady_timer timer_;
    ares_channel channel_ = nullptr;
    std::map<ares_socket_t, watch> watches_;
    std::uint64_t last_number_ = 0;
    std::int64_t configured_ = 0;  // when /etc/resolv.conf was last changed, as far as the channel knows
};

}  // namespace tp::probe
