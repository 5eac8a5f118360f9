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
using key_handle = handle<ssh_key_struct, ssh_key_free>;

result<public_key> public_part(ssh_key key)
{
    char* base64 = nullptr;
    if (ssh_pki_export_pubkey_base64(key, &base64) != SSH_OK) return errc::malformed;
    c_text const owner(base64);
    return public_key::parse(base64);
}

result<void> make(std::filesystem::path const& path)
{
    ssh_key made = nullptr;
    if (ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &made) != SSH_OK) return errc::unavailable;
    key_handle const key(made);
    char* text = nullptr;
    if (ssh_pki_export_privkey_base64(key.get(), nullptr, nullptr, nullptr, &text) != SSH_OK) return errc::unavailable;
    c_text const owner(text);
    auto const written = write_atomically(path, text, key_file_mode);
    explicit_bzero(text, std::string_view(text).size());
    return written;
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
    std::array<unsigned char, blob_length> blob{};
    EVP_DecodeBlock(blob.data(), reinterpret_cast<unsigned char const*>(base64_.data()), base64_length);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    EVP_Digest(blob.data(), blob.size(), digest.data(), &length, EVP_sha256(), nullptr);
    std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> encoded{};
    auto const size = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(length));
    std::string out(reinterpret_cast<char const*>(encoded.data()), static_cast<std::size_t>(size));
    out.resize(std::min(out.find('='), out.size()));  // as ssh-keygen does
    return "SHA256:" + out;
}

result<private_key> private_key::load(std::filesystem::path const& path)
{
    auto text = read_secret(path, largest_key_file);
    if (!text) return text.error();
    ssh_key read = nullptr;
    auto const outcome = ssh_pki_import_privkey_base64(text->c_str(), nullptr, nullptr, nullptr, &read);
    explicit_bzero(text->data(), text->size());
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
    auto const made = make(path);
    if (!made) return made.error();
    return load(path);
}

}  // namespace tp::ssh
