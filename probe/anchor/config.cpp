#include "probe/anchor/config.hpp"

#include "probe/guard/target_text.hpp"

namespace tp::anchor {
namespace {

using std::chrono::seconds;

constexpr std::size_t most_addresses = 8;  // as in the list of anchors
constexpr std::size_t longest_name = 240;  // octets: it fits in front of other labels, and in an NSID
constexpr std::int64_t most_connections = 15'000;
constexpr seconds longest_wait{600};

std::string lower_case(std::string text)
{
    for (auto& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

/// A host name in lower case, without a dot at its end.
std::string read_name(settings& from, char const* key, std::string const& otherwise)
{
    auto name = lower_case(from.text(key, otherwise));
    if (name.ends_with('.')) name.pop_back();
    bool const good =
        name.size() <= longest_name && probe::kind_of_target(name) == probe::target_text::name && !name.ends_with('.');
    if (!good) from.complain(key, "is no host name");
    return name;
}

std::vector<ip_address> read_addresses(settings& from, char const* key)
{
    std::vector<ip_address> out;
    for (auto const& text : from.texts(key)) {
        auto const address = parse_address(text);
        if (!address)
            from.complain(key, "holds \"" + text + "\", which is no address");
        else if (address->is_unspecified())
            from.complain(key, "holds a wildcard: answers over UDP have to leave from the address that was asked");
        else
            out.push_back(*address);
    }
    if (out.size() > most_addresses) from.complain(key, "holds more than 8 addresses");
    return out;
}

int read_port(settings& from, char const* key, int otherwise)
{
    return static_cast<int>(from.integer(key, otherwise, config::off, 65'535));
}

void read_room(settings& from, std::string const& section, crowd::limits& out)
{
    auto const count = [&](char const* key, std::size_t otherwise) {
        auto const least = std::int64_t{1};
        return static_cast<std::size_t>(
            from.integer(section + key, static_cast<std::int64_t>(otherwise), least, most_connections));
    };
    out.in_all = count(".connections", out.in_all);
    out.of_a_source = count(".connections_per_source", out.of_a_source);
}

std::chrono::milliseconds read_wait(settings& from, char const* key, std::chrono::milliseconds otherwise)
{
    return from.seconds(key, std::chrono::duration_cast<seconds>(otherwise), seconds{1}, longest_wait);
}

void read_http(settings& from, config& out)
{
    out.http_port = read_port(from, "http.port", out.http_port);
    out.https_port = read_port(from, "http.secure_port", out.https_port);
    auto const otherwise = static_cast<std::int64_t>(out.http.largest_body);
    out.http.largest_body =
        static_cast<std::size_t>(from.integer("http.largest_body", otherwise, 0, proto::http_options::most_body_bytes));
    out.http.idle = read_wait(from, "http.idle", out.http.idle);
    out.http.head = read_wait(from, "http.head", out.http.head);
    out.http.received = read_wait(from, "http.received", out.http.received);
    out.http.sent = read_wait(from, "http.sent", out.http.sent);
    read_room(from, "http", out.http_room);
    out.certificate = from.text("tls.certificate", "");
    out.key = from.text("tls.key", "");
    if (out.certificate.empty() != out.key.empty()) from.complain("tls.certificate", "and \"tls.key\" go together");
}

void read_dns(settings& from, config& out)
{
    out.dns_port = read_port(from, "dns.port", out.dns_port);
    out.zone = from.text("dns.zone", "").empty() ? out.name + '.' : read_name(from, "dns.zone", "") + '.';
    out.answers.per_second =
        static_cast<unsigned>(from.integer("dns.answers_per_second", out.answers.per_second, 1, 1'000'000));
    out.answers.slip = static_cast<unsigned>(from.integer("dns.slip", out.answers.slip, 0, 100));
    out.dns.idle = read_wait(from, "dns.idle", out.dns.idle);
    read_room(from, "dns", out.dns_room);
}

}  // namespace

config read_config(settings& from)
{
    config out;
    out.name = read_name(from, "name", "");
    out.addresses = read_addresses(from, "addresses");
    if (out.addresses.empty()) from.complain("addresses", "is needed: the anchor's own, as others see them");
    out.listen = read_addresses(from, "listen");
    if (out.listen.empty()) out.listen = out.addresses;
    out.user = from.text("user", "");
    out.state = from.text("state", "/var/lib/trigpoint-anchor");
    read_http(from, out);
    read_dns(from, out);
    return out;
}

}  // namespace tp::anchor
