#include "registry/director/measures.hpp"

#include <gtest/gtest.h>

namespace tp::registry {
namespace {

using namespace std::chrono_literals;

measurement_id anchor(int number)
{
    return *measurement_id::from(number);
}

stretch sum(std::vector<delivered> const& all)
{
    stretch out;
    for (auto const& each : all) out.add(each);
    return out;
}

TEST(measures, add_rounds_up_and_compare_the_same_targets)
{
    auto const before = sum({{10, 10, {{anchor(1), 20.0}, {anchor(2), 100.0}}}, {10, 5, {{anchor(1), 10.0}}}});
    auto const after = sum({{10, 6, {{anchor(1), 30.0}, {anchor(3), 1.0}}}});
    auto const seen = compared(before, after, true);
    ASSERT_TRUE(seen);
    EXPECT_TRUE(seen->updated);
    EXPECT_DOUBLE_EQ(seen->rate_before, 0.75);
    EXPECT_DOUBLE_EQ(seen->rate_after, 0.6);
    EXPECT_NEAR(seen->trip_before.value(), 10, 1e-9) << "the least, to the target that both have";
    EXPECT_NEAR(seen->trip_after.value(), 30, 1e-9);
}

TEST(measures, say_nothing_where_there_is_nothing_to_compare)
{
    stretch const none;
    auto const some = sum({{10, 10, {}}});
    EXPECT_FALSE(compared(none, some, true));
    EXPECT_FALSE(compared(some, none, true));
    EXPECT_FALSE(compared(some, some, true)->trip_before);
}

/// Hours of one probe, two of them before a rollout. All was delivered before it and in the first hour of it, and
/// nothing since.
class rounds : public testing::Test {
protected:
    void add(int count)
    {
        for (int i = 0; i < count; ++i, ++added_) {
            auto const from = begun_ + (added_ - 2) * 1h;
            auto const came = added_ <= 2 ? 1U : 0U;
            delivered_by all;
            all[probe_] = {.due = 1, .came = came, .trips = {}};
            seen_.add({{from, from + 1h}, std::move(all)});
        }
    }
    rollout::measured measured() const
    {
        rollout::member one{.probe = probe_, .model = "m", .country = "NL", .asn = 64500};
        one.is = rollout::stage::planned;
        return seen_.compare({one}, begun_).at(0);
    }

    probe_id probe_ = *probe_id::from(1);
    wall_time begun_ = from_unix_seconds(1'800'000'000);
    int added_ = 0;
    rounds_seen seen_;
};

TEST_F(rounds, are_all_kept_until_there_are_as_many_as_may_be)
{
    constexpr auto since = static_cast<int>(rounds_seen::most) - 2;
    add(2 + since);
    EXPECT_DOUBLE_EQ(measured().rate_before, 1.0);
    EXPECT_DOUBLE_EQ(measured().rate_after, 1.0 / since) << "the first hour of the rollout is there";
}

TEST_F(rounds, beyond_that_lose_the_oldest_but_not_those_before_the_rollout)
{
    add(static_cast<int>(rounds_seen::most) + 1);
    EXPECT_DOUBLE_EQ(measured().rate_before, 1.0);
    EXPECT_DOUBLE_EQ(measured().rate_after, 0.0) << "the first hour of the rollout went";
    EXPECT_EQ(seen_.last().from, begun_ + (added_ - 3) * 1h) << "the newest is there";
    add(100);
    EXPECT_DOUBLE_EQ(measured().rate_before, 1.0);
    EXPECT_EQ(seen_.last().from, begun_ + (added_ - 3) * 1h);
}

TEST(measures, read_so_many_targets_ping_by_ping_at_most)
{
    store::anchor_site const site{.id = *store::anchor_id::from(1),
                                  .name = "a.example",
                                  .addresses = {*parse_address("192.0.2.7")},
                                  .latitude = 52,
                                  .longitude = 5};
    std::vector<proto::job> jobs;
    std::vector<measurement_id> expected;
    auto const add = [&](std::string target) {
        auto const number = static_cast<int>(jobs.size()) + 1;
        jobs.push_back({.measurement = anchor(number), .target = std::move(target), .options = proto::ping_options{}});
    };
    add("192.0.2.8");  // no anchor: it takes nobody's place
    for (std::size_t i = 0; i < most_compared_targets; ++i) {
        add("192.0.2.7");
        expected.push_back(jobs.back().measurement);
    }
    EXPECT_EQ(compared_targets(jobs, {site}), expected);
    add("192.0.2.7");
    EXPECT_EQ(compared_targets(jobs, {site}), expected) << "one more";
}

TEST(measures, count_no_more_results_than_were_due)
{
    EXPECT_DOUBLE_EQ(sum({{10, 30, {}}}).rate(), 1.0);
}

}  // namespace
}  // namespace tp::registry
