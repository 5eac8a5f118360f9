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
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/files.hpp"
#include "base/log.hpp"
#include "probe/image/first_start.hpp"
#include "probe/image/partitions.hpp"

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

void mount_or_complain(char const* what, char const* where, char const* kind, unsigned long flags)
{
    ::mkdir(where, 0755);
    if (::mount(what, where, kind, flags, nullptr) != 0 && errno != EBUSY)
        log::error(component, std::string(where) + " cannot be mounted: " + complaint());
}

/// All that the kernel has found so far.
std::vector<partition> partitions_here()
{
    namespace fs = std::filesystem;
    std::vector<partition> out;
    std::error_code unread;
    for (auto const& entry : fs::directory_iterator("/sys/class/block", unread)) {
        auto const about = content_of((entry.path() / "uevent").c_str());
        auto const label = value_in(about, "PARTNAME");
        auto const device = fs::canonical(entry.path(), unread);  // .../nvme0n1/nvme0n1p1
        if (!label.empty() && !unread)
            out.push_back({"/dev/" + value_in(about, "DEVNAME"), label, device.parent_path().filename().string()});
    }
    return out;
}

/// Whether what has to last is there, if need be only to be read: what was committed needs no more to be started. A
/// device that cannot be opened yet, which is no answer, leaves ENOENT or ENXIO in errno.
bool mount_data(std::string const& device)
{
    constexpr unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME;
    ::mkdir("/data", 0755);
    if (::mount(device.c_str(), "/data", "ext4", flags, nullptr) == 0) return true;
    if (errno == ENOENT || errno == ENXIO) return false;
    log::error(component, device + " cannot be mounted: " + complaint());
    if (::mount(device.c_str(), "/data", "ext4", flags | MS_RDONLY, "noload") != 0) return false;
    log::warning(component, device + " is mounted to be read only: nothing is kept");
    return true;
}

/// The disk's driver may need a moment to find it. None: it did not, or what has to last cannot be mounted.
std::optional<image_disk> mounted_disk()
{
    auto const ends = std::chrono::steady_clock::now() + device_limit;
    while (std::chrono::steady_clock::now() < ends) {
        auto found = find_image(partitions_here());
        if (found && mount_data(found->data)) return found;
        if (found && errno != ENOENT && errno != ENXIO) return std::nullopt;
        std::this_thread::sleep_for(look_again);
    }
    log::error(component, "no disk has the partitions of an image");
    return std::nullopt;
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

struct ending {
    bool asked = false;  // we were asked to end; then so was the child
    bool well = false;   // its exit status was 0
};

/// Waits for it, and takes the exit status of whoever ends meanwhile: the first process is everybody's parent.
ending wait_for(pid_t child)
{
    auto const all = heard();
    ending out;
    while (child > 0) {
        if (::sigwaitinfo(&all, nullptr) == SIGTERM) {
            out.asked = true;
            ::kill(child, SIGTERM);
        }
        int status = 0;
        for (pid_t ended = 0; (ended = ::waitpid(-1, &status, WNOHANG)) > 0;) {
            if (ended != child) continue;
            out.well = status == 0;
            child = 0;
        }
    }
    return out;
}

ending supervise(char const* verb, image_disk const& disk, std::vector<std::string> more)
{
    std::vector<std::string> words{supervisor, verb,        "--slots",  slots,
                                   "--slot-a", disk.slot_a, "--slot-b", disk.slot_b};
    words.insert(words.end(), more.begin(), more.end());
    return wait_for(start(std::move(words)));
}

/// What the image brought is release 1, as for a package. It is offered at each start: while nothing later was
/// committed, it replaces its own damaged copy; else it is refused as older than what is known.
ending offer_first_release(image_disk const& disk)
{
    auto model = content_of("/etc/trigpoint/model");
    model.resize(std::min(model.find('\n'), model.size()));
    return supervise("install", disk, {"--model", model, "--release", "1", packaged});
}

[[noreturn]] void leave(int how)
{
    ::sync();
    ::umount("/data");
    ::reboot(how);
    for (;;) ::pause();
}

[[noreturn]] void leave_after_a_pause()
{
    std::this_thread::sleep_for(failure_pause);
    leave(RB_AUTOBOOT);
}

[[noreturn]] void run()
{
    mount_or_complain("devtmpfs", "/dev", "devtmpfs", MS_NOSUID | MS_NOEXEC);
    mount_or_complain("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC);
    mount_or_complain("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY);
    mount_or_complain("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV);
    auto const all = heard();
    ::sigprocmask(SIG_BLOCK, &all, nullptr);
    auto const disk = mounted_disk();
    if (!disk) leave_after_a_pause();
    auto const offered = offer_first_release(*disk);
    if (offered.asked) leave(RB_POWER_OFF);
    if (!offered.well && !was_started(slots)) leave_after_a_pause();  // there is nothing to run
    auto const ran = supervise("run", *disk, {"--", "--config", "/etc/trigpoint/trigpoint-probe.toml"});
    leave(ran.asked ? RB_POWER_OFF : RB_AUTOBOOT);
}

}  // namespace
}  // namespace tp::image

int main()
{
    tp::image::run();
}
