// Any text is a probe's configuration or a complaint.
#include "probe/agent/configuration.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    std::string const text(reinterpret_cast<char const*>(data), size);
    auto const read = tp::probe::configuration::read(tp::settings::parse(text, "fuzz"));
    if (!read && read.error().empty()) __builtin_trap();  // a refusal without words
    return 0;
}
