#include "store/random.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <cstdint>
#include <stdexcept>

namespace tp::store {
namespace {

std::array<std::uint8_t, 16> random_octets()
{
    std::array<std::uint8_t, 16> octets;
    if (RAND_bytes(octets.data(), static_cast<int>(octets.size())) != 1) throw std::runtime_error("no random numbers");
    return octets;
}

}  // namespace

std::string random_uuid()
{
    constexpr char digits[] = "0123456789abcdef";
    auto octets = random_octets();
    octets[6] = static_cast<std::uint8_t>((octets[6] & 0x0f) | 0x40);
    octets[8] = static_cast<std::uint8_t>((octets[8] & 0x3f) | 0x80);
    std::string out;
    for (std::size_t i = 0; i < octets.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
        out += digits[octets[i] >> 4];
        out += digits[octets[i] & 15];
    }
    return out;
}

std::string sha256(std::string_view text)
{
    std::array<unsigned char, 32> digest;
    unsigned length = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
        throw std::runtime_error("no SHA-256");
    }
    return {reinterpret_cast<char const*>(digest.data()), digest.size()};
}

}  // namespace tp::store
