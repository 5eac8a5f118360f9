#include "probe/guard/target_text.hpp"

#include <algorithm>

namespace tp::probe {
namespace {

constexpr std::size_t longest_name = 253, longest_label = 63;  // octets; RFC 1035, section 2.3.4

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool is_of_a_name(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

bool is_label(std::string_view text)
{
    return !text.empty() && text.size() <= longest_label && text.front() != '-' && text.back() != '-' &&
           std::all_of(text.begin(), text.end(), is_of_a_name);
}

/// Decimal, octal or hexadecimal, as strtoul(3) reads them.
bool is_number(std::string_view label)
{
    bool const hexadecimal = label.size() >= 2 && label[0] == '0' && (label[1] == 'x' || label[1] == 'X');
    if (!hexadecimal) return std::all_of(label.begin(), label.end(), is_digit);
    return label.find_first_not_of("0123456789abcdefABCDEF", 2) == label.npos;
}

bool is_name(std::string_view text)
{
    if (!text.empty() && text.back() == '.') text.remove_suffix(1);  // the root
    if (text.empty() || text.size() > longest_name) return false;
    for (;;) {
        auto const dot = text.find('.');
        auto const label = text.substr(0, dot);
        if (!is_label(label)) return false;
        if (dot == text.npos) return !is_number(label);
        text.remove_prefix(dot + 1);
    }
}

}  // namespace

target_text kind_of_target(std::string_view text) noexcept
{
    if (text == "first-hop") return target_text::first_hop;
    if (text == "second-hop") return target_text::second_hop;
    if (parse_address(text)) return target_text::address;
    return is_name(text) ? target_text::name : target_text::neither;
}

}  // namespace tp::probe
