#include "base/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "temporary_folder.hpp"

namespace tp {
namespace {

using namespace std::chrono_literals;

TEST(settings, are_read_with_their_defaults)
{
    auto file = settings::parse("name = 'x'\n[listen]\nport = 7\nopen = true\non = ['a', 'b']\nwait = 30\n", "t.toml");
    EXPECT_EQ(file.text("name", "y"), "x");
    EXPECT_EQ(file.integer("listen.port", 1, 0, 10), 7);
    EXPECT_TRUE(file.flag("listen.open", false));
    EXPECT_EQ(file.texts("listen.on"), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(file.seconds("listen.wait", 1s, 1s, 60s), 30s);
    EXPECT_EQ(file.text("missing", "default"), "default");
    EXPECT_EQ(file.integer("listen.missing", 5, 0, 10), 5);
    EXPECT_EQ(file.finish(), std::nullopt);
}

TEST(settings, take_any_letter_in_texts_and_comments)
{
    auto file = settings::parse(
        "# \u00e9 \"\na = \"\u00e9\\\"\u00e9\" # '\u00e9\nb = '\u00e9\\'\nc = \"\"\"\n\u00e9 \" \u00e9\"\"\"\"\"\n",
        "t");
    EXPECT_EQ(file.text("a", ""), "\u00e9\"\u00e9");
    EXPECT_EQ(file.text("b", ""), "\u00e9\\");
    EXPECT_EQ(file.text("c", ""), "\u00e9 \" \u00e9\"\"");
    EXPECT_EQ(file.finish(), std::nullopt);
}

TEST(settings, hold_numbers_and_tables_in_lists)
{
    auto file = settings::parse("degrees = -4\nports = [80, 443]\n[[one]]\na = 1\n\n[[one]]\nb = 2.5\n", "t.toml");
    EXPECT_EQ(file.real("degrees", -90, 90), -4.0);
    EXPECT_EQ(file.real("missing", -90, 90), std::nullopt);
    EXPECT_EQ(file.integers("ports", 1, 65'535), (std::vector<std::int64_t>{80, 443}));
    auto tables = file.tables("one");
    ASSERT_EQ(tables.size(), 2U);
    EXPECT_TRUE(file.tables("missing").empty());
    EXPECT_EQ(file.finish(), std::nullopt);
    EXPECT_EQ(tables[0].integer("a", 0, 0, 9), 1);
    EXPECT_EQ(tables[0].finish(), std::nullopt);
    EXPECT_EQ(tables[1].integer("a", 0, 0, 9), 0);
    EXPECT_EQ(tables[1].finish(), "t.toml, line 6: unknown key \"b\"; did you mean \"a\"?");
}

TEST(settings, name_the_nearest_known_key)
{
    auto file = settings::parse("[lisen]\nport = 7\n", "t.toml");
    file.integer("listen.port", 1, 0, 10);
    file.text("name", "");
    EXPECT_EQ(file.finish(), "t.toml: unknown key \"lisen.port\"; did you mean \"listen.port\"?");
}

TEST(settings, complain_about_the_first_thing_only)
{
    struct row {
        char const* text;
        char const* complaint;
    };
    for (auto const& [text, complaint] : {
             row{"port = 'x'", "\"port\" is not a whole number from 1 to 9"},
             row{"port = 10", "\"port\" is not a whole number from 1 to 9"},
             row{"port = 1.5", "\"port\" is not a whole number from 1 to 9"},
             row{"name = 1", "\"name\" is not a text"},
             row{"open = 'yes'", "\"open\" is neither true nor false"},
             row{"on = 'a'", "\"on\" is not a list of texts"},
             row{"on = ['a', 1]", "\"on\" is not a list of texts"},
             row{"degrees = 91", "\"degrees\" is not a number from -90 to 90"},
             row{"degrees = nan", "\"degrees\" is not a number from -90 to 90"},
             row{"degrees = '1'", "\"degrees\" is not a number from -90 to 90"},
             row{"ports = 1", "\"ports\" is not a list of whole numbers from 1 to 9"},
             row{"ports = [1, 10]", "\"ports\" is not a list of whole numbers from 1 to 9"},
             row{"ports = [1, 2.0]", "\"ports\" is not a list of whole numbers from 1 to 9"},
             row{"one = 1", "\"one\" is not a list of tables"},
             row{"one = [{a = 1}, 1]", "\"one\" is not a list of tables"},
             row{"port = 0\nname = 3\nunknown = 1", "\"port\" is not a whole number from 1 to 9"},
             row{"name = ", "line 1: "},
             row{"name = 'a'\nname = 'b'", "line 2: "},
             row{"name = 1979-05-27Tx", "line 1: "},
             row{"name = 'a'\nport = 1\u00e9", "line 2: "},
             row{"n\u00e4me = 'a'", "line 1: "},
             row{"name = \"\"\"a\"\"\"\" \u00e9", "line 1: "},
         }) {
        SCOPED_TRACE(text);
        auto file = settings::parse(text, "t.toml");
        file.integer("port", 1, 1, 9);
        file.text("name", "");
        file.flag("open", false);
        file.texts("on");
        file.real("degrees", -90, 90);
        file.integers("ports", 1, 9);
        file.tables("one");
        EXPECT_THAT(file.finish().value_or(""), testing::StartsWith(std::string("t.toml: ") + complaint));
    }
}

TEST(settings, a_file_that_cannot_be_read_is_a_complaint)
{
    test::temporary_folder const folder;
    auto file = settings::read_file(folder / "none.toml");
    EXPECT_EQ(file.text("name", "default"), "default");
    EXPECT_THAT(file.finish().value_or(""), testing::HasSubstr("cannot be read: No such file"));
}

TEST(settings, the_user_of_a_value_may_complain)
{
    auto file = settings::parse("host = 'not an address'", "t.toml");
    file.text("host", "");
    file.complain("host", "is not an address");
    EXPECT_EQ(file.finish(), "t.toml: \"host\" is not an address");
}

}  // namespace
}  // namespace tp
