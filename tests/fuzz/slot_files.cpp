// What a probe finds in the folder of its slots is read as it was written, or not at all.
#include <cstdint>
#include <string>

#include "probe/firmware/checked_text.hpp"
#include "probe/firmware/manifest.hpp"
#include "probe/firmware/slot_state.hpp"

namespace {

void read(std::string_view octets)
{
    using namespace tp::firmware;
    if (auto const state = slot_state::parse(octets); state && state->text() != octets) __builtin_trap();
    auto const content = manifest::parse(octets);
    if (content && (content->text() != octets || content->floor > content->release)) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace tp::firmware;
    std::string_view const octets(reinterpret_cast<char const*>(data), size);
    read(octets);
    read(with_check(std::string(octets)));  // the check is no hurdle for what it protects
    auto const folder = parse_folder(octets);
    if (folder && folder_of(folder->which, folder->release) != octets) __builtin_trap();
    return 0;
}
