#include "registry/mover.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <optional>

#include "registry/placement/choose.hpp"
#include "tests/unit/store/fixture.hpp"

namespace tp::registry {
namespace {

using namespace std::chrono_literals;

TEST(regions, are_names_with_countries)
{
    regions areas;
    EXPECT_TRUE(areas.add("europe NL DE"));
    EXPECT_TRUE(areas.add("  asia   JP "));
    EXPECT_TRUE(areas.add("nowhere"));
    EXPECT_EQ(areas.of("DE"), "europe");
    EXPECT_EQ(areas.of("JP"), "asia");
    EXPECT_EQ(areas.of("US"), "");
    EXPECT_EQ(areas.of(""), "");
    EXPECT_EQ(areas.add("other NL").error(), errc::conflict);
    for (auto const* const wrong : {"", "  ", "europe nl", "europe NLD", "europe N1"})
        EXPECT_EQ(areas.add(wrong).error(), errc::malformed) << wrong;
}

class mover_test : public store::store_test {
protected:
    mover_test() : one_(add("c1")), two_(add("c2")), three_(add("c3")) {}

    controller_id add(std::string name)
    {
        starts_.push_back(wait(store::register_controller(database_, std::move(name), {"192.0.2.1:7441"},
                                                          store::key_number(99'999), 100))
                              .value());
        return starts_.back().id;
    }
    void resize(std::string name, std::uint32_t capacity)
    {
        EXPECT_TRUE(wait(store::register_controller(database_, std::move(name), {"192.0.2.1:7441"},
                                                    store::key_number(99'999), capacity)));
    }
    std::vector<probe_id> probes_on(controller_id where, unsigned from, unsigned count)
    {
        std::vector<probe_id> out;
        for (unsigned i = from; i < from + count; ++i) {
            out.push_back(probe(i));
            EXPECT_TRUE(wait(store::place_probe(database_, out.back(), {where, where == two_ ? one_ : two_}, 1h)));
        }
        return out;
    }
    std::uint32_t placed_on(controller_id where)
    {
        auto const all = wait(store::list_controllers(database_)).value();
        return std::find_if(all.begin(), all.end(), [&](auto const& each) { return each.id == where; })->placed;
    }

    regions areas_;
    std::vector<store::controller_start> starts_;
    controller_id one_, two_, three_;
    mover mover_{database_, areas_, {.per_second = 6, .lease = 1h}, 1};
};

TEST_F(mover_test, empties_a_drained_controller_some_at_a_time)
{
    probes_on(one_, 1, 10);
    probes_on(two_, 11, 2);
    EXPECT_EQ(wait(mover_.round()).value(), 0U);
    ASSERT_TRUE(wait(store::drain_controller(database_, "c1", true, "new disks")));
    EXPECT_EQ(wait(mover_.round()).value(), 6U);
    EXPECT_EQ(placed_on(one_), 4U);
    EXPECT_EQ(wait(mover_.round()).value(), 4U);
    EXPECT_EQ(placed_on(one_), 0U);
    EXPECT_EQ(placed_on(two_) + placed_on(three_), 12U);
    EXPECT_EQ(wait(mover_.round()).value(), 0U);
    // Nobody keeps it as a second one either.
    for (auto const& each : wait(store::placed_pairs(database_)).value())
        EXPECT_TRUE(each.first != one_ && (each.second != one_ || each.first == two_));
}

TEST_F(mover_test, leaves_the_work_to_the_registry_that_leads)
{
    probes_on(one_, 1, 3);
    ASSERT_TRUE(wait(store::drain_controller(database_, "c1", true, "")));
    ASSERT_TRUE(wait(store::take_lead(database_, "moves", "another", 1h)));
    EXPECT_EQ(wait(mover_.round()).value(), 0U);
    EXPECT_EQ(placed_on(one_), 3U);
}

TEST_F(mover_test, a_probe_stays_until_there_is_room)
{
    probes_on(one_, 1, 3);
    ASSERT_TRUE(wait(store::drain_controller(database_, "c1", true, "")));
    ASSERT_TRUE(wait(store::beat(database_, starts_.at(1), 100)));
    ASSERT_TRUE(wait(store::beat(database_, starts_.at(2), 98)));
    EXPECT_EQ(wait(mover_.round()).value(), 2U);
    EXPECT_EQ(placed_on(three_), 2U);
    EXPECT_EQ(placed_on(one_), 1U);
}

TEST_F(mover_test, moves_nobody_to_a_place_that_a_registration_takes_meanwhile)
{
    probes_on(one_, 1, 4);
    ASSERT_TRUE(wait(store::drain_controller(database_, "c1", true, "")));
    resize("c2", 2);
    resize("c3", 2);
    std::optional<result<std::size_t>> moved;
    asio::co_spawn(io_, put(mover_.round(), moved), asio::detached);
    while (placed_on(two_) + placed_on(three_) == 0 && !moved) {
    }
    // It pauses before the next one, and others take what its list of controllers still calls free.
    for (unsigned i = 11; i < 15; ++i) {
        std::vector<controller_id> const there{placed_on(two_) < 2 ? two_ : three_};
        auto const placed = wait(store::place_probe(database_, probe(i), there, 1h, store::vacancy::scarce));
        EXPECT_TRUE(placed || placed.error() == errc::conflict);
    }
    while (!moved) io_.run_one();
    EXPECT_TRUE(*moved);
    EXPECT_EQ(placed_on(two_), 2U);
    EXPECT_EQ(placed_on(three_), 2U);
}

}  // namespace
}  // namespace tp::registry
