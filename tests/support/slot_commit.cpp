// Commits the slot in whose program it is run: what the agent does when it knows that it works.
#include <cstdlib>

#include "probe/firmware/changing.hpp"
#include "probe/firmware/folder_lock.hpp"
#include "probe/firmware/real_disk.hpp"

int main()
{
    auto const* const folder = std::getenv("TRIGPOINT_SLOTS");
    auto const* const name = std::getenv("TRIGPOINT_SLOT");
    auto const what = name ? tp::firmware::parse_folder(name) : std::nullopt;
    if (!folder || !what) return 2;
    auto const held = tp::firmware::folder_lock::take(folder);
    tp::firmware::real_disk disk;
    tp::firmware::slot_folders slots(disk, folder);
    return held && tp::firmware::commit(slots, what->which, what->release) ? 0 : 1;
}
