#include "firmware-signing/anchor_list.hpp"

#include <gtest/gtest.h>

#include "firmware-signing/refusal.hpp"

namespace tp::signing {
namespace {

listed_anchor anchor(std::string name)
{
    return {.name = std::move(name), .addresses = {parse_address("192.0.2.1").value()}};
}

TEST(anchor_list, is_read_as_it_was_written)
{
    auto one = anchor("b.example.net"), other = anchor("a.example.net");
    one.ports = {8080};
    one.addresses.push_back(parse_address("2001:db8::1").value());
    one.about = {{"city", "Bräunlingen am See \u6771\u4eac \U0001f30d"}, {"country", "DE"}};
    auto const text = write_anchor_list({one, other}).content;
    EXPECT_EQ(text,
              "anchor a.example.net 80,443 192.0.2.1\n"
              "anchor b.example.net 8080 192.0.2.1 2001:db8::1\n"
              "about city Bräunlingen am See \u6771\u4eac \U0001f30d\nabout country DE\n");
    EXPECT_EQ(read_anchor_list(text).value(), (std::vector{other, one}));
    EXPECT_TRUE(read_anchor_list("").value().empty());
}

TEST(anchor_list, has_one_spelling_and_repeats_nothing)
{
    for (std::string_view const wrong : {
             "\n",
             "anchor",
             "anchor a.net\n",
             "anchor a.net 80\n",
             "anchor a.net 80 \n",
             "anchor a.net  80 192.0.2.1\n",
             "anchor a.net 80 192.0.2.1",
             "anchor a.net 80 192.0.2.1 \n",
             "anchor A.net 80 192.0.2.1\n",
             "anchor a.net. 80 192.0.2.1\n",
             "anchor a..net 80 192.0.2.1\n",
             "anchor -a.net 80 192.0.2.1\n",
             "anchor a.net 0 192.0.2.1\n",
             "anchor a.net 65536 192.0.2.1\n",
             "anchor a.net 80, 192.0.2.1\n",
             "anchor a.net 80,80 192.0.2.1\n",
             "anchor a.net 080 192.0.2.1\n",
             "anchor a.net 80 192.0.2.01\n",
             "anchor a.net 80 192.0.2.1 192.0.2.1\n",
             "anchor a.net 80 2001:DB8::1\n",
             "anchor a.net 80 fe80::1%1\n",
             "anchor a.net 80 a.net\n",
             "anchor a.net 1,2,3,4,5,6,7,8,9 192.0.2.1\n",
             "anchor b.net 80 192.0.2.1\nanchor a.net 80 192.0.2.1\n",
             "anchor a.net 80 192.0.2.1\nanchor a.net 80 192.0.2.2\n",
             "about country NL\n",
             "anchor a.net 80 192.0.2.1\nabout country\n",
             "anchor a.net 80 192.0.2.1\nabout Country NL\n",
             "anchor a.net 80 192.0.2.1\nabout country NL\nabout city X\n",
             "anchor a.net 80 192.0.2.1\nabout city X\nabout city X\n",
             "anchor a.net 80 192.0.2.1\nabout city \x1b[2J\n",
             "anchor a.net 80 192.0.2.1\nabout city \xff\n",
             "anchor a.net 80 192.0.2.1\nabout city \xc2\x9bx\n",
             "anchor a.net 80 192.0.2.1\nabout city \xc0\xaf\n",
             "anchor a.net 80 192.0.2.1\nabout city \xe0\x80\xaf\n",
             "anchor a.net 80 192.0.2.1\nabout city \xed\xa0\x80\n",
             "anchor a.net 80 192.0.2.1\nabout city \xf4\x90\x80\x80\n",
             "anchor a.net 80 192.0.2.1\nabout city a\u202eb\n",
             "anchor a.net 80 192.0.2.1\nabout city a\u200bb\n",
             "anchor a.net 80 192.0.2.1\nabout city \xe2\x82\n",
             "anchor a.net 80 192.0.2.1\nweather fine\n",
             "anchor a.net 80 192.0.2.1\r\n",
         }) {
        SCOPED_TRACE(wrong);
        EXPECT_EQ(read_anchor_list(wrong).error(), refusal::malformed);
    }
}

TEST(anchor_list, is_bounded)
{
    std::vector<listed_anchor> many;
    for (std::size_t i = 0; i < most_anchors; ++i) many.push_back(anchor("a" + std::to_string(i)));
    auto const text = write_anchor_list(many).content;
    EXPECT_EQ(read_anchor_list(text).value().size(), most_anchors);
    EXPECT_EQ(read_anchor_list(text + "anchor z 80 192.0.2.1\n").error(), refusal::too_large);
    many.push_back(anchor("one-too-many"));
    EXPECT_TRUE(write_anchor_list(many).complaint.has_value());
}

TEST(anchor_list, a_list_that_cannot_be_written_is_told_why)
{
    auto const complaint = [](auto change) {
        auto one = anchor("a.net");
        change(one);
        return write_anchor_list({one}).complaint.value_or("");
    };
    EXPECT_EQ(complaint([](auto& one) { one.name = "A.net"; }), "anchor \"A.net\" is no host name in lower case");
    EXPECT_EQ(complaint([](auto& one) { one.addresses.clear(); }), "anchor \"a.net\" has no address");
    EXPECT_NE(complaint([](auto& one) { one.ports = {0}; }).find("port"), std::string::npos);
    EXPECT_NE(complaint([](auto& one) { one.about["city"] = "a\nanchor b"; }).find("city"), std::string::npos);
    EXPECT_EQ(write_anchor_list({anchor("a"), anchor("a")}).complaint, "anchor \"a\" is listed twice");
}

}  // namespace
}  // namespace tp::signing
