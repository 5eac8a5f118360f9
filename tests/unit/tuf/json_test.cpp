#include "firmware-signing/tuf/json.hpp"

#include <gtest/gtest.h>

#include "firmware-signing/tuf/refusal.hpp"

namespace tp::tuf::json {
namespace {

std::string canonical(std::string_view text)
{
    auto const read = document::read(text);
    return read ? read->root().canonical() : "refused: " + read.error().message();
}

error_code why(std::string_view text)
{
    auto const read = document::read(text);
    return read ? error_code() : read.error();
}

std::string nested(std::size_t depth, std::string const& inmost = "")
{
    return std::string(depth, '[') + inmost + std::string(depth, ']');
}

TEST(TufJson, CanonicalFormHasSortedNamesNoBlanksAndTwoEscapes)
{
    struct row {
        std::string_view text, expected;
    };
    for (auto const& [text, expected] : {
             row{"null", "null"},
             row{" true\t", "true"},
             row{"false\r\n", "false"},
             row{"[]", "[]"},
             row{"{ }", "{}"},
             row{"[ 1 , -2,0,9223372036854775807, -9223372036854775808 ]",
                 "[1,-2,0,9223372036854775807,-9223372036854775808]"},
             row{R"({"b":1,"a":{"d":[{},[]],"c":"x"}})", R"({"a":{"c":"x","d":[{},[]]},"b":1})"},
             row{R"({"B":1,"a":2,"":3,"aa":4,"a b":5})", R"({"":3,"B":1,"a":2,"a b":5,"aa":4})"},
             row{R"("\"\\\/\u002f\u0041")", R"("\"\\//A")"},
             row{R"("line\nend\ttab")", "\"line\nend\ttab\""},
             row{R"("\b\f\r")", "\"\b\f\r\""},
             row{"\"\xc3\xa9\"", "\"\xc3\xa9\""},
             row{R"("\u00e9\u20AC\ud83d\ude00")", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
         }) {
        SCOPED_TRACE(text);
        EXPECT_EQ(canonical(text), expected);
    }
}

TEST(TufJson, NamesAreSortedByOctetsNotByUtf16)
{
    // U+FF5E comes before U+1F600 in UTF-8 and behind it in UTF-16.
    EXPECT_EQ(canonical("{\"\xf0\x9f\x98\x80\":1,\"\xef\xbd\x9e\":2}"), "{\"\xef\xbd\x9e\":2,\"\xf0\x9f\x98\x80\":1}");
}

TEST(TufJson, WhatCannotBeSignedIsRefused)
{
    for (std::string_view const text : {
             "",
             " ",
             "nul",
             "tru",
             "nullx",
             "null null",
             "1 2",
             "[1",
             "[1,",
             "[1,]",
             "[,1]",
             "[1 2]",
             "]",
             "{",
             "{\"a\"",
             "{\"a\":",
             "{\"a\":1",
             "{\"a\":1,",
             "{\"a\":1,}",
             "{,}",
             "{a:1}",
             "{1:1}",
             "{\"a\" 1}",
             "{\"a\":1 \"b\":2}",
             "1.0",
             "1.5",
             "1e3",
             "1E3",
             "-",
             "-0",
             "00",
             "01",
             "-01",
             "+1",
             "0x1",
             "9223372036854775808",
             "-9223372036854775809",
             "NaN",
             "Infinity",
             "'a'",
             "\"",
             "\"a",
             "\"\\\"",
             "\"\\x\"",
             "\"\\",
             "\"\\u12\"",
             "\"\\u12g4\"",
             "\"\\u+123\"",
             "\"\\ud800\"",
             "\"\\ud800x\"",
             "\"\\ud800\\n\"",
             "\"\\ud800\\u0041\"",
             "\"\\udc00\"",
             "\"\\udc00\\ud800\"",
             "\"\\u0000\"",
             "\"\n\"",
             "\"\t\"",
             "\"\x1f\"",
             "\"\x80\"",
             "\"\xc3\"",
             "\"\xc0\xaf\"",
             "\"\xe0\x80\xaf\"",
             "\"\xed\xa0\x80\"",
             "\"\xf4\x90\x80\x80\"",
             "\"\xf8\x88\x80\x80\x80\"",
             "\"\xff\"",
             "\xef\xbb\xbfnull",
             "null\x01",
             "/**/null",
             "[1]//",
         }) {
        SCOPED_TRACE(text);
        EXPECT_EQ(why(text), refusal::malformed);
    }
    EXPECT_EQ(why(std::string_view("\"\0\"", 3)), refusal::malformed);
    EXPECT_EQ(why(std::string_view("null\0", 5)), refusal::malformed);
}

TEST(TufJson, AMemberThatComesTwiceIsRefusedHoweverItIsSpelled)
{
    EXPECT_EQ(why(R"({"a":1,"b":2,"a":1})"), refusal::repeated_member);
    EXPECT_EQ(why(R"({"a":1,"\u0061":1})"), refusal::repeated_member);
    EXPECT_EQ(why(R"([{"x":{"":1,"":2}}])"), refusal::repeated_member);
    EXPECT_EQ(why(R"({"a":{"a":1},"b":{"a":1}})"), error_code()) << "they are members of different objects";
}

TEST(TufJson, DepthHasALimit)
{
    EXPECT_EQ(why(nested(deepest)), error_code());
    EXPECT_EQ(why(nested(deepest, "1")), error_code());
    EXPECT_EQ(why(nested(deepest + 1)), refusal::too_deep);
    std::string objects;
    for (std::size_t i = 0; i < deepest; ++i) objects += "{\"a\":";
    EXPECT_EQ(why(objects + "1" + std::string(deepest, '}')), error_code());
    EXPECT_EQ(why("{\"a\":" + objects + "1" + std::string(deepest + 1, '}')), refusal::too_deep);
    EXPECT_EQ(why(std::string(largest, '[')), refusal::too_deep) << "and neither stack nor time are spent on it";
}

TEST(TufJson, SizeHasALimit)
{
    auto const text = [](std::size_t octets) { return '"' + std::string(octets - 2, 'a') + '"'; };
    EXPECT_EQ(why(text(largest)), error_code());
    EXPECT_EQ(why(text(largest + 1)), refusal::too_large);
}

TEST(TufJson, TheNumberOfValuesHasALimit)
{
    auto const array = [](std::size_t values) {  // itself one of them
        std::string out = "[0";
        for (std::size_t i = 2; i < values; ++i) out += ",0";
        return out + ']';
    };
    EXPECT_EQ(why(array(most_values)), error_code());
    EXPECT_EQ(why(array(most_values + 1)), refusal::too_large);
}

TEST(TufJson, ValuesAreWhatTheyAre)
{
    auto const read =
        document::read(R"({"s":"t\u0065xt","n":-7,"y":true,"f":false,"z":null,"a":[1,[2,3],"x"],"o":{"k":1}})");
    ASSERT_TRUE(read);
    auto const root = read->root();
    EXPECT_EQ(root.type(), kind::object);
    EXPECT_EQ(root.member("s")->text(), "text");
    EXPECT_EQ(root.member("n")->integer(), -7);
    EXPECT_EQ(root.member("y")->boolean(), true);
    EXPECT_EQ(root.member("f")->boolean(), false);
    EXPECT_EQ(root.member("z")->type(), kind::null);
    EXPECT_EQ(root.member("a")->items().size(), 3U);
    EXPECT_EQ(root.member("a")->items()[1].items()[1].integer(), 3);
    EXPECT_EQ(root.member("a")->items()[2].text(), "x");
    EXPECT_EQ(root.member("o")->members().size(), 1U);
    EXPECT_FALSE(root.member("k")) << "a member of a member is none of its own";
    EXPECT_FALSE(root.member("S"));
    EXPECT_EQ(root.members().size(), 7U);
    EXPECT_EQ(root.members()[5].first, "a");
}

TEST(TufJson, NothingIsTakenForAnotherType)
{
    auto const read = document::read(R"(["1",1,true,null,[],{}])");
    ASSERT_TRUE(read);
    for (auto const& each : read->root().items()) {
        EXPECT_EQ(each.text().has_value(), each.type() == kind::string);
        EXPECT_EQ(each.integer().has_value(), each.type() == kind::integer);
        EXPECT_EQ(each.boolean().has_value(), each.type() == kind::boolean);
        EXPECT_TRUE(each.items().empty() && each.members().empty() && !each.member("1"));
    }
}

}  // namespace
}  // namespace tp::tuf::json
