// What tests put into the slots of an image: a program that does what the kernel's command line says for its release,
// "order.RELEASE=WORD,WORD": "commit" has its slot committed, "install-N" installs /test/release-N into the other one,
// "off" switches the machine off in good order, "stay" waits, "exit-N" ends.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/files.hpp"
#include "probe/firmware/changing.hpp"
#include "probe/firmware/folder_lock.hpp"
#include "probe/firmware/real_disk.hpp"

namespace {

constexpr std::size_t longest_line = 16 * 1024;  // octets

void say(std::string const& what)
{
    std::fprintf(stderr, "image-program: %s\n", what.c_str());
}

std::string orders_for(std::uint64_t release)
{
    auto const octets = tp::read_file("/proc/cmdline", longest_line);
    auto const line = octets ? " " + *octets : std::string();
    auto const name = " order." + std::to_string(release) + "=";
    auto const found = line.find(name);
    if (found == std::string::npos) return "stay";
    auto const begin = found + name.size();
    return line.substr(begin, line.find_first_of(" \n", begin) - begin);
}

bool commit(std::string const& folder, tp::firmware::slot_folder const& here)
{
    auto const held = tp::firmware::folder_lock::take(folder);
    tp::firmware::real_disk disk;
    tp::firmware::slot_folders slots(disk, folder);
    return held && tp::firmware::commit(slots, here.which, here.release);
}

bool install(std::string const& folder, std::string const& release)
{
    auto const child = ::fork();
    if (child == 0) {
        auto const program = "/test/release-" + release;
        ::execl("/sbin/trigpoint-supervisor", "trigpoint-supervisor", "install", "--slots", folder.c_str(), "--model",
                "sw-x86_64", "--release", release.c_str(), program.c_str(), nullptr);
        ::_exit(127);
    }
    int status = 0;
    return ::waitpid(child, &status, 0) == child && status == 0;
}

void obey(std::string const& word, std::string const& folder, tp::firmware::slot_folder const& here)
{
    if (word == "commit") say(commit(folder, here) ? "committed" : "not committed");
    if (word.starts_with("install-")) say(install(folder, word.substr(8)) ? "installed" : "not installed");
    if (word == "off") ::kill(1, SIGTERM);
    while (word == "off" || word == "stay") ::pause();
    if (word.starts_with("exit-")) std::exit(std::atoi(word.c_str() + 5));
}

}  // namespace

int main()
{
    auto const* const folder = std::getenv("TRIGPOINT_SLOTS");
    auto const* const name = std::getenv("TRIGPOINT_SLOT");
    auto const here = name ? tp::firmware::parse_folder(name) : std::nullopt;
    if (!folder || !here) return 2;
    say("runs as " + std::string(name));
    auto orders = orders_for(here->release);
    while (!orders.empty()) {
        auto const end = std::min(orders.find(','), orders.size());
        obey(orders.substr(0, end), folder, *here);
        orders.erase(0, end + 1);
    }
    return 0;
}
