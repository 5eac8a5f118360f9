#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "proto/options.hpp"

namespace tp::probe {

/// A client cookie, RFC 7873.
using dns_cookie = std::array<std::uint8_t, 8>;

/// What a query is made of beside its options; new for each.
struct dns_query_values {
    std::uint16_t id = 0;
    std::optional<probe_id> probe;  // "$p"; 0 if none
    wall_time now;                  // "$t"
    std::uint64_t random = 0;       // "$r"
    dns_cookie cookie{};
};

/// The name to be asked for: macros resolved if they are to be ("$p" probe id, "$t" unix time, "$r" 16 hexadecimal
/// digits), then "probe id.unix time." in front if that is wanted. Errors: errc::malformed for any other "$x".
result<std::string> query_name(proto::dns_options const& options, dns_query_values const& values);

/// A name in presentation form, with escapes, as octets of a message; absolute with or without a dot at its end.
/// Errors: errc::malformed.
result<std::string> name_to_wire(std::string const& name);

/// The whole message. EDNS is used where an option needs it: another payload size than 512, DO, NSID, a cookie.
/// Errors: errc::malformed, as above.
result<std::string> make_query(proto::dns_options const& options, dns_query_values const& values);

/// Gives a message another id.
void write_id(std::string& message, std::uint16_t id);

}  // namespace tp::probe
