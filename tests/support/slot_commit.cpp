// Commits the slot in whose program it is run: what the agent does when it knows that it works.
#include "probe/firmware/changing.hpp"
#include "probe/firmware/folder_lock.hpp"
#include "probe/firmware/own_slot.hpp"
#include "probe/firmware/real_disk.hpp"

int main()
{
    auto const own = tp::firmware::own_slot_from_environment();
    if (!own) return 2;
    auto const held = tp::firmware::folder_lock::take(own->where.folder);
    tp::firmware::real_disk disk;
    tp::firmware::slots_on_disk slots(disk, own->where);
    return held && tp::firmware::commit(slots, own->place.which, own->place.release) ? 0 : 1;
}
