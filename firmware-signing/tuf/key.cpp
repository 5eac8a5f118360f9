#include "firmware-signing/tuf/key.hpp"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/handle.hpp"
#include "firmware-signing/lines.hpp"
#include "firmware-signing/tuf/digest.hpp"
#include "firmware-signing/tuf/refusal.hpp"

namespace tp::tuf {
namespace {

using key_handle = handle<EVP_PKEY, EVP_PKEY_free>;
constexpr std::size_t ed25519_size = 32;  // octets

unsigned char const* octets_of(std::string_view text)
{
    return reinterpret_cast<unsigned char const*>(text.data());
}

key_handle ed25519_key(std::string_view digits)
{
    auto const octets = signing::from_hex(digits, ed25519_size);
    if (!octets) return nullptr;
    return key_handle(::EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets_of(*octets), octets->size()));
}

key_handle key_in_pem(std::string_view text)
{
    if (text.size() > public_key::longest_pem) return nullptr;
    handle<BIO, BIO_free_all> const from(::BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    auto const no_phrase = [](char*, int, int, void*) { return -1; };  // nobody is asked, whatever the PEM says
    return key_handle(from ? ::PEM_read_bio_PUBKEY(from.get(), nullptr, no_phrase, nullptr) : nullptr);
}

key_handle ecdsa_key(std::string_view pem)
{
    auto key = key_in_pem(pem);
    char group[32] = {};
    bool const on_p256 = key && ::EVP_PKEY_get_group_name(key.get(), group, sizeof group, nullptr) == 1 &&
                         std::string_view(group) == "prime256v1";
    return on_p256 ? std::move(key) : nullptr;
}

key_handle rsa_key(std::string_view pem)
{
    auto key = key_in_pem(pem);
    if (!key || ::EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) return nullptr;
    auto const bits = ::EVP_PKEY_get_bits(key.get());
    return bits >= public_key::shortest_rsa && bits <= public_key::longest_rsa ? std::move(key) : nullptr;
}

/// PSS with SHA-256 in both places; the salt may have any length, as signers disagree about it.
bool set_pss(EVP_PKEY_CTX* context)
{
    return ::EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           ::EVP_PKEY_CTX_set_rsa_mgf1_md(context, ::EVP_sha256()) == 1 &&
           ::EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_AUTO) == 1;
}

}  // namespace

result<public_key> public_key::read(json::value from)
{
    auto const type = from.member("keytype"), scheme = from.member("scheme"), held = from.member("keyval");
    auto const octets = held ? held->member("public") : std::nullopt;
    if (!type || !type->text() || !scheme || !scheme->text() || !held || held->type() != json::kind::object)
        return refusal::malformed;
    public_key out;
    out.id_ = sha256_hex(from.canonical());
    if (octets && octets->text()) out.take(*type->text(), *scheme->text(), *octets->text());
    return out;
}

void public_key::take(std::string_view type, std::string_view scheme_name, std::string_view octets)
{
    key_handle key;
    if (type == "ed25519" && scheme_name == "ed25519") {
        key = ed25519_key(octets);
        scheme_ = scheme::ed25519;
    } else if ((type == "ecdsa" || type == "ecdsa-sha2-nistp256") && scheme_name == "ecdsa-sha2-nistp256") {
        key = ecdsa_key(octets);
        scheme_ = scheme::ecdsa;
    } else if (type == "rsa" && scheme_name == "rsassa-pss-sha256") {
        key = rsa_key(octets);
        scheme_ = scheme::rsa;
    }
    key_ = std::shared_ptr<evp_pkey_st>(key.release(), [](evp_pkey_st* last) { ::EVP_PKEY_free(last); });
}

bool public_key::verifies(std::string_view octets, std::string_view signature) const
{
    if (!key_) return false;
    handle<EVP_MD_CTX, EVP_MD_CTX_free> const context(::EVP_MD_CTX_new());
    EVP_PKEY_CTX* settings = nullptr;
    auto const* const hash = scheme_ == scheme::ed25519 ? nullptr : ::EVP_sha256();
    if (!context || ::EVP_DigestVerifyInit(context.get(), &settings, hash, nullptr, key_.get()) != 1) return false;
    if (scheme_ == scheme::rsa && !set_pss(settings)) return false;
    return ::EVP_DigestVerify(context.get(), octets_of(signature), signature.size(), octets_of(octets),
                              octets.size()) == 1;
}

bool public_key::same_as(public_key const& other) const noexcept
{
    return key_ && other.key_ && ::EVP_PKEY_eq(key_.get(), other.key_.get()) == 1;
}

result<key_list> read_keys(json::value from)
{
    if (from.type() != json::kind::object) return refusal::malformed;
    auto const members = from.members();
    if (members.size() > most_keys) return refusal::too_large;
    key_list out;
    for (auto const& [id, held] : members) {
        auto key = public_key::read(held);
        if (!key) return key.error();
        if (key->id() != id) return refusal::wrong_key_id;
        out.emplace(id, std::move(*key));
    }
    return out;
}

}  // namespace tp::tuf
