#pragma once

#include <openssl/evp.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/handle.hpp"
#include "firmware-signing/envelope.hpp"
#include "firmware-signing/trusted_keys.hpp"

/// The making of signed documents: for tools and tests, never for the probe.
namespace tp::signing {

/// A private Ed25519 key, in a file of PEM (PKCS #8, as `openssl genpkey -algorithm ed25519` writes it).
class private_key {
public:
    /// Errors: errc::unavailable when there is no randomness.
    static result<private_key> make();
    /// Errors: those of read_secret(): the file must be its owner's alone; refusal::malformed for any other content.
    static result<private_key> load(std::filesystem::path const& file);

    /// Writes a new file of mode 0600. Errors: errc::conflict when there is one: no key is ever overwritten.
    result<void> save(std::filesystem::path const& file) const;
    public_key shared() const;
    /// Errors: errc::unavailable, when the library fails.
    result<signature> sign(std::string_view octets) const;

private:
    using key_handle = handle<EVP_PKEY, EVP_PKEY_free>;
    explicit private_key(key_handle key) : key_(std::move(key)) {}
    key_handle key_;
};

}  // namespace tp::signing
