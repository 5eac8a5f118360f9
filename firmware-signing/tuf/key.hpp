#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "firmware-signing/tuf/json.hpp"

struct evp_pkey_st;

namespace tp::tuf {

/// A public key as metadata lists it. Known are
///   ed25519                         keytype ed25519, 32 octets as hexadecimal digits
///   ecdsa-sha2-nistp256             keytype ecdsa or ecdsa-sha2-nistp256, PEM
///   rsassa-pss-sha256               keytype rsa, PEM, 2048 to 8192 bits
/// A key of any other kind is carried along and verifies nothing, so that a newer repository does not stop us.
class public_key {
public:
    static constexpr int shortest_rsa = 2048, longest_rsa = 8192;  // bits
    static constexpr std::size_t longest_pem = 4 * 1024;           // octets

    /// Errors: refusal::malformed, when a field that every key has is missing.
    static result<public_key> read(json::value from);

    /// SHA-256 of the key's canonical form, as hexadecimal digits: what its id must be.
    std::string const& id() const noexcept { return id_; }
    bool usable() const noexcept { return key_ != nullptr; }
    bool verifies(std::string_view octets, std::string_view signature) const;
    /// Whether it is the same key, under whatever id.
    bool same_as(public_key const& other) const noexcept;

private:
    enum class scheme { none, ed25519, ecdsa, rsa };
    void take(std::string_view type, std::string_view scheme_name, std::string_view octets);

    std::string id_;
    scheme scheme_ = scheme::none;
    std::shared_ptr<evp_pkey_st> key_;
};

/// The keys that a file lists, by their ids.
using key_list = std::map<std::string, public_key, std::less<>>;
inline constexpr std::size_t most_keys = 256;  // in one file

/// Reads {"KEY ID": {...}, ...}. Errors: refusal::malformed, too_large, wrong_key_id.
result<key_list> read_keys(json::value from);

}  // namespace tp::tuf
