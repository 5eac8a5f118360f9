#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "firmware-signing/held_key.hpp"

/// Ed25519 keys that lie in a token and never leave it: PKCS #11, mechanism CKM_EDDSA. A key is named by a URI (RFC
/// 7512):
///
///     pkcs11:token=ann;object=releases
///     pkcs11:token=ann;object=releases?pin-source=/home/ann/pin&module-path=/usr/lib/softhsm/libsofthsm2.so
///
/// Without `module-path` the modules are asked that p11-kit knows. Without `pin-source`, a file of mode 0600, the PIN
/// is asked for; in the URI itself (`pin-value`) it is refused, for everybody on the machine could read it.
namespace tp::signing::tool {

bool is_token_uri(std::string_view text) noexcept;

/// Asks a person; the question names the token.
using pin_question = std::function<std::optional<std::string>(std::string const& question)>;

struct token_key {
    std::optional<held_key> key;
    std::optional<std::string> complaint;
};
/// The key. It can be used as long as the program runs.
token_key open_token_key(std::string const& uri, pin_question const& ask);
/// A new key pair, private half neither readable nor extractable. @pre the URI names an object that is not there yet.
token_key make_token_key(std::string const& uri, pin_question const& ask);

}  // namespace tp::signing::tool
