#include "probe/anchor/config.hpp"

#include <gmock/gmock.h>

namespace tp::anchor {
namespace {

constexpr char const* needed = "name = \"a1.anchors.example.net\"\naddresses = [\"192.0.2.1\", \"2001:db8::1\"]\n";

config read(std::string const& text)
{
    auto from = settings::parse(text, "test");
    auto out = read_config(from);
    EXPECT_EQ(from.finish(), std::nullopt) << text;
    return out;
}

std::string complaint(std::string const& text)
{
    auto from = settings::parse(text, "test");
    read_config(from);
    return from.finish().value_or("");
}

TEST(config, of_the_example_file_is_the_default)
{
    auto example = settings::read_file(TP_EXAMPLE_CONFIG);
    auto const shown = read_config(example);
    EXPECT_EQ(example.finish(), std::nullopt);
    auto const usual = read(needed);

    EXPECT_EQ(shown.name, usual.name);
    EXPECT_EQ(shown.addresses, usual.addresses);
    EXPECT_EQ(shown.listen, usual.listen);
    EXPECT_EQ(shown.user, usual.user);
    EXPECT_EQ(shown.state, usual.state);
    EXPECT_EQ(shown.http_port, usual.http_port);
    EXPECT_EQ(shown.https_port, usual.https_port);
    EXPECT_EQ(shown.http.largest_body, usual.http.largest_body);
    EXPECT_EQ(shown.http.idle, usual.http.idle);
    EXPECT_EQ(shown.http.head, usual.http.head);
    EXPECT_EQ(shown.http.received, usual.http.received);
    EXPECT_EQ(shown.http.sent, usual.http.sent);
    EXPECT_EQ(shown.http_room.in_all, usual.http_room.in_all);
    EXPECT_EQ(shown.http_room.of_a_source, usual.http_room.of_a_source);
    EXPECT_EQ(shown.certificate, usual.certificate);
    EXPECT_EQ(shown.dns_port, usual.dns_port);
    EXPECT_EQ(shown.zone, usual.zone);
    EXPECT_EQ(shown.answers.per_second, usual.answers.per_second);
    EXPECT_EQ(shown.answers.slip, usual.answers.slip);
    EXPECT_EQ(shown.dns.idle, usual.dns.idle);
    EXPECT_EQ(shown.dns_room.in_all, usual.dns_room.in_all);
    EXPECT_EQ(shown.dns_room.of_a_source, usual.dns_room.of_a_source);
}

TEST(config, the_largest_body_is_what_a_probe_reads)
{
    EXPECT_EQ(read(needed).http.largest_body, proto::http_options::usual_body_bytes);
}

TEST(config, a_zone_is_absolute_and_in_lower_case_and_the_anchor_s_name_unless_said)
{
    EXPECT_EQ(read(needed).zone, "a1.anchors.example.net.");
    EXPECT_EQ(read(std::string(needed) + "[dns]\nzone = \"DNS.Example.\"\n").zone, "dns.example.");
}

TEST(config, listens_on_its_addresses_unless_told_otherwise)
{
    EXPECT_EQ(read(needed).listen, read(needed).addresses);
    auto const nat = read(std::string(needed) + "listen = [\"10.0.0.2\"]\n");
    EXPECT_EQ(nat.listen, std::vector{parse_address("10.0.0.2").value()});
    EXPECT_EQ(nat.addresses.size(), 2U);
}

TEST(config, tells_what_is_wrong)
{
    using testing::HasSubstr;
    EXPECT_THAT(complaint(""), HasSubstr("\"name\""));
    EXPECT_THAT(complaint("name = \"a b\"\naddresses = [\"192.0.2.1\"]"), HasSubstr("\"name\""));
    EXPECT_THAT(complaint("name = \"a1..\"\naddresses = [\"192.0.2.1\"]"), HasSubstr("\"name\""));
    EXPECT_THAT(complaint("name = \"192.0.2.1\"\naddresses = [\"192.0.2.1\"]"), HasSubstr("\"name\""));
    EXPECT_THAT(complaint("name = \"a1\""), HasSubstr("\"addresses\""));
    auto const with = [](char const* more) { return complaint(std::string(needed) + more); };
    EXPECT_THAT(with("listen = [\"0.0.0.0\"]"), HasSubstr("wildcard"));
    EXPECT_THAT(with("listen = [\"here\"]"), HasSubstr("no address"));
    EXPECT_THAT(with("[http]\nport = 65536"), HasSubstr("http.port"));
    EXPECT_THAT(with("[http]\nlargest_body = 1020049"), HasSubstr("http.largest_body"));
    EXPECT_THAT(with("[http]\nidle = 0"), HasSubstr("http.idle"));
    EXPECT_THAT(with("[tls]\nkey = \"a\""), HasSubstr("go together"));
    EXPECT_THAT(with("[dns]\nzone = \"-\""), HasSubstr("dns.zone"));
    EXPECT_THAT(with("[dns]\nanswer_per_second = 1"), HasSubstr("answers_per_second"));
}

}  // namespace
}  // namespace tp::anchor
