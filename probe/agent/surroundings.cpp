#include "probe/agent/surroundings.hpp"

#include <algorithm>
#include <utility>

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "probe/guard/nat64.hpp"
#include "probe/guard/near_hops.hpp"

namespace tp::probe {
namespace {

constexpr char const* component = "measure";
constexpr std::chrono::seconds look_every{1};  // whether the network is to be asked how it translates

/// Of this machine's IPv6 networks those that others are in, too, sorted: where it stands. Single addresses come and
/// go.
std::vector<std::string> shared_networks_v6(std::vector<ip_prefix> const& own)
{
    std::vector<std::string> out;
    for (auto const& one : own)
        if (one.network().is_v6() && one.length() < 128) out.push_back(one.text());
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace

surroundings::surroundings(boost::asio::any_io_executor executor, guard& told)
    : guard_(told), resolver_(std::move(executor))
{
    auto const now = std::chrono::steady_clock::now();
    learn_networks(now);
    guard_.targets().set_translation_state(translation_.state(now));
}

boost::asio::awaitable<void> surroundings::run()
{
    for (;;) {
        if (translation_.due(std::chrono::steady_clock::now())) co_await ask_for_translation();
        co_await pause_for(look_every);
    }
}

/// RFC 7050: what the network answers for a name that has no IPv6 address carries the prefix of its NAT64.
boost::asio::awaitable<void> surroundings::ask_for_translation()
{
    auto const network = translation_.network();
    auto const found = co_await resolver_.resolve("ipv4only.arpa", proto::family::v6);
    auto const now = std::chrono::steady_clock::now();
    bool const definite = found || means_no_address(found.error());
    if (!translation_.answered(network, definite, now) || !definite) co_return;
    std::vector<ip_prefix> prefixes;
    if (found)
        for (auto const& answer : *found)
            for (auto const& one : translation_prefixes(answer)) prefixes.push_back(one);
    guard_.targets().set_translation(std::move(prefixes));
    guard_.targets().set_translation_state(translation_.state(now));
}

void surroundings::look(steady_time now)
{
    if (nameservers_.look(now)) {
        guard_.targets().set_resolvers(nameservers_.all());
        translation_.network_changed(way_out_v6_, now);
    }
    if (now >= next_networks_) learn_networks(now);
    guard_.targets().set_translation_state(translation_.state(now));
}

void surroundings::learn_networks(steady_time now)
{
    next_networks_ = now + networks_every;
    bool moved = false;
    if (auto const own = own_networks()) {
        moved = std::exchange(networks_v6_, shared_networks_v6(*own)) != networks_v6_;
        guard_.targets().set_own(*own);
    } else {
        log::error(component, "own addresses cannot be read: " + own.error().message());
    }
    auto const before = std::exchange(first_hops_, learn_first_hops());
    bool const had_way_out = std::exchange(way_out_v6_, has_way_out_v6());
    if (first_hops_.v4 != before.v4) second_hops_.v4.reset();
    if (first_hops_.v6 != before.v6) second_hops_.v6.reset();
    // Routers of different networks may have the same link-local address.
    if (moved || first_hops_.v6 != before.v6 || way_out_v6_ != had_way_out)
        translation_.network_changed(way_out_v6_, now);
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
