#include "firmware-signing/signer.hpp"

#include <openssl/bio.h>
#include <openssl/pem.h>

#include "base/files.hpp"
#include "firmware-signing/refusal.hpp"

namespace tp::signing {
namespace {

constexpr std::size_t largest_key_file = 4 * 1024;  // octets
constexpr unsigned key_file_mode = 0600;

using memory = handle<BIO, BIO_free_all>;

}  // namespace

result<private_key> private_key::make()
{
    key_handle key(::EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    if (!key) return errc::unavailable;
    return private_key(std::move(key));
}

result<private_key> private_key::load(std::filesystem::path const& file)
{
    auto text = read_secret(file, largest_key_file);
    if (!text) return text.error();
    memory const from(::BIO_new_mem_buf(text->data(), static_cast<int>(text->size())));
    if (!from) return errc::unavailable;
    // No pass phrase is asked for: a tool in a script must not wait for one.
    auto const no_phrase = [](char*, int, int, void*) { return -1; };
    key_handle key(::PEM_read_bio_PrivateKey(from.get(), nullptr, no_phrase, nullptr));
    ::explicit_bzero(text->data(), text->size());
    if (!key || ::EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519) return refusal::malformed;
    return private_key(std::move(key));
}

result<void> private_key::save(std::filesystem::path const& file) const
{
    memory const to(::BIO_new(::BIO_s_secmem()));
    if (!to || ::PEM_write_bio_PKCS8PrivateKey(to.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return errc::unavailable;
    char* octets = nullptr;
    auto const size = ::BIO_get_mem_data(to.get(), &octets);
    return write_new(file, {octets, static_cast<std::size_t>(size)}, key_file_mode);
}

public_key private_key::shared() const
{
    unsigned char octets[public_key::size];
    std::size_t size = sizeof octets;
    ::EVP_PKEY_get_raw_public_key(key_.get(), octets, &size);
    return public_key::from_octets({reinterpret_cast<char const*>(octets), size}).value();
}

result<signature> private_key::sign(std::string_view octets) const
{
    handle<EVP_MD_CTX, EVP_MD_CTX_free> const context(::EVP_MD_CTX_new());
    std::string made(public_key::signature_size, '\0');
    std::size_t size = made.size();
    bool const well = context && ::EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
                      ::EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(made.data()), &size,
                                       reinterpret_cast<unsigned char const*>(octets.data()), octets.size()) == 1;
    if (!well || size != made.size()) return errc::unavailable;
    return signature{shared().id(), std::move(made)};
}

}  // namespace tp::signing
