#include "firmware-signing/tool/terminal.hpp"

#include <termios.h>

#include <cstdio>
#include <cstring>

#include "base/handle.hpp"

namespace tp::signing::tool {
namespace {

constexpr int longest_line = 1'024;  // octets

/// What is typed is not shown as long as this lives.
class silence {
public:
    explicit silence(int fd) : fd_(fd), known_(::tcgetattr(fd, &before_) == 0)
    {
        auto quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        if (known_) ::tcsetattr(fd_, TCSAFLUSH, &quiet);
    }
    silence(silence const&) = delete;
    silence& operator=(silence const&) = delete;
    ~silence()
    {
        if (known_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
    }

private:
    int fd_;
    termios before_{};
    bool known_;
};

}  // namespace

std::optional<std::string> ask_secretly(std::string const& question)
{
    handle<std::FILE, std::fclose> const terminal(std::fopen("/dev/tty", "r+e"));
    if (!terminal) return std::nullopt;
    silence const quiet(::fileno(terminal.get()));  // first: it forgets what was typed before the question
    std::fputs(question.c_str(), terminal.get());
    std::fflush(terminal.get());
    char line[longest_line];
    bool const typed = std::fgets(line, sizeof line, terminal.get()) != nullptr;
    std::fputs("\n", terminal.get());
    std::string out = typed ? line : "";
    ::explicit_bzero(line, sizeof line);
    if (out.ends_with('\n')) out.pop_back();
    if (out.empty()) return std::nullopt;
    return out;
}

}  // namespace tp::signing::tool
