#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tests/unit/tuf/js.hpp"

struct evp_pkey_st;

namespace tp::tuf::test {

/// A key that signs, made by the test.
class test_key {
public:
    static test_key ed25519();
    static test_key ecdsa(char const* curve = "P-256");
    static test_key rsa(unsigned bits = 2048);

    /// The public part as metadata lists it, and its id.
    js listed() const;
    std::string id() const;
    /// Hexadecimal digits.
    std::string sign(std::string_view octets) const;

    std::string type, scheme;
    js more;  // members that are listed besides

private:
    test_key(std::string type, std::string scheme, evp_pkey_st* key);
    std::shared_ptr<evp_pkey_st> key_;
};

/// An RSA key of so many bits in PEM, whose private part nobody has.
std::string rsa_pem(int bits);

std::string hex(std::string_view octets);
std::string sha256(std::string_view octets);  // hexadecimal digits
std::string sha512(std::string_view octets);

}  // namespace tp::tuf::test
