#pragma once

#include <boost/json/fwd.hpp>
#include <optional>
#include <string_view>

#include "api/auth.hpp"
#include "api/errors.hpp"
#include "store/probes.hpp"

namespace tp::api {

/// A probe as RIPE Atlas shows it, with the version of its own in `software` and Atlas's number in `firmware_version`,
/// as in results. Addresses of a probe that is not public are for its owner and for operators; prefix
/// and ASN are for everybody. Coordinates are rounded to two decimals, about a kilometre, for the others.
boost::json::object probe_object(store::probe_record const& record, caller const& who);

std::string_view name_of(store::probe_status status) noexcept;

/// What a host may change: description, is_public, country_code, geometry or latitude and longitude, tags.
checked<store::probe_change> parse_probe_change(std::string const& body);

struct new_probe {
    std::string public_key, description;
    std::optional<std::string> consent;  // which version of the text for hosts was accepted
};
/// {"public_key": "ssh-ed25519 ...", "description": "...", "consent": "..."}; the key itself is not read here.
checked<new_probe> parse_new_probe(std::string const& body);

inline constexpr std::chrono::seconds usual_claim{86'400}, longest_claim{30 * 86'400};
struct claim_request {
    std::chrono::seconds lifetime = usual_claim;
    std::optional<std::string> consent;
};
/// {"lifetime": seconds, "consent": "..."}; an empty body says nothing.
checked<claim_request> parse_claim(std::string const& body);

}  // namespace tp::api
