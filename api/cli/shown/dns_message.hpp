#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tp::cli {

/// A DNS message as people read it.
struct dns_message {
    static constexpr std::size_t most_answers = 64;  // that are shown

    std::string code;                  // "NOERROR"; empty if there is no header
    std::vector<std::string> answers;  // "example.net. 300 IN A 192.0.2.1"; as far as they can be read
};

/// @param base64  the octets of the message, as in Atlas results ("abuf").
dns_message read_dns_message(std::string_view base64);

}  // namespace tp::cli
