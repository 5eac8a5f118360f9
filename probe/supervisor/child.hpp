#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/error.hpp"

namespace tp::supervisor {

/// Runs the program that a descriptor stands for, with our environment and what is added to it. It is killed if we end
/// before it. Errors: those of fork(2), and of execve(2) in the child.
result<pid_t> run_program(int descriptor, std::vector<std::string> arguments, std::vector<std::string> added);

/// Whether an error of run_program() is a matter of the program: it will not run another time either. Else the machine
/// lacks something just now.
bool will_never_run(error_code why) noexcept;

/// 0 .. 255 as a shell has it: 128 and the number of the signal that ended it.
int exit_status_of(int wait_status) noexcept;

}  // namespace tp::supervisor
