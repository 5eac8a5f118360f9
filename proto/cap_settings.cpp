#include "proto/cap_settings.hpp"

#include <type_traits>

#include "proto/kind_names.hpp"

namespace tp::proto {
namespace {

using std::chrono::seconds;

constexpr std::string_view types_key = "probe_caps.refused_types";

std::string line(std::string_view key, std::string_view value)
{
    return "probe_caps." + std::string(key) + " = " + std::string(value) + '\n';
}

}  // namespace

cap_limits read_cap_limits(settings& from)
{
    cap_limits out;
    auto const number = [&](char const* key, auto& limit, std::int64_t most) {
        auto const said = from.integer(key, 0, 0, most);
        if (said > 0) limit = static_cast<typename std::remove_reference_t<decltype(limit)>::value_type>(said);
    };
    number("probe_caps.packets_per_second", out.packets_per_second, 1'000'000);
    number("probe_caps.jobs_at_once", out.jobs_at_once, 10'000);
    number("probe_caps.bits_per_second", out.bits_per_second, 10'000'000'000);
    number("probe_caps.bytes_per_day", out.bytes_per_day, 100'000'000'000'000);
    auto const interval = from.seconds("probe_caps.shortest_interval", seconds{0}, seconds{0}, seconds{86'400});
    if (interval > seconds{0}) out.shortest_interval = interval;
    for (auto const& name : from.texts(types_key)) {
        auto const kind = kind_of_capability(name);
        if (!kind)
            from.complain(types_key, "names \"" + name + "\", which is no type of measurement");
        else
            out.refused_kinds.push_back(*kind);
    }
    if (out.refused_kinds.size() > kind_names.size()) from.complain(types_key, "names a type twice");
    return out;
}

std::string cap_limits_text(cap_limits const& wish)
{
    std::string out, types;
    auto const number = [&](std::string_view key, auto const& limit) {
        if (limit) out += line(key, std::to_string(*limit));
    };
    number("packets_per_second", wish.packets_per_second);
    number("jobs_at_once", wish.jobs_at_once);
    number("bits_per_second", wish.bits_per_second);
    number("bytes_per_day", wish.bytes_per_day);
    if (wish.shortest_interval) out += line("shortest_interval", std::to_string(wish.shortest_interval->count()));
    for (auto const kind : wish.refused_kinds)
        types += (types.empty() ? "\"" : ", \"") + std::string(names_of(kind).capability) + '"';
    if (!types.empty()) out += line("refused_types", '[' + types + ']');
    return out;
}

}  // namespace tp::proto
