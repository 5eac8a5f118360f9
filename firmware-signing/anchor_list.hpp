#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/ip_prefix.hpp"

/// The content of the signed document "anchors": which machines agreed to be fetched from.
///
///     anchor a1.example.net 80,443 192.0.2.1 2001:db8::1
///     about country NL
///     about city Amsterdam
///
/// Names in lower case and in ascending order, addresses in their usual spelling, nothing twice. What is said about an
/// anchor is for people; probes read the first line of each only, and pass over subjects that they do not know.
namespace tp::signing {

inline constexpr std::string_view anchors_name = "anchors";  // of the signed document

struct listed_anchor {
    static constexpr std::size_t most_addresses = 8, most_ports = 8, most_subjects = 16;
    static constexpr std::size_t longest_text = 200;  // octets about one subject

    std::string name;                                       // a host name
    std::vector<std::uint16_t> ports{80, 443};              // at least one
    std::vector<ip_address> addresses;                      // at least one
    std::map<std::string, std::string, std::less<>> about;  // "country" -> "NL"; see is_plain_text()
    bool operator==(listed_anchor const&) const = default;
};

inline constexpr std::size_t most_anchors = 2'000;

/// Errors: refusal::malformed for anything but the one spelling of a list; refusal::too_large for too many anchors.
result<std::vector<listed_anchor>> read_anchor_list(std::string_view content);
/// The same one by one, for those who keep less of each. After an error, what was told before is void.
result<void> for_each_anchor(std::string_view content, std::function<void(listed_anchor)> const& tell);

/// A list as content, put in order.
struct written_list {
    std::string content;
    std::optional<std::string> complaint;  // which anchor, and what is wrong with it; then there is no content
};
written_list write_anchor_list(std::vector<listed_anchor> anchors);

}  // namespace tp::signing
