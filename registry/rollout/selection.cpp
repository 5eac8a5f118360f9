#include "registry/rollout/selection.hpp"

#include <algorithm>
#include <map>

namespace tp::registry::rollout {
namespace {

/// SplitMix64's finaliser (Steele, Lea, Flood 2014): the same on every machine, unlike std::hash.
constexpr std::uint64_t mixed(std::uint64_t value) noexcept
{
    value += 0x9e3779b97f4a7c15;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
}

std::uint64_t lot_of(candidate const& one, std::uint64_t seed) noexcept
{
    return mixed(seed ^ mixed(static_cast<std::uint64_t>(one.probe.value())));
}

using key = std::string;
using strata = std::map<key, std::vector<std::size_t>>;

key exact(candidate const& one)
{
    return one.model + '/' + one.country + '/' + (one.asn ? std::to_string(*one.asn) : "");
}

/// Moves the members of small strata to the one that `wider` names.
template <class Wider>
strata join_small(strata all, std::vector<candidate> const& from, Wider wider)
{
    strata out;
    for (auto& [name, members] : all) {
        bool const small = members.size() < smallest_stratum;
        auto& into = out[small ? wider(from[members.front()]) : name];
        into.insert(into.end(), members.begin(), members.end());
    }
    return out;
}

strata strata_of(std::vector<candidate> const& from)
{
    strata out;
    for (std::size_t i = 0; i < from.size(); ++i) {
        if (!from[i].lab) out[exact(from[i])].push_back(i);
    }
    out = join_small(std::move(out), from, [](candidate const& one) { return one.model + '/' + one.country; });
    return join_small(std::move(out), from, [](candidate const& one) { return one.model; });
}

struct place {
    double at = 0;  // [0, 1): how early in its stratum
    std::uint64_t lot = 0;
    std::size_t index = 0;
};

/// All but the lab, in the order in which waves take them: any beginning of it has its share of every stratum.
std::vector<place> in_order(std::vector<candidate> const& from, std::uint64_t seed)
{
    std::vector<place> out;
    for (auto& [name, members] : strata_of(from)) {
        auto sorted = members;
        std::sort(sorted.begin(), sorted.end(), [&](std::size_t a, std::size_t b) {
            return std::pair(lot_of(from[a], seed), from[a].probe) < std::pair(lot_of(from[b], seed), from[b].probe);
        });
        auto const first = static_cast<double>(mixed(lot_of(from[sorted.front()], seed)) >> 11) * 0x1p-53;
        for (std::size_t i = 0; i < sorted.size(); ++i) {
            auto const at = (static_cast<double>(i) + first) / static_cast<double>(sorted.size());
            out.push_back({at, lot_of(from[sorted[i]], seed), sorted[i]});
        }
    }
    std::sort(out.begin(), out.end(), [&](place const& a, place const& b) {
        if (a.at != b.at) return a.at < b.at;
        return std::pair(a.lot, from[a.index].probe) < std::pair(b.lot, from[b.index].probe);
    });
    return out;
}

}  // namespace

std::vector<std::uint32_t> choose_waves(std::vector<candidate> const& from, waves const& reach, std::uint64_t seed)
{
    bool const has_lab = !reach.empty() && reach.front() == 0;
    std::vector<std::uint32_t> out(from.size(), 0);
    auto const order = in_order(from, seed);
    std::size_t next = 0;
    for (std::uint32_t wave = has_lab ? 1 : 0; wave < reach.size(); ++wave) {
        // Rounded up: a wave of a small fleet is not to be empty.
        auto const end = (order.size() * reach[wave] + whole - 1) / whole;
        for (; next < std::min<std::size_t>(end, order.size()); ++next) out[order[next].index] = wave;
    }
    return out;
}

}  // namespace tp::registry::rollout
