#pragma once

#include <openssl/evp.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/handle.hpp"
#include "firmware-signing/envelope.hpp"
#include "firmware-signing/held_key.hpp"
#include "firmware-signing/trusted_keys.hpp"

/// The making of signed documents: for tools and tests, never for the probe.
namespace tp::signing {

/// Answers a pass phrase, when one is needed; nothing when there is none.
using phrase_source = std::function<std::optional<std::string>()>;
inline constexpr std::size_t shortest_phrase = 12, longest_phrase = 1'000;  // octets

/// A private Ed25519 key, in a file of PEM: PKCS #8, as `openssl genpkey -algorithm ed25519` writes it, with a pass
/// phrase or without.
class private_key {
public:
    /// Errors: errc::unavailable when there is no randomness.
    static result<private_key> make();
    /// Errors: those of read_secret(): the file must be its owner's alone; refusal::malformed for any other content;
    /// errc::not_found when a pass phrase is needed and there is none; errc::conflict for a wrong one.
    static result<private_key> load(std::filesystem::path const& file, phrase_source const& phrase = {});

    /// Writes a new file of mode 0600. Errors: errc::conflict when there is one: no key is ever overwritten.
    /// @param phrase  it is encrypted with this (scrypt, AES-256); not at all if empty.
    result<void> save(std::filesystem::path const& file, std::string_view phrase = {}) const;
    public_key shared() const;
    /// Errors: errc::unavailable, when the library fails.
    result<signature> sign(std::string_view octets) const;
    /// The key, for those who need not know where it lies.
    static held_key held(private_key key);

private:
    using key_handle = handle<EVP_PKEY, EVP_PKEY_free>;
    explicit private_key(key_handle key) : key_(std::move(key)) {}
    key_handle key_;
};

}  // namespace tp::signing
