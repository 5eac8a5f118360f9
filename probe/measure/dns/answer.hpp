#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "probe/measure/dns/query.hpp"

/// The little that the probe reads of an answer. What it says is for those who read the result.
namespace tp::probe {

inline constexpr std::size_t dns_head_length = 12;          // octets; RFC 1035, section 4.1.1
inline constexpr std::size_t largest_dns_message = 65'535;  // octets

/// The id of a message. None if it is shorter than a header.
std::optional<std::uint16_t> message_id(std::span<std::uint8_t const> message) noexcept;

/// The octets of the COOKIE option, RFC 7873, in the first OPT record. None without one; also if the message is broken
/// before it.
std::optional<std::span<std::uint8_t const>> cookie_in(std::span<std::uint8_t const> message) noexcept;

/// Whether an answer carries a cookie that does not begin with the client cookie that was sent.
bool has_another_cookie(std::span<std::uint8_t const> message, dns_cookie const& sent) noexcept;

/// Octets up to the end of the last TXT or SOA record among the first two answers; those of the header if there is
/// none. What ends beyond `most` counts as none.
std::size_t front_of_answer(std::span<std::uint8_t const> message, std::size_t most) noexcept;

}  // namespace tp::probe
