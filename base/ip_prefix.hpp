#pragma once

#include <boost/asio/ip/address.hpp>
#include <compare>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tp {

using ip_address = boost::asio::ip::address;

/// Reads an address in its canonical spelling families only: dotted quad of four decimal numbers, or RFC 4291 text. No
/// zone, no octal or short IPv4 form. Errors: errc::malformed.
result<ip_address> parse_address(std::string_view text);

/// An address block in CIDR notation. Host bits are zero in every value.
class ip_prefix {
public:
    /// Reads "192.0.2.0/24", "2001:db8::/32", or an address alone (then the whole length). Errors: errc::malformed when
    /// it is none of these, or when a bit beyond the length is set.
    static result<ip_prefix> parse(std::string_view text);

    /// The block of this length that an address lies in. Errors: errc::out_of_range for a length beyond the family's.
    static result<ip_prefix> around(ip_address const& address, unsigned length);

    /// False for an address of the other family.
    bool contains(ip_address const& address) const noexcept;

    ip_address const& network() const noexcept { return network_; }
    unsigned length() const noexcept { return length_; }
    std::string text() const;
    bool operator==(ip_prefix const&) const = default;

private:
    ip_prefix(ip_address network, unsigned length) : network_(network), length_(length) {}
    ip_address network_;
    unsigned length_;
};

}  // namespace tp
