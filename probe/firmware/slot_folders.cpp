#include "probe/firmware/slot_folders.hpp"

#include <algorithm>
#include <array>

#include "probe/firmware/checked_text.hpp"
#include "probe/firmware/sha256.hpp"

namespace tp::firmware {
namespace {

constexpr std::array copy_names{"state.1", "state.2"};
constexpr char const* pointer_name = "active";
constexpr char const* unfinished = ".new";
constexpr unsigned text_mode = 0644, program_mode = 0755;

/// Whether a copy says for sure that it is of no use: gone, or not whole.
bool is_lost(error_code why)
{
    return is_absent(why) || why == errc::malformed || why == errc::too_large;
}

/// Reads a file to its end. Errors: errc::rejected when it is not what the manifest says; those of reading.
result<void> check_content(readable& file, manifest const& content, std::size_t block)
{
    sha256 hash;
    std::uint64_t length = 0;
    for (;;) {
        auto const octets = file.read(block);
        if (!octets) return octets.error();
        if (octets->empty()) break;
        length += octets->size();
        if (length > content.length) return errc::rejected;
        hash.take(*octets);
    }
    if (length != content.length || hash.finish() != content.sha256) return errc::rejected;
    return {};
}

result<void> unless_absent(result<void> done)
{
    if (!done && is_absent(done.error())) return {};
    return done;
}

}  // namespace

std::filesystem::path slot_folders::program(slot which, std::uint64_t release) const
{
    return folder_ / folder_of(which, release) / "program";
}

result<std::string> slot_folders::read_text(std::filesystem::path const& file)
{
    auto const from = disk_.open(file);
    if (!from) return from.error();
    std::string out;
    for (;;) {
        auto const octets = (*from)->read(largest_text + 1);
        if (!octets) return octets.error();
        if (octets->empty()) return out;
        out += *octets;
        if (out.size() > largest_text) return errc::too_large;
    }
}

result<slot_state> slot_folders::read_state(char const* file)
{
    auto const octets = read_text(folder_ / file);
    if (!octets) return octets.error();
    return slot_state::parse(*octets);
}

result<known_slots> slot_folders::load()
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
    if (!newest) return rebuilt();
    known_slots out{*newest, {}, settled};
    auto const named = pointed();
    if (named && out.state.of(named->which).release == named->release) out.pointer = named->which;
    return out;
}

std::optional<slot_folder> slot_folders::pointed()
{
    auto const to = disk_.read_link(folder_ / pointer_name);
    return to ? parse_folder(*to) : std::nullopt;
}

/// The highest release in a slot that is whole: there is more than one only if a power cut came at the wrong moment.
std::optional<verified_program> slot_folders::newest_in(slot which, std::vector<std::string> const& names)
{
    std::optional<verified_program> best;
    for (auto const& name : names) {
        auto const found = parse_folder(name);
        if (!found || found->which != which) continue;
        auto program = open(which, found->release);
        if (program && (!best || program->content.release > best->content.release)) best = std::move(*program);
    }
    return best;
}

result<known_slots> slot_folders::rebuilt()
{
    known_slots out;
    out.settled = false;
    auto const names = disk_.list(folder_);
    if (!names) return names.error();
    std::array<std::uint64_t, 2> floors{};
    for (auto const which : both_slots) {
        auto const held = newest_in(which, *names);
        if (!held) continue;
        out.state.of(which) = {standing::committed, held->content.release, 0};
        floors[static_cast<std::size_t>(which)] = held->content.floor;
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

result<void> slot_folders::save(slot_state& state)
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

result<void> slot_folders::write_file(std::filesystem::path const& file, std::string_view octets, unsigned mode)
{
    auto const to = disk_.create(file, mode);
    if (!to) return to.error();
    if (auto const written = (*to)->write(octets); !written) return written;
    return (*to)->flush();
}

result<void> slot_folders::replace(std::string const& name, std::string_view octets)
{
    auto const beside = folder_ / (name + unfinished);
    if (auto const written = write_file(beside, octets, text_mode); !written) return written;
    if (auto const renamed = disk_.rename(beside, folder_ / name); !renamed) return renamed;
    return disk_.flush_folder(folder_);
}

result<void> slot_folders::point_to(slot which, slot_state const& state)
{
    auto const beside = folder_ / (std::string(pointer_name) + unfinished);
    if (auto const gone = unless_absent(disk_.remove(beside)); !gone) return gone;
    if (auto const made = disk_.make_link(folder_of(which, state.of(which).release), beside); !made) return made;
    if (auto const renamed = disk_.rename(beside, folder_ / pointer_name); !renamed) return renamed;
    return disk_.flush_folder(folder_);
}

result<manifest> slot_folders::read_manifest(slot which, std::uint64_t release)
{
    auto const octets = read_text(folder_ / folder_of(which, release) / "manifest");
    if (!octets) return octets.error();
    auto content = manifest::parse(*octets);
    if (!content || content->release != release) return errc::rejected;
    return content;
}

result<verified_program> slot_folders::open(slot which, std::uint64_t release)
{
    auto content = read_manifest(which, release);
    if (!content && is_absent(content.error())) return errc::rejected;
    if (!content) return content.error();
    auto file = disk_.open(program(which, release));
    if (!file && is_absent(file.error())) return errc::rejected;
    if (!file) return file.error();
    if (auto const good = check_content(**file, *content, block_); !good) return good.error();
    return verified_program{std::move(*content), std::move(*file)};
}

result<void> slot_folders::clear(slot which)
{
    auto const names = disk_.list(folder_);
    if (!names) return names.error();
    std::string const begin{letter_of(which), '-'};
    for (auto const& name : *names) {
        if (!name.starts_with(begin)) continue;
        auto const inside = disk_.list(folder_ / name);
        if (!inside) return inside.error();
        for (auto const& file : *inside)
            if (auto const gone = disk_.remove(folder_ / name / file); !gone) return gone;
        if (auto const gone = disk_.remove_folder(folder_ / name); !gone) return gone;
    }
    return disk_.flush_folder(folder_);
}

result<void> slot_folders::write_program(std::filesystem::path const& file, manifest const& content, readable& source)
{
    auto const to = disk_.create(file, program_mode);
    if (!to) return to.error();
    std::uint64_t length = 0;
    for (;;) {
        auto const octets = source.read(block_);
        if (!octets) return octets.error();
        if (octets->empty()) break;
        length += octets->size();
        if (length > content.length) return errc::out_of_range;
        if (auto const written = (*to)->write(*octets); !written) return written;
    }
    if (length != content.length) return errc::out_of_range;
    return (*to)->flush();
}

result<void> slot_folders::fill(slot which, manifest const& content, readable& source)
{
    auto const shown = folder_ / folder_of(which, content.release);
    auto const hidden = folder_ / (folder_of(which, content.release) + unfinished);
    if (auto const made = disk_.make_folder(hidden); !made) return made;
    if (auto const written = write_program(hidden / "program", content, source); !written) return written;
    if (auto const written = write_file(hidden / "manifest", content.text(), text_mode); !written) return written;
    if (auto const flushed = disk_.flush_folder(hidden); !flushed) return flushed;
    if (auto const renamed = disk_.rename(hidden, shown); !renamed) return renamed;
    if (auto const flushed = disk_.flush_folder(folder_); !flushed) return flushed;
    auto const read_back = open(which, content.release);
    if (!read_back) return read_back.error();
    return {};
}

}  // namespace tp::firmware
