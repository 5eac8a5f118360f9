#include <cstdint>
#include <cstdlib>
#include <string>

#include "api/measurements/participation.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    std::string const body(reinterpret_cast<char const*>(data), size);
    auto const wishes = tp::api::parse_participation(body, tp::api::limits{});
    if (!wishes) {
        if (wishes.error().faults.empty() || tp::api::to_json(wishes.error()).empty()) std::abort();
        return 0;
    }
    if (wishes->empty() || wishes->size() > tp::api::most_sources) std::abort();
    for (auto const& wish : *wishes) {
        if (!wish.add && (wish.from.type != "probes" || wish.from.filter.ids.empty())) std::abort();
    }
    return 0;
}
