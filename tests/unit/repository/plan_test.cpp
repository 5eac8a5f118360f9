#include "firmware-signing/repository/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tp::repository {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string key(char digit)
{
    return "ed25519:" + std::string(64, digit);
}

std::string holder(std::string const& name, std::string const& with)
{
    return "[[holder]]\nname = \"" + name + "\"\nkey = \"" + with + "\"\n";
}

std::string const people = holder("ann", key('1')) + holder("bob", key('2')) + holder("online", key('3'));
std::string const roles =
    "[root]\nholders = [\"bob\", \"ann\"]\nthreshold = 2\ndays = 300\n"
    "[targets]\nholders = [\"ann\"]\nthreshold = 1\n"
    "[snapshot]\nholders = [\"online\"]\nthreshold = 1\n"
    "[timestamp]\nholders = [\"online\"]\nthreshold = 1\n";
std::string const channels =
    "[[channel]]\nmodel = \"deb-amd64\"\nchannel = \"stable\"\nholders = [\"ann\"]\nthreshold = 1\n";

TEST(plan, says_who_holds_what)
{
    auto const read = read_plan(people + roles + channels, "plan.toml");
    ASSERT_EQ(read.complaint.value_or(""), "");
    EXPECT_EQ(read.says.holders.size(), 3U);
    EXPECT_THAT(read.says.root.names, ElementsAre("ann", "bob"));
    EXPECT_EQ(read.says.root.threshold, 2U);
    EXPECT_EQ(read.says.root_life, std::chrono::days(300));
    EXPECT_EQ(read.says.targets_life, std::chrono::days(180));
    ASSERT_EQ(read.says.channels.size(), 1U);
    EXPECT_EQ(read.says.channels[0].role(), "deb-amd64.stable");
}

TEST(plan, may_say_who_signs_what_probes_are_told_besides)
{
    EXPECT_FALSE(read_plan(people + roles + channels, "plan.toml").says.control);
    auto const control = std::string("[control]\nholders = [\"bob\", \"ann\"]\nthreshold = 2\n");
    auto const read = read_plan(people + roles + control + channels, "plan.toml");
    ASSERT_EQ(read.complaint.value_or(""), "");
    EXPECT_EQ(read.says.control, (role_holders{{"ann", "bob"}, 2}));
    for (auto const* half : {"[control]\nholders = [\"ann\"]\n", "[control]\nthreshold = 1\n"})
        EXPECT_THAT(read_plan(people + roles + half, "plan.toml").complaint.value_or(""), HasSubstr("control."));
}

TEST(plan, that_cannot_be_is_explained)
{
    struct row {
        std::string text, complaint;
    };
    auto const changed = [](std::string const& from, std::string const& to) {
        auto text = people + roles + channels;
        return text.replace(text.find(from), from.size(), to);
    };
    for (auto const& [text, complaint] :
         {row{"", "root.holders"}, row{"x", "plan.toml"},
          row{changed("threshold = 2", "threshold = 3"), "root.threshold"},
          row{changed("threshold = 2", ""), "root.threshold\" is needed"},
          row{changed("\"bob\", \"ann\"", "\"ann\", \"ann\""), "somebody twice"},
          row{changed("\"bob\", \"ann\"", "\"kim\", \"ann\""), "\"kim\", who is no [[holder]]"},
          row{changed("[\"bob\", \"ann\"]", "[]"), "names nobody"},
          row{changed(key('2'), key('1')), "that of another holder"},
          row{changed("\"bob\"\n", "\"ann\"\n"), "that of another holder"},
          row{changed("\"bob\"\n", "\"Bob\"\n"), "is no word"}, row{changed(key('1'), "ed25519:1"), "64 hexadecimal"},
          row{changed("\"deb-amd64\"", "\"deb/amd64\""), "is no word"},
          row{changed("days = 300", "dais = 300"), "dais"},
          row{changed("channel = ", "chanel = "), "\"channel\" is no word"}}) {
        SCOPED_TRACE(text);
        EXPECT_THAT(read_plan(text, "plan.toml").complaint.value_or("nothing"), HasSubstr(complaint));
    }
}

TEST(plan, has_so_many_holders_and_channels_at_most)
{
    auto crowd = people;
    for (std::size_t i = 3; i < most_holders; ++i) {
        auto const number = std::to_string(1'000 + i);
        crowd += holder("h" + number, "ed25519:" + std::string(60, '0') + number);
    }
    auto const full = read_plan(crowd + roles + channels, "plan.toml");
    EXPECT_EQ(full.complaint.value_or(""), "");
    EXPECT_EQ(full.says.holders.size(), most_holders);
    auto const crowded = read_plan(crowd + holder("more", key('4')) + roles + channels, "plan.toml");
    EXPECT_EQ(crowded.complaint.value_or(""), "more than 64 holders");

    std::string many;
    for (std::size_t i = 0; i < most_channels; ++i) many += channels;
    EXPECT_EQ(read_plan(people + roles + many, "plan.toml").complaint.value_or(""), "");
    EXPECT_EQ(read_plan(people + roles + many + channels, "plan.toml").complaint.value_or(""),
              "more than 256 channels");
}

}  // namespace
}  // namespace tp::repository
