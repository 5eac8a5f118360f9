#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "api/cli/shown/certificate.hpp"
#include "api/cli/shown/dns_message.hpp"
#include "api/cli/shown/tally.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

/// The envelope that all samples share, and what is the type's own.
shown_result read(std::string const& type, std::string const& own)
{
    return read_result(json::parse(R"({"fw": 5120, "prb_id": 3, "timestamp": 1700000000, "type": ")" + type + "\", " +
                                   own + "}"))
        .value();
}

// Traceroute

constexpr auto complete_path = R"("dst_addr": "192.0.2.9", "proto": "ICMP", "paris_id": 1, "result": [
    {"hop": 1, "result": [{"from": "198.51.100.1", "ttl": 64, "size": 76, "rtt": 0.5}, {"x": "*"},
                          {"from": "198.51.100.1", "ttl": 64, "size": 76, "rtt": 0.25}]},
    {"hop": 2, "result": [{"from": "203.0.113.1", "rtt": 2, "icmpext": {"version": 2, "rfc4884": 1, "obj": [
                              {"class": 1, "type": 1, "mpls": [{"label": 24001, "exp": 0, "s": 1, "ttl": 1}]}]}},
                          {"from": "203.0.113.2", "rtt": 2.5}, {"late": 2, "from": "198.51.100.1"}]},
    {"hop": 3, "result": [{"x": "*"}, {"x": "*"}, {"x": "*"}]},
    {"hop": 4, "result": [{"from": "192.0.2.9", "rtt": 9.125}, {"from": "192.0.2.9", "rtt": 9.25},
                          {"from": "192.0.2.9", "dup": true, "rtt": 9.5}]}])";

TEST(shown_traceroute, says_how_far_it_is_and_names_the_hops)
{
    auto const read_path = read("traceroute", complete_path);
    EXPECT_EQ(line_of(read_path), "2023-11-14 22:13:20  probe 3  192.0.2.9  reached in 4 hops  ms: 9.12 9.25");
    EXPECT_EQ(read_path.details,
              "    hop  address       ms\n"
              "      1  198.51.100.1  0.50 0.25 *\n"
              "      2  203.0.113.1   2.00         MPLS 24001\n"
              "         203.0.113.2   2.50\n"
              "      3  *             * * *\n"
              "      4  192.0.2.9     9.12 9.25\n");
}

TEST(shown_traceroute, says_where_the_way_ended)
{
    auto const silent = read("traceroute", R"("dst_addr": "192.0.2.9", "result": [
        {"hop": 1, "result": [{"from": "198.51.100.1", "rtt": 0.5}]}, {"hop": 2, "result": [{"x": "*"}]},
        {"hop": 255, "result": [{"x": "*"}]}])");
    EXPECT_EQ(silent.told, "not reached, last answer at hop 1 from 198.51.100.1");
    EXPECT_EQ(silent.answered, 0U);
    auto const prohibited = read("traceroute", R"("dst_addr": "192.0.2.9", "result": [
        {"hop": 2, "result": [{"from": "198.51.100.1", "rtt": 0.5, "err": "A"}, {"from": "198.51.100.1", "err": "A"}]}])");
    EXPECT_EQ(prohibited.told, "not reached, last answer at hop 2 from 198.51.100.1 (!A)");
    auto const by_target = read("traceroute", R"("dst_addr": "192.0.2.9", "result": [
        {"hop": 1, "result": [{"from": "192.0.2.9", "rtt": 0.5, "err": 13}]}])");
    EXPECT_EQ(by_target.told, "reached in 1 hop (!13)");
}

TEST(shown_traceroute, says_why_nothing_came_back)
{
    EXPECT_EQ(read("traceroute", R"("result": [{"error": "address not allowed"}])").told, "address not allowed");
    EXPECT_EQ(read("traceroute", R"("result": [{"hop": 1, "error": "sendto failed: x"}])").told, "sendto failed: x");
    EXPECT_EQ(read("traceroute", R"("result": [{"hop": 1, "result": [{"x": "*"}]}])").told, "no answer from any hop");
}

// DNS

constexpr auto two_addresses =
    "EjSBAAABAAIAAAABA3d3dwdleGFtcGxlA25ldAAAAQABwAwAAQABAAABLAAEwAACAcAMAAEAAQAAASwABMAAAgIAACkgAAAAAAAAAA==";
constexpr auto no_such_name = "AAGBAwABAAAAAAAAAm5vB2V4YW1wbGUDbmV0AAAQAAE=";

TEST(shown_dns, names_code_answers_and_size)
{
    auto const one = read("dns", R"("dst_addr": "192.0.2.53", "dst_port": "53", "proto": "UDP", "result":
        {"rt": 3.5, "size": 76, "ANCOUNT": 2, "QDCOUNT": 1, "NSCOUNT": 0, "ARCOUNT": 1, "ID": 4660, "abuf": ")" +
                                     std::string(two_addresses) + "\"}");
    EXPECT_EQ(line_of(one), "2023-11-14 22:13:20  probe 3  192.0.2.53  NOERROR, 2 answers, 76 octets  ms: 3.50");
    EXPECT_EQ(one.details,
              "    www.example.net. 300 IN A 192.0.2.1\n"
              "    www.example.net. 300 IN A 192.0.2.2\n");
    EXPECT_EQ(one.answered, 1U);
}

TEST(shown_dns, names_each_of_the_probes_resolvers)
{
    auto const all = read("dns", R"("resultset": [
        {"subid": 1, "submax": 2, "dst_addr": "192.0.2.53", "result": {"rt": 1, "size": 32, "ANCOUNT": 0, "abuf": ")" +
                                     std::string(no_such_name) + R"("}},
        {"subid": 2, "submax": 2, "dst_addr": "2001:db8::53", "error": {"timeout": 5000}}])");
    EXPECT_EQ(all.told, "192.0.2.53: NXDOMAIN, 0 answers, 32 octets; 2001:db8::53: timeout after 5000 ms");
    EXPECT_EQ(all.target, "2 resolvers");
    EXPECT_EQ(all.asked, 2U);
    EXPECT_EQ(all.answered, 1U);
}

TEST(shown_dns, says_what_failed)
{
    EXPECT_EQ(read("dns", R"("error": {"nameserver": "no local resolvers found"})").told,
              "nameserver: no local resolvers found");
    EXPECT_EQ(read("dns", R"("error": {"TU_BAD_ADDR": true})").told, "TU_BAD_ADDR");
    EXPECT_EQ(read("dns", R"("error": "address not allowed")").told, "address not allowed");
    EXPECT_EQ(read("dns", R"("dst_name": "x")").told, "no answer");
    EXPECT_EQ(read("dns", R"("result": {"size": 5, "abuf": "no base64"})").told, "0 answers, 5 octets");
}

TEST(dns_message, shows_no_control_characters_and_stops_where_it_is_cut)
{
    auto const text =
        read_dns_message("AAGBAAABAAEAAAAAAXQHZXhhbXBsZQNuZXQAABAAAcAMABAAAQAAADwACgdhIGIbWzJKAWM=").answers.at(0);
    EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
    EXPECT_THAT(text, testing::StartsWith("t.example.net. 60 IN TXT \"a b"));
    EXPECT_EQ(read_dns_message("AAGBAwABAAAAAAAAAm5v").code, "NXDOMAIN");
    EXPECT_TRUE(read_dns_message("AAGBAwABAAAAAAAAAm5v").answers.empty());
    EXPECT_EQ(read_dns_message("AAGB").code, "");
    EXPECT_EQ(read_dns_message(std::string(100'000, 'A')).code, "");
}

// HTTP

TEST(shown_http, names_status_size_and_times)
{
    auto const one = read("http", R"("uri": "http://a.example/1024", "result": [{"method": "GET", "af": 4,
        "dst_addr": "192.0.2.80", "res": 200, "ver": "1.1", "rt": 12.5, "ttc": 5, "ttfb": 10.25, "hsize": 131,
        "bsize": 1024}])");
    EXPECT_EQ(line_of(one),
              "2023-11-14 22:13:20  probe 3  192.0.2.80  status 200, body of 1024 octets (connected 5.00, first octet "
              "10.25 ms)  ms: 12.50");
    EXPECT_EQ(one.answered, 1U);
}

TEST(shown_http, says_what_failed)
{
    auto const failed = read("http", R"("uri": "http://a.example/", "result": [{"err": "connect: timeout"}])");
    EXPECT_EQ(failed.told, "connect: timeout");
    EXPECT_EQ(failed.target, "http://a.example/");
    EXPECT_EQ(read("http", R"("result": [{"dnserr": "no such name"}])").told, "no such name");
    EXPECT_EQ(read("http", R"("result": [])").told, "no answer");
    EXPECT_EQ(read("http", R"("result": [{"res": 200, "bsize": 7, "err": "timeout reading body"}])").told,
              "status 200, body of 7 octets, timeout reading body");
}

// Certificates

// openssl req -x509 -subj "/O=Laboratory/CN=anchor.example", and one for /CN=www.example by that, until 2026-12-29.
constexpr auto by_itself = R"(-----BEGIN CERTIFICATE-----
MIIBcTCCASOgAwIBAgIUU7fLLRNiciYJxYCCSv3hD1mQ+VcwBQYDK2VwMC4xEzAR
BgNVBAoMCkxhYm9yYXRvcnkxFzAVBgNVBAMMDmFuY2hvci5leGFtcGxlMB4XDTI2
MTEyOTA4MjAzMloXDTM2MTEyNjA4MjAzMlowLjETMBEGA1UECgwKTGFib3JhdG9y
eTEXMBUGA1UEAwwOYW5jaG9yLmV4YW1wbGUwKjAFBgMrZXADIQD2HNJPcaJdmILZ
+8Rw991cqOMu12VOtPYHE0TiifHqiaNTMFEwHQYDVR0OBBYEFMakIC+dQBpVEC4m
ms/epG7YVvM4MB8GA1UdIwQYMBaAFMakIC+dQBpVEC4mms/epG7YVvM4MA8GA1Ud
EwEB/wQFMAMBAf8wBQYDK2VwA0EAQKKpc8/9TYXrmFygq+cjw5a3pDMppmgnoZ+x
6uLudCgY8/ZPyO67WzIVEuKxMxP9jH9OP/F0MMpoY+UkmThiCg==
-----END CERTIFICATE-----
)";
constexpr auto by_the_first = R"(-----BEGIN CERTIFICATE-----
MIHrMIGeAgEHMAUGAytlcDAuMRMwEQYDVQQKDApMYWJvcmF0b3J5MRcwFQYDVQQD
DA5hbmNob3IuZXhhbXBsZTAeFw0yNjExMjkwODIwMzNaFw0yNjEyMjkwODIwMzNa
MBYxFDASBgNVBAMMC3d3dy5leGFtcGxlMCowBQYDK2VwAyEA5UcjbxSGscgvgXsH
Fci4KqORnVHPuP1cZqWexkRolL4wBQYDK2VwA0EA95kR3SOjs5mufknEI666I36p
SMCvoljDUuVNxX74Sh+Ez4hkdEimGmh92tFyshYrHxG8nI6aE5SF1sziri8lDQ==
-----END CERTIFICATE-----
)";

std::string with_chain(json::array chain)
{
    return R"("dst_addr": "192.0.2.44", "ver": "1.3", "rt": 20, "ttc": 9, "cert": )" + json::serialize(chain);
}

TEST(shown_sslcert, names_subject_issuer_and_end_of_the_first_certificate)
{
    auto const one = read("sslcert", with_chain({by_the_first, by_itself}));
    EXPECT_EQ(line_of(one),
              "2023-11-14 22:13:20  probe 3  192.0.2.44  www.example, issued by anchor.example, until 2026-12-29, TLS "
              "1.3, 2 certificates  ms: 20.00");
    EXPECT_THAT(read("sslcert", with_chain({by_itself})).told,
                testing::StartsWith("anchor.example, issued by itself, until 2036-11-26"));
    EXPECT_THAT(read("sslcert", with_chain({"rubbish"})).told,
                testing::StartsWith("a certificate that cannot be read"));
}

TEST(shown_sslcert, says_what_is_expired_and_what_failed)
{
    auto const late = read_result(json::parse(R"({"type": "sslcert", "prb_id": 1, "timestamp": 1800000000, )" +
                                              with_chain({by_the_first}) + "}"));
    EXPECT_THAT(late.value().told, testing::HasSubstr("expired 2026-12-29"));
    EXPECT_EQ(read("sslcert", R"("alert": {"level": 2, "description": 40})").told, "alert 40 (level 2)");
    EXPECT_EQ(read("sslcert", R"("err": "connect: timeout")").told, "connect: timeout");
    EXPECT_EQ(read("sslcert", R"("cert": [])").told, "no certificate");
}

// NTP

TEST(shown_ntp, gives_the_offset_of_the_fastest_answer)
{
    auto const one = read("ntp", R"("dst_addr": "192.0.2.123", "stratum": 2, "mode": "server", "result": [
        {"rtt": 0.02, "offset": 0.5}, {"x": "*"}, {"rtt": 0.01, "offset": -0.00025}])");
    EXPECT_EQ(line_of(one),
              "2023-11-14 22:13:20  probe 3  192.0.2.123  offset -0.250 ms, stratum 2, 2/3 answered  ms: 20.00 10.00");
    EXPECT_EQ(read("ntp", R"("stratum": "unsynchronized", "result": [{"rtt": 0.5, "offset": 1}])").remark,
              "offset +1000.000 ms, stratum unsynchronized");
}

TEST(shown_ntp, says_what_failed)
{
    EXPECT_EQ(read("ntp", R"("result": [{"x": "*"}, {"x": "*"}])").told, "0/2 answered");
    EXPECT_EQ(read("ntp", R"("result": [{"error": "address not allowed"}])").told, "address not allowed");
}

// All

TEST(shown_result, takes_no_shape_for_granted)
{
    for (auto const* type : {"ping", "traceroute", "dns", "http", "sslcert", "ntp"}) {
        for (
            auto const* own :
            {R"("x": 1)", R"("result": 3)", R"("result": [])",
             R"("result": [null, 3, {"hop": "x", "result": [[], {}]}])",
             R"("result": {"abuf": 3, "size": -1, "ANCOUNT": -5})", R"("resultset": [1, {}])", R"("cert": [{}])",
             R"("result": [{"hop": 1, "result": [{"from": 3}, {"from": "a", "icmpext": {"obj": [{"mpls": [1, {}]}]}}]}])"}) {
            SCOPED_TRACE(std::string(type) + own);
            auto const result = read(type, own);
            EXPECT_NE(line_of(result), "");
            tally all;
            all.add(result);
            EXPECT_NE(all.text(0), "");
        }
    }
}

TEST(tally, counts_in_the_words_of_the_type)
{
    tally all;
    all.add(read("traceroute", complete_path));
    EXPECT_EQ(all.text(1),
              "probe  target     runs  reached  missed  min ms  median ms  max ms  last\n"
              "    3  192.0.2.9     1        1     0 %    9.12       9.19    9.25  4 hops\n"
              "1 of 1 probes answered, 1 reached the target\n");
}

}  // namespace
}  // namespace tp::cli
