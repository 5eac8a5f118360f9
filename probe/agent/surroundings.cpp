#include "probe/agent/surroundings.hpp"

#include <utility>

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "probe/guard/nat64.hpp"

namespace tp::probe {
namespace {

constexpr char const* component = "measure";

}  // namespace

/// RFC 7050: what the network answers for a name that has no IPv6 address carries the prefix of its NAT64.
boost::asio::awaitable<void> surroundings::run()
{
    for (;;) {
        if (first_hops_.v6) {
            auto const found = co_await resolver_.resolve("ipv4only.arpa", proto::family::v6);
            set_translation(found);
        }
        co_await pause_for(translation_every);
    }
}

/// A network that does not answer has not changed for that.
void surroundings::set_translation(result<std::vector<ip_address>> const& found)
{
    if (!found) return;
    std::vector<ip_prefix> prefixes;
    for (auto const& answer : *found)
        for (auto const& one : translation_prefixes(answer)) prefixes.push_back(one);
    guard_.targets().set_translation(std::move(prefixes));
}

void surroundings::look(steady_time now)
{
    if (nameservers_.look(now)) guard_.targets().set_resolvers(nameservers_.all());
    if (now < next_networks_) return;
    next_networks_ = now + networks_every;
    learn_networks();
}

void surroundings::learn_networks()
{
    if (auto own = own_networks())
        guard_.targets().set_own(std::move(*own));
    else
        log::error(component, "own addresses cannot be read: " + own.error().message());
    auto const before = std::exchange(first_hops_, learn_first_hops());
    if (first_hops_.v4 != before.v4) second_hops_.v4.reset();
    if (first_hops_.v6 != before.v6) second_hops_.v6.reset();
    set_near_hops();
}

/// An address of the probe's own networks would be no router behind the first one.
void surroundings::learn_from(outcome const& found)
{
    auto const* const trace = std::get_if<proto::traceroute_report>(&found.found);
    if (!trace || found.failed || !found.target) return;
    auto const hop = second_hop_of(*trace, *found.target);
    if (!hop || guard_.targets().is_own(*hop)) return;
    second_hops_.of(hop->is_v4() ? proto::family::v4 : proto::family::v6) = *hop;
    set_near_hops();
}

void surroundings::set_near_hops()
{
    std::vector<ip_address> near;
    for (auto const& one : {first_hops_.v4, first_hops_.v6, second_hops_.v4, second_hops_.v6})
        if (one) near.push_back(*one);
    guard_.targets().set_near_hops(std::move(near));
}

}  // namespace tp::probe
