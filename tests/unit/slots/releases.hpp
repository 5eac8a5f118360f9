#pragma once

#include <string>

#include "probe/firmware/admission.hpp"
#include "probe/firmware/sha256.hpp"

/// Releases of a program for tests.
namespace tp::firmware::test {

inline constexpr char const* model = "sw-x86_64";
inline device const here{model, "r3"};

/// What was signed.
inline std::string program_of(std::uint64_t release)
{
    return std::string(70, 'x') + "release " + std::to_string(release);
}

inline offer offer_of(std::uint64_t release, std::uint64_t floor = 0)
{
    auto const octets = program_of(release);
    offer out;
    out.content = {"firmware/" + std::to_string(release), model, release, floor, octets.size(), sha256_hex(octets)};
    return out;
}

}  // namespace tp::firmware::test
