#include "probe/measure/ntp/servers.hpp"

#include <algorithm>

namespace tp::probe {

ntp_servers::record& ntp_servers::of(ip_address const& server)
{
    auto const found = known_.find(server);
    if (found != known_.end()) return found->second;
    make_room();
    return known_[server];
}

void ntp_servers::make_room()
{
    if (known_.size() < most_servers) return;
    known_.erase(std::min_element(known_.begin(), known_.end(), [](auto const& a, auto const& b) {
        return std::max(a.second.last, a.second.silent_until) < std::max(b.second.last, b.second.silent_until);
    }));
}

ntp_servers::answer ntp_servers::ask(ip_address const& server, steady_time now)
{
    auto& one = of(server);
    if (one.silent_until > now) return {one.silent_until, one.kiss};
    one.kiss.clear();
    bool const asked_before = one.last != steady_time::min();
    auto const by_spacing = asked_before ? one.last + least_spacing : now;
    auto const by_average = asked_before ? one.drained - (burst - 1) * average_spacing : now;
    auto const when = std::max(by_spacing, by_average);
    if (when > now) return {when, {}};
    one.last = now;
    one.drained = std::max(asked_before ? one.drained : now, now) + average_spacing;
    return {now, {}, true};
}

bool ntp_servers::kissed(ip_address const& server, std::string const& code, steady_time now)
{
    bool const rate = code == "RATE";
    if (!rate && code != "DENY" && code != "RSTR") return false;
    auto& one = of(server);
    constexpr int most_doublings = 6;  // 16 hours
    auto const pause = rate ? std::chrono::seconds(after_rate) * (1 << std::min(one.rates++, most_doublings))
                            : std::chrono::seconds(after_refusal);
    one.silent_until = now + pause;
    one.kiss = code;
    return true;
}

}  // namespace tp::probe
