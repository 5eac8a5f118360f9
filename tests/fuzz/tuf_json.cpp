// What is read can be signed: its canonical form says the same, and is the canonical form of what it says.
#include "firmware-signing/tuf/json.hpp"

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using tp::tuf::json::document;
    auto const read = document::read({reinterpret_cast<char const*>(data), size});
    if (!read) return 0;
    auto const form = read->root().canonical();
    // The canonical form has control characters as they are; JSON cannot be read with them.
    if (std::any_of(form.begin(), form.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; })) return 0;
    auto const again = document::read(form);
    if (!again || again->root().canonical() != form) __builtin_trap();
    return 0;
}
