#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/auth.hpp"
#include "api/errors.hpp"
#include "base/time.hpp"

namespace tp::api {

/// A checked body of POST /keys/.
struct key_request {
    std::string label;
    std::vector<std::string> scopes;
    std::optional<wall_time> valid_to;
};
/// {"label", "scopes": ["..."] or "grants": [{"permission": "..."}], "valid_to"}. What would make a key narrower than
/// we keep one is refused: a grant with a target, "valid_from" ahead, "enabled": false.
checked<key_request> parse_key_request(std::string const& body, wall_time now);

/// Makes the request fit the key that asks: no scope that it does not have, no longer life. Without a time it ends when
/// the asking key does. The problem names what is too much.
checked<key_request> within_key(key_request wanted, store::credential const& asking, std::optional<wall_time> valid_to);

struct account_request {
    std::string email;
    store::role role = store::role::user;
};
/// {"email", "role"}.
checked<account_request> parse_account_request(std::string const& body);

}  // namespace tp::api
