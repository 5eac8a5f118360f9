// Any text is a list of anchors or a complaint; a list that was taken can be signed and is believed as it was written.
#include "firmware-signing/anchor_facts.hpp"
#include "firmware-signing/tool/anchor_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace tp::signing;
    auto const read = tool::read_anchor_file({reinterpret_cast<char const*>(data), size}, "fuzz");
    if (read.complaint) return 0;
    auto const again = read_anchor_list(write_anchor_list(read.anchors).content);
    if (!again || again->size() != read.anchors.size()) __builtin_trap();
    for (auto const& each : *again) {
        if (facts_about(each).complaint) __builtin_trap();
    }
    return 0;
}
