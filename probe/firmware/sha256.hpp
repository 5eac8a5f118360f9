#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct SHA256state_st;

namespace tp::firmware {

/// SHA-256 as octets come. It takes nothing but this one function from OpenSSL, because the supervisor is to stay
/// small.
class sha256 {
public:
    static constexpr std::size_t digits = 64;  // of a digest, hexadecimal

    sha256();
    void take(std::string_view octets);
    /// Lower-case hexadecimal digits. To be asked once.
    std::string finish();

private:
    struct release {
        void operator()(SHA256state_st* state) const noexcept;
    };
    std::unique_ptr<SHA256state_st, release> state_;
};

std::string sha256_hex(std::string_view octets);

}  // namespace tp::firmware
