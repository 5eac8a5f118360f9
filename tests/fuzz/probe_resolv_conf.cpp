// Any resolv.conf gives a bounded list of addresses, each once.
#include <algorithm>

#include "probe/measure/resolve/nameservers.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    auto all = tp::probe::resolver_list::parse({reinterpret_cast<char const*>(data), size});
    if (all.size() > tp::probe::resolver_list::most) __builtin_trap();
    std::sort(all.begin(), all.end());
    if (std::adjacent_find(all.begin(), all.end()) != all.end()) __builtin_trap();
    return 0;
}
