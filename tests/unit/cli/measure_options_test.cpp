#include "api/cli/measure/options.hpp"

#include <gmock/gmock.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

namespace tp::cli {
namespace {

namespace json = boost::json;

measurement_type const& type_named(std::string const& name)
{
    for (auto const& each : measurement_types()) {
        if (each.name == name) return each;
    }
    throw std::invalid_argument(name);
}

/// What `trigpoint measure TYPE WORDS` wishes. Throws CLI::ParseError.
measure_wish wish_of(std::string const& type, std::string const& words)
{
    CLI::App app;
    measure_wish wish;
    add_wish_options(app, type_named(type), wish);
    app.parse(words);
    return wish;
}

/// The definition that the API is sent.
json::value definition_of(std::string const& type, std::string const& words)
{
    auto const wish = wish_of(type, words);
    EXPECT_EQ(complaint_about(wish), std::nullopt) << words;
    return json::parse(request_body(wish, from_unix_seconds(0))).at("definitions").at(0);
}

std::string complaint(std::string const& type, std::string const& words)
{
    return complaint_about(wish_of(type, words)).value_or("");
}

TEST(measure_options, are_those_of_the_type)
{
    struct row {
        char const *type, *words, *definition;
    };
    for (auto const& [type, words, definition] : {
             row{"ping", "192.0.2.1 --packets 5 --size 100 --packet-interval 500 --probe-id",
                 R"({"type": "ping", "af": 4, "target": "192.0.2.1", "description": "ping 192.0.2.1", "packets": 5,
                     "size": 100, "packet_interval": 500, "include_probe_id": true})"},
             row{"traceroute", "a.example",
                 R"({"type": "traceroute", "af": 4, "target": "a.example", "description": "traceroute a.example",
                     "protocol": "UDP"})"},
             row{"traceroute",
                 "2001:db8::1 --protocol tcp --paris 0 --first-hop 2 --max-hops 20 --packets 1 --size 0 --port 443 "
                 "--timeout 1000 --dont-fragment --destination-option 8 --hop-by-hop-option 16",
                 R"({"type": "traceroute", "af": 6, "target": "2001:db8::1", "description": "traceroute 2001:db8::1",
                     "protocol": "TCP", "paris": 0, "first_hop": 2, "max_hops": 20, "packets": 1, "size": 0, "port": 443,
                     "response_timeout": 1000, "dont_fragment": true, "destination_option_size": 8,
                     "hop_by_hop_option_size": 16})"},
             row{"dns", "example.net",
                 R"({"type": "dns", "af": 4, "description": "dns A example.net", "query_argument": "example.net",
                     "use_probe_resolver": true, "query_class": "IN", "query_type": "A", "set_rd_bit": true})"},
             row{"dns",
                 "example.net --server 2001:db8::53 --type AAAA --tls --dnssec --cd --nsid --cookie --retry 2 "
                 "--timeout 900 --udp-size 1232 --qbuf --macros --prepend-probe-id",
                 R"({"type": "dns", "af": 6, "target": "2001:db8::53", "query_argument": "example.net",
                     "description": "dns AAAA example.net at 2001:db8::53", "query_class": "IN", "query_type": "AAAA",
                     "set_rd_bit": false, "tls": true, "protocol": "TCP", "set_do_bit": true, "set_cd_bit": true,
                     "set_nsid_bit": true, "set_cookie": true, "retry": 2, "timeout": 900, "udp_payload_size": 1232,
                     "include_qbuf": true, "use_macros": true, "prepend_probe_id": true})"},
             row{"dns", "hostname.bind --server a.example --class chaos --type TXT --tcp --rd --resolve-on-probe",
                 R"({"type": "dns", "af": 4, "target": "a.example", "query_argument": "hostname.bind",
                     "description": "dns TXT hostname.bind at a.example", "query_class": "CHAOS", "query_type": "TXT",
                     "protocol": "TCP", "set_rd_bit": true, "resolve_on_probe": true})"},
             row{"http",
                 "a.example --https --method head --path /x --query a=b --version 1.0 --user-agent me "
                 "--header-bytes 100 --max-body 2000 --timing --more-timing",
                 R"({"type": "http", "af": 4, "target": "a.example", "description": "http a.example", "port": 443,
                     "method": "HEAD", "path": "/x", "query_string": "a=b", "version": "1.0", "user_agent": "me",
                     "header_bytes": 100, "max_bytes_read": 2000, "extended_timing": true,
                     "more_extended_timing": true})"},
             row{"sslcert", "192.0.2.1 --sni a.example --port 993",
                 R"({"type": "sslcert", "af": 4, "target": "192.0.2.1", "description": "sslcert 192.0.2.1",
                     "hostname": "a.example", "port": 993})"},
             row{"ntp", "a.example --packets 5 --timeout 500 --af 6",
                 R"({"type": "ntp", "af": 6, "target": "a.example", "description": "ntp a.example", "packets": 5,
                     "timeout": 500})"},
         }) {
        EXPECT_EQ(definition_of(type, words), json::parse(definition)) << type << ' ' << words;
    }
}

TEST(measure_options, share_the_choice_of_probes_and_times)
{
    for (auto const& type : measurement_types()) {
        auto const wish =
            wish_of(type.name,
                    "a.example --country NL --probes 7 --interval 60 --stop-after 600 --spread 5 --private "
                    "--description d --af 6");
        auto const body = json::parse(request_body(wish, from_unix_seconds(1'000)));
        EXPECT_EQ(body.at("probes"), json::parse(R"([{"type": "country", "value": "NL", "requested": 7}])"));
        EXPECT_EQ(body.at("stop_time"), json::value(1'600));
        EXPECT_EQ(body.at("is_oneoff"), json::value(false));
        auto const& definition = body.at("definitions").at(0);
        EXPECT_EQ(definition.at("type").as_string(), type.name.c_str());
        EXPECT_EQ(definition.at("interval"), json::value(60));
        EXPECT_EQ(definition.at("spread"), json::value(5));
        EXPECT_EQ(definition.at("is_public"), json::value(false));
        EXPECT_EQ(definition.at("af"), json::value(6));
    }
}

TEST(measure_options, complain_about_what_is_no_value_or_does_not_go_together)
{
    struct row {
        char const *type, *words;
    };
    for (auto const& [type, words] : {
             row{"ping", ""},
             row{"ping", "a.example --packets many"},
             row{"ping", "a.example --paris 1"},
             row{"traceroute", "a.example --protocol sctp"},
             row{"traceroute", "a.example --max-hops -1"},
             row{"dns", ""},
             row{"dns", "a.example --rd --no-rd"},
             row{"dns", "a.example --class NONE"},
             row{"http", "a.example --https --port 8443"},
             row{"http", "a.example --version 2"},
         }) {
        EXPECT_THROW(wish_of(type, words), CLI::ParseError) << type << ' ' << words;
    }
    using testing::HasSubstr;
    EXPECT_THAT(complaint("dns", "a.example --resolve-on-probe"), HasSubstr("--server"));
    EXPECT_THAT(complaint("dns", "192.0.2.1 --type PTR"), HasSubstr("in-addr.arpa"));
    EXPECT_THAT(complaint("ntp", "192.0.2.1 --af 6"), HasSubstr("does not fit"));
}

}  // namespace
}  // namespace tp::cli
