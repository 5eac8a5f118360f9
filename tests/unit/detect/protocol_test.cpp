#include "registry/detect/protocol.hpp"

#include <gmock/gmock.h>

#include "tests/unit/detect/samples.hpp"

namespace tp::registry::detect {
namespace {

using namespace test;

/// So much an hour, in so many hours of 24.
verdict after(int hours, std::uint32_t malformed, std::uint32_t foreign)
{
    auto const window = window_of(24, [&](int i, hour_facts& facts) {
        auto seen = good_hour(hour(i));
        if (i < hours) {
            seen.malformed_frames = malformed;
            seen.deliveries.not_its_own = foreign;
        }
        facts.protocol = protocol_of(seen);
    });
    return examine_protocol(window, {});
}

TEST(detect_protocol, one_malformed_frame_warns)
{
    EXPECT_EQ(after(0, 0, 0).is, outcome::clean);
    EXPECT_EQ(level(after(1, 1, 0)), severity::warning);
}

TEST(detect_protocol, six_malformed_frames_in_three_hours_are_grave)
{
    EXPECT_EQ(level(after(1, 100, 0)), severity::warning);
    EXPECT_EQ(level(after(2, 100, 0)), severity::warning);
    EXPECT_EQ(level(after(3, 2, 0)), severity::grave);
    EXPECT_EQ(level(after(5, 1, 0)), severity::warning);
}

TEST(detect_protocol, foreign_results_count_when_they_are_more_than_a_race)
{
    EXPECT_EQ(after(24, 0, 1).is, outcome::clean);  // 1 % of all
    EXPECT_EQ(after(3, 0, 13).is, outcome::clean);  // 1.6 %
    EXPECT_EQ(level(after(24, 0, 3)), severity::grave);
    EXPECT_EQ(level(after(2, 0, 100)), severity::warning);  // a single bad evening
    EXPECT_EQ(level(after(3, 0, 100)), severity::grave);
}

}  // namespace
}  // namespace tp::registry::detect
