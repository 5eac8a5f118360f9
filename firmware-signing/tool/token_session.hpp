#pragma once

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/handle.hpp"

/// PKCS #11 as far as it is needed here: one token, one session, Ed25519. Errors are the CK_RV of the module.
namespace tp::signing::tool {

error_code token_error(CK_RV why) noexcept;

using token_uri = handle<P11KitUri, p11_kit_uri_free>;
/// Errors: errc::malformed.
result<token_uri> parse_token_uri(std::string const& text);

/// The modules that may have the token: that which the URI names, or all that p11-kit knows.
class token_modules {
public:
    /// Errors: errc::not_found; those of the module.
    static result<std::unique_ptr<token_modules>> load(P11KitUri const& wanted);
    token_modules(token_modules const&) = delete;
    token_modules& operator=(token_modules const&) = delete;
    ~token_modules();

    std::vector<CK_FUNCTION_LIST*> all() const;

private:
    token_modules(CK_FUNCTION_LIST* named, CK_FUNCTION_LIST** known) : named_(named), known_(known) {}
    CK_FUNCTION_LIST* named_;   // or
    CK_FUNCTION_LIST** known_;  // ends with nullptr
};

struct token_place {
    CK_FUNCTION_LIST* module;
    CK_SLOT_ID slot;
    std::string label;
    bool asks_itself;  // for the PIN, at a keypad of its own
};

class token_session {
public:
    /// Opens the one token that the URI means. Errors: errc::not_found, errc::conflict when several do; those of the
    /// module.
    static result<std::shared_ptr<token_session>> open(P11KitUri const& wanted, bool for_writing);
    token_session(token_session const&) = delete;
    token_session& operator=(token_session const&) = delete;
    ~token_session();

    token_place const& place() const noexcept { return place_; }
    /// @param pin  none for a token with a keypad.
    result<void> log_in(std::optional<std::string> pin);
    /// Objects of a class ("private key") that the URI means.
    result<std::vector<CK_OBJECT_HANDLE>> find(P11KitUri& wanted, CK_OBJECT_CLASS of_class) const;
    result<std::string> attribute(CK_OBJECT_HANDLE of, CK_ATTRIBUTE_TYPE type) const;
    /// Makes a pair of Ed25519 keys.
    result<void> generate(std::string const& label, std::string const& id) const;
    result<std::string> sign(CK_OBJECT_HANDLE with, std::string_view octets) const;

private:
    token_session(std::unique_ptr<token_modules> modules, token_place place, CK_SESSION_HANDLE session)
        : modules_(std::move(modules)), place_(std::move(place)), session_(session)
    {
    }
    std::unique_ptr<token_modules> modules_;
    token_place place_;
    CK_SESSION_HANDLE session_;
};

}  // namespace tp::signing::tool
