#pragma once

#include <optional>
#include <string_view>

#include "base/ip_prefix.hpp"

namespace tp::probe {

/// What the text of a target is. What is neither of these is never looked up.
enum class target_text {
    address,     // in the spelling that parse_address() takes
    first_hop,   // "first-hop", "second-hop": what the probe itself learned
    second_hop,  //
    name,        // a host name, RFC 1123
    neither      // also whatever inet_aton(3) would take for an address: "127.1", "0x7f.1", "0177.0.0.1", "2130706433"
};

/// A name's last label is never a number (RFC 3696, section 2), so that no resolver on the way, nor a library of it,
/// can make an address out of a text that we did not take for one. No zones: "fe80::1%eth0" is neither.
target_text kind_of_target(std::string_view text) noexcept;

}  // namespace tp::probe
