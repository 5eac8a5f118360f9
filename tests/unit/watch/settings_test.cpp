#include "registry/watch/settings.hpp"

#include <gtest/gtest.h>

namespace tp::registry {
namespace {

using detect::mode;
using detect::rule;

std::string complaint_of(std::string_view text)
{
    auto from = settings::parse(text, "test.toml");
    read_watch_settings(from);
    return from.finish().value_or("");
}

TEST(watch_settings, are_read_as_they_are_written)
{
    watch_settings chosen;
    chosen.on = false;
    chosen.round = std::chrono::seconds{60};
    chosen.delay = std::chrono::seconds{5};
    chosen.rules.policy.suspect_windows = 2;
    chosen.rules.policy.isolated_windows = 3;
    chosen.rules.policy.probation_windows = 4;
    chosen.rules.policy.modes[detect::index(rule::clock)] = mode::off;
    chosen.rules.policy.modes[detect::index(rule::protocol)] = mode::propose;
    chosen.look_ups.name = "look.example";
    chosen.look_ups.a = {parse_address("192.0.2.7").value()};
    auto from = settings::parse(watch_settings_text(chosen), "test.toml");
    auto const read = read_watch_settings(from);
    EXPECT_EQ(from.finish(), std::nullopt);
    EXPECT_EQ(watch_settings_text(read), watch_settings_text(chosen));
    EXPECT_FALSE(read.on);
    EXPECT_EQ(read.round, chosen.round);
    EXPECT_EQ(read.rules.policy.modes, chosen.rules.policy.modes);
    EXPECT_EQ(read.rules.policy.probation_windows, 4U);
}

TEST(watch_settings, what_a_rule_does_unless_an_operator_says_otherwise)
{
    watch_settings const usual;
    EXPECT_EQ(usual.rules.policy.modes[detect::index(rule::firmware)], mode::isolate);
    EXPECT_EQ(usual.rules.policy.modes[detect::index(rule::flapping)], mode::propose);
    EXPECT_EQ(usual.rules.policy.modes[detect::index(rule::peers)], mode::off);
}

TEST(watch_settings, name_what_cannot_be_used)
{
    for (auto const* text : {"detectors.rules.clock = \"loud\"", "detectors.rules.clok = \"off\"",
                             "detectors.round = 0", "detectors.suspect_windows = 0", "detectors.on = 1",
                             "[look_ups]\nname = \"a.b\"\na = [\"192.0.2.7\"]\nevery = 4000"}) {
        EXPECT_NE(complaint_of(text), "") << text;
    }
}

}  // namespace
}  // namespace tp::registry
