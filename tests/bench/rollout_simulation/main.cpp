#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <vector>

#include "tests/bench/rollout_simulation/run.hpp"

/// `trigpoint-bench-rollout [--seeds N] [--from N]`: rollouts of good and bad releases over simulated fleets.
namespace tp::simulation {
namespace {

constexpr double most_touched = 0.02, most_touched_hurried = 0.03;

struct totals {
    std::uint32_t runs = 0, halted = 0, broken = 0, broken_back = 0, outages = 0;
    double most = 0, sum = 0;
    std::vector<double> hours;
};

totals run_all(char const* title, rollout_scale const& size, std::uint64_t from, std::uint64_t seeds)
{
    totals out;
    std::printf("%s: %u probes, %llu seeds from %llu\n", title, size.probes, static_cast<unsigned long long>(seeds),
                static_cast<unsigned long long>(from));
    for (std::uint64_t seed = from; seed < from + seeds; ++seed) {
        auto const one = run_rollout(seed, size);
        bool const halted = one.end == rollout::phase::halted;
        if (halted == (size.broken == 0))
            std::printf("  seed %llu: %s%s%s\n", static_cast<unsigned long long>(seed),
                        std::string(name_of(one.end)).c_str(), one.because.empty() ? "" : ": ", one.because.c_str());
        std::fflush(stdout);
        ++out.runs;
        out.halted += halted ? 1 : 0;
        out.broken += one.broken_touched;
        out.broken_back += one.broken_on_old;
        out.outages += one.outages;
        out.most = std::max(out.most, one.touched);
        out.sum += one.touched;
        out.hours.push_back(one.hours);
    }
    std::sort(out.hours.begin(), out.hours.end());
    return out;
}

bool judge_bad(totals const& seen, double goal = most_touched)
{
    std::printf("  halted %u of %u; touched at most %.2f %% of the fleet, %.2f %% on average; after %.1f h (median)\n",
                seen.halted, seen.runs, 100 * seen.most, 100 * seen.sum / seen.runs, seen.hours[seen.hours.size() / 2]);
    std::printf("  broken probes back on the old slot: %u of %u\n", seen.broken_back, seen.broken);
    return seen.halted == seen.runs && seen.most < goal && seen.broken_back == seen.broken;
}

bool judge_good(totals const& seen)
{
    std::printf("  halted wrongly %u of %u, through %u outages; %.1f h from approval to the end (median)\n",
                seen.halted, seen.runs, seen.outages, seen.hours[seen.hours.size() / 2]);
    return seen.halted * 50 <= seen.runs;
}

}  // namespace
}  // namespace tp::simulation

int main(int argc, char** argv)
{
    using namespace tp;
    std::uint64_t seeds = 50, from = 1;
    simulation::rollout_scale size;
    CLI::App command("Simulated fleets before the director's rules");
    command.add_option("--seeds", seeds, "one fleet for each")->check(CLI::Range(1, 10'000));
    command.add_option("--from", from, "the first of them");
    command.add_option("--probes", size.probes, "of a fleet")->check(CLI::Range(100, 100'000));
    CLI11_PARSE(command, argc, argv);

    size.begins_within = std::chrono::hours{1};
    auto const hurried = simulation::run_all(
        "lazy, by hosts who all let it begin within the hour, breaks 5 % of the probes", size, from, seeds);
    bool met = simulation::judge_bad(hurried, simulation::most_touched_hurried);
    size.begins_within = simulation::rollout_scale().begins_within;
    for (auto const how : {registry::rollout::mode::lazy, registry::rollout::mode::forced}) {
        bool const lazy = how == registry::rollout::mode::lazy;
        size.how = how;
        size.broken = 0.05;
        met = simulation::judge_bad(simulation::run_all(
                  lazy ? "lazy, breaks 5 % of the probes" : "forced, breaks 5 % of the probes", size, from, seeds)) &&
              met;
        size.broken = 0;
        met =
            simulation::judge_good(simulation::run_all(lazy ? "lazy, good" : "forced, good", size, from, seeds)) && met;
    }
    std::printf("\n  %s\n", met ? "The goals are met." : "THE GOALS ARE NOT MET.");
    return met ? 0 : 1;
}
