#include "tests/bench/fleet_simulation/random.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tp::simulation {
namespace {

constexpr std::uint64_t golden = 0x9E3779B97F4A7C15U;

std::uint64_t mixed(std::uint64_t x) noexcept
{
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31U);
}

double to_unit(std::uint64_t bits) noexcept
{
    constexpr double two_to_53 = 9007199254740992.0;
    return static_cast<double>(bits >> 11U) / two_to_53;
}

}  // namespace

random_stream::random_stream(std::uint64_t seed, std::uint64_t stream) noexcept
    : state_(mixed(seed * golden + mixed(stream + 1)))
{
}

std::uint64_t random_stream::next() noexcept
{
    state_ += golden;
    return mixed(state_);
}

double random_stream::unit() noexcept
{
    return to_unit(next());
}

double random_stream::between(double low, double high) noexcept
{
    return low + (high - low) * unit();
}

std::uint32_t random_stream::below(std::uint32_t end) noexcept
{
    return static_cast<std::uint32_t>(unit() * end);
}

bool random_stream::chance(double probability) noexcept
{
    return probability > 0 && unit() < probability;
}

double random_stream::exponential(double mean) noexcept
{
    return -mean * std::log(1 - unit());
}

double random_stream::normal(double mean, double deviation) noexcept
{
    auto const radius = std::sqrt(-2 * std::log(1 - unit()));
    return mean + deviation * radius * std::cos(2 * std::numbers::pi * unit());
}

double random_stream::lognormal(double median, double spread) noexcept
{
    return median * std::exp(normal(0, spread));
}

std::uint32_t random_stream::poisson(double mean) noexcept
{
    if (!(mean > 0)) return 0;
    constexpr double large = 30;
    if (mean > large) return static_cast<std::uint32_t>(std::max(0.0, std::round(normal(mean, std::sqrt(mean)))));
    auto const stop = std::exp(-mean);
    std::uint32_t out = 0;
    for (auto product = unit(); product > stop; product *= unit()) ++out;
    return out;
}

std::uint32_t random_stream::binomial(std::uint32_t of, double probability) noexcept
{
    if (probability <= 0) return 0;
    if (probability >= 1) return of;
    if (probability > 0.5) return of - binomial(of, 1 - probability);
    auto const mean = of * probability;
    constexpr double rare = 3;
    if (mean < rare) return std::min(poisson(mean), of);
    auto const drawn = std::round(normal(mean, std::sqrt(mean * (1 - probability))));
    return static_cast<std::uint32_t>(std::clamp(drawn, 0.0, static_cast<double>(of)));
}

double fixed_unit(std::uint64_t seed, std::uint64_t a, std::uint64_t b) noexcept
{
    return to_unit(mixed(mixed(seed * golden + a) * golden + b));
}

}  // namespace tp::simulation
