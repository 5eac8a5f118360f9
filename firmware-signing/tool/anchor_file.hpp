#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "firmware-signing/anchor_list.hpp"

/// The list of anchors as people write it, in TOML:
///
///     [[anchor]]
///     name = "a1.example.net"
///     addresses = ["192.0.2.1", "2001:db8::1"]
///     ports = [80, 443]         # these two unless said
///     country = "NL"            # all from here on may be left out
///     city = "Amsterdam"
///     company = "Example"
///     asn_v4 = 64500
///     asn_v6 = 64500
///     latitude = 52.37
///     longitude = 4.9
///     probe = 1000007
///
/// A list without anchors says so: `anchor = []`.
namespace tp::signing::tool {

inline constexpr std::size_t largest_anchor_file = 2 * 1024 * 1024;  // octets

struct anchor_file {
    std::vector<listed_anchor> anchors;
    std::optional<std::string> complaint;  // where in the file, and what is wrong
};
/// @param name  of the file, for complaints.
anchor_file read_anchor_file(std::string_view text, std::string const& name);

struct prepared {
    std::string octets;  // to be signed
    std::optional<std::string> complaint;
};
/// The list as a document that nobody has signed. Complains about a version or expiry that cannot be, and about one
/// that is over.
prepared prepare_anchors(std::vector<listed_anchor> anchors, std::uint64_t version, wall_time expires, wall_time now);

}  // namespace tp::signing::tool
