#include "base/ssh/admission.hpp"

namespace tp::ssh {
namespace {

ip_address source_of(ip_address const& from)
{
    constexpr unsigned customer_length = 64;
    if (from.is_v4()) return from;
    if (from.to_v6().is_v4_mapped()) return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, from.to_v6());
    return ip_prefix::around(from, customer_length)->network();
}

}  // namespace

admission::verdict admission::ask(ip_address const& from) const
{
    if (sessions_ >= limits_.sessions || half_open_ >= limits_.half_open) return verdict::full;
    auto const found = by_source_.find(source_of(from));
    bool const full = found != by_source_.end() && found->second >= limits_.half_open_per_address;
    return full ? verdict::source_full : verdict::welcome;
}

void admission::enter(ip_address const& from)
{
    ++sessions_;
    ++half_open_;
    ++by_source_[source_of(from)];
}

void admission::opened(ip_address const& from)
{
    --half_open_;
    auto const found = by_source_.find(source_of(from));
    if (--found->second == 0) by_source_.erase(found);
}

void admission::leave_half_open(ip_address const& from)
{
    opened(from);
    leave();
}

}  // namespace tp::ssh
