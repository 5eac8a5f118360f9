#include "api/cli/up/process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "base/owned_fd.hpp"

namespace tp::cli {
namespace {

constexpr std::chrono::milliseconds between_looks{20};  // at a child that runs to its end

bool become(identity const& who) noexcept
{
    return ::setgroups(0, nullptr) == 0 && ::setresgid(who.group, who.group, who.group) == 0 &&
           ::setresuid(who.user, who.user, who.user) == 0;
}

/// In the child: only calls that are safe after fork(2). Returns when something failed, with errno set.
void turn_into(launch const& what, char* const* arguments, pid_t parent) noexcept
{
    sigset_t none;
    ::sigemptyset(&none);
    if (::sigprocmask(SIG_SETMASK, &none, nullptr) != 0) return;
    for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);  // what was ignored stays so over exec
    auto const input = what.input >= 0 ? what.input : ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (input < 0 || ::dup2(input, STDIN_FILENO) < 0) return;
    if (what.output >= 0 && (::dup2(what.output, STDOUT_FILENO) < 0 || ::dup2(what.output, STDERR_FILENO) < 0)) return;
    ::setsid();
    if (::chdir("/") != 0 || (what.as && !become(*what.as))) return;
    // After the change of the user, which clears it. If the parent is gone already, nobody would tell.
    if (what.death_signal != 0 && ::prctl(PR_SET_PDEATHSIG, what.death_signal) != 0) return;
    if (::getppid() != parent) ::_exit(1);
    ::execv(arguments[0], arguments);
}

}  // namespace

result<pid_t> start(launch const& what)
{
    std::vector<char*> arguments;
    for (auto const& word : what.words) arguments.push_back(const_cast<char*>(word.c_str()));  // execv changes nothing
    arguments.push_back(nullptr);

    int trouble[2];  // closed by a successful exec
    if (::pipe2(trouble, O_CLOEXEC) != 0) return last_error();
    auto const parent = ::getpid();
    auto const child = ::fork();
    if (child == 0) {
        turn_into(what, arguments.data(), parent);
        auto const why = errno;
        [[maybe_unused]] auto const told = ::write(trouble[1], &why, sizeof why);
        ::_exit(127);
    }
    auto const fork_error = last_error();
    ::close(trouble[1]);
    int why = 0;
    auto const count = child < 0 ? 0 : ::read(trouble[0], &why, sizeof why);
    ::close(trouble[0]);
    if (child < 0) return fork_error;
    if (count != static_cast<ssize_t>(sizeof why)) return child;
    ::waitpid(child, nullptr, 0);
    return error_code(why, boost::system::system_category());
}

std::string describe_end(int status)
{
    if (WIFEXITED(status)) return "exit status " + std::to_string(WEXITSTATUS(status));
    if (!WIFSIGNALED(status)) return "status " + std::to_string(status);
    return "signal " + std::to_string(WTERMSIG(status)) + " (" + ::strsignal(WTERMSIG(status)) + ")";
}

result<void> run_to_end(launch const& what, std::chrono::seconds limit)
{
    auto const child = start(what);
    if (!child) return child.error();
    auto const deadline = std::chrono::steady_clock::now() + limit;
    int status = 0;
    while (::waitpid(*child, &status, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() >= deadline) {
            ::kill(-*child, SIGKILL);  // and what it started: it leads a group
            ::waitpid(*child, nullptr, 0);
            return errc::timed_out;
        }
        std::this_thread::sleep_for(between_looks);
    }
    if (status != 0) return errc::rejected;
    return {};
}

}  // namespace tp::cli
