#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_prefix.hpp"

/// The little that a look-up reads of a DNS message. It comes from servers that may lie: every length is checked, and
/// no pointer is followed. Pure.
namespace tp::registry {

enum class address_record : std::uint16_t { a = 1, aaaa = 28 };  // RFC 1035, RFC 3596

struct dns_answer {
    static constexpr unsigned no_error = 0, no_such_name = 3;  // RFC 1035, section 4.1.1

    unsigned code = 0;
    bool truncated = false;
    std::string question;  // its name as on the wire, in its letters; empty without a question
    std::vector<ip_address>
        addresses;  // of the answer's records of the type, whatever their names: aliases are followed
};

/// None for what is no response, has several questions, or ends before its answers do.
std::optional<dns_answer> read_dns_answer(std::string_view message, address_record type);

/// A host's name on the wire: "a.example" -> "\1a\7example\0". Empty if it is none: letters, digits, "-", "_"; no last
/// dot.
std::string name_on_wire(std::string_view host);

}  // namespace tp::registry
