#include "registry/detect/flapping.hpp"

#include <gmock/gmock.h>

#include "tests/unit/detect/samples.hpp"

namespace tp::registry::detect {
namespace {

using namespace test;

verdict after(int hours, std::uint32_t disconnects)
{
    auto const window = window_of(24, [&](int i, hour_facts& facts) {
        probe_hour seen;
        seen.disconnects = i < hours ? disconnects : 1;
        facts.flapping = flapping_of(seen);
    });
    return examine_flapping(window, {});
}

TEST(detect_flapping, a_bad_hour_or_two_are_no_matter)
{
    EXPECT_EQ(after(24, 3).is, outcome::clean);
    EXPECT_EQ(after(2, 50).is, outcome::clean);
}

TEST(detect_flapping, counts_hours)
{
    EXPECT_EQ(level(after(3, 4)), severity::warning);
    EXPECT_EQ(level(after(11, 4)), severity::warning);
    EXPECT_EQ(level(after(12, 4)), severity::grave);
}

}  // namespace
}  // namespace tp::registry::detect
