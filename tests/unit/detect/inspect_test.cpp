#include "registry/detect/inspect.hpp"

#include <gmock/gmock.h>

#include "tests/unit/detect/samples.hpp"

namespace tp::registry::detect {
namespace {

using namespace test;
using testing::IsEmpty;
using testing::SizeIs;

/// A fleet of 40 near Amsterdam, each in an AS of its own.
struct detect_inspect : testing::Test {
    detect_inspect()
    {
        for (int i = 0; i < 40; ++i) fleet_.push_back({.who = probe_in(amsterdam, 1 + i)});
        for (int i = 0; i < 40; ++i)
            fleet_[static_cast<std::size_t>(i)].who.home_as = as(static_cast<unsigned>(64'500 + i));
    }

    /// One hour, each probe's changed by `change(index, seen)`; `absent(index)` were not in session.
    template <class Change>
    round_report play(Change change, std::size_t absent_from = 40)
    {
        std::vector<probe_hour> hours(fleet_.size());
        std::vector<probe_hour const*> seen;
        for (std::size_t i = 0; i < hours.size(); ++i) {
            hours[i] = good_hour(hour(now_));
            hours[i].as = fleet_[i].who.home_as;
            hours[i].canaries = {{measurement(21), canary::closed_port, 1, 0, 0}};
            change(i, hours[i]);
            seen.push_back(i < absent_from ? &hours[i] : nullptr);
        }
        return inspect(hour(now_++), fleet_, seen, anchors(), {}, {}, events_);
    }
    template <class Change>
    std::vector<round_report> play_hours(int count, Change change)
    {
        std::vector<round_report> out;
        for (int i = 0; i < count; ++i) out.push_back(play(change));
        return out;
    }
    std::size_t isolated() const
    {
        return static_cast<std::size_t>(std::count_if(
            fleet_.begin(), fleet_.end(), [](auto const& each) { return each.past.now == standing::isolated; }));
    }
    static std::size_t alerts(std::vector<round_report> const& reports)
    {
        std::size_t out = 0;
        for (auto const& each : reports) out += each.alerts.size();
        return out;
    }

    std::vector<subject> fleet_;
    mass_events events_;
    int now_ = 0;
};

TEST_F(detect_inspect, a_good_fleet_is_left_alone)
{
    for (auto const& each : play_hours(48, [](std::size_t, probe_hour&) {})) EXPECT_THAT(each.proposals, IsEmpty());
}

TEST_F(detect_inspect, one_bad_probe_is_found_with_its_evidence)
{
    auto const reports = play_hours(30, [](std::size_t i, probe_hour& seen) {
        if (i == 7) seen.clock->offset = millis(60'000.0F);
    });
    EXPECT_EQ(isolated(), 1U);
    EXPECT_EQ(fleet_[7].past.now, standing::isolated);
    std::vector<told> all;
    for (auto const& each : reports) all.insert(all.end(), each.proposals.begin(), each.proposals.end());
    ASSERT_THAT(all, SizeIs(2));  // suspect, isolate
    EXPECT_EQ(all[1].probe, probe(8));
    ASSERT_TRUE(all[1].because);
    EXPECT_EQ(all[1].because->saw.number, 60);
}

TEST_F(detect_inspect, a_network_that_goes_bad_raises_one_alert_and_isolates_nobody)
{
    auto const one_as = [](std::size_t i, probe_hour& seen) {
        if (i >= 6) return;
        seen.as = as(64'999);
        seen.clock->offset = millis(60'000.0F);
    };
    auto const reports = play_hours(48, one_as);
    EXPECT_EQ(isolated(), 0U);
    EXPECT_EQ(alerts(reports), 1U);
    // When it has passed and comes again, that is told again.
    play_hours(60, [](std::size_t, probe_hour&) {});
    EXPECT_EQ(alerts(play_hours(48, one_as)), 1U);
}

TEST_F(detect_inspect, who_leaves_the_bad_group_takes_its_trouble_along)
{
    // A release sends nonsense for a while, and is replaced: its probes are then among many that are well.
    for (auto& each : fleet_) each.who.release = 13;
    for (std::size_t i = 0; i < 12; ++i) fleet_[i].who.release = 12;
    auto const bad_release = [](std::size_t i, probe_hour& seen) { seen.malformed_frames = i < 12 ? 5 : 0; };
    auto reports = play_hours(10, bad_release);
    for (std::size_t i = 0; i < 12; ++i) fleet_[i].who.release = 13;
    auto const later = play_hours(40, [](std::size_t, probe_hour&) {});
    EXPECT_EQ(isolated(), 0U);
    EXPECT_EQ(alerts(reports) + alerts(later), 1U);
}

TEST_F(detect_inspect, loss_in_a_network_of_two_is_excused_without_the_guard)
{
    auto const lossy = [](std::size_t i, probe_hour& seen) {
        if (i >= 2) return;
        seen.as = as(64'999);
        for (auto& each : seen.targets) each.packets.hits = 25;
    };
    play_hours(48, lossy);
    EXPECT_EQ(isolated(), 0U);
    for (auto const& each : fleet_) EXPECT_EQ(each.past.now, standing::active);
}

TEST_F(detect_inspect, a_packet_dropper_is_isolated)
{
    auto const dropper = [](std::size_t i, probe_hour& seen) {
        if (i != 3) return;
        for (auto& each : seen.targets) each.packets.hits = 25;
    };
    play_hours(21, dropper);  // 12 to judge by, and 10 in which an outage would have been repaired
    EXPECT_EQ(isolated(), 0U);
    play(dropper);
    EXPECT_EQ(isolated(), 1U);
    EXPECT_EQ(fleet_[3].past.now, standing::isolated);
}

TEST_F(detect_inspect, absent_probes_are_not_judged)
{
    for (int i = 0; i < 48; ++i) {
        auto const report = play([](std::size_t, probe_hour& seen) { seen.clock->offset = millis(3.0F); }, 20);
        EXPECT_THAT(report.proposals, IsEmpty());
    }
    EXPECT_TRUE(fleet_[30].recent.view().empty());
}

TEST_F(detect_inspect, what_was_before_a_long_absence_is_forgotten)
{
    auto const off = [](std::size_t i, probe_hour& seen) {
        if (i == 39) seen.clock->offset = millis(60'000.0F);
    };
    play_hours(9, off);  // grave in the eighth and ninth hour: one more would isolate it
    for (int i = 0; i < 24; ++i) play(off, 39);
    play_hours(8, off);
    EXPECT_EQ(isolated(), 0U);
    play_hours(2, off);
    EXPECT_EQ(isolated(), 1U);
}

TEST_F(detect_inspect, isolated_probes_are_nobodys_peers)
{
    // When all others are isolated, the last one has nobody to be compared with.
    for (std::size_t i = 0; i < 39; ++i) fleet_[i].past.now = standing::isolated;
    play_hours(48, [](std::size_t i, probe_hour& seen) {
        if (i != 39) return;
        for (auto& each : seen.targets) each.packets.hits = 25;
    });
    EXPECT_EQ(fleet_[39].past.now, standing::active);
}

TEST_F(detect_inspect, names_broken_canaries)
{
    auto const report = play([](std::size_t i, probe_hour& seen) { seen.canaries[0].wrong = i < 10 ? 1 : 0; });
    EXPECT_THAT(report.doubted_canaries, testing::ElementsAre(measurement(21)));
    EXPECT_THAT(report.doubted_sites, IsEmpty());
    EXPECT_THAT(report.proposals, IsEmpty());
}

}  // namespace
}  // namespace tp::registry::detect
