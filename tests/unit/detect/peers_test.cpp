#include "registry/detect/peers.hpp"

#include <gmock/gmock.h>

#include "tests/unit/detect/samples.hpp"

namespace tp::registry::detect {
namespace {

using namespace test;
using testing::HasSubstr;

/// Loses so many of 45 packets to each target.
void lose(probe_hour& seen, std::uint32_t lost)
{
    for (auto& each : seen.targets) each.packets.hits = each.packets.of - lost;
}

void with_v6(probe_hour& seen)
{
    for (auto const& to : {v6_amsterdam, v6_frankfurt, v6_tokyo}) seen.targets.push_back(pings(to, 10));
}

template <class Change>
peers_hour judge(survey const& others, Change change)
{
    auto seen = good_hour();
    change(seen);
    return peers_of(probe_in(amsterdam), seen, anchors(), others, {});
}

bucket_state v4_of(peers_hour const& of)
{
    return of.by_family[0].is;
}
bucket_state v6_of(peers_hour const& of)
{
    return of.by_family[1].is;
}

verdict of_buckets(int hours, int bad, peers_bucket what = {.is = bucket_state::bad, .own = 0.5F, .best = 1.0F})
{
    auto const window = window_of(hours, [&](int i, hour_facts& facts) {
        facts.peers.by_family[0] = i < bad ? what : peers_bucket{.is = bucket_state::well};
    });
    return examine_peers(window, {});
}

TEST(detect_peers, a_bucket_is_judged_by_its_worst_third)
{
    auto const others = quiet_survey();
    EXPECT_EQ(v4_of(judge(others, [](probe_hour&) {})), bucket_state::well);
    EXPECT_EQ(v4_of(judge(others, [](probe_hour& seen) { lose(seen, 2); })), bucket_state::well);
    EXPECT_EQ(v4_of(judge(others, [](probe_hour& seen) { lose(seen, 3); })), bucket_state::unstable);
    EXPECT_EQ(v4_of(judge(others, [](probe_hour& seen) { lose(seen, 8); })), bucket_state::unstable);
    EXPECT_EQ(v4_of(judge(others, [](probe_hour& seen) { lose(seen, 10); })), bucket_state::bad);
    // One target of four is somebody else's trouble; two are its worst third (and at least two).
    EXPECT_EQ(v4_of(judge(others, [](probe_hour& seen) { seen.targets[0].packets.hits = 0; })), bucket_state::well);
    EXPECT_EQ(v4_of(judge(others,
                          [](probe_hour& seen) {
                              seen.targets[0].packets.hits = 0;
                              seen.targets[3].packets.hits = 0;
                          })),
              bucket_state::bad);
}

TEST(detect_peers, a_dead_target_blames_nobody)
{
    auto const dead = survey_of(40, [](int i, profile&, probe_hour& seen) {
        if (i >= 9) lose(seen, 45);  // fewer than a quarter reach anything
    });
    EXPECT_EQ(v4_of(judge(dead, [](probe_hour& seen) { lose(seen, 45); })), bucket_state::no_data);
    auto const alive = survey_of(40, [](int i, profile&, probe_hour& seen) {
        if (i >= 12) lose(seen, 45);
    });
    EXPECT_EQ(v4_of(judge(alive, [](probe_hour& seen) { lose(seen, 20); })), bucket_state::bad);
}

TEST(detect_peers, nothing_at_all_is_an_outage)
{
    EXPECT_EQ(v4_of(judge(quiet_survey(), [](probe_hour& seen) { lose(seen, 45); })), bucket_state::dead);
    EXPECT_EQ(of_buckets(24, 24, {.is = bucket_state::dead}).is, outcome::no_data);
}

TEST(detect_peers, few_packets_and_few_targets_say_nothing)
{
    auto const others = quiet_survey();
    EXPECT_EQ(v4_of(judge(others,
                          [](probe_hour& seen) { seen.targets.erase(seen.targets.begin() + 2, seen.targets.end()); })),
              bucket_state::no_data);
    EXPECT_EQ(v4_of(judge(others,
                          [](probe_hour& seen) {
                              for (auto& each : seen.targets) each.packets = {0, 8};
                          })),
              bucket_state::no_data);
    EXPECT_EQ(v4_of(judge(quiet_survey(7), [](probe_hour& seen) { lose(seen, 20); })), bucket_state::no_data);
}

TEST(detect_peers, families_are_judged_apart)
{
    auto const others = survey_of(40, [](int, profile&, probe_hour& seen) { with_v6(seen); });
    auto const half = judge(others, [](probe_hour& seen) {
        with_v6(seen);
        seen.targets[4].packets.hits = 0;
        seen.targets[5].packets.hits = 0;
    });
    EXPECT_EQ(v4_of(half), bucket_state::well);
    EXPECT_EQ(v6_of(half), bucket_state::bad);
    EXPECT_EQ(half.by_family[1].excused_by, excuse::none);
}

TEST(detect_peers, a_line_that_loses_its_own_session_is_excused)
{
    auto const others = survey_of(40, [](int, profile&, probe_hour& seen) { with_v6(seen); });
    auto const session_loses = [&](std::optional<tally> of) {
        return judge(others, [&](probe_hour& seen) {
            with_v6(seen);
            lose(seen, 10);  // 22 %
            seen.tunnel = of;
        });
    };
    EXPECT_EQ(session_loses(tally{73, 1000}).by_family[0].excused_by, excuse::none);
    EXPECT_EQ(session_loses(tally{74, 1000}).by_family[0].excused_by, excuse::line);
    EXPECT_EQ(session_loses(tally{0, 1000}).by_family[1].excused_by, excuse::line);  // IPv6 on a line where IPv4 is bad
    EXPECT_TRUE(session_loses(std::nullopt).by_family[0].session_unknown);
}

TEST(detect_peers, a_network_that_is_bad_for_others_is_excused)
{
    auto const seen = good_hour();
    peers_hour bad;
    bad.by_family[0].is = bucket_state::bad;
    peers_hour well;
    well.by_family[0].is = bucket_state::well;
    auto const excused = [&](int bad_mates, int good_mates, bool counted) {
        network_tally all;
        if (counted) all.add(seen, bad);
        for (int i = 0; i < bad_mates; ++i) all.add(seen, bad);
        for (int i = 0; i < good_mates; ++i) all.add(seen, well);
        auto own = bad;
        all.excuse(seen, own, counted, {});
        return own.by_family[0].excused_by == excuse::network;
    };
    EXPECT_FALSE(excused(0, 0, true));  // alone: itself is no excuse
    EXPECT_TRUE(excused(1, 0, true));
    EXPECT_TRUE(excused(1, 1, true));
    EXPECT_FALSE(excused(1, 2, true));
    EXPECT_TRUE(excused(1, 1, false));
    EXPECT_FALSE(excused(0, 3, false));
}

TEST(detect_peers, a_country_that_is_bad_for_others_is_excused)
{
    peers_hour bad;
    bad.by_family[0].is = bucket_state::bad;
    network_tally all;
    auto seen = good_hour();
    auto excused = [&] {
        auto own = bad;
        all.excuse(good_hour(), own, false, {});
        return own.by_family[0].excused_by == excuse::network;
    };
    for (std::uint32_t i = 0; i < 3; ++i) {
        seen.as = as(65'000 + i);
        all.add(seen, bad);
    }
    EXPECT_FALSE(excused());
    seen.as = as(65'100);
    all.add(seen, bad);
    EXPECT_TRUE(excused());
}

TEST(detect_peers, counts_the_buckets_of_a_window)
{
    EXPECT_EQ(of_buckets(20, 0).is, outcome::clean);
    EXPECT_EQ(of_buckets(20, 1).is, outcome::clean);  // 5 %, as RIPE's tag allows
    EXPECT_EQ(level(of_buckets(20, 2)), severity::note);
    EXPECT_EQ(level(of_buckets(20, 5)), severity::warning);
    EXPECT_EQ(level(of_buckets(20, 11)), severity::warning);
    auto const found = of_buckets(20, 12);
    EXPECT_EQ(level(found), severity::grave);
    EXPECT_THAT(found.what->saw.text, HasSubstr("12 of 20 h were bad"));
    EXPECT_EQ(of_buckets(11, 11).is, outcome::no_data);
}

TEST(detect_peers, excused_buckets_do_not_count)
{
    EXPECT_EQ(of_buckets(24, 24, {.is = bucket_state::bad, .excused_by = excuse::line}).is, outcome::no_data);
    EXPECT_EQ(of_buckets(24, 12, {.is = bucket_state::bad, .excused_by = excuse::network}).is, outcome::clean);
}

TEST(detect_peers, without_knowing_the_session_nobody_is_isolated)
{
    EXPECT_EQ(level(of_buckets(24, 24, {.is = bucket_state::bad, .session_unknown = true})), severity::warning);
}

}  // namespace
}  // namespace tp::registry::detect
