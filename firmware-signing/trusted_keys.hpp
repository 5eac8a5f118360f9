#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace tp::signing {

/// A public Ed25519 key (RFC 8032).
class public_key {
public:
    static constexpr std::size_t size = 32;            // octets
    static constexpr std::size_t signature_size = 64;  // octets

    /// Reads "ed25519:" and 64 hexadecimal digits. Errors: refusal::malformed.
    static result<public_key> parse(std::string_view text);
    /// Errors: refusal::malformed for anything but 32 octets.
    static result<public_key> from_octets(std::string_view octets);

    std::string text() const;
    /// SHA-256 of the key's 32 octets, as hexadecimal digits: by this signatures name it.
    std::string const& id() const noexcept { return id_; }
    bool verifies(std::string_view octets, std::string_view signature) const;
    bool operator==(public_key const& other) const noexcept { return octets_ == other.octets_; }

private:
    public_key(std::string octets, std::string id) : octets_(std::move(octets)), id_(std::move(id)) {}
    std::string octets_, id_;
};

/// Whose signatures count, and how many of them are needed.
class trusted_keys {
public:
    static constexpr std::size_t most = 16;

    /// Nobody: every document has too few signatures.
    trusted_keys() = default;
    /// Errors: errc::out_of_range for no key, too many, or a threshold beyond 1 .. number of keys; errc::conflict for
    /// the same key twice.
    static result<trusted_keys> from(std::vector<public_key> keys, std::size_t threshold);

    /// Nothing if no such key is trusted.
    public_key const* find(std::string_view id) const noexcept;
    std::vector<public_key> const& keys() const noexcept { return keys_; }
    std::size_t threshold() const noexcept { return threshold_; }
    bool empty() const noexcept { return keys_.empty(); }
    /// Tells keys and threshold from others, in whatever order they were given: hexadecimal digits.
    std::string id() const;

private:
    std::vector<public_key> keys_;
    std::size_t threshold_ = 1;
};

}  // namespace tp::signing
