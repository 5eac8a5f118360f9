#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tp::anchor {

/// Response codes. Source: RFC 1035, section 4.1.1; RFC 6891, section 9.
enum class dns_code : std::uint8_t {
    no_error = 0,
    format_error = 1,
    no_such_name = 3,
    not_implemented = 4,
    refused = 5,
    bad_version = 16,
};

/// What a client says by EDNS (RFC 6891).
struct dns_edns {
    std::uint16_t room = 0;  // octets that it takes over UDP
    std::uint8_t version = 0;
    bool dnssec_ok = false;
    bool wants_nsid = false;  // RFC 5001
};

/// A query, as far as an answer depends on it.
struct dns_query {
    dns_code fault = dns_code::no_error;  // if it cannot be answered; then below the flags all may be missing
    std::uint16_t id = 0;
    std::uint8_t opcode = 0;
    bool recursion_desired = false, checking_disabled = false;
    std::string name;  // as asked, in wire format without compression; empty: no question was read
    std::uint16_t type = 0, question_class = 0;
    std::optional<dns_edns> edns;
};

/// Reads a message. None for what nobody may answer: less than a header, and answers (or two servers could keep each
/// other busy). One question, nothing but OPT needed behind it, and no octets behind the end.
std::optional<dns_query> read_query(std::span<std::uint8_t const> message);

/// The labels of a name in wire format, in lower case, without the root.
std::vector<std::string> labels_of(std::string const& name);

}  // namespace tp::anchor
