#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tp::probe {

/// The certificates of a server's Certificate message, as far as a report has room for them.
struct certificate_chain {
    std::vector<std::string> certificates;  // DER, or whatever the server says is DER, in its order
    std::size_t left_out = 0;               // certificates after those
    bool malformed = false;                 // the message is not what the standard says; what came before that is kept
};

/// @param octets  the message without its handshake header.
/// @param v1_3    laid out as RFC 8446, section 4.4.2, says; else as RFC 5246, section 7.4.2.
certificate_chain read_certificate_message(std::string_view octets, bool v1_3);

}  // namespace tp::probe
