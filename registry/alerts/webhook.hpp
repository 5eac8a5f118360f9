#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/http/call.hpp"
#include "base/time.hpp"
#include "store/alert_deliveries.hpp"

/// What a receiver of alerts is sent, and when again. No I/O.
namespace tp::registry {

inline constexpr std::size_t shortest_secret = 16, longest_secret = 4'096;  // octets
inline constexpr std::chrono::seconds first_retry{5}, longest_retry{3'600};
inline constexpr std::chrono::hours give_up_after{24 * 7};  // of an alert's age

/// {"id", "at", "kind", "subject", "rule", "text"}: the same octets in every attempt.
std::string alert_body(store::alert_record const& what);

/// "v1=" and the HMAC-SHA256 (RFC 2104), in hexadecimal, of "v1." timestamp "." body.
std::string signature_of(std::string_view secret, std::int64_t timestamp, std::string_view body);

/// A POST with the headers Trigpoint-Alert (the alert's number: by it a receiver knows one that comes again),
/// Trigpoint-Timestamp (seconds since 1970: by it an old one that somebody sends again) and Trigpoint-Signature.
http_call::question webhook_request(http_call::url const& to, std::string_view secret, store::alert_record const& what,
                                    wall_time now);

/// What becomes of an alert after an attempt. Any status from 200 to 299 is taken.
/// @param chance  from 0 to 1: where in the second half of the pause its end lies.
store::delivery_outcome outcome_of(result<http_call::answer> const& got, store::due_alert const& tried, wall_time now,
                                   double chance);

}  // namespace tp::registry
