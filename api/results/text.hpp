#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tp::api {

/// Appends a JSON string with its quotes. Octets that are not UTF-8 become U+FFFD: texts come from probes.
void append_string(std::string& out, std::string_view text);
/// Well-formed UTF-8 without a zero octet: what PostgreSQL takes as text.
bool is_storable_text(std::string_view text) noexcept;
void append_number(std::string& out, std::int64_t value);
/// Milliseconds with up to six decimals, so that no nanosecond is lost: 9123456 ns is 9.123456, 9100000 ns is 9.1.
void append_milliseconds(std::string& out, std::chrono::nanoseconds length);
/// Seconds, in the same way: 1500000001 ns is 1.500000001.
void append_seconds(std::string& out, std::chrono::nanoseconds length);
/// Seconds with nine decimals.
void append_fixed_seconds(std::string& out, std::chrono::nanoseconds length);
/// Seconds since 1900 with nine decimals; 32 bits of seconds and 32 of fraction come in.
void append_ntp_time(std::string& out, std::uint64_t at);
/// The fewest digits that give this number again.
void append_real(std::string& out, double value);
/// RFC 4648, section 4, with padding.
void append_base64(std::string& out, std::string_view octets);
/// None: it is not such a text.
std::optional<std::string> base64_decoded(std::string_view text);

}  // namespace tp::api
