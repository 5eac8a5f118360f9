#pragma once

#include <cstdint>

/// Randomness of the simulation: the same seed gives the same world on every machine, and each probe has a stream of
/// its own, so that what happens to one does not change another.
namespace tp::simulation {

class random_stream {
public:
    /// Source: SplitMix64 (Steele, Lea, Flood, 2014).
    explicit random_stream(std::uint64_t seed, std::uint64_t stream = 0) noexcept;

    std::uint64_t next() noexcept;
    double unit() noexcept;                            // [0, 1)
    double between(double low, double high) noexcept;  // [low, high)
    std::uint32_t below(std::uint32_t end) noexcept;   // 0 .. end - 1; end > 0
    bool chance(double probability) noexcept;
    double exponential(double mean) noexcept;
    double normal(double mean, double deviation) noexcept;
    /// @param spread  standard deviation of the logarithm.
    double lognormal(double median, double spread) noexcept;
    std::uint32_t poisson(double mean) noexcept;
    /// How many of `of` happen, each with this probability.
    std::uint32_t binomial(std::uint32_t of, double probability) noexcept;

private:
    std::uint64_t state_;
};

/// A number in [0, 1) that depends on its arguments only: properties of pairs that need not be stored.
double fixed_unit(std::uint64_t seed, std::uint64_t a, std::uint64_t b = 0) noexcept;

}  // namespace tp::simulation
