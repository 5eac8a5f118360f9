#include "probe/agent/factory_reset.hpp"

#include <cstdio>

#include "base/log.hpp"
#include "probe/agent/key_keeper.hpp"
#include "probe/firmware/folder_lock.hpp"
#include "probe/firmware/real_disk.hpp"

namespace tp::probe {
namespace {

constexpr char const* component = "reset";

result<void> wipe(firmware::disk& disk, std::filesystem::path const& file)
{
    auto const present = disk.open(file);
    if (!present) return firmware::is_absent(present.error()) ? result<void>() : result<void>(present.error());
    auto const over = disk.reopen(file);
    if (!over) return over.error();
    auto done = (*over)->write(std::string(key_keeper::largest_file, '\0'));
    if (done) done = (*over)->flush();
    if (done) done = disk.remove(file);
    return done;
}

/// A file, or a folder of files.
result<void> remove_all(firmware::disk& disk, std::filesystem::path const& what)
{
    auto const inside = disk.list(what);
    if (!inside) {
        auto const done = disk.remove(what);
        return !done && firmware::is_absent(done.error()) ? result<void>() : done;
    }
    for (auto const& name : *inside)
        if (auto const done = remove_all(disk, what / name); !done) return done;
    return disk.remove_folder(what);
}

}  // namespace

result<void> destroy_state(firmware::disk& disk, std::filesystem::path const& state)
{
    for (auto const* const name : {key_keeper::key_file, key_keeper::next_file, "key.next.new", "key.new"})
        if (auto const done = wipe(disk, state / name); !done) return done;
    if (auto const done = disk.flush_folder(state); !done) return done;
    auto const names = disk.list(state);
    if (!names) return names.error();
    for (auto const& name : *names) {
        if (auto const done = remove_all(disk, state / name); !done) return done;
    }
    return disk.flush_folder(state);
}

int factory_reset(std::filesystem::path const& state, bool sure)
{
    if (!sure) {
        std::printf(
            "This destroys the key, the results that were not delivered, and the log in %s;\n"
            "the platform will take this device for a new one. To go on: --yes\n",
            state.c_str());
        return 2;
    }
    auto const held = firmware::folder_lock::take(state, std::chrono::milliseconds(0));
    if (!held) {
        log::error(component, held.error() == errc::unavailable ? "an agent runs on this folder: stop it first"
                                                                : state.string() + ": " + held.error().message());
        return 1;
    }
    firmware::real_disk disk;
    if (auto const done = destroy_state(disk, state); !done) {
        log::error(component, "not finished, and to be done again: " + done.error().message());
        return 1;
    }
    std::printf("this device is nobody's now; its next start makes a new key\n");
    return 0;
}

}  // namespace tp::probe
