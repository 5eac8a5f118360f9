#pragma once

#include <string>
#include <string_view>

#include "api/http/response.hpp"
#include "base/time.hpp"

namespace tp::api::http {

/// "Not Found" and its like, in words of RFC 9110, section 15, or older ones that clients know; "Other" for what we
/// never send.
std::string_view reason_phrase(unsigned status) noexcept;

/// How the length of a body is told.
enum class framing { length, chunked, until_close };

/// Status line and header of an answer, with the empty line. Source: RFC 9112, sections 4 and 6; RFC 9110,
/// section 6.6.1.
std::string head_text(response const& answer, framing how, bool keep_alive, wall_time now);

/// One chunk of a chunked body (RFC 9112, section 7.1). An empty text gives nothing, as it would end the body.
std::string chunk_text(std::string_view text);
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace tp::api::http
