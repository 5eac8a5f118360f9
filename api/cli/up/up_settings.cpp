#include "api/cli/up/up_settings.hpp"

#include <algorithm>

#include "firmware-signing/trust_settings.hpp"
#include "proto/cap_settings.hpp"

namespace tp::cli {
namespace {

constexpr std::size_t most_addresses = 8;  // the controller tells a probe no more

std::vector<ip_address> read_addresses(settings& from, std::string_view key, std::vector<std::string> otherwise)
{
    auto texts = from.texts(key);
    if (texts.empty()) texts = std::move(otherwise);
    if (texts.size() > most_addresses) from.complain(key, "holds more than 8 addresses");
    std::vector<ip_address> out;
    for (auto const& text : texts) {
        auto const address = parse_address(text);
        if (!address)
            from.complain(key, "holds \"" + text + "\", which is no address");
        else if (std::find(out.begin(), out.end(), *address) == out.end())
            out.push_back(*address);
    }
    return out;
}

std::uint16_t read_port(settings& from, std::string_view key, std::uint16_t otherwise)
{
    return static_cast<std::uint16_t>(from.integer(key, otherwise, 1, 65'535));
}

std::filesystem::path read_path(settings& from, std::string_view key)
{
    auto const text = from.text(key, "");
    return text.empty() ? std::filesystem::path() : std::filesystem::absolute(text);
}

std::string read_size(settings& from, std::string_view key, std::string_view otherwise)
{
    auto text = from.text(key, otherwise);
    auto const digits = text.find_first_not_of("0123456789");
    auto const unit = digits == std::string::npos ? std::string() : text.substr(digits);
    if (digits == 0 || digits > 6 || (unit != "kB" && unit != "MB" && unit != "GB"))
        from.complain(key, "is not a size such as \"128MB\"");
    return text;
}

void check_ports(settings& from, up_settings const& read)
{
    std::vector<int> taken{read.registry_port};
    for (auto const port : {read.http_port, read.https_port}) {
        if (port < 0) continue;
        if (port == 0) from.complain("api.http_port", "or \"api.https_port\" is 0; choose a port, or -1 for none");
        taken.push_back(port);
    }
    for (unsigned i = 0; i < read.controllers; ++i) taken.push_back(read.controllers_port + static_cast<int>(i));
    if (taken.back() > 65'535) from.complain("controllers_port", "leaves no room for so many controllers");
    std::sort(taken.begin(), taken.end());
    if (auto const twice = std::adjacent_find(taken.begin(), taken.end()); twice != taken.end())
        from.complain("controllers_port", "or another port is used twice: " + std::to_string(*twice));
}

}  // namespace

up_settings read_up_settings(settings& from)
{
    up_settings out;
    out.host = read_addresses(from, "host", {"0.0.0.0", "::"});
    out.advertise = read_addresses(from, "advertise", {});
    for (auto const& each : out.advertise) {
        if (each.is_unspecified()) from.complain("advertise", "holds an address that nobody can dial");
    }
    out.registry_port = read_port(from, "registry.port", out.registry_port);
    out.controllers_port = read_port(from, "controllers_port", out.controllers_port);
    out.controllers =
        static_cast<unsigned>(from.integer("controllers", out.controllers, 0, up_settings::most_controllers));
    out.http_port = static_cast<int>(from.integer("api.http_port", out.http_port, -1, 65'535));
    out.https_port = static_cast<int>(from.integer("api.https_port", out.https_port, -1, 65'535));
    if (out.http_port < 0 && out.https_port < 0) from.complain("api.http_port", "and \"api.https_port\" are both -1");
    out.tls_certificate = read_path(from, "api.tls_certificate");
    out.tls_key = read_path(from, "api.tls_key");
    if (out.tls_certificate.empty() != out.tls_key.empty())
        from.complain("api.tls_certificate", "and \"api.tls_key\" go together");
    out.geo_country = read_path(from, "geo.country");
    out.geo_asn = read_path(from, "geo.asn");
    out.trust = signing::read_trusted_keys(from);
    out.factory = signing::read_trusted_keys(from, "factory");
    out.consent_file = read_path(from, "consent.file");
    out.consent_version = from.text("consent.version", "");
    if (out.consent_file.empty() != out.consent_version.empty())
        from.complain("consent.file", "and \"consent.version\" go together");
    out.shared_buffers = read_size(from, "postgresql.shared_buffers", out.shared_buffers);
    out.shortest_interval = from.seconds("limits.shortest_interval", out.shortest_interval, std::chrono::seconds(1),
                                         std::chrono::hours(24));
    out.running_per_account =
        static_cast<unsigned>(from.integer("limits.running_per_account", out.running_per_account, 1, 1'000'000));
    out.allow_special_targets = from.flag("limits.allow_special_targets", out.allow_special_targets);
    constexpr double most_rate = 1e9;
    out.packets_per_target = from.real("limits.packets_per_target", 1, most_rate);
    out.packets_per_prefix = from.real("limits.packets_per_prefix", 1, most_rate);
    out.abuse_http_port = static_cast<int>(from.integer("abuse.http_port", out.abuse_http_port, 1, 65'535));
    out.detectors = registry::read_watch_settings(from);
    out.alert_receivers = registry::read_alert_receivers(from);
    out.director = registry::read_director_settings(from);
    out.probe_caps = proto::read_cap_limits(from);
    check_ports(from, out);
    return out;
}

}  // namespace tp::cli
