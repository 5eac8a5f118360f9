#include "base/ssh/keys.hpp"

#include <libssh/libssh.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "base/files.hpp"
#include "base/handle.hpp"

namespace tp::ssh {
namespace {

constexpr std::size_t largest_key_file = 16 * 1024;  // octets
constexpr unsigned key_file_mode = 0600;

// The blob is a length and "ssh-ed25519", a length and 32 octets (RFC 8709, section 4): 51 octets, which base64 writes
// as 68 characters without padding. So each key has exactly one spelling, and its start is always the same.
constexpr std::size_t base64_length = 68;
constexpr std::size_t blob_length = 51;
constexpr std::size_t raw_length = 32;  // octets of either half; the public one ends the blob
constexpr std::string_view ed25519_start = "AAAAC3NzaC1lZDI1NTE5AAAAI";
constexpr std::string_view base64_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::string_view, 11> other_types = {
    "ssh-rsa", "ssh-dss", "ecdsa-sha2-", "sk-", "ssh-ed448", "rsa-sha2-",
    // and how their base64 begins: RSA, DSS, ECDSA, ECDSA on a token, Ed25519 on a token
    "AAAAB3NzaC1yc2E", "AAAAB3NzaC1kc3M", "AAAAE2VjZHNh", "AAAAInNrLWVjZHNh", "AAAAGnNrLXNza"};

std::string_view next_word(std::string_view& text)
{
    constexpr std::string_view blank = " \t\r\n";
    text.remove_prefix(std::min(text.find_first_not_of(blank), text.size()));
    auto const word = text.substr(0, text.find_first_of(blank));
    text.remove_prefix(word.size());
    return word;
}

using c_text = handle<char, ssh_string_free_char>;

result<public_key> public_part(ssh_key key)
{
    char* base64 = nullptr;
    if (ssh_pki_export_pubkey_base64(key, &base64) != SSH_OK) return errc::malformed;
    c_text const owner(base64);
    return public_key::parse(base64);
}

/// What a file of this key holds.
result<std::string> exported(ssh_key key)
{
    char* text = nullptr;
    if (ssh_pki_export_privkey_base64(key, nullptr, nullptr, nullptr, &text) != SSH_OK) return errc::unavailable;
    c_text const owner(text);
    std::string out(text);
    explicit_bzero(text, out.size());
    return out;
}

using blob = std::array<unsigned char, blob_length>;
using crypto_key = handle<EVP_PKEY, EVP_PKEY_free>;
using digest_context = handle<EVP_MD_CTX, EVP_MD_CTX_free>;

unsigned char const* bytes(std::string_view octets)
{
    return reinterpret_cast<unsigned char const*>(octets.data());
}

blob decode(std::string const& base64)
{
    blob out{};
    EVP_DecodeBlock(out.data(), bytes(base64), base64_length);
    return out;
}

/// The octets of a file in OpenSSH's format as libssh writes it.
std::string unarmoured(std::string_view text)
{
    constexpr std::string_view first = "-----BEGIN OPENSSH PRIVATE KEY-----", last = "-----END";
    auto const begin = text.find(first), end = text.find(last);
    std::string digits, out;
    if (begin != 0 || end == text.npos) return out;
    for (char const c : text.substr(first.size(), end - first.size()))
        if (c != '\n' && c != '\r') digits += c;
    out.resize(digits.size());
    auto const size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes(digits), static_cast<int>(digits.size()));
    explicit_bzero(digits.data(), digits.size());
    out.resize(static_cast<std::size_t>(std::max(size, 0)));
    return out;
}

/// The private half: libssh has no function that signs with it. PROTOCOL.key of OpenSSH: after the type and the public
/// half follow, as one string, the private and again the public half.
result<crypto_key> crypto_key_of(ssh_key key, public_key const& shared)
{
    auto text = exported(key);
    if (!text) return text.error();
    auto octets = unarmoured(*text);
    explicit_bzero(text->data(), text->size());
    auto const public_blob = decode(shared.base64());
    std::string_view const half(reinterpret_cast<char const*>(public_blob.data()) + blob_length - raw_length,
                                raw_length);
    constexpr std::string_view length_of_both("\0\0\0\x40", 4);
    auto const marker = std::string(half).append(length_of_both);
    auto const at = octets.find(marker);
    bool const there = at != octets.npos && octets.size() - at >= marker.size() + raw_length;
    crypto_key made;
    if (there)
        made.reset(
            EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes(octets) + at + marker.size(), raw_length));
    explicit_bzero(octets.data(), octets.size());
    if (!made) return errc::unavailable;
    return made;
}

}  // namespace

result<public_key> public_key::parse(std::string_view text)
{
    auto word = next_word(text);
    bool const other =
        std::any_of(other_types.begin(), other_types.end(), [&](auto start) { return word.starts_with(start); });
    if (other) return errc::unsupported;
    if (word == "ssh-ed25519") word = next_word(text);
    if (word.size() != base64_length || !word.starts_with(ed25519_start)) return errc::malformed;
    if (word.find_first_not_of(base64_alphabet) != word.npos) return errc::malformed;
    return public_key(std::string(word));
}

std::string public_key::fingerprint() const
{
    auto const octets = decode(base64_);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    EVP_Digest(octets.data(), octets.size(), digest.data(), &length, EVP_sha256(), nullptr);
    std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> encoded{};
    auto const size = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(length));
    std::string out(reinterpret_cast<char const*>(encoded.data()), static_cast<std::size_t>(size));
    out.resize(std::min(out.find('='), out.size()));  // as ssh-keygen does
    return "SHA256:" + out;
}

bool public_key::verifies(std::string_view octets, std::string_view signature) const
{
    auto const whole = decode(base64_);
    crypto_key const key(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, whole.data() + blob_length - raw_length, raw_length));
    digest_context const context(EVP_MD_CTX_new());
    if (!key || !context || signature.size() != private_key::signature_length) return false;
    if (EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1) return false;
    return EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(octets), octets.size()) == 1;
}

result<std::string> private_key::sign(std::string_view octets) const
{
    auto const key = crypto_key_of(key_.get(), public_);
    if (!key) return key.error();
    digest_context const context(EVP_MD_CTX_new());
    std::string out(signature_length, '\0');
    auto size = out.size();
    if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key->get()) != 1 ||
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes(octets),
                       octets.size()) != 1)
        return errc::unavailable;
    return out;
}

result<private_key> private_key::load(std::filesystem::path const& path)
{
    auto text = read_secret(path, largest_key_file);
    if (!text) return text.error();
    return parse(std::move(*text));
}

result<private_key> private_key::parse(std::string text)
{
    ssh_key read = nullptr;
    auto const outcome = ssh_pki_import_privkey_base64(text.c_str(), nullptr, nullptr, nullptr, &read);
    explicit_bzero(text.data(), text.size());
    if (outcome != SSH_OK) return errc::malformed;
    std::shared_ptr<ssh_key_struct> key(read, ssh_key_free);
    if (ssh_key_type(key.get()) != SSH_KEYTYPE_ED25519) return errc::unsupported;
    auto shared = public_part(key.get());
    if (!shared) return shared.error();
    return private_key(std::move(key), std::move(*shared));
}

result<private_key> private_key::load_or_make(std::filesystem::path const& path)
{
    auto const present = load(path);
    if (present || present.error() != boost::system::errc::no_such_file_or_directory) return present;
    auto const made = make();
    if (!made) return made.error();
    auto text = made->text();
    if (!text) return text.error();
    auto const written = write_atomically(path, *text, key_file_mode);
    explicit_bzero(text->data(), text->size());
    if (!written) return written.error();
    return load(path);
}

result<private_key> private_key::make()
{
    ssh_key made = nullptr;
    if (ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &made) != SSH_OK) return errc::unavailable;
    std::shared_ptr<ssh_key_struct> key(made, ssh_key_free);
    auto shared = public_part(key.get());
    if (!shared) return shared.error();
    return private_key(std::move(key), std::move(*shared));
}

result<std::string> private_key::text() const
{
    return exported(key_.get());
}

}  // namespace tp::ssh
