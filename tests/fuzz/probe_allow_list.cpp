// Any text is a list of prefixes or a complaint.
#include "probe/guard/targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    static_cast<void>(tp::probe::parse_allow_list({reinterpret_cast<char const*>(data), size}));
    return 0;
}
