#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace tp::cli {

/// Another user of this machine, whom a child is to become. Only root can.
struct identity {
    uid_t user = 0;
    gid_t group = 0;
};

/// A program to start. It leads a session of its own (a Ctrl-C on the terminal reaches us alone), in the folder "/".
struct launch {
    std::vector<std::string> words;  // the program's path and its arguments
    std::optional<identity> as;
    int death_signal = 0;  // it gets this when our (main) thread ends, however it ends; 0: none
    int input = -1;        // its standard input; -1: /dev/null
    int output = -1;       // its standard output and error; -1: ours
};

/// Errors: those of fork(2), setuid(2) and execve(2): a program that cannot be executed is told here.
result<pid_t> start(launch const& what);

/// "exit status 1", "signal 9 (Killed)": what waitpid(2) reported.
std::string describe_end(int status);

/// Runs a program to its end. Errors: as start(); errc::timed_out, it is then killed; errc::rejected when it failed.
result<void> run_to_end(launch const& what, std::chrono::seconds limit);

}  // namespace tp::cli
