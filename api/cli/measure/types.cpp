#include "api/cli/measure/types.hpp"

#include <array>
#include <boost/json.hpp>

#include "api/cli/json.hpp"
#include "base/ip_prefix.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;
using enum type_option::kind;

type_option const ping_options[] = {
    {"--packets", "packets", number, "Packets in each ping (default 3)"},
    {"--size", "size", number, "Octets of payload (default 48)"},
    {"--packet-interval", "packet_interval", number, "Milliseconds between two packets (default 1000)"},
    {"--probe-id", "include_probe_id", flag, "The probe's number in each packet", "true"},
};

type_option const traceroute_options[] = {
    {"--protocol", "protocol", choice, "ICMP, UDP (default) or TCP", "ICMP,UDP,TCP"},
    {"--packets", "packets", number, "Packets for each hop (default 3)"},
    {"--size", "size", number, "Octets of payload (default 48)"},
    {"--paris", "paris", number, "Flows that are taken in turn (default 16); 0: classic, each packet another flow"},
    {"--first-hop", "first_hop", number, "Where to begin (default 1)"},
    {"--max-hops", "max_hops", number, "Where to end (default 32)"},
    {"--port", "port", number, "For TCP (default 80); UDP begins at 33434"},
    {"--timeout", "response_timeout", number, "Milliseconds to wait for each answer (default 4000)"},
    {"--dont-fragment", "dont_fragment", flag, "Routers may not fragment the packets", "true"},
    {"--destination-option", "destination_option_size", number, "Octets of IPv6 destination options"},
    {"--hop-by-hop-option", "hop_by_hop_option_size", number, "Octets of IPv6 hop-by-hop options"},
};

type_option const dns_options[] = {
    {"--server", "target", text, "The server to ask (default: the resolvers of each probe)"},
    {"--type", "query_type", text, "A (default), AAAA, MX, NS, SOA, TXT, ..."},
    {"--class", "query_class", choice, "IN (default) or CHAOS", "IN,CHAOS"},
    {"--tcp", "protocol", flag, "Over TCP", "\"TCP\""},
    {"--tls", "tls", flag, "Over TLS, port 853", "true"},
    {"--dnssec", "set_do_bit", flag, "Ask for signatures (DO)", "true"},
    {"--cd", "set_cd_bit", flag, "Resolvers need not check signatures", "true"},
    {"--nsid", "set_nsid_bit", flag, "Ask for the server's identifier", "true"},
    {"--cookie", "set_cookie", flag, "Send a client cookie", "true"},
    {"--rd", "set_rd_bit", flag, "Recursion desired (default for the probes' own resolvers)", "true"},
    {"--no-rd", "set_rd_bit", flag, "No recursion (default with --server)", "false"},
    {"--retry", "retry", number, "Further tries after a timeout (default 0)"},
    {"--timeout", "timeout", number, "Milliseconds to wait for an answer (default 5000)"},
    {"--udp-size", "udp_payload_size", number, "Octets that an answer over UDP may have (default 512)"},
    {"--prepend-probe-id", "prepend_probe_id", flag, "The probe's number and the time before the name", "true"},
    {"--macros", "use_macros", flag, "$p, $t and $r in the name: probe, time, chance", "true"},
    {"--qbuf", "include_qbuf", flag, "Results hold the query, too", "true"},
};

type_option const http_options[] = {
    {"--method", "method", choice, "GET (default), HEAD or POST", "GET,HEAD,POST"},
    {"--path", "path", text, "What to ask for (default /)"},
    {"--query", "query_string", text, "What follows the path after a \"?\""},
    {"--https", "port", flag, "Over TLS: port 443", "443"},
    {"--port", "port", number, "Default 80"},
    {"--version", "version", choice, "1.0 or 1.1 (default)", "1.0,1.1"},
    {"--user-agent", "user_agent", text, "How the probe introduces itself"},
    {"--header-bytes", "header_bytes", number, "Octets of the answer's head that results keep (default 0)"},
    {"--max-body", "max_bytes_read", number, "Octets of the body that are read at most"},
    {"--timing", "extended_timing", flag, "Resolving, connecting and first octet, too", "true"},
    {"--more-timing", "more_extended_timing", flag, "The progress of reading, too", "true"},
};

type_option const sslcert_options[] = {
    {"--sni", "hostname", text, "The name to ask for (default: the target, if it is a name)"},
    {"--port", "port", number, "Default 443"},
};

type_option const ntp_options[] = {
    {"--packets", "packets", number, "Queries (default 3)"},
    {"--timeout", "timeout", number, "Milliseconds to wait for each answer (default 4000)"},
};

std::array<measurement_type, 6> const types{{
    {"ping", "Round trips by ICMP echo", "target", "Name or address", ping_options},
    {"traceroute", "The routers on the way", "target", "Name or address", traceroute_options},
    {"dns", "What servers answer to a DNS query", "query_argument", "The name to ask for", dns_options},
    {"http", "An answer of an anchor's web server", "target", "Name or address of an anchor", http_options},
    {"sslcert", "The certificates of a TLS server", "target", "Name or address", sslcert_options},
    {"ntp", "The time of an NTP server", "target", "Name or address", ntp_options},
}};

void complete_dns(json::object& definition)
{
    auto const usual = [&](char const* key, json::value value) {
        if (!definition.contains(key)) definition[key] = std::move(value);
    };
    auto const own_resolvers = !definition.contains("target");
    if (own_resolvers) definition["use_probe_resolver"] = true;
    usual("query_class", "IN");
    usual("query_type", "A");
    usual("set_rd_bit", own_resolvers);
    if (definition.contains("tls")) usual("protocol", "TCP");
}

std::optional<std::string> complaint_about_dns(measure_wish const& wish)
{
    auto const name = text_in(wish.options, "query_argument");
    if (name.empty()) return "there is no name to ask for (\".\" is the root)";
    if (wish.target.empty() && wish.resolve_on_probe) return "--resolve-on-probe needs --server: only it is resolved";
    auto const type = text_in(wish.options, "query_type");
    if (parse_address(name) && type == "PTR")
        return "PTR records have names such as 1.2.0.192.in-addr.arpa, not the address itself: " + name;
    return std::nullopt;
}

}  // namespace

std::span<measurement_type const> measurement_types()
{
    return types;
}

std::string usual_description(measure_wish const& wish)
{
    if (wish.type != "dns") return wish.type + ' ' + wish.target;
    auto const type = text_in(wish.options, "query_type");
    return "dns " + (type.empty() ? "A" : type) + ' ' + text_in(wish.options, "query_argument") +
           (wish.target.empty() ? "" : " at " + wish.target);
}

void complete_definition(json::object& definition)
{
    auto const type = text_in(definition, "type");
    if (type == "dns") complete_dns(definition);
    if (type == "traceroute" && !definition.contains("protocol")) definition["protocol"] = "UDP";
}

std::optional<std::string> complaint_about_type(measure_wish const& wish)
{
    if (wish.type == "dns") return complaint_about_dns(wish);
    return std::nullopt;
}

}  // namespace tp::cli
