#include "registry/rollout/drift.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace tp::registry::rollout {
namespace {

constexpr double as_part(share of) noexcept
{
    return static_cast<double>(of) / whole;
}

/// A probe that delivered at least half of what was due, and now less than three quarters of that, has lost results.
constexpr double well = 0.5, kept = 0.75;
/// How many standard errors make a difference: at 4, chance alone halts one rollout in some thousand looks.
constexpr double sure = 4;

double median(std::vector<double> of)
{
    auto const middle = of.begin() + static_cast<std::ptrdiff_t>(of.size() / 2);
    std::nth_element(of.begin(), middle, of.end());
    return *middle;
}

/// Of a median, from the median of deviations (both are not moved by a few wild ones).
double squared_error(std::vector<double> const& of, double centre)
{
    std::vector<double> deviations;
    for (auto const each : of) deviations.push_back(std::abs(each - centre));
    constexpr double to_sigma = 1.4826, of_a_median = 1.2533;
    auto const sigma = to_sigma * median(std::move(deviations)) * of_a_median;
    return sigma * sigma / static_cast<double>(of.size());
}

std::string per_cent(double part)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.1f %%", 100 * part);
    return text;
}

struct losses {
    std::uint32_t of = 0, lost = 0;
    double part() const noexcept { return of == 0 ? 0 : static_cast<double>(lost) / of; }
};

std::optional<std::string> rate_shift(std::span<measured const> seen, limits const& at)
{
    losses updated, others;
    for (auto const& each : seen) {
        if (each.rate_before < well) continue;
        auto& side = each.updated ? updated : others;
        ++side.of;
        side.lost += each.rate_after < each.rate_before * kept ? 1 : 0;
    }
    if (updated.of < least_compared || others.of < least_compared) return std::nullopt;
    auto const all = static_cast<double>(updated.lost + others.lost) / (updated.of + others.of);
    auto const error = std::sqrt(all * (1 - all) * (1.0 / updated.of + 1.0 / others.of));
    auto const more = updated.part() - others.part();
    if (more <= as_part(at.rate_lost) || more <= sure * error) return std::nullopt;
    return per_cent(updated.part()) + " of the updated probes deliver much less than before, and " +
           per_cent(others.part()) + " of the others";
}

std::optional<std::string> round_trip_shift(std::span<measured const> seen, limits const& at)
{
    std::vector<double> updated, others;
    for (auto const& each : seen) {
        if (!each.trip_before || !each.trip_after || *each.trip_before <= 0 || *each.trip_after <= 0) continue;
        (each.updated ? updated : others).push_back(std::log(*each.trip_after / *each.trip_before));
    }
    if (updated.size() < least_compared || others.size() < least_compared) return std::nullopt;
    auto const ours = median(updated), theirs = median(others);
    auto const error = std::sqrt(squared_error(updated, ours) + squared_error(others, theirs));
    auto const shift = ours - theirs;
    if (std::abs(shift) <= std::log1p(as_part(at.round_trip)) || std::abs(shift) <= sure * error) return std::nullopt;
    return "round trips of updated probes changed by " + per_cent(std::expm1(ours)) + ", those of the others by " +
           per_cent(std::expm1(theirs));
}

}  // namespace

std::optional<std::string> drift(std::span<measured const> seen, limits const& at)
{
    auto rate = rate_shift(seen, at);
    return rate ? rate : round_trip_shift(seen, at);
}

}  // namespace tp::registry::rollout
