#include "tests/unit/tuf/test_key.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <stdexcept>

namespace tp::tuf::test {
namespace {

void need(bool good)
{
    if (!good) throw std::runtime_error("OpenSSL failed");
}

unsigned char const* octets_of(std::string_view text)
{
    return reinterpret_cast<unsigned char const*>(text.data());
}

std::string digest(std::string_view octets, EVP_MD const* with)
{
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    need(::EVP_Digest(octets.data(), octets.size(), out, &size, with, nullptr) == 1);
    return hex({reinterpret_cast<char const*>(out), size});
}

std::string pem_of(EVP_PKEY* key)
{
    std::unique_ptr<BIO, decltype(&::BIO_free_all)> const to(::BIO_new(::BIO_s_mem()), ::BIO_free_all);
    need(::PEM_write_bio_PUBKEY(to.get(), key) == 1);
    char* text = nullptr;
    auto const size = ::BIO_get_mem_data(to.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

}  // namespace

test_key::test_key(std::string of_type, std::string of_scheme, evp_pkey_st* key)
    : type(std::move(of_type)), scheme(std::move(of_scheme)), key_(key, ::EVP_PKEY_free)
{
    need(key != nullptr);
}

test_key test_key::ed25519()
{
    return {"ed25519", "ed25519", ::EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
}

test_key test_key::ecdsa(char const* curve)
{
    return {"ecdsa", "ecdsa-sha2-nistp256", ::EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve)};
}

test_key test_key::rsa(unsigned bits)
{
    return {"rsa", "rsassa-pss-sha256", ::EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{bits})};
}

js test_key::listed() const
{
    js out = more;
    out["keytype"] = type;
    out["scheme"] = scheme;
    if (type == "ed25519") {
        unsigned char octets[32];
        std::size_t size = sizeof octets;
        need(::EVP_PKEY_get_raw_public_key(key_.get(), octets, &size) == 1);
        out["keyval"]["public"] = hex({reinterpret_cast<char const*>(octets), size});
    } else {
        out["keyval"]["public"] = pem_of(key_.get());
    }
    return out;
}

std::string test_key::id() const
{
    return sha256(canonical(listed()));
}

std::string test_key::sign(std::string_view octets) const
{
    std::unique_ptr<EVP_MD_CTX, decltype(&::EVP_MD_CTX_free)> const context(::EVP_MD_CTX_new(), ::EVP_MD_CTX_free);
    EVP_PKEY_CTX* settings = nullptr;
    auto const* const hash = type == "ed25519" ? nullptr : ::EVP_sha256();
    need(::EVP_DigestSignInit(context.get(), &settings, hash, nullptr, key_.get()) == 1);
    if (type == "rsa") need(::EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) == 1);
    std::size_t size = 0;
    need(::EVP_DigestSign(context.get(), nullptr, &size, octets_of(octets), octets.size()) == 1);
    std::string made(size, '\0');
    need(::EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(made.data()), &size, octets_of(octets),
                          octets.size()) == 1);
    made.resize(size);
    return hex(made);
}

std::string rsa_pem(int bits)
{
    std::unique_ptr<BIGNUM, decltype(&::BN_free)> const n(::BN_new(), ::BN_free);
    need(BN_one(n.get()) == 1 && ::BN_set_bit(n.get(), bits - 1) == 1);
    std::unique_ptr<OSSL_PARAM_BLD, decltype(&::OSSL_PARAM_BLD_free)> const parts(::OSSL_PARAM_BLD_new(),
                                                                                  ::OSSL_PARAM_BLD_free);
    need(::OSSL_PARAM_BLD_push_BN(parts.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1);
    need(::OSSL_PARAM_BLD_push_ulong(parts.get(), OSSL_PKEY_PARAM_RSA_E, 65537) == 1);
    std::unique_ptr<OSSL_PARAM, decltype(&::OSSL_PARAM_free)> const made(::OSSL_PARAM_BLD_to_param(parts.get()),
                                                                         ::OSSL_PARAM_free);
    std::unique_ptr<EVP_PKEY_CTX, decltype(&::EVP_PKEY_CTX_free)> const context(
        ::EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr), ::EVP_PKEY_CTX_free);
    EVP_PKEY* key = nullptr;
    need(::EVP_PKEY_fromdata_init(context.get()) == 1);
    need(::EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, made.get()) == 1);
    std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)> const held(key, ::EVP_PKEY_free);
    return pem_of(key);
}

std::string hex(std::string_view octets)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (char const c : octets) {
        out += digits[static_cast<unsigned char>(c) >> 4];
        out += digits[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

std::string sha256(std::string_view octets)
{
    return digest(octets, ::EVP_sha256());
}

std::string sha512(std::string_view octets)
{
    return digest(octets, ::EVP_sha512());
}

}  // namespace tp::tuf::test
