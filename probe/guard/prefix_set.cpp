#include "probe/guard/prefix_set.hpp"

#include <algorithm>

namespace tp::probe {
namespace {

/// The block's last address: all bits beyond its length are one.
std::array<unsigned char, 16> last_of(std::array<unsigned char, 16> first, unsigned length)
{
    for (std::size_t i = 0; i < first.size(); ++i) {
        auto const fixed = std::clamp<int>(static_cast<int>(length) - static_cast<int>(8 * i), 0, 8);
        first[i] = static_cast<unsigned char>(first[i] | (0xff >> fixed));
    }
    return first;
}

/// In order, without those that lie inside the one before.
template <class Range>
void tidy(std::vector<Range>& all)
{
    std::sort(all.begin(), all.end(), [](auto const& one, auto const& other) {
        return one.first != other.first ? one.first < other.first : one.second > other.second;
    });
    std::vector<Range> kept;
    for (auto const& each : all)
        if (kept.empty() || each.second > kept.back().second) kept.push_back(each);
    kept.shrink_to_fit();
    all = std::move(kept);
}

template <class Range, class Value>
bool lies_in(std::vector<Range> const& all, Value const& value) noexcept
{
    auto const after = std::upper_bound(all.begin(), all.end(), value,
                                        [](Value const& one, Range const& range) { return one < range.first; });
    return after != all.begin() && std::prev(after)->second >= value;
}

}  // namespace

prefix_set::prefix_set(std::vector<ip_prefix> const& of)
{
    for (auto const& one : of) {
        if (one.network().is_v4()) {
            auto const first = one.network().to_v4().to_uint();
            auto const rest = one.length() == 0 ? UINT32_MAX : (std::uint64_t{1} << (32 - one.length())) - 1;
            v4_.emplace_back(first, first | static_cast<std::uint32_t>(rest));
        } else {
            auto const first = one.network().to_v6().to_bytes();
            v6_.emplace_back(first, last_of(first, one.length()));
        }
    }
    tidy(v4_);
    tidy(v6_);
}

bool prefix_set::has(ip_address const& address) const noexcept
{
    if (address.is_v4()) return lies_in(v4_, address.to_v4().to_uint());
    return lies_in(v6_, address.to_v6().to_bytes());
}

}  // namespace tp::probe
