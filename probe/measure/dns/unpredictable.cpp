#include "probe/measure/dns/unpredictable.hpp"

#include <sys/random.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace tp::probe {

std::uint8_t unpredictable::octet()
{
    if (used_ == fetched_.size()) {
        if (::getrandom(fetched_.data(), fetched_.size(), 0) != static_cast<ssize_t>(fetched_.size()))
            throw std::system_error(errno, std::system_category(), "getrandom");
        used_ = 0;
    }
    return std::exchange(fetched_[used_++], std::uint8_t{0});
}

}  // namespace tp::probe
