#include "registry/detect/session_counter.hpp"

#include <gmock/gmock.h>

#include "tests/unit/detect/samples.hpp"

namespace tp::registry::detect {
namespace {

using namespace test;
using testing::HasSubstr;

/// One inner list an hour.
verdict after(std::vector<std::vector<std::uint32_t>> const& boot_counts, std::uint32_t conflicts = 0)
{
    auto const window = window_of(static_cast<int>(boot_counts.size()), [&](int i, hour_facts& facts) {
        probe_hour seen;
        for (auto const count : boot_counts[static_cast<std::size_t>(i)]) {
            seen.logins.push_back({.at = {}, .from = address("192.0.2.1"), .boot_count = count});
        }
        if (i == 0) seen.deliveries.sequence_conflicts = conflicts;
        facts.session_counter = session_counter_of(seen);
    });
    return examine_session_counter(window, {});
}

TEST(detect_session_counter, may_stay_and_may_rise_by_any_number)
{
    EXPECT_EQ(after({{4}, {4}, {}, {5, 5}, {900}, {901}}).is, outcome::clean);
    EXPECT_EQ(after({{4}, {4}}).is, outcome::no_data);
}

TEST(detect_session_counter, one_step_back_may_be_a_restored_backup)
{
    auto const found = after({{20}, {}, {12}, {13}, {14}, {15}});
    EXPECT_EQ(level(found), severity::warning);
    EXPECT_THAT(found.what->saw.text, HasSubstr("from 20 to 12"));
}

TEST(detect_session_counter, two_steps_back_are_two_devices)
{
    EXPECT_EQ(level(after({{20}, {12}, {20}, {12}})), severity::grave);    // between hours
    EXPECT_EQ(level(after({{20, 12, 20, 12}})), severity::grave);          // within one
    EXPECT_EQ(level(after({{20, 12}, {}, {20}, {13}})), severity::grave);  // both
}

TEST(detect_session_counter, used_sequences_count_as_well)
{
    EXPECT_EQ(level(after({{1}, {1}}, 9)), severity::warning);
    EXPECT_EQ(level(after({{1}, {1}}, 10)), severity::grave);
}

}  // namespace
}  // namespace tp::registry::detect
