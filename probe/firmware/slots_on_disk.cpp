#include "probe/firmware/slots_on_disk.hpp"

#include <algorithm>
#include <array>

#include "probe/firmware/folder_contents.hpp"
#include "probe/firmware/partition_contents.hpp"
#include "probe/firmware/small_file.hpp"

namespace tp::firmware {
namespace {

constexpr std::array copy_names{"state.1", "state.2"};
constexpr char const* pointer_name = "active";

/// Whether a copy says for sure that it is of no use: gone, or not whole.
bool is_lost(error_code why)
{
    return is_absent(why) || why == errc::malformed || why == errc::too_large;
}

result<void> unless_absent(result<void> done)
{
    if (!done && is_absent(done.error())) return {};
    return done;
}

std::unique_ptr<slot_contents> contents_at(disk& on, slot_places const& where, std::size_t block)
{
    if (where.partitions) return std::make_unique<partition_contents>(on, where, block);
    return std::make_unique<folder_contents>(on, where.folder, block);
}

}  // namespace

slots_on_disk::slots_on_disk(disk& on, slot_places const& where, std::size_t block)
    : disk_(on), folder_(where.folder), contents_(contents_at(on, where, block))
{
}

result<slot_state> slots_on_disk::read_state(char const* file)
{
    auto const octets = read_small(disk_, folder_ / file);
    if (!octets) return octets.error();
    return slot_state::parse(*octets);
}

result<known_slots> slots_on_disk::load()
{
    std::optional<slot_state> newest;
    error_code unreadable;
    bool settled = true;
    for (auto const* const name : copy_names) {
        auto const copy = read_state(name);
        if (!copy && !is_lost(copy.error())) unreadable = copy.error();
        if (!copy || (newest && newest->generation != copy->generation)) settled = false;
        if (copy && (!newest || copy->generation > newest->generation)) newest = *copy;
    }
    if (!newest && unreadable) return unreadable;
    if (!newest) {
        auto made = rebuilt();
        if (made && made->unread) return made->unread;
        return made;
    }
    known_slots out{*newest, {}, settled, {}};
    auto const named = pointed();
    if (named && out.state.of(named->which).release == named->release) out.pointer = named->which;
    return out;
}

std::optional<slot_folder> slots_on_disk::pointed()
{
    auto const to = disk_.read_link(folder_ / pointer_name);
    return to ? parse_folder(*to) : std::nullopt;
}

result<known_slots> slots_on_disk::rebuilt()
{
    known_slots out;
    out.settled = false;
    auto const found = contents_->found();
    if (!found) return found.error();
    out.unread = found->unread;
    std::array<std::uint64_t, 2> floors{};
    for (auto const which : both_slots) {
        auto const& held = found->in[static_cast<std::size_t>(which)];
        if (!held) continue;
        out.state.of(which) = {standing::committed, held->release, 0};
        floors[static_cast<std::size_t>(which)] = held->floor;
    }
    auto const named = pointed();
    if (named && out.state.of(named->which).release == named->release) out.pointer = named->which;
    bool const b_is_newer = out.state.of(slot::b).release > out.state.of(slot::a).release;
    auto const newer = b_is_newer ? slot::b : slot::a;
    auto& proves = out.state.of(newer);
    if (proves.is == standing::committed) proves.is = standing::ready;
    auto const& rests = out.state.of(other(newer));
    if (rests.is == standing::committed) out.state.highest = rests.release;
    // Where the older one ran last, the newer one waits for its trial or has failed: it must not forbid what works.
    bool const may_have_run = out.pointer != other(newer);
    out.state.floor = floors[static_cast<std::size_t>(other(newer))];
    if (may_have_run) out.state.floor = std::max(out.state.floor, floors[static_cast<std::size_t>(newer)]);
    return out;
}

result<void> slots_on_disk::save(slot_state& state)
{
    ++state.generation;
    auto const text = state.text();
    error_code why;
    bool kept = false;
    for (auto const* const name : copy_names) {
        auto const written = replace(name, text);
        kept = kept || written.has_value();
        if (!written) why = written.error();
    }
    if (!kept) return why;
    return {};
}

result<void> slots_on_disk::replace(std::string const& name, std::string_view octets)
{
    auto const beside = folder_ / (name + unfinished);
    if (auto const written = write_small(disk_, beside, octets); !written) return written;
    if (auto const renamed = disk_.rename(beside, folder_ / name); !renamed) return renamed;
    return disk_.flush_folder(folder_);
}

result<void> slots_on_disk::point_to(slot which, slot_state const& state)
{
    auto const beside = folder_ / (std::string(pointer_name) + unfinished);
    if (auto const gone = unless_absent(disk_.remove(beside)); !gone) return gone;
    if (auto const made = disk_.make_link(folder_of(which, state.of(which).release), beside); !made) return made;
    if (auto const renamed = disk_.rename(beside, folder_ / pointer_name); !renamed) return renamed;
    return disk_.flush_folder(folder_);
}

}  // namespace tp::firmware
