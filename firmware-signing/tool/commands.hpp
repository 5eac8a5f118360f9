#pragma once

#include <functional>

namespace CLI {
class App;
}

/// `trigpoint-sign`: a file for each command.
namespace tp::signing::tool {

/// How the program ends; told by --help.
enum exit_code : int {
    exit_ok = 0,
    exit_failed = 1,  // a document is not believed, or a file is not what it should be
    exit_usage = 2,   // used wrongly
};

/// Which command was chosen.
struct program {
    std::function<int()> chosen;  // runs it; answers the exit code
};

// Each adds its command to `root`; `into` must outlive the parsing and the run.
void add_key(CLI::App& root, program& into);
void add_anchors(CLI::App& root, program& into);
void add_factory(CLI::App& root, program& into);
void add_show(CLI::App& root, program& into);
void add_sign(CLI::App& root, program& into);
void add_merge(CLI::App& root, program& into);
void add_verify(CLI::App& root, program& into);
void add_root(CLI::App& root, program& into);
void add_targets(CLI::App& root, program& into);
void add_release(CLI::App& root, program& into);
void add_control(CLI::App& root, program& into);
void add_publish(CLI::App& root, program& into);
void add_renew(CLI::App& root, program& into);

}  // namespace tp::signing::tool
