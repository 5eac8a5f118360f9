#pragma once

#include <functional>

#include "api/cli/remote.hpp"

namespace CLI {
class App;
}

namespace tp::cli {

/// Shared by all commands: how to reach the API, and which command was chosen.
struct program {
    login given;
    remote api{given};
    std::function<int()> chosen;  // runs it; answers the exit code
};

// Each adds its commands to `root`; `into` must outlive the parsing and the run.
void add_measure(CLI::App& root, program& into);
void add_results(CLI::App& root, program& into);
void add_measurements(CLI::App& root, program& into);
void add_probes(CLI::App& root, program& into);
void add_trust(CLI::App& group, program& into);    // of `trigpoint probe`
void add_hosting(CLI::App& group, program& into);  // likewise
void add_factory(CLI::App& root, program& into);
void add_anchors(CLI::App& root, program& into);
void add_abuse(CLI::App& root, program& into);
void add_alerts(CLI::App& root, program& into);
void add_firmware(CLI::App& root, program& into);
void add_keys(CLI::App& root, program& into);
void add_rollouts(CLI::App& root, program& into);
void add_platform(CLI::App& root, program& into);
void add_up(CLI::App& root, program& into);

}  // namespace tp::cli
