#include "registry/detect/mass_guard.hpp"

#include <gmock/gmock.h>

#include "tests/unit/detect/samples.hpp"

namespace tp::registry::detect {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

rule_set only(rule which)
{
    rule_set out;
    out.set(index(which));
    return out;
}

/// A fleet of 1,000 in which nobody shares anything, and `bad` of `of` that share what `share` gives them.
template <class Share>
mass_events events(std::uint32_t bad, std::uint32_t of, Share share, std::uint32_t fleet = 1000)
{
    std::vector<guarded> probes;
    for (std::uint32_t i = 0; i < fleet; ++i) {
        membership own{.as = as(100'000 + i), .country = {}, .controller = controller(static_cast<int>(100 + i))};
        if (i < of) share(own);
        probes.push_back({own.groups(), i < bad ? only(rule::peers) : rule_set{}});
    }
    mass_events out;
    find_mass_events(out, probes, hour(0), {});
    return out;
}

void same_as(membership& of)
{
    of.as = as(64500);
}
void same_country(membership& of)
{
    of.country = country("NL");
}
void same_controller(membership& of)
{
    of.controller = controller(3);
}
void same_release(membership& of)
{
    of.release = 12;
}

TEST(detect_mass_guard, lets_single_probes_be_judged)
{
    EXPECT_THAT(events(0, 100, same_as), IsEmpty());
    EXPECT_THAT(events(2, 2, same_as), IsEmpty());
    EXPECT_THAT(events(4, 4, same_country), IsEmpty());
}

TEST(detect_mass_guard, holds_back_what_a_group_has_together)
{
    struct row {
        shared by;
        std::uint64_t value;
        std::uint32_t enough, too_few, of;
        void (*share)(membership&);
    };
    for (auto const& [by, value, enough, too_few, of, share] :
         {row{shared::as, 64500, 3, 2, 10, same_as}, row{shared::as, 64500, 15, 14, 50, same_as},
          row{shared::country, 0x4E4C, 5, 4, 50, same_country}, row{shared::country, 0x4E4C, 10, 9, 100, same_country},
          row{shared::controller, 3, 10, 9, 200, same_controller},
          row{shared::release, 12, 15, 14, 300, same_release}}) {
        SCOPED_TRACE(std::string(name(by)) + " of " + std::to_string(of));
        EXPECT_THAT(events(too_few, of, share), IsEmpty());
        auto const found = events(enough, of, share);
        ASSERT_EQ(found.size(), 1U);
        EXPECT_EQ(found.begin()->first, (held_group{{by, value}, rule::peers}));
        EXPECT_EQ(found.begin()->second.affected, enough);
        EXPECT_EQ(found.begin()->second.of, of);
    }
}

TEST(detect_mass_guard, the_fleet_is_a_group_too)
{
    EXPECT_THAT(events(29, 0, same_as), IsEmpty());
    ASSERT_EQ(events(30, 0, same_as).size(), 1U);
    EXPECT_EQ(in_text(events(30, 0, same_as).begin()->first.which), "the fleet");
    EXPECT_THAT(events(19, 0, same_as, 19), IsEmpty());
}

TEST(detect_mass_guard, holds_the_groups_members_by_that_rule_only)
{
    auto const found = events(5, 10, same_as);
    membership inside;
    same_as(inside);
    EXPECT_EQ(held_rules(inside.groups(), found), only(rule::peers));
    membership const outside{.as = as(64501)};
    EXPECT_EQ(held_rules(outside.groups(), found), rule_set{});
}

TEST(detect_mass_guard, an_event_lasts_for_a_window_longer)
{
    auto found = events(5, 10, same_as);
    find_mass_events(found, {}, hour(23), {});
    EXPECT_EQ(found.size(), 1U);
    find_mass_events(found, {}, hour(24), {});
    EXPECT_THAT(found, IsEmpty());
}

TEST(detect_mass_guard, a_release_that_is_not_allowed_is_no_excuse_for_its_probes)
{
    std::vector<guarded> probes;
    for (int i = 0; i < 50; ++i) probes.push_back({{{shared::release, 9}}, only(rule::firmware)});
    mass_events found;
    find_mass_events(found, probes, hour(0), {});
    EXPECT_THAT(found, IsEmpty());
    for (auto& each : probes) each.trouble = only(rule::protocol);
    find_mass_events(found, probes, hour(0), {});
    EXPECT_EQ(found.size(), 1U);
}

TEST(detect_memberships, remember_for_a_day_what_a_probe_left)
{
    memberships of;
    of.note({.as = as(1)}, hour(0));
    of.note({.as = as(1)}, hour(1));
    of.note({.as = as(2)}, hour(30));
    group const first{shared::as, 1}, second{shared::as, 2};
    EXPECT_THAT(of.groups(hour(53)), testing::IsSupersetOf({first, second}));
    EXPECT_THAT(of.groups(hour(54)), testing::Not(testing::Contains(first)));
}

TEST(detect_mass_guard, counts_what_is_of_now)
{
    guard_limits const limits;
    history past;
    past.troubles[index(rule::peers)].warned_since = hour(0);
    EXPECT_TRUE(trouble_of_now(past, hour(5), limits).any());
    EXPECT_FALSE(trouble_of_now(past, hour(6), limits).any());  // a warning of yesterday is this probe's own
    past.troubles[index(rule::peers)].grave_since = hour(0);
    EXPECT_TRUE(trouble_of_now(past, hour(60), limits).any());
    past.now = standing::isolated;
    past.held_against = only(rule::peers);
    past.isolated_at = hour(60);
    EXPECT_TRUE(trouble_of_now(past, hour(65), limits).any());
    EXPECT_FALSE(trouble_of_now(past, hour(66), limits).any());
}

TEST(detect_mass_guard, an_alert_says_how_many_and_who)
{
    auto found = events(5, 10, same_country);
    membership inside;
    same_country(inside);
    auto const told = raise_alerts({{inside.groups(), only(rule::peers)}}, found);
    ASSERT_THAT(told, SizeIs(1));
    EXPECT_THAT(told[0].text, HasSubstr("5 of 10 probes of country NL"));
    EXPECT_THAT(told[0].text, HasSubstr("peers"));
    EXPECT_THAT(raise_alerts({{inside.groups(), only(rule::peers)}}, found), IsEmpty());  // once
}

TEST(detect_mass_guard, of_several_explanations_the_best_is_told)
{
    group const release{shared::release, 12}, fleet{shared::fleet, 0}, dutch{shared::country, 0x4E4C};
    mass_events found{{{release, rule::protocol}, {30, 40, hour(0), false}},
                      {{fleet, rule::protocol}, {30, 900, hour(0), false}},
                      {{dutch, rule::protocol}, {20, 100, hour(0), false}},
                      {{fleet, rule::clock}, {30, 900, hour(0), false}}};
    std::vector<held_probe> const held{{{release, fleet}, only(rule::protocol)},
                                       {{release, fleet, dutch}, only(rule::protocol)}};
    auto const told = raise_alerts(held, found);
    ASSERT_THAT(told, SizeIs(1));
    EXPECT_EQ(told[0].what, (held_group{release, rule::protocol}));
}

TEST(detect_mass_guard, two_causes_are_two_alerts)
{
    group const one{shared::as, 1}, other{shared::as, 2};
    mass_events found{{{one, rule::peers}, {5, 5, hour(0), false}}, {{other, rule::peers}, {4, 5, hour(0), false}}};
    std::vector<held_probe> const held{{{one}, only(rule::peers)}, {{other}, only(rule::peers)}};
    EXPECT_THAT(raise_alerts(held, found), SizeIs(2));
}

TEST(release, versions_are_groups_of_their_own)
{
    auto const value = release_of_version("1.20.3");
    EXPECT_EQ(in_text(group{shared::release, value}), "release 1.20.3");
    EXPECT_EQ(in_text(group{shared::release, 12}), "release 12");
    EXPECT_NE(value, release_of_version("1.20.4"));
    for (auto const* text : {"", "1", "1.2", "1.2.", "1.2.3.4", "1.2.x", "v1.2.3", "1.2.1000000", "-1.2.3"})
        EXPECT_EQ(release_of_version(text), 0U) << text;
}

TEST(release, the_event_that_holds_a_probe_back_is_that_of_its_group)
{
    mass_events events;
    group const network{shared::as, 64500}, other{shared::as, 64501}, release{shared::release, 12};
    events[{network, rule::clock}] = {4, 10, hour_time{}, false};
    events[{release, rule::clock}] = {9, 10, hour_time{}, false};
    std::vector<group> const of{network, release}, elsewhere{other};
    auto const* const found = holding_event(of, rule::clock, events);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(in_text(*found), "release 12: 9 of 10 probes have trouble by this rule");
    EXPECT_EQ(holding_event(of, rule::peers, events), nullptr);
    EXPECT_EQ(holding_event(elsewhere, rule::clock, events), nullptr);
}

}  // namespace
}  // namespace tp::registry::detect
