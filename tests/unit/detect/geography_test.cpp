#include "registry/detect/geography.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "registry/detect/targets.hpp"
#include "tests/unit/detect/samples.hpp"

namespace tp::registry::detect {
namespace {

using namespace test;

TEST(detect_geography, takes_places_on_earth_only)
{
    EXPECT_TRUE(coordinates::from(90, -180));
    EXPECT_EQ(coordinates::from(90.1, 0).error(), errc::out_of_range);
    EXPECT_EQ(coordinates::from(0, 180.1).error(), errc::out_of_range);
    EXPECT_EQ(coordinates::from(std::nan(""), 0).error(), errc::out_of_range);
}

TEST(detect_geography, knows_distances)
{
    EXPECT_NEAR(amsterdam.distance_to(frankfurt).value, 365, 5);
    EXPECT_NEAR(amsterdam.distance_to(tokyo).value, 9290, 50);
    EXPECT_NEAR(at(0, 0).distance_to(at(0, 180)).value, 20015, 10);  // half around
    EXPECT_EQ(tokyo.distance_to(tokyo).value, 0);
    EXPECT_NEAR(at(10, 179.9).distance_to(at(10, -179.9)).value, 21.9, 0.2);  // over the date line
}

TEST(detect_geography, light_in_glass_takes_a_millisecond_for_a_hundred_kilometres_and_back)
{
    EXPECT_NEAR(least_round_trip({1000}).count(), 9.79, 0.01);
    EXPECT_EQ(least_round_trip({0}).count(), 0);
}

TEST(detect_geography, cells_part_the_earth)
{
    EXPECT_EQ(cell_of(amsterdam), cell_of(rotterdam));
    EXPECT_NE(cell_of(amsterdam), cell_of(tokyo));
    EXPECT_NE(cell_of(at(90, 180)), cell::everywhere);
    EXPECT_NE(cell_of(at(-90, -180)), cell_of(at(90, 180)));
}

TEST(detect_targets, nothing_is_too_fast_where_a_place_is_unknown_or_near)
{
    auto who = probe_in(amsterdam);
    auto const* const frankfurt_anchor = anchors().find(to_frankfurt);
    ASSERT_NE(frankfurt_anchor, nullptr);
    auto const least = least_possible(who, *frankfurt_anchor);
    ASSERT_TRUE(least);
    EXPECT_NEAR(least->count(), 3.1, 0.1);  // 365 km less the blur
    EXPECT_TRUE(too_fast(who, *frankfurt_anchor, pings(to_frankfurt, 0.94F * least->count())));
    EXPECT_FALSE(too_fast(who, *frankfurt_anchor, pings(to_frankfurt, 0.96F * least->count())));
    EXPECT_FALSE(too_fast(who, *frankfurt_anchor, pings(to_frankfurt, 0, 0)));  // no answer is not a fast one
    EXPECT_FALSE(least_possible(who, *anchors().find(to_amsterdam)));
    who.claimed.reset();
    EXPECT_FALSE(least_possible(who, *frankfurt_anchor));
    EXPECT_EQ(anchors().find(measurement(99)), nullptr);
}

}  // namespace
}  // namespace tp::registry::detect
