#include "base/claim_code.hpp"

#include <openssl/rand.h>

#include <array>
#include <stdexcept>

namespace tp {

std::string random_claim_code()
{
    constexpr char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford's base 32
    std::array<unsigned char, 16> octets{};
    if (RAND_bytes(octets.data(), static_cast<int>(octets.size())) != 1) throw std::runtime_error("no random numbers");
    std::string out;
    for (std::size_t i = 0; i < octets.size(); ++i) {
        if (i > 0 && i % 4 == 0) out += '-';
        out += letters[octets[i] % 32];
    }
    return out;
}

std::string plain_claim_code(std::string_view typed)
{
    std::string out;
    for (char const c : typed) {
        auto const letter = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
        if (letter == '-' || letter == ' ') continue;
        out += letter == 'O' ? '0' : letter == 'I' || letter == 'L' ? '1' : letter;
    }
    return out;
}

}  // namespace tp
