#pragma once

#include <compare>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"

struct ssh_key_struct;

namespace tp::ssh {

/// An Ed25519 public key. Two are equal when their 32 octets are.
class public_key {
public:
    /// Reads "ssh-ed25519 AAAA... [comment]" as in an authorized_keys file, or the base64 part alone.
    /// Errors: errc::malformed; errc::unsupported for another key type.
    static result<public_key> parse(std::string_view text);

    /// "ssh-ed25519 AAAA...", without a comment.
    std::string text() const { return "ssh-ed25519 " + base64_; }
    /// The base64 part alone: how keys are stored and compared.
    std::string const& base64() const noexcept { return base64_; }
    /// "SHA256:...", as ssh-keygen -l prints it.
    std::string fingerprint() const;
    /// Whether the private half made this signature of these octets (RFC 8032).
    bool verifies(std::string_view octets, std::string_view signature) const;
    auto operator<=>(public_key const&) const = default;

private:
    explicit public_key(std::string base64) : base64_(std::move(base64)) {}
    std::string base64_;
};

/// An Ed25519 private key, kept in an OpenSSH file of mode 0600.
class private_key {
public:
    /// Errors: errc::rejected when others than the owner may read the file; errc::malformed; those of open(2).
    static result<private_key> load(std::filesystem::path const& path);
    /// Loads the key, or makes it first if there is no such file. A crash in between leaves no half-written key.
    static result<private_key> load_or_make(std::filesystem::path const& path);
    /// A new one, in memory alone. Errors: errc::unavailable.
    static result<private_key> make();
    /// What such a file holds, as text() gives it. Errors: errc::malformed; errc::unsupported for another key type.
    static result<private_key> parse(std::string text);
    /// A secret: whoever is given it wipes it. Errors: errc::unavailable, when the library gives the key to nobody.
    result<std::string> text() const;

    public_key const& shared() const noexcept { return public_; }
    ssh_key_struct* native() const noexcept { return key_.get(); }
    /// An Ed25519 signature (RFC 8032), of signature_length octets. Whoever signs begins the octets with what they are,
    /// so that they can be taken for nothing else. Errors: errc::unavailable, when the library gives the key to nobody.
    result<std::string> sign(std::string_view octets) const;
    static constexpr std::size_t signature_length = 64;

private:
    private_key(std::shared_ptr<ssh_key_struct> key, public_key shared)
        : key_(std::move(key)), public_(std::move(shared))
    {
    }
    std::shared_ptr<ssh_key_struct> key_;  // copies share it: libssh only reads it
    public_key public_;
};

}  // namespace tp::ssh
