#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "proto/findings.hpp"

/// What routers say beside the quoted packet in an ICMP error: RFC 4884, MPLS labels by RFC 4950. Pure.
namespace tp::probe {

/// Reads an extension structure. Nothing if it has a wrong checksum, or another version than 2 and no checksum.
/// @param announced  the error's length field said where the structure is; else it was guessed, and only a structure
///                   with a checksum is believed.
std::optional<proto::icmp_extension> read_extension(std::span<std::uint8_t const> structure, bool announced);

/// What stands behind the eight octets of an ICMP error.
struct error_parts {
    std::span<std::uint8_t const> quote;
    std::optional<proto::icmp_extension> extension;
};

/// Tells the quoted packet from the structure behind it.
/// @param quote_length  octets, as the length field says; 0: it says nothing. Then a structure is looked for behind
///                      128 octets, where routers put it before the RFC.
error_parts split_error(std::span<std::uint8_t const> body, std::size_t quote_length);

}  // namespace tp::probe
