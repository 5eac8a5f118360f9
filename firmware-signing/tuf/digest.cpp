#include "firmware-signing/tuf/digest.hpp"

#include <openssl/evp.h>

#include <new>

#include "firmware-signing/lines.hpp"
#include "firmware-signing/tuf/refusal.hpp"

namespace tp::tuf {
namespace {

constexpr std::size_t sha256_size = 32, sha512_size = 64;  // octets

result<std::string> read_digest(json::value from, std::size_t size)
{
    auto const text = from.text();
    if (!text || !signing::from_hex(*text, size)) return refusal::malformed;
    return std::string(*text);
}

std::string end_of(evp_md_ctx_st* context)
{
    unsigned char octets[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (::EVP_DigestFinal_ex(context, octets, &size) != 1) return {};
    return signing::to_hex({reinterpret_cast<char const*>(octets), size});
}

}  // namespace

std::string sha256_hex(std::string_view octets)
{
    unsigned char hash[sha256_size];
    if (::EVP_Digest(octets.data(), octets.size(), hash, nullptr, ::EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
    return signing::to_hex({reinterpret_cast<char const*>(hash), sizeof hash});
}

result<digests> digests::read(json::value from)
{
    digests out;
    auto const members = from.members();
    if (members.empty()) return refusal::malformed;
    for (auto const& [algorithm, held] : members) {
        if (algorithm != "sha256" && algorithm != "sha512") {
            out.others = true;
            continue;
        }
        bool const short_one = algorithm == "sha256";
        auto digest = read_digest(held, short_one ? sha256_size : sha512_size);
        if (!digest) return digest.error();
        (short_one ? out.sha256 : out.sha512) = std::move(*digest);
    }
    return out;
}

void octets_check::free_context::operator()(evp_md_ctx_st* held) const noexcept
{
    ::EVP_MD_CTX_free(held);
}

octets_check::context octets_check::begin(char const* algorithm)
{
    context made(::EVP_MD_CTX_new());
    if (!made || ::EVP_DigestInit_ex(made.get(), ::EVP_get_digestbyname(algorithm), nullptr) != 1)
        throw std::bad_alloc();
    return made;
}

octets_check::octets_check(std::uint64_t length, digests expected) : length_(length), expected_(std::move(expected))
{
    if (expected_.sha256) sha256_ = begin("SHA256");
    if (expected_.sha512) sha512_ = begin("SHA512");
}

result<void> octets_check::take(std::string_view octets)
{
    if (expected_.others) return refusal::unknown_hash;
    if (octets.size() > length_ - taken_) return refusal::wrong_length;
    taken_ += octets.size();
    for (auto* const each : {sha256_.get(), sha512_.get()})
        if (each && ::EVP_DigestUpdate(each, octets.data(), octets.size()) != 1) throw std::bad_alloc();
    return {};
}

result<void> octets_check::finish()
{
    if (expected_.others) return refusal::unknown_hash;
    if (taken_ != length_) return refusal::wrong_length;
    if (sha256_ && end_of(sha256_.get()) != expected_.sha256) return refusal::wrong_hash;
    if (sha512_ && end_of(sha512_.get()) != expected_.sha512) return refusal::wrong_hash;
    return {};
}

}  // namespace tp::tuf
