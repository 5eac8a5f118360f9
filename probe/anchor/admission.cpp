#include "probe/anchor/admission.hpp"

namespace tp::anchor {

ip_address source_of(ip_address const& peer)
{
    constexpr unsigned whole = 32, one_network = 64;  // bits
    return ip_prefix::around(peer, peer.is_v4() ? whole : one_network)->network();
}

bool admission::enter(ip_address const& peer)
{
    if (inside_ >= most_.in_all) return false;
    auto const source = source_of(peer);
    auto const found = of_source_.find(source);
    if (found != of_source_.end() && found->second >= most_.of_a_source) return false;
    ++of_source_[source];
    ++inside_;
    return true;
}

void admission::leave(ip_address const& peer)
{
    auto const found = of_source_.find(source_of(peer));
    if (--found->second == 0) of_source_.erase(found);
    --inside_;
}

}  // namespace tp::anchor
