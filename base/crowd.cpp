#include "base/crowd.hpp"

#include "base/customer.hpp"

namespace tp {

bool crowd::enter(ip_address const& peer)
{
    if (inside_ >= most_.in_all) return false;
    auto const source = customer_of(peer);
    auto const found = of_source_.find(source);
    if (found != of_source_.end() && found->second >= most_.of_a_source) return false;
    ++of_source_[source];
    ++inside_;
    return true;
}

void crowd::leave(ip_address const& peer)
{
    auto const found = of_source_.find(customer_of(peer));
    if (--found->second == 0) of_source_.erase(found);
    --inside_;
}

}  // namespace tp
