#include "probe/guard/caps.hpp"

#include <algorithm>

namespace tp::probe {
namespace {

constexpr std::uint64_t mega = 1'000'000;

template <class T>
void lower(std::optional<T>& limit, std::optional<T> const& wish)
{
    if (wish) limit = limit ? std::min(*limit, *wish) : *wish;
}

/// A platform may know types that this build does not measure anyway.
bool is_known(proto::result_kind kind)
{
    return static_cast<std::size_t>(kind) - 1 < proto::kind_names.size();
}

}  // namespace

caps caps::home()
{
    caps out;
    out.bits_per_second = 1 * mega;
    out.bytes_per_day = 200 * mega;
    out.of(proto::result_kind::http).jobs_at_once = 4;
    return out;
}

caps caps::anchor()
{
    caps out;
    out.packets_per_second = 5'000;
    out.jobs_at_once = 5'000;
    out.bits_per_second = 20 * mega;
    out.bytes_per_day = 20'000 * mega;
    out.of(proto::result_kind::http).jobs_at_once = 50;
    return out;
}

caps lowered(caps host, proto::cap_limits const& platform)
{
    host.packets_per_second = std::min(host.packets_per_second, platform.packets_per_second.value_or(UINT32_MAX));
    host.jobs_at_once = std::min(host.jobs_at_once, platform.jobs_at_once.value_or(UINT32_MAX));
    lower(host.bits_per_second, platform.bits_per_second);
    lower(host.bytes_per_day, platform.bytes_per_day);
    if (platform.shortest_interval)
        host.shortest_interval = std::max(host.shortest_interval, *platform.shortest_interval);
    for (auto const kind : platform.refused_kinds)
        if (is_known(kind)) host.of(kind).allowed = false;
    return host;
}

}  // namespace tp::probe
