#include "firmware-signing/signer.hpp"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <memory>

#include "base/files.hpp"
#include "firmware-signing/refusal.hpp"

namespace tp::signing {
namespace {

constexpr std::size_t largest_key_file = 4 * 1024;  // octets
constexpr unsigned key_file_mode = 0600;

// Of scrypt: 16 MiB and a tenth of a second for each guess, the most that `openssl` reads without being told to.
constexpr std::uint64_t scrypt_cost = 16'384, scrypt_block = 8, scrypt_lanes = 1;

using memory = handle<BIO, BIO_free_all>;

struct asking {
    phrase_source const& from;
    bool asked, given;
};

/// OpenSSL's way to ask for a pass phrase; nobody is asked at the terminal from here.
int answer_phrase(char* to, int size, int, void* state)
{
    auto& how = *static_cast<asking*>(state);
    how.asked = true;
    auto phrase = how.from ? how.from() : std::nullopt;
    if (!phrase || phrase->size() > static_cast<std::size_t>(size)) return -1;
    how.given = true;
    auto const length = phrase->copy(to, phrase->size());
    ::explicit_bzero(phrase->data(), phrase->size());
    return static_cast<int>(length);
}

bool write_encrypted(BIO* to, EVP_PKEY const* key, std::string_view phrase)
{
    handle<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free> const plain(::EVP_PKEY2PKCS8(key));
    handle<X509_ALGOR, X509_ALGOR_free> how(
        ::PKCS5_pbe2_set_scrypt(::EVP_aes_256_cbc(), nullptr, 0, nullptr, scrypt_cost, scrypt_block, scrypt_lanes));
    if (!plain || !how) return false;
    handle<X509_SIG, X509_SIG_free> const sealed(
        ::PKCS8_set0_pbe(phrase.data(), static_cast<int>(phrase.size()), plain.get(), how.get()));
    if (!sealed) return false;
    (void)how.release();  // it is the sealed key's now
    return ::PEM_write_bio_PKCS8(to, sealed.get()) == 1;
}

}  // namespace

result<private_key> private_key::make()
{
    key_handle key(::EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    if (!key) return errc::unavailable;
    return private_key(std::move(key));
}

result<private_key> private_key::load(std::filesystem::path const& file, phrase_source const& phrase)
{
    auto text = read_secret(file, largest_key_file);
    if (!text) return text.error();
    memory const from(::BIO_new_mem_buf(text->data(), static_cast<int>(text->size())));
    if (!from) return errc::unavailable;
    asking answers{phrase, false, false};
    key_handle key(::PEM_read_bio_PrivateKey(from.get(), nullptr, answer_phrase, &answers));
    ::explicit_bzero(text->data(), text->size());
    if (answers.asked && !answers.given) return errc::not_found;
    if (answers.given && !key) return errc::conflict;
    if (!key || ::EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519) return refusal::malformed;
    return private_key(std::move(key));
}

result<void> private_key::save(std::filesystem::path const& file, std::string_view phrase) const
{
    memory const to(::BIO_new(::BIO_s_secmem()));
    bool const written = to && (phrase.empty() ? ::PEM_write_bio_PKCS8PrivateKey(to.get(), key_.get(), nullptr, nullptr,
                                                                                 0, nullptr, nullptr) == 1
                                               : write_encrypted(to.get(), key_.get(), phrase));
    if (!written) return errc::unavailable;
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

held_key private_key::held(private_key key)
{
    auto const shared = key.shared();
    auto const kept = std::make_shared<private_key>(std::move(key));
    return {shared, [kept](std::string_view octets) -> result<std::string> {
                auto made = kept->sign(octets);
                if (!made) return made.error();
                return std::move(made->octets);
            }};
}

}  // namespace tp::signing
