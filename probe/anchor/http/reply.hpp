#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/ip_prefix.hpp"
#include "base/time.hpp"
#include "probe/anchor/http/target.hpp"

namespace tp::anchor {

/// What an answer tells beside what was asked for.
struct http_facts {
    std::string name;  // the anchor's, a host name
    ip_address client;
    wall_time now;
};

/// A body is `before`, `filler` octets of the letter below, and `after`: so a large one costs no memory of its own.
struct http_reply {
    static constexpr char letter = 'x';

    unsigned status = 200;
    std::string_view content_type = "application/json";
    std::string before;
    std::size_t filler = 0;
    std::string after;
    std::string nonce;  // empty: none

    std::size_t length() const noexcept { return before.size() + filler + after.size(); }
};

/// A line of JSON: anchor, client (its address), time (seconds since 1970), nonce if there is one, and filler up to the
/// size asked for. A size that is too small for that gives as many letters, as text.
http_reply answer(http_wish const& wish, http_facts const& facts);

/// What read_target() found wrong.
http_reply refuse_target(error_code why, std::size_t largest);
http_reply refuse(unsigned status, std::string_view why);

/// Status line and header, with the empty line. Source: RFC 9110, RFC 9112.
std::string head_of(http_reply const& reply, bool keep_alive, http_facts const& facts);

}  // namespace tp::anchor
