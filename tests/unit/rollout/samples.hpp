#pragma once

#include <chrono>
#include <utility>
#include <vector>

#include "registry/rollout/machine.hpp"

namespace tp::registry::rollout {

inline constexpr wall_time start{std::chrono::hours{24 * 365 * 56}};

inline probe_id probe(std::int64_t number)
{
    return *probe_id::from(number);
}

inline target release_7()
{
    return {"sw-x86_64", "targets/sw-x86_64/stable/trigpoint-7", 1'000, std::string(32, 'h'), 7};
}

inline definition lazily()
{
    auto out = usual(mode::lazy);
    out.targets = {release_7()};
    return out;
}

inline definition by_force()
{
    auto out = usual(mode::forced);
    out.targets = {release_7()};
    return out;
}

inline member some(std::int64_t number, std::uint32_t wave, stage is = stage::planned)
{
    member out{.probe = probe(number), .model = "sw-x86_64", .country = "NL", .asn = 64500};
    out.wave = wave;
    out.is = is;
    out.since = start;
    out.connected = true;
    out.status_since = start - std::chrono::hours{100};
    out.expires = start + std::chrono::hours{1'000};
    return out;
}

inline std::vector<member> many(std::uint32_t count, std::uint32_t wave, stage is)
{
    std::vector<member> out;
    for (std::uint32_t i = 0; i < count; ++i) out.push_back(some(1 + wave * 100'000 + i, wave, is));
    return out;
}

inline std::vector<member> operator+(std::vector<member> a, std::vector<member> const& b)
{
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

}  // namespace tp::registry::rollout
