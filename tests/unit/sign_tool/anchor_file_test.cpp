#include "firmware-signing/tool/anchor_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware-signing/envelope.hpp"

namespace tp::signing::tool {
namespace {

using namespace std::chrono_literals;

std::string complaint_of(std::string_view text)
{
    auto const read = read_anchor_file(text, "list.toml");
    EXPECT_TRUE(read.anchors.empty());
    return read.complaint.value_or("");
}

TEST(anchor_file, is_read_with_all_that_it_may_say)
{
    auto const read = read_anchor_file(R"(
        [[anchor]]
        name = "b.example.net"
        addresses = ["192.0.2.1", "2001:DB8:0::1"]
        ports = [8080]
        country = "NL"
        city = "Amsterdam"
        company = "Example \"B.V.\""
        asn_v4 = 4294967295
        asn_v6 = 64500
        latitude = 52.37
        longitude = -4
        probe = 1000007

        [[anchor]]
        name = "a.example.net"
        addresses = ["192.0.2.2"]
    )",
                                       "list.toml");
    ASSERT_EQ(read.complaint, std::nullopt);
    auto const written = write_anchor_list(read.anchors);
    EXPECT_EQ(written.content,
              "anchor a.example.net 80,443 192.0.2.2\n"
              "anchor b.example.net 8080 192.0.2.1 2001:db8::1\n"
              "about asn_v4 4294967295\nabout asn_v6 64500\nabout city Amsterdam\nabout company Example \"B.V.\"\n"
              "about country NL\nabout latitude 52.37\nabout longitude -4\nabout probe 1000007\n");
}

TEST(anchor_file, may_be_empty_if_it_says_so)
{
    auto const read = read_anchor_file("anchor = []", "list.toml");
    EXPECT_EQ(read.complaint, std::nullopt);
    EXPECT_TRUE(read.anchors.empty());
    EXPECT_EQ(complaint_of(""), "list.toml: \"anchor\" is not there: a list without any says `anchor = []`");
}

TEST(anchor_file, says_what_is_wrong_and_where)
{
    std::string const good = "[[anchor]]\nname = 'a.net'\naddresses = ['192.0.2.1']\n";
    using testing::HasSubstr;
    for (auto const& [text, complaint] : std::vector<std::pair<std::string, std::string>>{
             {"[[anchor]]\naddresses = ['192.0.2.1']\n", "list.toml, line 1: \"name\" is needed"},
             {good + "adress = 'x'", "list.toml, line 1: unknown key \"adress\"; did you mean \"addresses\"?"},
             {good + "\n[[anchr]]\nname = 'b.net'", "unknown key \"anchr\"; did you mean \"anchor\"?"},
             {good + "\n[[anchor]]\nname = 'b.net'\naddresses = 'x'", "list.toml, line 5: \"addresses\" is not a list"},
             {good + "\n[[anchor]]\nname = 'b.net'\naddresses = ['b.net']", "holds \"b.net\", which is no address"},
             {"[[anchor]]\nname = 'a.net'\n", "anchor \"a.net\" has no address"},
             {"[[anchor]]\nname = 'A.net'\naddresses = ['::1']\n", "anchor \"A.net\" is no host name in lower case"},
             {good + good, "anchor \"a.net\" is listed twice"},
             {good + "ports = [0]", "whole numbers from 1 to 65535"},
             {good + "ports = []", "has no port"},
             {good + "asn_v4 = 'AS1'", "\"asn_v4\" is not a whole number from 0 to 4294967295"},
             {good + "probe = 0", "\"probe\" is not a whole number from 1"},
             {good + "country = 'nl'", "anchor \"a.net\": country is not two capital letters"},
             {good + "latitude = 91.0\nlongitude = 0.0", "\"latitude\" is not a number from -90 to 90"},
             {good + "latitude = 1.0", "latitude and longitude go together"},
             {good + "city = ''", "about city"},
             {good + "city = \"a\\u202eb\"", "characters that do not show about city"},
             {good + "city = \"a\\nanchor b.net 80 192.0.2.1\"", "about city"},
             {"anchor = [1]", "\"anchor\" is not a list of tables"},
             {"[[anchor]\n", "list.toml: line 1: "},
         }) {
        SCOPED_TRACE(text);
        EXPECT_THAT(complaint_of(text), HasSubstr(complaint));
    }
}

TEST(anchor_file, becomes_a_document_that_nobody_has_signed)
{
    auto const now = from_unix_seconds(1'800'000'000);
    listed_anchor const one{.name = "a.net", .addresses = {parse_address("192.0.2.1").value()}};
    auto const made = prepare_anchors({one}, 7, now + 1h, now);
    ASSERT_EQ(made.complaint, std::nullopt);
    auto const read = read_envelope(made.octets).value();
    EXPECT_EQ(read.says.name, "anchors");
    EXPECT_EQ(read.says.version, 7U);
    EXPECT_EQ(read.says.expires, now + 1h);
    EXPECT_EQ(read.says.content, "anchor a.net 80,443 192.0.2.1\n");
    EXPECT_TRUE(read.signatures.empty());

    EXPECT_TRUE(prepare_anchors({one}, 7, now, now).complaint) << "expired";
    EXPECT_TRUE(prepare_anchors({one}, 0, now + 1h, now).complaint) << "version 0";
    EXPECT_TRUE(prepare_anchors({one, one}, 7, now + 1h, now).complaint) << "listed twice";
}

}  // namespace
}  // namespace tp::signing::tool
