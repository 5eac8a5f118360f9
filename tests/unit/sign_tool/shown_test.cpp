#include "firmware-signing/tool/shown.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware-signing/anchor_list.hpp"

namespace tp::signing::tool {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

wall_time const now = from_unix_seconds(1'800'000'000);

std::string text_of(statement const& says, std::vector<signature> signatures = {})
{
    auto const octets = seal(octets_to_sign(says).value(), std::move(signatures));
    return document_text(read_envelope(octets).value(), now);
}

TEST(shown, is_all_that_a_document_says)
{
    listed_anchor one{.name = "a.net", .addresses = {parse_address("192.0.2.1").value(), parse_address("::1").value()}};
    one.about = {{"city", "Zürich"}, {"moon_phase", "full"}};
    auto const content = write_anchor_list({one}).content;
    EXPECT_EQ(text_of({"anchors", 7, now + 24h, content}),
              "document    anchors\n"
              "version     7\n"
              "expires     2027-01-16 08:00:00 UTC, in 1 day\n"
              "SHA-256     9a415649aded52f9a5b04ca4debfaf971a98c8c546eb3d49a5219c9c5b2d2684\n"
              "signed by   nobody yet\n"
              "anchors     1\n"
              "\n"
              "a.net\n"
              "    addresses 192.0.2.1, ::1\n"
              "    ports     80, 443\n"
              "    city      Zürich\n"
              "    moon_phase full\n");
}

TEST(shown, are_those_who_signed_and_that_this_was_not_checked)
{
    std::string const one(64, 'a'), other(64, 'b'), octets(64, '\0');
    EXPECT_THAT(text_of({"anchors", 7, now, ""}, {{other, octets}, {one, octets}}),
                HasSubstr("EXPIRED\n"
                          "SHA-256     54a16e9dd95b0550b965f769a84148bc7f87006ca057b82c4f81c7548ddba68c\n"
                          "signed by   key " +
                          one + "\n            key " + other + "\n            (whether"));
}

TEST(shown, is_no_content_that_is_not_understood)
{
    statement const unknown{"firmware", 7, now + 1h, ""}, wrong{"anchors", 7, now + 1h, "\x1b[2J"},
        odd{"anchors", 7, now + 1h, "anchor a.net 80 192.0.2.1\nabout country nl\n"}, good{"anchors", 7, now + 1h, ""};
    for (auto const& each : {unknown, wrong, odd}) {
        EXPECT_TRUE(complaint_about_content(each));
        EXPECT_THAT(text_of(each), HasSubstr("\ncontent     NOT SHOWN: "));
        EXPECT_THAT(text_of(each), Not(HasSubstr("\x1b")));
    }
    EXPECT_EQ(complaint_about_content(good), std::nullopt);
}

}  // namespace
}  // namespace tp::signing::tool
