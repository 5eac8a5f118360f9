#include <CLI/CLI.hpp>
#include <cstdio>
#include <vector>

#include "tests/bench/fleet_simulation/simulation.hpp"

/// `trigpoint-bench-detect [--seeds N...]`: the detectors against fleets of which the truth is known.
int main(int argc, char** argv)
{
    using namespace tp;
    // Whoever set the thresholds could not choose these: they are the first digits of the commit that holds them (9dec,
    // cead, ec16), and were run after it.
    std::vector<std::uint64_t> seeds{40'428, 52'909, 60'438};
    simulation::scale size;
    CLI::App command("Simulated fleets before the registry's detectors");
    command.add_option("--seeds", seeds, "one fleet for each")->expected(1, 100);
    command.add_option("--probes", size.probes, "of a fleet")->check(CLI::Range(100, 100'000));
    command.add_option("--days", size.days, "of each run")->check(CLI::Range(6, 365));
    command.add_option("--bad-of-each", size.bad_of_each, "kind and strength, for 10,000 probes")
        ->check(CLI::Range(0, 250));
    CLI11_PARSE(command, argc, argv);

    simulation::score all;
    for (auto const seed : seeds) {
        std::printf("fleet of seed %llu: %u probes, %d days\n", static_cast<unsigned long long>(seed), size.probes,
                    size.days);
        std::fflush(stdout);
        all += simulation::simulate(seed, size, {});
    }
    auto const met = simulation::print(all, {});
    std::printf("\n  %s\n", met ? "The goals are met." : "THE GOALS ARE NOT MET.");
    return met ? 0 : 1;
}
