#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "probe/firmware/slot_places.hpp"

namespace tp::supervisor {

inline constexpr char const* usage =
    "trigpoint-supervisor run --slots FOLDER [--tries N] [--commit-within SECONDS] [-- ARGUMENT...]\n"
    "      runs the probe's program from its slots, and goes back to the other slot when a new one does not work\n"
    "trigpoint-supervisor install --slots FOLDER --model MODEL --release N [--floor N] PROGRAM\n"
    "      puts a program that this machine's host trusts into the free slot, to be tried at the next start\n"
    "trigpoint-supervisor status --slots FOLDER\n"
    "      prints what lies in the slots, and why the last update failed\n"
    "An image's slots are partitions: each of these takes --slot-a DEVICE --slot-b DEVICE, too.\n"
    "trigpoint-supervisor --help | --version\n";

/// What somebody typed.
struct arguments {
    static constexpr unsigned most_tries = 100;
    static constexpr std::chrono::seconds longest_trial = std::chrono::days{7};

    enum class verb { run, install, status, help, version };
    verb is = verb::help;
    std::string slots, slot_a, slot_b;
    unsigned tries = 3;                        // run
    std::chrono::seconds commit_within{3600};  // run
    std::vector<std::string> passed_on;        // run
    std::string model, program;                // install
    std::uint64_t release = 0, floor = 0;      // install

    firmware::slot_places places() const;

    /// Errors: errc::malformed.
    static result<arguments> read(std::vector<std::string_view> const& words);
};

}  // namespace tp::supervisor
