#include "probe/measure/resolve/ares_core.hpp"

#include <sys/stat.h>

#include <string>

namespace tp::probe {
namespace {

constexpr char const* system_configuration = "/etc/resolv.conf";
// Twice to each resolver, the second time for twice as long: within resolver::limit.
constexpr int try_for = 1500;  // milliseconds
constexpr int tries = 2;

class category final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "c-ares"; }
    std::string message(int value) const override { return ::ares_strerror(value); }
};

std::int64_t configuration_changed_at()
{
    struct stat status {};
    if (::stat(system_configuration, &status) != 0) return 0;
    // Widened before it is multiplied: armhf's seconds have 32 bits.
    return std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
}

}  // namespace

boost::system::error_category const& ares_category() noexcept
{
    static category const one;
    return one;
}

resolver::core::~core()
{
    destroy();
}

void resolver::core::destroy()
{
    if (channel_) ::ares_destroy(channel_);  // calls on_socket_state for every socket it closes
    channel_ = nullptr;
}

result<void> resolver::core::prepare()
{
    auto const changed = configuration_changed_at();
    if (channel_ && (changed == configured_ || pending > 0)) return {};
    destroy();
    ares_options options{};
    options.flags = ARES_FLAG_NOSEARCH;
    options.timeout = try_for;
    options.tries = tries;
    options.sock_state_cb = on_socket_state;
    options.sock_state_cb_data = this;
    auto const mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
    if (auto const status = ::ares_init_options(&channel_, &options, mask); status != ARES_SUCCESS) {
        channel_ = nullptr;
        return error_code(status, ares_category());
    }
    configured_ = changed;
    return {};
}

void resolver::core::on_socket_state(void* self, ares_socket_t fd, int read, int write)
{
    static_cast<core*>(self)->want(fd, read != 0, write != 0);
}

void resolver::core::want(ares_socket_t fd, bool read, bool write)
{
    auto found = watches_.find(fd);
    if (!read && !write) {
        if (found == watches_.end()) return;
        found->second.descriptor.release();  // c-ares closes it
        watches_.erase(found);
        return;
    }
    if (found == watches_.end())
        found = watches_.emplace(fd, watch{boost::asio::posix::stream_descriptor(executor_, fd), ++last_number_}).first;
    found->second.read = read;
    found->second.write = write;
    arm(fd, false);
    arm(fd, true);
}

void resolver::core::arm(ares_socket_t fd, bool for_write)
{
    using descriptor = boost::asio::posix::descriptor_base;
    auto& one = watches_.at(fd);
    auto& waiting = for_write ? one.waiting_write : one.waiting_read;
    if (waiting || !(for_write ? one.write : one.read)) return;
    waiting = true;
    one.descriptor.async_wait(for_write ? descriptor::wait_write : descriptor::wait_read,
                              [weak = weak_from_this(), fd, number = one.number, for_write](error_code ec) {
                                  auto const self = weak.lock();
                                  if (self && !ec) self->ready(fd, number, for_write);
                              });
}

void resolver::core::ready(ares_socket_t fd, std::uint64_t number, bool for_write)
{
    auto const same = [&] {
        auto const found = watches_.find(fd);
        return found != watches_.end() && found->second.number == number;
    };
    if (!same()) return;
    auto& one = watches_.at(fd);
    (for_write ? one.waiting_write : one.waiting_read) = false;
    ::ares_process_fd(channel_, for_write ? ARES_SOCKET_BAD : fd, for_write ? fd : ARES_SOCKET_BAD);
    if (same()) arm(fd, for_write);
    arm_timer();
}

void resolver::core::arm_timer()
{
    timeval left{};
    if (!channel_ || !::ares_timeout(channel_, nullptr, &left)) {
        timer_.cancel();
        return;
    }
    timer_.expires_after(std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec));
    timer_.async_wait([weak = weak_from_this()](error_code ec) {
        auto const self = weak.lock();
        if (!self || ec || !self->channel_) return;
        ::ares_process_fd(self->channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
        self->arm_timer();
    });
}

}  // namespace tp::probe
