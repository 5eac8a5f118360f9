#include "controller/config.hpp"

#include <algorithm>
#include <sstream>

#include "base/endpoint.hpp"
#include "proto/cap_settings.hpp"

namespace tp::controller {
namespace {

using std::chrono::seconds;

constexpr std::size_t sessions_to_spare = 200;  // connections that are being refused, or replace another
constexpr std::size_t most_advertised = 8;
constexpr std::size_t mebibyte = 1024 * 1024;

void read_addresses(settings& from, config& out)
{
    auto texts = from.texts("listen");
    if (texts.empty()) texts = {"0.0.0.0:7441", "[::]:7441"};
    for (auto const& text : texts) {
        auto const endpoint = parse_endpoint(text);
        if (!endpoint)
            from.complain("listen", "holds \"" + text + "\", which is not an address and a port");
        else
            out.listen.push_back(*endpoint);
    }
    out.advertise = from.texts("advertise");
    if (out.advertise.size() > most_advertised) from.complain("advertise", "holds more than 8 addresses");
    for (auto const& text : out.advertise) {
        if (!parse_endpoint(text)) {
            from.complain("advertise", "holds \"" + text + "\", which is not an address and a port");
        }
    }
    bool const all_wild = std::all_of(out.listen.begin(), out.listen.end(),
                                      [](auto const& endpoint) { return endpoint.address().is_unspecified(); });
    if (out.advertise.empty() && all_wild) {
        from.complain("advertise", "is needed: \"listen\" names no address that a probe could call");
    }
}

relay_terms read_relay_terms(settings& from)
{
    relay_terms out;
    auto const number = [&](char const* key, std::uint64_t by_default, std::int64_t least, std::int64_t most) {
        return static_cast<std::uint64_t>(from.integer(key, static_cast<std::int64_t>(by_default), least, most));
    };
    out.cache = number("firmware.cache_mebibytes", out.cache / mebibyte, 1, 16'384) * mebibyte;
    out.session_bits_per_second =
        number("firmware.bits_per_second", out.session_bits_per_second, 64'000, 10'000'000'000);
    out.bits_per_second = number("firmware.total_bits_per_second", out.bits_per_second, 64'000, 100'000'000'000);
    return out;
}

}  // namespace

config read_config(settings& from)
{
    config out;
    out.name = from.text("name", "controller-1");
    if (out.name.empty()) from.complain("name", "is empty");
    out.site.region = from.text("region", "");
    out.site.failure_domain = from.text("failure_domain", "");
    read_addresses(from, out);
    out.host_key = from.text("host_key", "/var/lib/trigpoint/controller/host_key");
    out.database.conninfo = from.text("database.conninfo", "host=/run/postgresql dbname=trigpoint user=tp_controller");
    out.database.connections = static_cast<std::size_t>(from.integer("database.connections", 6, 2, 64));
    out.terms.capacity = static_cast<std::uint32_t>(from.integer("capacity", 10'000, 1, store::most_capacity));
    out.terms.keepalive = from.seconds("keepalive", out.terms.keepalive, seconds{1}, seconds{600});
    out.terms.probe_caps = proto::read_cap_limits(from);
    out.files = read_relay_terms(from);
    out.limits.sessions = out.terms.capacity + sessions_to_spare;
    out.limits.half_open_per_address =
        static_cast<std::size_t>(from.integer("limits.half_open_per_address", 64, 1, 18'000));
    return out;
}

std::vector<std::string> addresses_for(config const& config,
                                       std::vector<boost::asio::ip::tcp::endpoint> const& listening)
{
    if (!config.advertise.empty()) return config.advertise;
    std::vector<std::string> out;
    for (auto const& endpoint : listening) {
        if (endpoint.address().is_unspecified() || out.size() == most_advertised) continue;
        std::ostringstream text;
        text << endpoint;
        out.push_back(text.str());
    }
    return out;
}

}  // namespace tp::controller
