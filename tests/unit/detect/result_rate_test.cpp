#include "registry/detect/result_rate.hpp"

#include <gmock/gmock.h>

#include "tests/unit/detect/samples.hpp"

namespace tp::registry::detect {
namespace {

using namespace test;
using testing::HasSubstr;

template <class Change>
verdict after(int hours, Change change)
{
    static auto const others = quiet_survey();  // 400 octets a result
    auto const window = window_of(hours, [&](int i, hour_facts& facts) {
        auto seen = good_hour(hour(i));
        change(i, seen.deliveries, seen);
        facts.result_rate = result_rate_of(seen, others, {});
    });
    return examine_result_rate(window, {});
}

verdict always(std::uint32_t arrived, int hours = 24)
{
    return after(hours, [=](int, deliveries& of, probe_hour&) {
        of.arrived = arrived;
        of.octets = arrived * 400ULL;
    });
}

TEST(detect_result_rate, what_the_schedule_asks_for_is_clean)
{
    EXPECT_EQ(always(100).is, outcome::clean);
    EXPECT_EQ(always(85).is, outcome::clean);
    EXPECT_EQ(always(110).is, outcome::clean);
    EXPECT_EQ(always(100, 11).is, outcome::no_data);
}

TEST(detect_result_rate, too_few_for_most_hours)
{
    EXPECT_EQ(level(always(84)), severity::warning);
    EXPECT_EQ(level(always(70)), severity::warning);
    EXPECT_EQ(level(always(69)), severity::grave);
    EXPECT_EQ(level(always(0)), severity::grave);
    auto const bad_hours = [](int count) {
        return after(20, [=](int i, deliveries& of, probe_hour&) {
            if (i < count) of.arrived = 10, of.octets = 4'000;
        });
    };
    EXPECT_EQ(bad_hours(11).is, outcome::clean);
    EXPECT_EQ(level(bad_hours(12)), severity::grave);
}

TEST(detect_result_rate, too_many_in_four_hours)
{
    auto const flood = [](int count, std::uint32_t arrived) {
        return after(24, [=](int i, deliveries& of, probe_hour&) {
            if (i >= count) return;
            of.arrived = arrived;
            of.octets = arrived * 400ULL;
        });
    };
    EXPECT_EQ(flood(3, 5000).is, outcome::clean);
    EXPECT_EQ(level(flood(4, 5000)), severity::grave);
    EXPECT_EQ(level(flood(4, 126)), severity::grave);
    EXPECT_EQ(level(flood(4, 125)), severity::warning);
    EXPECT_THAT(flood(4, 5000).what->saw.text, HasSubstr("results arrived"));
}

TEST(detect_result_rate, an_absent_probe_owes_nothing)
{
    auto const absent = [](std::chrono::seconds connected) {
        return after(24, [=](int, deliveries& of, probe_hour& seen) {
            of.arrived = 0;
            seen.connected = connected;
        });
    };
    EXPECT_EQ(absent(std::chrono::minutes{54}).is, outcome::no_data);
    EXPECT_EQ(level(absent(std::chrono::minutes{55})), severity::grave);
    EXPECT_EQ(after(24, [](int, deliveries& of, probe_hour&) { of.expected = 9, of.arrived = 0; }).is,
              outcome::no_data);
}

TEST(detect_result_rate, the_same_again_and_again)
{
    auto const twice = [](int hours) {
        return after(24, [=](int i, deliveries& of, probe_hour&) { of.duplicates = i < hours ? 101 : 0; });
    };
    EXPECT_EQ(twice(3).is, outcome::clean);
    EXPECT_EQ(level(twice(4)), severity::grave);
    EXPECT_EQ(after(24, [](int, deliveries& of, probe_hour&) { of.duplicates = 100; }).is, outcome::clean);
}

TEST(detect_result_rate, results_that_are_far_too_large)
{
    auto const large = [](std::uint64_t octets) {
        return after(24, [=](int, deliveries& of, probe_hour&) { of.octets = 100 * octets; });
    };
    EXPECT_EQ(large(1500).is, outcome::clean);
    EXPECT_EQ(level(large(1800)), severity::grave);
}

}  // namespace
}  // namespace tp::registry::detect
