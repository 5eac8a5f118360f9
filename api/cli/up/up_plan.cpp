#include "api/cli/up/up_plan.hpp"

#include <algorithm>
#include <cstdio>

#include "proto/cap_settings.hpp"

namespace tp::cli {
namespace {

constexpr std::size_t most_advertised = 8;  // the controller takes no more

/// A basic string of TOML.
std::string toml_text(std::string_view text)
{
    std::string out = "\"";
    for (auto const c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\u%04X", static_cast<unsigned>(c));
            out += escape;
            continue;
        }
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string list_of(std::vector<std::string> const& texts)
{
    std::string out;
    for (auto const& each : texts) out += (out.empty() ? "" : ", ") + toml_text(each);
    return '[' + out + ']';
}

std::string endpoints(std::vector<ip_address> const& addresses, int port)
{
    std::vector<std::string> texts;
    for (auto const& each : addresses) texts.push_back(with_port(each, port));
    return list_of(texts);
}

std::string line(std::string_view key, std::string_view value)
{
    return std::string(key) + " = " + std::string(value) + '\n';
}

std::string path_line(std::string_view key, std::filesystem::path const& path)
{
    return path.empty() ? std::string() : line(key, toml_text(path.string()));
}

std::string trust_lines(std::string const& section, signing::trusted_keys const& trust)
{
    std::vector<std::string> keys;
    for (auto const& each : trust.keys()) keys.push_back(each.text());
    return line(section + ".keys", list_of(keys)) + line(section + ".threshold", std::to_string(trust.threshold()));
}

constexpr std::string_view heading = "# Written by `trigpoint up` at each start; changes are lost.\n";

}  // namespace

std::string conninfo_for(up_plan const& plan, std::string_view role)
{
    if (!plan.database_url.empty()) return plan.database_url;
    return "host='" + plan.places.socket().string() + "' port=5432 dbname=" + database_name +
           " user=" + std::string(role);
}

std::string controller_name(unsigned index)
{
    return "controller-" + std::to_string(index + 1);
}

std::string registry_toml(up_plan const& plan)
{
    auto const& chosen = plan.settings;
    return std::string(heading) + line("listen", endpoints(plan.listen, chosen.registry_port)) +
           path_line("host_key", plan.places.registry_key()) +
           line("database.conninfo", toml_text(conninfo_for(plan, "tp_registry"))) +
           path_line("location.country", chosen.geo_country) + path_line("location.asn", chosen.geo_asn) +
           registry::watch_settings_text(chosen.detectors) + registry::director_settings_text(chosen.director) +
           registry::canaries_text(chosen.detectors.canaries) +
           registry::alert_receivers_text(chosen.alert_receivers);  // tables come last
}

std::string controller_toml(up_plan const& plan, unsigned index)
{
    auto const port = plan.settings.controller_port(index);
    return std::string(heading) + line("name", toml_text(controller_name(index))) +
           line("listen", endpoints(plan.listen, port)) + line("advertise", endpoints(plan.advertise, port)) +
           path_line("host_key", plan.places.keys() / controller_name(index)) +
           line("database.conninfo", toml_text(conninfo_for(plan, "tp_controller"))) +
           proto::cap_limits_text(plan.settings.probe_caps);
}

std::string api_toml(up_plan const& plan)
{
    auto const& chosen = plan.settings;
    std::vector<std::string> addresses, names;
    for (auto const& each : plan.listen) addresses.push_back(each.to_string());
    for (auto const& each : plan.advertise) names.push_back(each.to_string());
    return std::string(heading) + line("database", toml_text(conninfo_for(plan, "tp_api"))) +
           line("listen", list_of(addresses)) + line("http_port", std::to_string(chosen.http_port)) +
           line("https_port", std::to_string(chosen.https_port)) +
           path_line("tls.certificate", chosen.tls_certificate) + path_line("tls.key", chosen.tls_key) +
           path_line("tls.folder", plan.places.tls()) + line("tls.names", list_of(names)) +
           trust_lines("trust", chosen.trust) + trust_lines("factory", chosen.factory) +
           path_line("consent.file", chosen.consent_file) + line("consent.version", toml_text(chosen.consent_version)) +
           line("limits.shortest_interval", std::to_string(chosen.shortest_interval.count())) +
           line("limits.running_per_account", std::to_string(chosen.running_per_account)) +
           (chosen.packets_per_target ? line("limits.packets_per_target", std::to_string(*chosen.packets_per_target))
                                      : std::string()) +
           (chosen.packets_per_prefix ? line("limits.packets_per_prefix", std::to_string(*chosen.packets_per_prefix))
                                      : std::string()) +
           line("abuse.http_port", std::to_string(chosen.abuse_http_port)) +
           line("limits.allow_special_targets", chosen.allow_special_targets ? "true" : "false");
}

std::vector<ip_address> addresses_to_advertise(up_settings const& settings, std::vector<ip_address> const& own)
{
    if (!settings.advertise.empty()) return settings.advertise;
    std::vector<ip_address> out;
    for (auto const& each : settings.host) {
        if (!each.is_unspecified()) out.push_back(each);
    }
    for (auto const& each : own) {
        auto const heard = std::any_of(settings.host.begin(), settings.host.end(), [&](ip_address const& host) {
            return host.is_unspecified() && host.is_v4() == each.is_v4();
        });
        if (heard && std::find(out.begin(), out.end(), each) == out.end()) out.push_back(each);
    }
    if (out.size() > most_advertised) out.resize(most_advertised);
    if (out.empty())
        out.push_back(settings.host.front().is_v4() ? ip_address(boost::asio::ip::address_v4::loopback())
                                                    : ip_address(boost::asio::ip::address_v6::loopback()));
    return out;
}

std::string with_port(ip_address const& address, int port)
{
    auto const text = address.to_string();
    return (address.is_v4() ? text : '[' + text + ']') + ':' + std::to_string(port);
}

}  // namespace tp::cli
