// trigpoint-init: the first process of an image, in its initramfs. It mounts what has to last, sees that there is a
// release in the slots, and runs trigpoint-supervisor, which switches between them. It decides nothing about slots
// itself, so that an image and a package behave alike.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "base/files.hpp"
#include "base/log.hpp"
#include "probe/image/first_start.hpp"

namespace tp::image {
namespace {

constexpr char const* component = "init";
constexpr char const* supervisor = "/sbin/trigpoint-supervisor";
constexpr char const* packaged = "/usr/lib/trigpoint/trigpoint-probe";
constexpr char const* slots = "/data/slots";
constexpr std::size_t longest_line = 16 * 1024;  // octets of a small file
constexpr std::chrono::seconds device_limit{30}, failure_pause{5};
constexpr std::chrono::milliseconds look_again{50};

std::string complaint()
{
    return std::strerror(errno);
}

/// A small file, or nothing.
std::string content_of(char const* file)
{
    auto octets = read_file(file, longest_line);
    return octets ? std::move(*octets) : std::string();
}

/// A word of the kernel's command line, "NAME=VALUE"; `otherwise` if nobody said it.
std::string boot_setting(std::string const& name, std::string otherwise)
{
    auto const line = " " + content_of("/proc/cmdline");
    auto const found = line.find(" " + name + "=");
    if (found == std::string::npos) return otherwise;
    auto const begin = found + name.size() + 2;
    return line.substr(begin, line.find_first_of(" \n", begin) - begin);
}

void mount_or_complain(char const* what, char const* where, char const* kind, unsigned long flags)
{
    ::mkdir(where, 0755);
    if (::mount(what, where, kind, flags, nullptr) != 0 && errno != EBUSY)
        log::error(component, std::string(where) + " cannot be mounted: " + complaint());
}

/// The disk's driver may need a moment to find it.
bool mount_data()
{
    auto const device = boot_setting("trigpoint.data", "/dev/nvme0n1");
    ::mkdir("/data", 0755);
    auto const ends = std::chrono::steady_clock::now() + device_limit;
    while (::mount(device.c_str(), "/data", "ext4", MS_NOSUID | MS_NODEV | MS_NOATIME, nullptr) != 0) {
        bool const may_come = errno == ENOENT || errno == ENXIO;
        if (!may_come || std::chrono::steady_clock::now() > ends) {
            log::error(component, device + " cannot be mounted: " + complaint());
            return false;
        }
        std::this_thread::sleep_for(look_again);
    }
    return true;
}

/// What the first process hears: it is to end, or a child of somebody has ended.
sigset_t heard()
{
    sigset_t out;
    ::sigemptyset(&out);
    ::sigaddset(&out, SIGTERM);
    ::sigaddset(&out, SIGCHLD);
    return out;
}

pid_t start(std::vector<std::string> words)
{
    std::vector<char*> pointers;
    for (auto& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    auto const child = ::fork();
    if (child != 0) return child;
    auto const all = heard();
    ::sigprocmask(SIG_UNBLOCK, &all, nullptr);
    ::execv(pointers[0], pointers.data());
    ::_exit(127);
}

/// Waits for it, and takes the exit status of whoever ends meanwhile: the first process is everybody's parent.
/// @return whether it was asked to end; then so was the child.
bool wait_for(pid_t child)
{
    auto const all = heard();
    bool asked = false;
    for (;;) {
        if (::sigwaitinfo(&all, nullptr) == SIGTERM) {
            asked = true;
            ::kill(child, SIGTERM);
        }
        for (pid_t ended = 0; (ended = ::waitpid(-1, nullptr, WNOHANG)) > 0;)
            if (ended == child) return asked;
    }
}

/// What the image brought is release 1, as for a package.
void fill_empty_slots()
{
    if (was_started(slots)) return;
    auto model = content_of("/etc/trigpoint/model");
    model.resize(std::min(model.find('\n'), model.size()));
    wait_for(start({supervisor, "install", "--slots", slots, "--model", model, "--release", "1", packaged}));
}

[[noreturn]] void leave(int how)
{
    ::sync();
    ::umount("/data");
    ::reboot(how);
    for (;;) ::pause();
}

[[noreturn]] void run()
{
    mount_or_complain("devtmpfs", "/dev", "devtmpfs", MS_NOSUID | MS_NOEXEC);
    mount_or_complain("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC);
    mount_or_complain("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY);
    mount_or_complain("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV);
    auto const all = heard();
    ::sigprocmask(SIG_BLOCK, &all, nullptr);
    if (!mount_data()) {
        std::this_thread::sleep_for(failure_pause);
        leave(RB_AUTOBOOT);
    }
    fill_empty_slots();
    bool const asked =
        wait_for(start({supervisor, "run", "--slots", slots, "--", "--config", "/etc/trigpoint/trigpoint-probe.toml"}));
    leave(asked ? RB_POWER_OFF : RB_AUTOBOOT);
}

}  // namespace
}  // namespace tp::image

int main()
{
    tp::image::run();
}
