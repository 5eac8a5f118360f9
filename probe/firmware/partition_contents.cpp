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

/// Errors: errc::rejected when it is another release's; as open().
result<manifest> partition_contents::read_program(slot which, std::optional<std::uint64_t> release, memory_file* copy)
{
    auto const from = disk_.open(places_.partition(which));
    if (!from) return from.error();
    auto content = read_head(**from);
    if (!content) return content.error();
    if (release && content->release != *release) return errc::rejected;
    if (auto const good = check_program(**from, *content, block_, copy); !good) return good.error();
    return content;
}

result<manifest> partition_contents::check(slot which, std::uint64_t release)
{
    return read_program(which, release, nullptr);
}

result<verified_program> partition_contents::open(slot which, std::uint64_t release)
{
    auto const copy = disk_.in_memory();
    if (!copy) return copy.error();
    auto content = read_program(which, release, copy->get());
    if (!content) return content.error();
    auto sealed = (*copy)->seal();
    if (!sealed) return sealed.error();
    return verified_program{std::move(*content), std::move(*sealed)};
}

result<found_releases> partition_contents::found()
{
    found_releases out;
    for (auto const which : both_slots) {
        auto held = read_program(which, {}, nullptr);
        if (held)
            out.in[static_cast<std::size_t>(which)] = std::move(*held);
        else if (held.error() != errc::rejected)
            out.unread = held.error();
    }
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
    auto const read_back = check(which, content.release);
    if (!read_back) return read_back.error();
    return {};
}

}  // namespace tp::firmware
