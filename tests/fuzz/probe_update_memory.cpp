// What a probe remembers of updates is read as it was written, or not at all.
#include <cstdint>
#include <string>

#include "probe/firmware/checked_text.hpp"
#include "probe/update/memory.hpp"
#include "probe/update/put_off.hpp"
#include "probe/update/status_text.hpp"

namespace {

void read(std::string_view octets)
{
    using namespace tp::update;
    auto const known = memory::parse(octets);
    if (!known) return;
    if (known->text() != octets) __builtin_trap();
    if (status_text(*known, {}, {}, {}).empty()) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    std::string_view const octets(reinterpret_cast<char const*>(data), size);
    read(octets);
    read(tp::firmware::with_check(std::string(octets)));  // the check is no hurdle for what it protects
    auto const length = tp::update::parse_length(octets);
    if (length && *length > tp::update::longest_put_off) __builtin_trap();
    return 0;
}
