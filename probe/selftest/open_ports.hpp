#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_prefix.hpp"

namespace tp::probe {

/// A port at which this machine takes what others begin.
struct open_port {
    enum class transport { tcp, udp };
    transport over = transport::tcp;
    ip_address address;
    std::uint16_t port = 0;
    bool operator==(open_port const&) const = default;
};
/// "tcp 0.0.0.0:22"
std::string text_of(open_port const& one);

/// Of a table as the kernel writes it (/proc/net/tcp, tcp6, udp, udp6): TCP sockets that listen, and UDP sockets that
/// are not connected; those of loopback addresses are nobody's but this machine's, and left out. Lines that are none
/// are too.
std::vector<open_port> open_ports_in(std::string_view table, open_port::transport over);

/// All of this machine's network namespace, without these numbers. Errors: those of reading.
result<std::vector<open_port>> find_open_ports(std::vector<std::uint16_t> const& allowed);

}  // namespace tp::probe
