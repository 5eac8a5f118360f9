#include "probe/firmware/partition_contents.hpp"

#include "probe/firmware/checked_text.hpp"

namespace tp::firmware {
namespace {

static_assert(partition_contents::head_size >= largest_text);

/// The manifest in front of a program. Errors: errc::rejected when there is none, or it is damaged; those of reading.
result<manifest> read_head(readable& from)
{
    std::string head;
    while (head.size() < partition_contents::head_size) {
        auto const octets = from.read(partition_contents::head_size - head.size());
        if (!octets) return octets.error();
        if (octets->empty()) return errc::rejected;
        head += *octets;
    }
    auto content = manifest::parse(std::string_view(head).substr(0, head.find('\0')));
    if (!content) return errc::rejected;
    return content;
}

}  // namespace

result<manifest> partition_contents::read_manifest(slot which, std::uint64_t release)
{
    auto const from = disk_.open(places_.partition(which));
    if (!from) return from.error();
    auto content = read_head(**from);
    if (content && content->release != release) return errc::rejected;
    return content;
}

result<verified_program> partition_contents::open_any(slot which)
{
    auto const from = disk_.open(places_.partition(which));
    if (!from) return from.error();
    auto content = read_head(**from);
    if (!content) return content.error();
    auto const copy = disk_.in_memory();
    if (!copy) return copy.error();
    if (auto const good = check_program(**from, *content, block_, copy->get()); !good) return good.error();
    auto sealed = (*copy)->seal();
    if (!sealed) return sealed.error();
    return verified_program{std::move(*content), std::move(*sealed)};
}

result<verified_program> partition_contents::open(slot which, std::uint64_t release)
{
    auto held = open_any(which);
    if (held && held->content.release != release) return errc::rejected;
    return held;
}

/// One that cannot be read is no reason to start nothing from the other one.
result<std::array<std::optional<manifest>, 2>> partition_contents::found()
{
    std::array<std::optional<manifest>, 2> out;
    for (auto const which : both_slots)
        if (auto held = open_any(which)) out[static_cast<std::size_t>(which)] = std::move(held->content);
    return out;
}

result<void> partition_contents::write_head(slot which, std::string text)
{
    text.resize(head_size, '\0');
    auto const to = disk_.reopen(places_.partition(which));
    if (!to) return to.error();
    if (auto const written = (*to)->write(text); !written) return written;
    return (*to)->flush();
}

result<void> partition_contents::clear(slot which)
{
    return write_head(which, {});
}

/// The manifest comes last: until it is there, there is nothing.
result<void> partition_contents::fill(slot which, manifest const& content, readable& source)
{
    auto const to = disk_.reopen(places_.partition(which));
    if (!to) return to.error();
    if (auto const written = (*to)->write(std::string(head_size, '\0')); !written) return written;
    if (auto const written = write_program(**to, content, source, block_); !written) return written;
    if (auto const written = write_head(which, content.text()); !written) return written;
    auto const read_back = open(which, content.release);
    if (!read_back) return read_back.error();
    return {};
}

}  // namespace tp::firmware
