#include "probe/anchor/dns/limiter.hpp"

#include <random>

namespace tp::anchor {
namespace {

constexpr unsigned index_bits = 13;                          // 8,192 buckets
constexpr std::size_t v4_octets = 3, v6_octets = 7;          // of an address: its /24, its /56
constexpr std::uint64_t v4_mark = 1, v6_mark = 1ULL << 63U;  // in bits that the octets leave free

template <class Octets>
std::uint64_t number_of(Octets const& octets, std::size_t count)
{
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < count; ++i) out = out << 8U | octets[i];
    return out;
}

std::uint64_t network_of(ip_address const& address)
{
    if (address.is_v4()) return number_of(address.to_v4().to_bytes(), v4_octets) << 8U | v4_mark;
    return number_of(address.to_v6().to_bytes(), v6_octets) | v6_mark;
}

}  // namespace

answer_limiter::keys answer_limiter::keys::random()
{
    std::random_device source;
    auto const number = [&] { return std::uint64_t{source()} << 32U | source(); };
    return {number(), number()};
}

answer_limiter::answer_limiter(options with, keys secret, steady_time now)
    : with_(with),
      secret_(secret),
      networks_(std::size_t{1} << index_bits, network{probe::bucket(static_cast<double>(with.per_second), now)})
{
}

answer_limiter::verdict answer_limiter::judge(ip_address const& from, steady_time now)
{
    auto& asks = of(from);
    if (asks.answers.ready(1, now) <= now) {
        asks.answers.take(1, now);
        return verdict::answer;
    }
    if (with_.slip == 0) return verdict::drop;
    return ++asks.refused % with_.slip == 0 ? verdict::truncate : verdict::drop;
}

/// Multiply-shift hashing: two networks share a bucket with a probability of one in so many as there are.
answer_limiter::network& answer_limiter::of(ip_address const& from)
{
    auto const mixed = network_of(from) * (secret_.factor | 1U) + secret_.summand;
    return networks_[mixed >> (64 - index_bits)];
}

}  // namespace tp::anchor
