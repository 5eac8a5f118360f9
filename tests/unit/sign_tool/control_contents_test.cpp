#include "firmware-signing/tool/control_contents.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "firmware-signing/tuf/digest.hpp"
#include "tests/unit/base/temporary_folder.hpp"

namespace tp::signing::tool {
namespace {

using control::content;
using repository::control_content;
using testing::HasSubstr;
using testing::Not;

std::string key(char digit)
{
    return "key ed25519:" + std::string(64, digit) + '\n';
}

std::string const host_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + std::string(43, 'A');

std::string octets_of(content which, std::string const& text)
{
    auto made = arrange(which, text, "file");
    EXPECT_EQ(made.complaint.value_or(""), "");
    return made.octets;
}

std::string wrong(content which, std::string const& text)
{
    return arrange(which, text, "file").complaint.value_or("");
}

control_content saying(control_texts const& texts)
{
    control_content out{{1, {}}, {}};
    for (auto const& [which, octets] : texts) out.files.push_back({which, octets.size(), tuf::sha256_hex(octets)});
    return out;
}

TEST(control_contents, are_put_in_order_as_probes_read_them)
{
    EXPECT_EQ(octets_of(content::director, "# Ann's\n" + key('b') + "\n  " + key('a') + key('b')), key('a') + key('b'));
    EXPECT_EQ(octets_of(content::opt_out, "2001:DB8::/32 # asked for on Monday\r\n192.0.2.1\n10.0.0.0/8\n9.0.0.0/8"),
              "9.0.0.0/8\n10.0.0.0/8\n192.0.2.1/32\n2001:db8::/32\n");
    EXPECT_EQ(octets_of(content::hosts, "controller-key " + host_key + "\nregistry-key " + host_key +
                                            "\nregistry b.net:1\nregistry a.net:1\n"),
              "registry a.net:1\nregistry b.net:1\nregistry-key " + host_key + "\ncontroller-key " + host_key + '\n');
    EXPECT_EQ(octets_of(content::anchors, "[[anchor]]\nname = \"a.net\"\naddresses = [\"192.0.2.1\"]\n"),
              "anchor a.net 80,443 192.0.2.1\n");
}

TEST(control_contents, that_cannot_be_are_explained)
{
    EXPECT_THAT(wrong(content::opt_out, "10.0.0.0/8\n10.0.0.1/8\n"), HasSubstr("file: line 2 is none of \"opt-out\""));
    EXPECT_THAT(wrong(content::hosts, "registry A.net:1\n"), HasSubstr("line 1"));
    EXPECT_THAT(wrong(content::hosts, "registry a.net:1\n"), HasSubstr("too little"));
    EXPECT_THAT(wrong(content::director, ""), HasSubstr("too little"));
    EXPECT_THAT(wrong(content::director, key('A')), HasSubstr("line 1"));
    std::string nine;
    for (char digit = '1'; digit <= '9'; ++digit) nine += key(digit);
    EXPECT_THAT(wrong(content::director, nine), HasSubstr("too much"));
    EXPECT_THAT(wrong(content::anchors, "name = 1"), HasSubstr("file"));
    EXPECT_THAT(wrong(content::special_purpose, "# none\n"), HasSubstr("--drop"));
}

TEST(control_contents, are_shown_with_what_is_new_and_what_goes)
{
    control_texts const before{{content::director, key('a') + key('b')}, {content::opt_out, "10.0.0.0/8\n"}};
    control_texts const now{{content::director, key('b') + key('c')}, {content::special_purpose, "192.0.2.0/24\n"}};
    auto const shown = contents_text(saying(now), now, &before);
    EXPECT_EQ(shown, "\ndirector\n    " + key('b') + "  + " + key('c') + "  - " + key('a') +
                         "\nspecial-purpose\n  + 192.0.2.0/24\n");
    EXPECT_EQ(contents_text(saying(now), now, nullptr),
              "\ndirector\n    " + key('b') + "    " + key('c') + "\nspecial-purpose\n    192.0.2.0/24\n");
}

TEST(control_contents, of_anchors_are_compared_anchor_by_anchor)
{
    std::string const one = "anchor a.net 80 192.0.2.1\nabout city Bonn\n", two = "anchor b.net 80 192.0.2.2\n";
    control_texts const before{{content::anchors, one + two + "about city Bonn\n"}}, now{{content::anchors, one + two}};
    EXPECT_EQ(contents_text(saying(now), now, &before),
              "\nanchors\n    anchor a.net 80 192.0.2.1\n      about city Bonn\n  + anchor b.net 80 192.0.2.2\n"
              "  - anchor b.net 80 192.0.2.2\n      about city Bonn\n");
}

TEST(control_contents, that_are_long_are_shown_by_their_differences)
{
    std::string list;
    for (int i = 0; i < 200; ++i) list += "10." + std::to_string(i) + ".0.0/16\n";
    control_texts const before{{content::opt_out, list}}, now{{content::opt_out, list + "11.0.0.0/8\n"}};
    EXPECT_EQ(contents_text(saying(now), now, &before), "\nopt-out\n  + 11.0.0.0/8\n    and 200 as before\n");
    EXPECT_THAT(contents_text(saying(now), now, nullptr), HasSubstr("    10.199.0.0/16\n"));
}

TEST(control_contents, are_signed_for_only_when_they_are_at_hand_and_right)
{
    test::temporary_folder here;
    control_texts const wanted{{content::director, key('a')}};
    auto const says = saying(wanted);
    EXPECT_TRUE(texts_of(says, {}, here / ".").empty());
    EXPECT_THAT(complaint_about_texts(says, {}).value_or(""), HasSubstr("director is not at hand"));
    EXPECT_THAT(contents_text(says, {}, nullptr), HasSubstr("NOT SHOWN"));
    std::ofstream(here / "director") << key('b');
    EXPECT_TRUE(texts_of(says, {}, here / ".").empty()) << "another content of that name";
    std::ofstream(here / "director") << key('a');
    EXPECT_EQ(texts_of(says, {}, here / "."), wanted);
    EXPECT_EQ(complaint_about_texts(says, wanted), std::nullopt);

    control_texts const bad{{content::director, "key of mine\n"}};
    EXPECT_THAT(complaint_about_texts(saying(bad), bad).value_or(""), HasSubstr("not what probes can read"));
    EXPECT_THAT(contents_text(saying(bad), bad, nullptr), Not(HasSubstr("of mine")));
}

}  // namespace
}  // namespace tp::signing::tool
