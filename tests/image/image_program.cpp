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
#include "probe/firmware/own_slot.hpp"
#include "probe/firmware/real_disk.hpp"

namespace {

using tp::firmware::own_slot;
using tp::firmware::slot;
using tp::firmware::slot_places;

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

bool commit(own_slot const& here)
{
    auto const held = tp::firmware::folder_lock::take(here.where.folder);
    tp::firmware::real_disk disk;
    tp::firmware::slots_on_disk slots(disk, here.where);
    return held && tp::firmware::commit(slots, here.place.which, here.place.release);
}

bool install(slot_places const& where, std::string const& release)
{
    auto const child = ::fork();
    if (child == 0) {
        auto const program = "/test/release-" + release;
        ::execl("/sbin/trigpoint-supervisor", "trigpoint-supervisor", "install", "--slots", where.folder.c_str(),
                "--slot-a", where.partition(slot::a).c_str(), "--slot-b", where.partition(slot::b).c_str(), "--model",
                "sw-x86_64", "--release", release.c_str(), program.c_str(), nullptr);
        ::_exit(127);
    }
    int status = 0;
    return ::waitpid(child, &status, 0) == child && status == 0;
}

void obey(std::string const& word, own_slot const& here)
{
    if (word == "commit") say(commit(here) ? "committed" : "not committed");
    if (word.starts_with("install-")) say(install(here.where, word.substr(8)) ? "installed" : "not installed");
    if (word == "off") ::kill(1, SIGTERM);
    while (word == "off" || word == "stay") ::pause();
    if (word.starts_with("exit-")) std::exit(std::atoi(word.c_str() + 5));
}

}  // namespace

int main()
{
    auto const here = tp::firmware::own_slot_from_environment();
    if (!here || !here->where.partitions) return 2;
    say("runs as " + folder_of(here->place.which, here->place.release));
    auto orders = orders_for(here->place.release);
    while (!orders.empty()) {
        auto const end = std::min(orders.find(','), orders.size());
        obey(orders.substr(0, end), *here);
        orders.erase(0, end + 1);
    }
    return 0;
}
