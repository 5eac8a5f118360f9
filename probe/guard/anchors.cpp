#include "probe/guard/anchors.hpp"

#include <algorithm>

namespace tp::probe {

anchors::place anchors::place_of(ip_address const& address)
{
    place out{.address = {}, .v6 = address.is_v6()};
    if (address.is_v6()) {
        out.address = address.to_v6().to_bytes();
    } else {
        auto const octets = address.to_v4().to_bytes();
        std::copy(octets.begin(), octets.end(), out.address.begin());
    }
    return out;
}

void anchors::add(std::vector<ip_address> const& addresses, std::vector<std::uint16_t> const& ports)
{
    for (auto const& each : addresses) {
        auto one = place_of(each);
        one.first_port = static_cast<std::uint32_t>(ports_.size());
        one.port_count = static_cast<std::uint8_t>(ports.size());
        places_.push_back(one);
    }
    ports_.insert(ports_.end(), ports.begin(), ports.end());
    ++size_;
}

bool anchors::have(ip_address const& address, std::uint16_t port) const noexcept
{
    if (address.is_v6() && address.to_v6().scope_id() != 0) return false;
    auto const wanted = place_of(address);
    return std::any_of(places_.begin(), places_.end(), [&](place const& each) {
        if (!each.is_at(wanted)) return false;
        auto const first = ports_.begin() + each.first_port, last = first + each.port_count;
        return std::find(first, last, port) != last;
    });
}

}  // namespace tp::probe
