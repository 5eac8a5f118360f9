#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/ip_prefix.hpp"

namespace tp::probe {

/// Where HTTP may go: the machines that agreed to be fetched from, as the signed list names them. It keeps no more of
/// them than that, since the list may be longer than a probe's memory has room for.
class anchors {
public:
    /// One machine: each of these ports at each of these addresses.
    void add(std::vector<ip_address> const& addresses, std::vector<std::uint16_t> const& ports);

    bool have(ip_address const& address, std::uint16_t port) const noexcept;
    /// Of machines.
    std::size_t size() const noexcept { return size_; }

private:
    struct place {
        std::array<unsigned char, 16> address;  // IPv4 in the first four
        std::uint32_t first_port = 0;           // in ports_
        std::uint8_t port_count = 0;
        bool v6 = false;
        bool is_at(place const& other) const noexcept { return v6 == other.v6 && address == other.address; }
    };
    static place place_of(ip_address const& address);

    std::vector<place> places_;
    std::vector<std::uint16_t> ports_;
    std::size_t size_ = 0;
};

}  // namespace tp::probe
