#include "registry/config.hpp"

#include "base/endpoint.hpp"

namespace tp::registry {
namespace {

using std::chrono::seconds;

void read_listen(settings& from, config& out)
{
    auto texts = from.texts("listen");
    if (texts.empty()) texts = {"0.0.0.0:7440", "[::]:7440"};
    for (auto const& text : texts) {
        auto const endpoint = parse_endpoint(text);
        if (!endpoint)
            from.complain("listen", "holds \"" + text + "\", which is not an address and a port");
        else
            out.listen.push_back(*endpoint);
    }
}

void read_terms(settings& from, terms& out)
{
    constexpr seconds shortest{5}, longest = std::chrono::hours{24 * 30};
    out.lease = from.seconds("placement.lease", out.lease, shortest, longest);
    out.ask_again = from.seconds("placement.ask_again", out.ask_again, shortest, longest);
    out.wait = from.seconds("placement.wait", out.wait, seconds{1}, std::chrono::hours{1});
    for (auto const& text : from.texts("placement.regions")) {
        auto const added = out.areas.add(text);
        if (!added && added.error() == errc::conflict)
            from.complain("placement.regions", "gives a country of \"" + text + "\" to another region, too");
        else if (!added)
            from.complain("placement.regions", "holds \"" + text + "\", which is not a name and country codes");
    }
    out.approve_by_hand = from.flag("enrolment.approve_by_hand", out.approve_by_hand);
    if (out.ask_again > out.lease) from.complain("placement.ask_again", "is longer than placement.lease");
}

}  // namespace

config read_config(settings& from)
{
    config out;
    read_listen(from, out);
    out.host_key = from.text("host_key", "/var/lib/trigpoint/registry/host_key");
    out.database.conninfo = from.text("database.conninfo", "host=/run/postgresql dbname=trigpoint user=tp_registry");
    out.database.connections = static_cast<std::size_t>(from.integer("database.connections", 4, 1, 64));
    out.location.asn = from.text("location.asn", "");
    out.location.country = from.text("location.country", "");
    read_terms(from, out.terms);
    out.moves_per_second =
        static_cast<std::uint32_t>(from.integer("placement.moves_per_second", out.moves_per_second, 0, 1'000));
    out.detectors = read_watch_settings(from);
    out.alert_receivers = read_alert_receivers(from);
    out.director = read_director_settings(from);
    out.limits.sessions = static_cast<std::size_t>(from.integer("limits.sessions", 2'000, 1, 19'000));
    out.limits.half_open_per_address =
        static_cast<std::size_t>(from.integer("limits.half_open_per_address", 64, 1, 19'000));
    return out;
}

}  // namespace tp::registry
