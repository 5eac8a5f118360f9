#include "base/backoff.hpp"

#include <algorithm>

namespace tp {

backoff::milliseconds backoff::next()
{
    constexpr unsigned most_doublings = 30;
    auto const step = std::min(longest_.count(), first_.count() << std::min(failures_, most_doublings));
    failures_ = std::min(failures_ + 1, most_doublings);
    return milliseconds(std::uniform_int_distribution<milliseconds::rep>((step + 1) / 2, step)(random_));
}

}  // namespace tp
