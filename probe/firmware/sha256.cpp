#include "probe/firmware/sha256.hpp"

// What replaces these functions in OpenSSL 3 brings all of its algorithms along.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "firmware-signing/lines.hpp"

namespace tp::firmware {

void sha256::release::operator()(SHA256state_st* state) const noexcept
{
    delete state;
}

sha256::sha256() : state_(new SHA256state_st)
{
    ::SHA256_Init(state_.get());
}

void sha256::take(std::string_view octets)
{
    ::SHA256_Update(state_.get(), octets.data(), octets.size());
}

std::string sha256::finish()
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    ::SHA256_Final(hash, state_.get());
    return signing::to_hex({reinterpret_cast<char const*>(hash), sizeof hash});
}

std::string sha256_hex(std::string_view octets)
{
    sha256 hash;
    hash.take(octets);
    return hash.finish();
}

}  // namespace tp::firmware
