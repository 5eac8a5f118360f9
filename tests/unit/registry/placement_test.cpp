#include "registry/placement.hpp"

#include <gmock/gmock.h>

#include <map>

namespace tp::registry {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::string_view some_key = "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";

probe_id probe(int number)
{
    return probe_id::from(number).value();
}

controller_id id(int number)
{
    return controller_id::from(number).value();
}

store::controller_record controller(int number, std::uint32_t capacity = 1000, std::uint32_t sessions = 0,
                                    std::uint32_t placed = 0, seconds age = seconds{1})
{
    return {.id = id(number),
            .name = "c" + std::to_string(number),
            .addresses = {"192.0.2.1:7441"},
            .host_key = ssh::public_key::parse(some_key).value(),
            .capacity = capacity,
            .sessions = sessions,
            .placed = placed,
            .heartbeat_age = age};
}

TEST(placement, says_why_there_is_no_place)
{
    EXPECT_EQ(choose({}, probe(1), {}).none_because, "no controller is running");
    auto const silent = choose({controller(1, 1000, 0, 0, seconds{15})}, probe(1), {});
    EXPECT_EQ(silent.none_because, "no controller is running");
    auto const full = choose({controller(1, 10, 10), controller(2, 10, 0, 10)}, probe(1), {});
    EXPECT_THAT(full.ranked, IsEmpty());
    EXPECT_EQ(full.none_because, "all controllers are full");
}

TEST(placement, gives_two_controllers_where_there_are_two)
{
    auto const chosen =
        choose({controller(1), controller(2, 1000, 0, 0, seconds{20}), controller(3), controller(4)}, probe(1), {});
    EXPECT_THAT(chosen.ranked, SizeIs(2));
    EXPECT_NE(chosen.ranked[0], chosen.ranked[1]);
    EXPECT_THAT(chosen.ranked, testing::Not(testing::Contains(1U)));
    EXPECT_THAT(choose({controller(1)}, probe(1), {}).ranked, ElementsAre(0U));
}

TEST(placement, spreads_probes_in_proportion_to_free_capacity)
{
    std::vector const controllers{controller(1, 1000), controller(2, 2000), controller(3, 1000, 500)};
    std::map<std::size_t, int> firsts;
    for (int i = 1; i <= 7000; ++i) ++firsts[choose(controllers, probe(i), {}).ranked.front()];
    EXPECT_NEAR(firsts[0], 2000, 200);  // more than four standard deviations
    EXPECT_NEAR(firsts[1], 4000, 200);
    EXPECT_NEAR(firsts[2], 1000, 200);
}

TEST(placement, gives_the_same_answer_again)
{
    std::vector const controllers{controller(1), controller(2), controller(3)};
    for (int i = 1; i <= 50; ++i) {
        EXPECT_EQ(choose(controllers, probe(i), {}).ranked, choose(controllers, probe(i), {}).ranked);
    }
}

TEST(placement, keeps_the_present_controller_while_it_is_good)
{
    std::vector controllers{controller(1), controller(2), controller(3)};
    for (int i = 1; i <= 50; ++i) EXPECT_EQ(choose(controllers, probe(i), {id(2)}).ranked.front(), 1U);
    controllers[1] = controller(2, 1000, 1000);  // full, but far busier than the others
    for (int i = 1; i <= 50; ++i) EXPECT_NE(choose(controllers, probe(i), {id(2)}).ranked.front(), 1U);
    controllers[1] = controller(2, 1000, 0, 0, seconds{30});
    for (int i = 1; i <= 50; ++i) EXPECT_NE(choose(controllers, probe(i), {id(2)}).ranked.front(), 1U);
}

TEST(placement, keeps_the_present_controller_when_all_are_full)
{
    std::vector const controllers{controller(1, 100, 100), controller(2, 100, 100)};
    EXPECT_THAT(choose(controllers, probe(1), {id(2), id(1)}).ranked, ElementsAre(1U));
}

TEST(placement, forgets_a_controller_that_is_gone)
{
    EXPECT_THAT(choose({controller(1)}, probe(1), {id(9), id(1)}).ranked, ElementsAre(0U));
}

TEST(placement, moves_only_the_probes_of_the_dead_controller_and_over_all_others)
{
    std::vector controllers{controller(1), controller(2), controller(3), controller(4)};
    std::map<int, std::size_t> before;
    for (int i = 1; i <= 2000; ++i) before[i] = choose(controllers, probe(i), {}).ranked.front();
    controllers[0].heartbeat_age = seconds{60};
    std::map<std::size_t, int> heirs;
    for (int i = 1; i <= 2000; ++i) {
        auto const now = choose(controllers, probe(i), {}).ranked.front();
        if (before[i] == 0)
            ++heirs[now];
        else
            EXPECT_EQ(now, before[i]);
    }
    for (std::size_t heir = 1; heir <= 3; ++heir) EXPECT_GT(heirs[heir], 100);
}

TEST(placement, jitters_between_once_and_twice)
{
    EXPECT_EQ(jittered(seconds{10}, 0), seconds{10});
    EXPECT_EQ(jittered(seconds{10}, 0.5), seconds{15});
    EXPECT_EQ(jittered(seconds{10}, 0.999), seconds{19});
}

}  // namespace
}  // namespace tp::registry
