#include "probe/supervisor/child.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "probe/firmware/own_slot.hpp"

namespace tp::supervisor {
namespace {

constexpr int not_run = 127;

error_code error_of(int number)
{
    return {number, boost::system::system_category()};
}

std::vector<char*> pointers_to(std::vector<std::string>& texts)
{
    std::vector<char*> out;
    for (auto& one : texts) out.push_back(one.data());
    out.push_back(nullptr);
    return out;
}

std::vector<std::string> environment_with(std::vector<std::string> added)
{
    for (auto const* const* each = environ; *each != nullptr; ++each) {
        std::string_view const one(*each);
        if (!firmware::is_of_own_slot(one)) added.emplace_back(one);
    }
    return added;
}

/// The child's half: only calls that are safe after fork(2).
[[noreturn]] void become(int descriptor, char* const* arguments, char* const* environment, int complaints, pid_t parent)
{
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (::getppid() == parent) ::fexecve(descriptor, arguments, environment);
    int const why = errno;
    static_cast<void>(!::write(complaints, &why, sizeof why));
    ::_exit(not_run);
}

}  // namespace

result<pid_t> run_program(int descriptor, std::vector<std::string> arguments, std::vector<std::string> added)
{
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return error_of(errno);
    auto environment = environment_with(std::move(added));
    auto const words = pointers_to(arguments), settings = pointers_to(environment);
    auto const parent = ::getpid();
    auto const child = ::fork();
    if (child == 0) become(descriptor, words.data(), settings.data(), ends[1], parent);
    int const unforked = errno;
    ::close(ends[1]);
    int why = 0;
    bool const complained = child > 0 && ::read(ends[0], &why, sizeof why) > 0;  // its end is the program's beginning
    ::close(ends[0]);
    if (child < 0) return error_of(unforked);
    if (!complained) return child;
    ::waitpid(child, nullptr, 0);
    return error_of(why);
}

bool will_never_run(error_code why) noexcept
{
    switch (why.value()) {
        case ENOEXEC:  // no program, or one for another machine
        case ELIBBAD:
        case EINVAL:
        case ENOENT:  // its interpreter is not there
        case ENOTDIR:
        case ELOOP:
        case EISDIR:
        case EACCES:
        case EPERM:
            return true;
        default:
            return false;
    }
}

int exit_status_of(int wait_status) noexcept
{
    return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

}  // namespace tp::supervisor
