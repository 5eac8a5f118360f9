#include "firmware-signing/trusted_keys.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>

#include "base/handle.hpp"
#include "firmware-signing/lines.hpp"
#include "firmware-signing/refusal.hpp"

namespace tp::signing {
namespace {

constexpr std::string_view scheme = "ed25519:";

unsigned char const* octets_of(std::string_view text)
{
    return reinterpret_cast<unsigned char const*>(text.data());
}

/// SHA-256, as hexadecimal digits.
std::string hash_of(std::string_view octets)
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    ::SHA256(octets_of(octets), octets.size(), hash);
    return to_hex({reinterpret_cast<char const*>(hash), sizeof hash});
}

}  // namespace

result<public_key> public_key::parse(std::string_view text)
{
    if (!text.starts_with(scheme)) return refusal::malformed;
    auto const octets = from_hex(text.substr(scheme.size()), size);
    if (!octets) return octets.error();
    return from_octets(*octets);
}

result<public_key> public_key::from_octets(std::string_view octets)
{
    if (octets.size() != size) return refusal::malformed;
    return public_key(std::string(octets), hash_of(octets));
}

std::string public_key::text() const
{
    return std::string(scheme) + to_hex(octets_);
}

bool public_key::verifies(std::string_view octets, std::string_view signature) const
{
    handle<EVP_PKEY, EVP_PKEY_free> const key(
        ::EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets_of(octets_), octets_.size()));
    handle<EVP_MD_CTX, EVP_MD_CTX_free> const context(::EVP_MD_CTX_new());
    if (!key || !context || signature.size() != signature_size) return false;
    if (::EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1) return false;
    return ::EVP_DigestVerify(context.get(), octets_of(signature), signature.size(), octets_of(octets),
                              octets.size()) == 1;
}

result<trusted_keys> trusted_keys::from(std::vector<public_key> keys, std::size_t threshold)
{
    if (keys.empty() || keys.size() > most || threshold < 1 || threshold > keys.size()) return errc::out_of_range;
    for (auto one = keys.begin(); one != keys.end(); ++one) {
        if (std::find(one + 1, keys.end(), *one) != keys.end()) return errc::conflict;
    }
    trusted_keys out;
    out.keys_ = std::move(keys);
    out.threshold_ = threshold;
    return out;
}

public_key const* trusted_keys::find(std::string_view id) const noexcept
{
    auto const found = std::find_if(keys_.begin(), keys_.end(), [&](auto const& key) { return key.id() == id; });
    return found == keys_.end() ? nullptr : &*found;
}

std::string trusted_keys::id() const
{
    std::vector<std::string_view> ids;
    for (auto const& each : keys_) ids.push_back(each.id());
    std::sort(ids.begin(), ids.end());
    auto all = std::to_string(threshold_);
    for (auto const each : ids) (all += ' ') += each;
    return hash_of(all);
}

}  // namespace tp::signing
