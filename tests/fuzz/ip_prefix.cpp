// What is read as a block is written as the same block, and contains its own network.
#include "base/ip_prefix.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    std::string_view const text(reinterpret_cast<char const*>(data), size);
    auto const block = tp::ip_prefix::parse(text);
    if (block) {
        if (tp::ip_prefix::parse(block->text()).value() != *block) std::abort();
        if (!block->contains(block->network())) std::abort();
    }
    auto const address = tp::parse_address(text);
    if (address && tp::parse_address(address->to_string()).value() != *address) std::abort();
    return 0;
}
