// Any text is a list that comes back from its own text, or an error.
#include "proto/block_list.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    auto const list = tp::proto::decode_blocks({reinterpret_cast<char const*>(data), size});
    if (!list) return 0;
    auto const again = tp::proto::decode_blocks(tp::proto::encode_blocks(*list));
    if (!again || *again != *list) std::abort();
    return 0;
}
