#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "probe/firmware/changing.hpp"
#include "probe/firmware/real_disk.hpp"
#include "probe/supervisor/arguments.hpp"
#include "probe/supervisor/supervision.hpp"

namespace tp::supervisor {

/// Does what `supervision` says, with this machine's processes, signals and disk.
class supervisor {
public:
    explicit supervisor(arguments with);

    /// Runs the program, again and again, until asked to stop. The exit status: the program's.
    int run();

private:
    void start();
    void look();
    void give_up(firmware::cause why);
    void wait(std::optional<steady_time> until);
    void reap();
    void heard(int signal);

    arguments with_;
    firmware::real_disk disk_;
    firmware::slots_on_disk slots_;
    supervision decides_;
    pid_t child_ = 0;         // 0: none
    firmware::slot which_{};  // that was started last
    std::uint64_t release_ = 0;
};

}  // namespace tp::supervisor
