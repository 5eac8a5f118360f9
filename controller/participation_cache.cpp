#include "controller/participation_cache.hpp"

#include <utility>

namespace tp::controller {

bool participation_cache::contains(pair which)
{
    if (young_.contains(which)) return true;
    if (old_.erase(which) == 0) return false;
    add(which);
    return true;
}

void participation_cache::add(pair which)
{
    if (young_.size() >= half_) old_ = std::exchange(young_, {});
    old_.erase(which);
    young_.insert(which);
}

}  // namespace tp::controller
