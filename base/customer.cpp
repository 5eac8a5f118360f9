#include "base/customer.hpp"

namespace tp {

ip_address customer_of(ip_address const& address)
{
    constexpr unsigned customer_length = 64;  // bits
    if (address.is_v4()) return address;
    auto const v6 = address.to_v6();
    if (v6.is_v4_mapped()) return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, v6);
    return ip_prefix::around(address, customer_length)->network();
}

}  // namespace tp
