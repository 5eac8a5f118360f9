#include "probe/firmware/folder_contents.hpp"

#include "probe/firmware/small_file.hpp"

namespace tp::firmware {
namespace {

/// Errors: errc::rejected when there is more; those of reading.
result<void> check_end(readable& file)
{
    auto const octets = file.read(1);
    if (!octets) return octets.error();
    if (!octets->empty()) return errc::rejected;
    return {};
}

}  // namespace

std::filesystem::path folder_contents::program(slot which, std::uint64_t release) const
{
    return folder_ / folder_of(which, release) / "program";
}

result<manifest> folder_contents::read_manifest(slot which, std::uint64_t release)
{
    auto const octets = read_small(disk_, folder_ / folder_of(which, release) / "manifest");
    if (!octets) return octets.error();
    auto content = manifest::parse(*octets);
    if (!content || content->release != release) return errc::rejected;
    return content;
}

result<verified_program> folder_contents::open(slot which, std::uint64_t release)
{
    auto content = read_manifest(which, release);
    if (!content && is_absent(content.error())) return errc::rejected;
    if (!content) return content.error();
    auto file = disk_.open(program(which, release));
    if (!file && is_absent(file.error())) return errc::rejected;
    if (!file) return file.error();
    if (auto const good = check_program(**file, *content, block_); !good) return good.error();
    if (auto const ends = check_end(**file); !ends) return ends.error();
    return verified_program{std::move(*content), std::move(*file)};
}

result<manifest> folder_contents::check(slot which, std::uint64_t release)
{
    auto held = open(which, release);
    if (!held) return held.error();
    return std::move(held->content);
}

/// There is more than one release in a slot only if a power cut came at the wrong moment.
result<found_releases> folder_contents::found()
{
    auto const names = disk_.list(folder_);
    if (!names) return names.error();
    found_releases out;
    for (auto const& name : *names) {
        auto const place = parse_folder(name);
        if (!place) continue;
        auto& best = out.in[static_cast<std::size_t>(place->which)];
        auto held = check(place->which, place->release);
        if (!held && held.error() != errc::rejected) out.unread = held.error();
        if (held && (!best || held->release > best->release)) best = std::move(*held);
    }
    return out;
}

result<void> folder_contents::clear(slot which)
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

result<void> folder_contents::fill(slot which, manifest const& content, readable& source)
{
    auto const shown = folder_ / folder_of(which, content.release);
    auto const hidden = folder_ / (folder_of(which, content.release) + unfinished);
    if (auto const made = disk_.make_folder(hidden); !made) return made;
    auto const program = disk_.create(hidden / "program", program_mode);
    if (!program) return program.error();
    if (auto const written = write_program(**program, content, source, block_); !written) return written;
    if (auto const written = write_small(disk_, hidden / "manifest", content.text()); !written) return written;
    if (auto const flushed = disk_.flush_folder(hidden); !flushed) return flushed;
    if (auto const renamed = disk_.rename(hidden, shown); !renamed) return renamed;
    if (auto const flushed = disk_.flush_folder(folder_); !flushed) return flushed;
    auto const read_back = check(which, content.release);
    if (!read_back) return read_back.error();
    return {};
}

}  // namespace tp::firmware
