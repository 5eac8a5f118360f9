#include "api/config.hpp"

#include "api/hosting/requests.hpp"
#include "base/endpoint.hpp"
#include "firmware-signing/lines.hpp"
#include "firmware-signing/trust_settings.hpp"

namespace tp::api {
namespace {

using std::chrono::seconds;

std::vector<ip_address> read_listen(settings& from)
{
    auto texts = from.texts("listen");
    if (texts.empty()) texts = {"127.0.0.1"};
    std::vector<ip_address> out;
    for (auto const& text : texts) {
        auto const address = parse_address(text);
        if (address) {
            out.push_back(*address);
        } else {
            from.complain("listen", "holds \"" + text + "\", which is no address");
        }
    }
    return out;
}

int read_port(settings& from, char const* key, int otherwise)
{
    return static_cast<int>(from.integer(key, otherwise, -1, 65'535));
}

std::uint32_t read_count(settings& from, char const* key, std::uint32_t otherwise, std::uint32_t most)
{
    return static_cast<std::uint32_t>(from.integer(key, otherwise, 1, most));
}

limits read_limits(settings& from)
{
    limits out;
    out.shortest_interval =
        from.seconds("limits.shortest_interval", out.shortest_interval, seconds(1), seconds(86'400));
    out.running_per_account = read_count(from, "limits.running_per_account", out.running_per_account, 1'000'000);
    out.running_per_target = read_count(from, "limits.running_per_target", out.running_per_target, 1'000'000);
    out.probes_per_measurement = read_count(from, "limits.probes_per_measurement", out.probes_per_measurement, 100'000);
    out.definitions_per_request =
        read_count(from, "limits.definitions_per_request", out.definitions_per_request, 1'000);
    constexpr double most_rate = 1e9;
    out.of_targets.per_target =
        from.real("limits.packets_per_target", 1, most_rate).value_or(out.of_targets.per_target);
    out.of_targets.per_prefix =
        from.real("limits.packets_per_prefix", 1, most_rate).value_or(out.of_targets.per_prefix);
    out.allow_special_targets = from.flag("limits.allow_special_targets", out.allow_special_targets);
    return out;
}

abuse_settings read_abuse(settings& from)
{
    abuse_settings out;
    out.http_port = static_cast<std::uint16_t>(from.integer("abuse.http_port", out.http_port, 1, 65'535));
    auto const text = from.text("abuse.name_server", "");
    if (text.empty()) return out;
    auto const server = parse_endpoint(text);
    if (server && server->address().is_v4())
        out.name_server = boost::asio::ip::udp::endpoint(server->address(), server->port());
    else
        from.complain("abuse.name_server", "holds \"" + text + "\", which is no IPv4 address and port");
    return out;
}

void read_host_terms(settings& from, config& into)
{
    into.terms.factory = signing::read_trusted_keys(from, "factory");
    into.consent_file = from.text("consent.file", "");
    into.terms.consent_version = from.text("consent.version", "");
    auto const& version = into.terms.consent_version;
    if (into.consent_file.empty() != version.empty())
        from.complain("consent.file", "and \"consent.version\" go together");
    bool const plain = version.size() <= longest_consent && signing::is_plain_text(version);
    if (!plain) from.complain("consent.version", "is too long, or has characters that do not show");
}

http::server::options read_server(settings& from)
{
    http::server::options out;
    auto const duration = [&](char const* key, std::chrono::milliseconds otherwise) {
        return from.seconds(key, std::chrono::duration_cast<seconds>(otherwise), seconds(1), seconds(3'600));
    };
    out.limits.body = read_count(from, "limits.body", 1024 * 1024, 64 * 1024 * 1024);
    out.limits.header = read_count(from, "limits.header", 16 * 1024, 64 * 1024);
    out.limits.read = duration("limits.read", out.limits.read);
    out.limits.write = duration("limits.write", out.limits.write);
    out.connections = read_count(from, "limits.connections", 1'000, 15'000);
    out.connections_of_an_address = read_count(from, "limits.connections_per_address", 256, 15'000);
    return out;
}

}  // namespace

config read_config(settings& from)
{
    config out;
    out.database = from.text("database", "");
    if (out.database.empty()) from.complain("database", "is needed: a connection string of libpq");
    out.database_connections = read_count(from, "database_connections", 8, 100);
    out.listen = read_listen(from);
    out.http_port = read_port(from, "http_port", out.http_port);
    out.https_port = read_port(from, "https_port", out.https_port);
    out.certificate = from.text("tls.certificate", "");
    out.key = from.text("tls.key", "");
    if (out.certificate.empty() != out.key.empty()) from.complain("tls.certificate", "and \"tls.key\" go together");
    out.tls_folder = from.text("tls.folder", "/var/lib/trigpoint-api");
    out.tls_names = from.texts("tls.names");
    out.limits = read_limits(from);
    out.trusted = signing::read_trusted_keys(from);
    out.abuse = read_abuse(from);
    read_host_terms(from, out);
    out.server = read_server(from);
    return out;
}

std::vector<http::server::listener> listeners(config const& from)
{
    std::vector<http::server::listener> out;
    for (auto const& address : from.listen) {
        if (from.http_port >= 0) out.push_back({{address, static_cast<std::uint16_t>(from.http_port)}, false});
        if (from.https_port >= 0) out.push_back({{address, static_cast<std::uint16_t>(from.https_port)}, true});
    }
    return out;
}

}  // namespace tp::api
