#include "api/measurements/types/types.hpp"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "api/measurements/definitions.hpp"
#include "proto/codec.hpp"
#include "proto/kind_names.hpp"

namespace tp::api {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

auto const now = from_unix_seconds(1'700'000'000);

/// A request with one definition of a type, with the members that this type must have and these.
std::string request(std::string_view type, std::string_view members = "")
{
    std::string const question = R"(,"query_class":"IN","query_type":"A","query_argument":"example.net")";
    std::string out =
        R"({"definitions":[{"type":")" + std::string(type) + R"(","af":4,"target":"192.88.99.1","description":"x")";
    if (type == "dns" && members.find("query_") == std::string_view::npos) out += question;
    if (!members.empty()) out += ',' + std::string(members);
    return out + R"(}],"probes":[{"type":"area","value":"WW","requested":1}]})";
}

checked<creation> parse(std::string const& body, std::string_view only = "")
{
    return parse_creation(body, limits{}, now, only);
}

template <class Options>
Options options_of(std::string_view type, std::string_view members = "")
{
    auto const made = parse(request(type, members));
    if (!made) ADD_FAILURE() << to_json(made.error());
    return made ? std::get<Options>(made->definitions.at(0).options) : Options{};
}

TEST(types, have_the_defaults_of_atlas)
{
    EXPECT_EQ(options_of<proto::traceroute_options>("traceroute"), proto::traceroute_options{});
    proto::dns_options dns;
    dns.query_argument = "example.net";
    EXPECT_EQ(options_of<proto::dns_options>("dns"), dns);
    EXPECT_EQ(options_of<proto::http_options>("http"), proto::http_options{});
    EXPECT_EQ(options_of<proto::tls_options>("sslcert"), proto::tls_options{});
    EXPECT_EQ(options_of<proto::ntp_options>("ntp"), proto::ntp_options{});
}

TEST(types, have_intervals_of_their_own)
{
    struct row {
        std::string_view type;
        seconds interval;
    };
    for (auto const& [type, interval] :
         {row{"ping", seconds(240)}, row{"traceroute", seconds(900)}, row{"dns", seconds(240)},
          row{"sslcert", seconds(900)}, row{"http", seconds(1800)}, row{"ntp", seconds(1800)}}) {
        auto const made = parse(request(type));
        ASSERT_TRUE(made) << type;
        EXPECT_EQ(made->definitions[0].when.interval, interval) << type;
    }
}

TEST(types, read_every_field_of_a_traceroute)
{
    proto::traceroute_options expected;
    expected.protocol = proto::trace_protocol::tcp;
    expected.packets = 1;
    expected.size = 0;
    expected.response_timeout = milliseconds(60'000);
    expected.duplicate_timeout = milliseconds(20);
    expected.paris = 0;
    expected.first_hop = 3;
    expected.max_hops = 255;
    expected.port = 443;
    expected.destination_option_size = 1024;
    expected.hop_by_hop_option_size = 2048;
    expected.dont_fragment = true;
    EXPECT_EQ(options_of<proto::traceroute_options>(
                  "traceroute",
                  R"("protocol":"tcp","packets":1,"size":0,"response_timeout":60000,"duplicate_timeout":20,"paris":0,)"
                  R"("first_hop":3,"max_hops":"255","port":443,"destination_option_size":1024,)"
                  R"("hop_by_hop_option_size":2048,"dont_fragment":true,"timeout":1)"),
              expected);
}

TEST(types, take_a_traceroute_of_one_hop)
{
    // What blaeu calls a TCP ping: it begins beyond its usual end, so this one hop is asked.
    auto const given = options_of<proto::traceroute_options>(
        "traceroute", R"("protocol":"TCP","size":0,"port":443,"first_hop":64,"max_hops":32)");
    EXPECT_EQ(given.first_hop, 64U);
    EXPECT_EQ(given.max_hops, 32U);
}

TEST(types, read_every_field_of_a_dns_query)
{
    proto::dns_options expected;
    expected.query_class = 3;
    expected.query_type = 16;
    expected.query_argument = "version.bind";
    expected.transport = proto::dns_transport::tcp;
    expected.retry = 10;
    expected.udp_payload_size = 4096;
    expected.set_rd_bit = expected.set_do_bit = expected.set_cd_bit = expected.set_nsid_bit = true;
    expected.include_qbuf = true;
    expected.include_abuf = false;
    expected.prepend_probe_id = expected.use_macros = true;
    expected.timeout = milliseconds(30'000);
    // Clients send "port" and "size" with every type; here they mean nothing.
    EXPECT_EQ(options_of<proto::dns_options>(
                  "dns", R"("query_class":"CHAOS","query_type":"TXT","query_argument":"version.bind","protocol":"TCP",)"
                         R"("retry":10,"udp_payload_size":4096,"set_rd_bit":true,"set_do_bit":true,"set_cd_bit":true,)"
                         R"("set_nsid_bit":true,"include_qbuf":true,"include_abuf":false,"prepend_probe_id":true,)"
                         R"("use_macros":true,"timeout":30000,"port":80,"size":64)"),
              expected);
    EXPECT_EQ(options_of<proto::dns_options>("dns", R"("tls":true)").transport, proto::dns_transport::tls);
    EXPECT_EQ(options_of<proto::dns_options>("dns", R"("tls":false)").transport, proto::dns_transport::udp);
}

TEST(types, know_dns_types_by_name_and_number)
{
    struct row {
        std::string_view name;
        std::uint16_t number;
    };
    for (auto const& [name, number] :
         {row{"A", 1},      row{"AAAA", 28},  row{"ANY", 255},        row{"CNAME", 5},  row{"DNSKEY", 48},
          row{"DS", 43},    row{"HINFO", 13}, row{"MX", 15},          row{"NAPTR", 35}, row{"NS", 2},
          row{"NSEC", 47},  row{"NSEC3", 50}, row{"NSEC3PARAM", 51},  row{"PTR", 12},   row{"RRSIG", 46},
          row{"SOA", 6},    row{"SRV", 33},   row{"SSHFP", 44},       row{"TLSA", 52},  row{"TXT", 16},
          row{"HTTPS", 65}, row{"CAA", 257},  row{"TYPE65280", 65280}}) {
        EXPECT_EQ(dns_type_named(name), number) << name;
        EXPECT_EQ(dns_type_name(number), name);
    }
    EXPECT_EQ(dns_type_named("aaaa"), 28);
    EXPECT_EQ(dns_type_named("type28"), 28);
    for (auto const* none : {"", "TYPE", "TYPE0", "TYPE65536", "B", "TYPE-1", "A "}) {
        EXPECT_FALSE(dns_type_named(none)) << none;
    }
}

TEST(types, need_no_target_for_the_resolvers_of_a_probe)
{
    std::string body =
        request("dns", R"("use_probe_resolver":true,"query_class":"IN","query_type":"A","query_argument":"a.example")");
    auto const with = parse(body);
    ASSERT_TRUE(with);
    EXPECT_EQ(with->definitions[0].target, "");
    std::string const target = R"("target":"192.88.99.1",)";
    auto without = body.erase(body.find(target), target.size());
    EXPECT_TRUE(parse(without));
    without.replace(without.find("true"), 4, "false");
    auto const refused = parse(without);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().faults.at(0).where, "/definitions/0/target");
}

TEST(types, read_every_field_of_an_http_request)
{
    proto::http_options expected;
    expected.method = proto::http_method::head;
    expected.path = "/4096";
    expected.query_string = "a=b&c";
    expected.port = 443;
    expected.version_1_0 = true;
    expected.user_agent = "An agent/1";
    expected.header_bytes = 2048;
    expected.max_bytes_read = 1'020'048;
    expected.extended_timing = expected.more_extended_timing = true;
    EXPECT_EQ(options_of<proto::http_options>(
                  "http", R"("method":"HEAD","path":"4096","query_string":"a=b&c","port":443,"version":"1.0",)"
                          R"("user_agent":"An agent/1","header_bytes":2048,"max_bytes_read":1020048,)"
                          R"("extended_timing":true,"more_extended_timing":true)"),
              expected);
}

TEST(types, read_every_field_of_sslcert_and_ntp)
{
    EXPECT_EQ(options_of<proto::tls_options>("sslcert", R"("port":8443,"hostname":"www.example.net")"),
              (proto::tls_options{8443, "www.example.net"}));
    EXPECT_EQ(options_of<proto::ntp_options>("ntp", R"("packets":16,"timeout":1)"),
              (proto::ntp_options{16, milliseconds(1)}));
}

TEST(types, point_at_what_is_out_of_range)
{
    struct row {
        std::string_view type, members, at;
    };
    for (auto const& [type, members, at] : {
             row{"traceroute", R"("protocol":"SCTP")", "protocol"},
             row{"traceroute", R"("protocol":6)", "protocol"},
             row{"traceroute", R"("packets":17)", "packets"},
             row{"traceroute", R"("size":2049)", "size"},
             row{"traceroute", R"("response_timeout":0)", "response_timeout"},
             row{"traceroute", R"("response_timeout":60001)", "response_timeout"},
             row{"traceroute", R"("duplicate_timeout":-1)", "duplicate_timeout"},
             row{"traceroute", R"("paris":65)", "paris"},
             row{"traceroute", R"("first_hop":0)", "first_hop"},
             row{"traceroute", R"("max_hops":256)", "max_hops"},
             row{"traceroute", R"("port":0)", "port"},
             row{"traceroute", R"("port":65536)", "port"},
             row{"traceroute", R"("destination_option_size":1025)", "destination_option_size"},
             row{"traceroute", R"("hop_by_hop_option_size":2049)", "hop_by_hop_option_size"},
             row{"traceroute", R"("dont_fragment":1)", "dont_fragment"},
             row{"dns", R"("query_type":"A","query_argument":"a.example")", "query_class"},
             row{"dns", R"("query_class":"IN","query_argument":"a.example")", "query_type"},
             row{"dns", R"("query_class":"IN","query_type":"A")", "query_argument"},
             row{"dns", R"("query_class":"HS","query_type":"A","query_argument":"a.example")", "query_class"},
             row{"dns", R"("query_class":"IN","query_type":"B","query_argument":"a.example")", "query_type"},
             row{"dns", R"("query_class":"IN","query_type":"A","query_argument":"")", "query_argument"},
             row{"dns", R"("query_class":"IN","query_type":"A","query_argument":"a b")", "query_argument"},
             row{"dns", R"("query_class":"IN","query_type":"A","query_argument":7)", "query_argument"},
             row{"dns", R"("protocol":"TLS")", "protocol"},
             row{"dns", R"("retry":11)", "retry"},
             row{"dns", R"("udp_payload_size":511)", "udp_payload_size"},
             row{"dns", R"("udp_payload_size":4097)", "udp_payload_size"},
             row{"dns", R"("timeout":99)", "timeout"},
             row{"dns", R"("timeout":30001)", "timeout"},
             row{"http", R"("method":"PUT")", "method"},
             row{"http", R"("version":"2")", "version"},
             row{"http", R"("version":1.1)", "version"},
             row{"http", R"("path":"/a b")", "path"},
             row{"http", R"("query_string":"a\r\nHost: b")", "query_string"},
             row{"http", R"("user_agent":"a\nb")", "user_agent"},
             row{"http", R"("header_bytes":2049)", "header_bytes"},
             row{"http", R"("max_bytes_read":0)", "max_bytes_read"},
             row{"http", R"("max_bytes_read":1020049)", "max_bytes_read"},
             row{"sslcert", R"("port":0)", "port"},
             row{"sslcert", R"("hostname":"a b")", "hostname"},
             row{"ntp", R"("packets":0)", "packets"},
             row{"ntp", R"("timeout":60001)", "timeout"},
         }) {
        SCOPED_TRACE(members);
        auto const made = parse(request(type, members));
        ASSERT_FALSE(made);
        ASSERT_EQ(made.error().faults.size(), 1U);
        EXPECT_EQ(made.error().faults[0].where, "/definitions/0/" + std::string(at));
    }
}

TEST(types, of_other_paths_are_refused_there)
{
    EXPECT_TRUE(parse(request("dns"), "dns"));
    auto const made = parse(request("dns"), "ntp");
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().faults.at(0), (fault{"/definitions/0/type", "Only \"ntp\" can be created here."}));
}

/// What is read is shown again, and a job with it survives the codec.
TEST(types, are_shown_as_they_were_given)
{
    struct row {
        std::string_view type, members;
    };
    for (
        auto const& [type, members] : {
            row{"ping", R"("packets":4,"size":100,"packet_interval":20,"include_probe_id":true)"},
            row{"traceroute",
                R"("protocol":"ICMP","packets":2,"size":40,"response_timeout":1000,"duplicate_timeout":null,"paris":1,)"
                R"("first_hop":2,"max_hops":30,"port":81,"destination_option_size":8,"hop_by_hop_option_size":16,)"
                R"("dont_fragment":true)"},
            row{"dns",
                R"("query_class":"CHAOS","query_type":"TXT","query_argument":"id.server","use_probe_resolver":false,)"
                R"("protocol":"TCP","tls":true,"retry":1,"udp_payload_size":1232,"timeout":4000,"set_rd_bit":true,)"
                R"("set_do_bit":true,"set_cd_bit":true,"set_nsid_bit":true,"set_cookie":true,"include_qbuf":true,)"
                R"("include_abuf":false,"prepend_probe_id":true,"use_macros":true)"},
            row{"http",
                R"("method":"POST","path":"/x","query_string":"q","port":8080,"version":"1.0","user_agent":"u",)"
                R"("header_bytes":100,"max_bytes_read":null,"extended_timing":true,"more_extended_timing":false)"},
            row{"sslcert", R"("port":8443,"hostname":null)"},
            row{"ntp", R"("packets":5,"timeout":1500)"},
        }) {
        SCOPED_TRACE(type);
        auto const made = parse(request(type, members));
        ASSERT_TRUE(made) << to_json(made.error());
        auto const& one = made->definitions[0];
        boost::json::object out;
        type_of(proto::kind_of(one.options)).show(out, one.options);
        EXPECT_EQ(boost::json::serialize(out), '{' + std::string(members) + '}');
        EXPECT_EQ(proto::names_of(proto::kind_of(one.options)).type, type);
        proto::job const job{measurement_id::from(1).value(), one.af, one.target, {}, one.when, one.options};
        auto const back = proto::decode_job(proto::encode(job));
        ASSERT_TRUE(back);
        EXPECT_EQ(*back, job);
    }
}

TEST(types, that_are_filtered_by_protocol_tell_it)
{
    EXPECT_EQ(protocol_of(proto::ping_options{}), "");
    EXPECT_EQ(protocol_of(proto::traceroute_options{}), "UDP");
    EXPECT_EQ(protocol_of(options_of<proto::traceroute_options>("traceroute", R"("protocol":"ICMP")")), "ICMP");
    EXPECT_EQ(protocol_of(proto::dns_options{}), "UDP");
    EXPECT_EQ(protocol_of(options_of<proto::dns_options>("dns", R"("tls":true)")), "TCP");
}

}  // namespace
}  // namespace tp::api
