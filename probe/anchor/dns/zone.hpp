#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ip_prefix.hpp"

namespace tp::anchor {

/// What an anchor says by DNS. The zone has:
///   itself                     SOA, NS (itself), A and AAAA: the anchor's addresses
///   N.txt, [anything.]N.txt    TXT of N octets, 0 to `largest_text`; what stands before it keeps caches out
/// and beside it hostname.bind and id.server of class CHAOS tell the anchor's name.
struct dns_zone {
    std::string name;    // absolute, in lower case: "a1.example.net."
    std::string server;  // the anchor's name, for NSID
    std::vector<ip_address> addresses;
    std::uint32_t serial = 1;
};

inline constexpr std::size_t largest_text = 4'000;  // octets

/// Where the labels of a question lead.
struct dns_place {
    enum class kind : std::uint8_t {
        elsewhere,  // nothing that we speak for
        absent,     // in the zone, and there is no such name
        apex,
        empty,  // exists because others are below it
        text,
        server,
    };
    kind is = kind::elsewhere;
    std::size_t size = 0;  // octets of a text

    bool operator==(dns_place const&) const = default;
};

/// @param labels  of the question, and of the zone, in lower case, the root left out.
dns_place find_in_zone(std::vector<std::string> const& labels, std::vector<std::string> const& zone);
/// Of class CHAOS.
dns_place find_in_chaos(std::vector<std::string> const& labels);

/// The text of N octets: the digits 0 to 9 again and again, so that a changed octet shows.
std::string text_of_size(std::size_t size);

}  // namespace tp::anchor
