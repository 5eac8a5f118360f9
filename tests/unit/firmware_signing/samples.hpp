#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "firmware-signing/signer.hpp"

namespace tp::signing {

inline std::string sealed(statement const& says, std::initializer_list<private_key const*> by)
{
    auto const octets = octets_to_sign(says).value();
    std::vector<signature> signatures;
    for (auto const* each : by) signatures.push_back(each->sign(octets).value());
    return seal(octets, std::move(signatures));
}

}  // namespace tp::signing
