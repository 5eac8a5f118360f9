#include <gmock/gmock.h>

#include <map>
#include <random>

#include "registry/placement/choose.hpp"
#include "registry/placement/moves.hpp"
#include "registry/placement/rehearsal.hpp"

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

store::controller_record in(store::controller_record out, std::string region, std::string domain = {})
{
    out.region = std::move(region);
    out.failure_domain = std::move(domain);
    return out;
}

store::controller_record emptied(store::controller_record out)
{
    out.drained = true;
    return out;
}

placement place(std::vector<store::controller_record> const& controllers, int number,
                std::vector<controller_id> present = {}, std::string region = {})
{
    return choose(controllers, {probe(number), std::move(region), std::move(present)});
}

TEST(placement, says_why_there_is_no_place)
{
    EXPECT_EQ(place({}, 1).none_because, "no controller is running");
    EXPECT_EQ(place({controller(1, 1000, 0, 0, seconds{15})}, 1).none_because, "no controller is running");
    EXPECT_EQ(place({emptied(controller(1))}, 1).none_because, "no controller is running");
    auto const full = place({controller(1, 10, 10), controller(2, 10, 0, 10)}, 1);
    EXPECT_THAT(full.ranked, IsEmpty());
    EXPECT_EQ(full.none_because, "all controllers are full");
}

TEST(placement, gives_two_controllers_where_there_are_two)
{
    auto const chosen = place({controller(1), controller(2, 1000, 0, 0, seconds{20}), controller(3), controller(4)}, 1);
    EXPECT_THAT(chosen.ranked, SizeIs(2));
    EXPECT_NE(chosen.ranked[0], chosen.ranked[1]);
    EXPECT_THAT(chosen.ranked, testing::Not(testing::Contains(1U)));
    EXPECT_THAT(place({controller(1)}, 1).ranked, ElementsAre(0U));
}

TEST(placement, spreads_probes_in_proportion_to_free_capacity)
{
    std::vector const controllers{controller(1, 1000), controller(2, 2000), controller(3, 1000, 500)};
    std::map<std::size_t, int> firsts;
    for (int i = 1; i <= 7000; ++i) ++firsts[place(controllers, i).ranked.front()];
    EXPECT_NEAR(firsts[0], 2000, 200);  // more than four standard deviations
    EXPECT_NEAR(firsts[1], 4000, 200);
    EXPECT_NEAR(firsts[2], 1000, 200);
}

TEST(placement, gives_the_same_answer_again)
{
    std::vector const controllers{controller(1), controller(2), controller(3)};
    for (int i = 1; i <= 50; ++i) EXPECT_EQ(place(controllers, i).ranked, place(controllers, i).ranked);
}

TEST(placement, keeps_the_present_controller_while_it_is_good)
{
    std::vector controllers{controller(1), controller(2), controller(3)};
    for (int i = 1; i <= 50; ++i) EXPECT_EQ(place(controllers, i, {id(2)}).ranked.front(), 1U);
    controllers[1] = controller(2, 1000, 1000);  // full, but far busier than the others
    for (int i = 1; i <= 50; ++i) EXPECT_NE(place(controllers, i, {id(2)}).ranked.front(), 1U);
    controllers[1] = controller(2, 1000, 0, 0, seconds{30});
    for (int i = 1; i <= 50; ++i) EXPECT_NE(place(controllers, i, {id(2)}).ranked.front(), 1U);
    controllers[1] = emptied(controller(2));
    for (int i = 1; i <= 50; ++i)
        EXPECT_THAT(place(controllers, i, {id(2)}).ranked, testing::Not(testing::Contains(1U)));
}

TEST(placement, keeps_the_present_controller_when_all_are_full)
{
    std::vector const controllers{controller(1, 100, 100), controller(2, 100, 100)};
    EXPECT_THAT(place(controllers, 1, {id(2), id(1)}).ranked, ElementsAre(1U));
}

TEST(placement, leaves_a_probe_where_it_fled_to)
{
    std::vector const controllers{controller(1, 1000, 0, 0, seconds{60}), controller(2), controller(3), controller(4)};
    for (int i = 1; i <= 50; ++i) EXPECT_EQ(place(controllers, i, {id(1), id(3)}).ranked.front(), 2U);
}

TEST(placement, keeps_the_second_controller_while_it_is_good)
{
    std::vector controllers{controller(1), controller(2), controller(3), controller(4)};
    for (int i = 1; i <= 50; ++i) EXPECT_THAT(place(controllers, i, {id(1), id(4)}).ranked, ElementsAre(0U, 3U));
    controllers[3].standby = 1000;
    for (int i = 1; i <= 50; ++i) EXPECT_NE(place(controllers, i, {id(1), id(4)}).ranked.at(1), 3U);
}

TEST(placement, forgets_a_controller_that_is_gone)
{
    EXPECT_THAT(place({controller(1)}, 1, {id(9), id(1)}).ranked, ElementsAre(0U));
}

TEST(placement, moves_only_the_probes_of_the_dead_controller_and_over_all_others)
{
    std::vector controllers{controller(1), controller(2), controller(3), controller(4)};
    std::map<int, std::size_t> before;
    for (int i = 1; i <= 2000; ++i) before[i] = place(controllers, i).ranked.front();
    controllers[0].heartbeat_age = seconds{60};
    std::map<std::size_t, int> heirs;
    for (int i = 1; i <= 2000; ++i) {
        auto const now = place(controllers, i).ranked.front();
        if (before[i] == 0)
            ++heirs[now];
        else
            EXPECT_EQ(now, before[i]);
    }
    for (std::size_t heir = 1; heir <= 3; ++heir) EXPECT_GT(heirs[heir], 100);
}

TEST(placement, prefers_the_probes_region_until_it_is_crowded)
{
    std::vector controllers{in(controller(1), "eu"), in(controller(2), "us"), in(controller(3), "eu"), controller(4)};
    for (int i = 1; i <= 100; ++i) {
        auto const chosen = place(controllers, i, {}, "eu");
        EXPECT_EQ(controllers[chosen.ranked.at(0)].region, "eu");
        EXPECT_EQ(controllers[chosen.ranked.at(1)].region, "eu");
        EXPECT_EQ(place(controllers, i, {}, "us").ranked.at(0), 1U);
    }
    controllers[0].placed = controllers[2].placed = 950;
    std::size_t abroad = 0;
    for (int i = 1; i <= 100; ++i) abroad += controllers[place(controllers, i, {}, "eu").ranked.at(0)].region != "eu";
    EXPECT_GT(abroad, 50U);
}

TEST(placement, calls_a_probe_home_when_there_is_room)
{
    std::vector controllers{in(controller(1), "us"), in(controller(2), "eu")};
    EXPECT_EQ(place(controllers, 1, {id(1)}, "eu").ranked.front(), 1U);
    EXPECT_EQ(place(controllers, 1, {id(1)}, "asia").ranked.front(), 0U);
    EXPECT_EQ(place(controllers, 1, {id(1)}).ranked.front(), 0U);
    controllers[1].placed = 950;
    EXPECT_EQ(place(controllers, 1, {id(1)}, "eu").ranked.front(), 0U);
}

std::size_t first_of(std::vector<store::controller_record> const& controllers, std::vector<int> const& milliseconds,
                     std::vector<controller_id> present = {}, std::string region = {})
{
    seeker who{probe(1), std::move(region), std::move(present)};
    for (std::size_t i = 0; i < milliseconds.size(); ++i)
        if (milliseconds[i] >= 0)
            who.distances.push_back({controllers[i].id, std::chrono::milliseconds(milliseconds[i])});
    return choose(controllers, who).ranked.at(0);
}

TEST(placement, prefers_what_was_measured_near_to_what_lies_in_the_region)
{
    std::vector const controllers{in(controller(1), "eu"), in(controller(2), "us"), in(controller(3), "eu")};
    EXPECT_EQ(first_of(controllers, {60, 5, 90}, {}, "eu"), 1U);
    EXPECT_NE(first_of(controllers, {-1, 5, -1}, {}, "eu"), 1U) << "there is nothing to compare it with";
    EXPECT_NE(first_of(controllers, {14, 40, 5}, {}, "eu"), 1U);
    EXPECT_NE(first_of(controllers, {600, 1400, 620}), 1U) << "behind a satellite all are far, and one is farther";
}

TEST(placement, moves_a_probe_only_from_what_is_far_and_only_to_what_is_near)
{
    std::vector controllers{controller(1), controller(2)};
    EXPECT_EQ(first_of(controllers, {31, 5}, {id(1)}), 1U);
    EXPECT_EQ(first_of(controllers, {30, 5}, {id(1)}), 0U) << "not near, but not far either";
    EXPECT_EQ(first_of(controllers, {-1, 5}, {id(1)}), 0U) << "nobody knows how far it is";
    controllers[1].placed = 950;
    EXPECT_EQ(first_of(controllers, {31, 5}, {id(1)}), 0U) << "the near one is crowded";
    controllers[1].heartbeat_age = seconds{20};
    EXPECT_EQ(first_of(controllers, {31, 5}, {id(1)}), 0U) << "the near one is dead";
}

TEST(placement, comes_to_rest_once_it_has_seen_every_controller)
{
    std::mt19937 random(11);
    for (int round = 0; round < 2'000; ++round) {
        std::vector<store::controller_record> controllers;
        std::vector<int> distances;
        for (int i = 1; i <= 4; ++i) {
            auto const placed = static_cast<std::uint32_t>(random() % 100);
            controllers.push_back(in(controller(i, 1000, 0, placed), random() % 2 ? "eu" : "us"));
            distances.push_back(static_cast<int>(random() % 200) - 50);
        }
        std::vector<controller_id> present;
        for (int moves = 0; moves < 5; ++moves) {
            auto const next = first_of(controllers, distances, present, "eu");
            if (distances[next] < 0) distances[next] = 400;  // now that it is there, it is known: the worst
            present = {controllers[next].id};
        }
        EXPECT_EQ(controllers[first_of(controllers, distances, present, "eu")].id, present.front());
    }
}

TEST(placement, gives_a_second_controller_that_does_not_fail_with_the_first)
{
    std::vector controllers{in(controller(1), "eu", "hall 1"), in(controller(2), "eu", "hall 1"),
                            in(controller(3, 1000, 900), "us", "hall 2")};
    for (int i = 1; i <= 100; ++i) {
        auto const chosen = place(controllers, i, {}, "eu");
        EXPECT_EQ(chosen.ranked.at(1), 2U) << "another hall before the same region";
    }
    controllers[2].sessions = 1000;
    for (int i = 1; i <= 100; ++i) EXPECT_THAT(place(controllers, i, {}, "eu").ranked, SizeIs(2));
}

/// A fleet that lives: probes come and ask again, controllers die, come back, are drained and lie about their load.
class living_fleet {
public:
    explicit living_fleet(unsigned seed) : random_(seed)
    {
        auto const count = 2 + random_() % 5;
        for (unsigned i = 1; i <= count; ++i) {
            auto one = controller(static_cast<int>(i), 10 + static_cast<std::uint32_t>(random_() % 40));
            one.region = any({"", "eu", "us"});
            one.failure_domain = any({"", "hall 1", "hall 2", "hall 3"});
            controllers_.push_back(one);
        }
    }

    void step()
    {
        auto const what = random_() % 20;
        auto& one = controllers_[random_() % controllers_.size()];
        if (what == 0) one.heartbeat_age = one.heartbeat_age < seconds{15} ? seconds{90} : seconds{1};
        if (what == 1) one.drained = !one.drained;
        if (what == 2) one.sessions = static_cast<std::uint32_t>(random_() % (one.capacity + 1));
        if (what == 3) one.sessions = 0;
        if (what == 4) rebalance();
        if (what > 4) ask(1 + static_cast<int>(random_() % 150));
        for (auto const& each : controllers_) {
            EXPECT_LE(each.placed, each.capacity) << each.name;
            EXPECT_EQ(each.placed, counted(each.id, 0));
        }
    }

private:
    std::string any(std::vector<std::string> const& words) { return words[random_() % words.size()]; }

    std::uint32_t counted(controller_id where, std::size_t rank) const
    {
        std::uint32_t out = 0;
        for (auto const& [unused, ranked] : placed_) out += ranked.size() > rank && ranked[rank] == where ? 1 : 0;
        return out;
    }

    void count()
    {
        for (auto& each : controllers_) {
            each.placed = counted(each.id, 0);
            each.standby = counted(each.id, 1);
        }
    }

    void ask(int number, std::optional<controller_id> leaving = {})
    {
        seeker const who{probe(number), number % 3 == 0 ? "eu" : number % 3 == 1 ? "us" : "", placed_[number]};
        auto const chosen = leaving ? choose_elsewhere(controllers_, who, *leaving) : choose(controllers_, who);
        if (!leaving) judge(chosen);
        for (auto const i : chosen.ranked) EXPECT_TRUE(!leaving || controllers_[i].id != *leaving);
        if (chosen.ranked.empty() && placed_[number].empty()) placed_.erase(number);
        if (chosen.ranked.empty()) return;
        placed_[number].clear();
        for (auto const i : chosen.ranked) placed_[number].push_back(controllers_[i].id);
        count();
    }

    void judge(placement const& chosen) const
    {
        EXPECT_EQ(chosen.ranked.empty(), !chosen.none_because.empty());
        for (auto const i : chosen.ranked) EXPECT_TRUE(alive(controllers_[i]) && !controllers_[i].drained);
        if (chosen.ranked.size() < 2) {
            for (std::size_t i = 0; i < controllers_.size(); ++i)
                EXPECT_TRUE(chosen.ranked.empty() || i == chosen.ranked[0] || !has_room(controllers_[i]));
            return;
        }
        auto const& first = controllers_[chosen.ranked[0]];
        if (!share_fate(first, controllers_[chosen.ranked[1]])) return;
        for (auto const& each : controllers_)
            EXPECT_TRUE(!has_room(each) || share_fate(first, each)) << "there was another failure domain";
    }

    void rebalance()
    {
        constexpr std::uint32_t most = 10;
        std::uint32_t moved = 0;
        for (auto const& due : plan_moves(controllers_, most)) {
            moved += due.probes;
            auto left = due.probes;
            auto const places = placed_;
            for (auto const& [number, ranked] : places) {
                if (left == 0) break;
                if (ranked.front() != due.from) continue;
                ask(number, due.from);
                --left;
            }
            EXPECT_EQ(left, 0U) << "more moves were planned than there are probes";
        }
        EXPECT_LE(moved, most);
    }

    std::mt19937 random_;
    std::vector<store::controller_record> controllers_;
    std::map<int, std::vector<controller_id>> placed_;
};

TEST(placement, never_exceeds_a_capacity_and_never_trusts_one_failure_domain_twice)
{
    for (unsigned seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE(seed);
        living_fleet fleet(seed);
        for (int i = 0; i < 600 && !testing::Test::HasFailure(); ++i) fleet.step();
    }
}

TEST(placement, elsewhere_is_never_a_full_controller)
{
    std::vector const some{controller(1), controller(2, 100, 100), controller(3, 100, 0, 100), controller(4)};
    for (int i = 1; i <= 50; ++i) {
        for (auto const second : {id(2), id(3)}) {
            seeker const who{probe(i), {}, {id(1), second}};
            EXPECT_THAT(choose_elsewhere(some, who, id(1)).ranked, ElementsAre(3U));
        }
    }
    std::vector const full{controller(1), controller(2, 100, 100), controller(3, 100, 0, 100)};
    for (auto const second : {id(2), id(3)})
        EXPECT_THAT(choose_elsewhere(full, {probe(1), {}, {id(1), second}}, id(1)).ranked, IsEmpty());
}

TEST(moves, are_planned_for_drained_dead_and_crowded_controllers_in_this_order)
{
    using enum moves::cause;
    std::vector const controllers{controller(1, 100, 90, 90), emptied(controller(2, 100, 30, 30)),
                                  controller(3, 100, 0, 20, seconds{90}), controller(4, 100, 10, 10),
                                  controller(5, 100, 10, 10)};
    // The mean of 1, 4 and 5 is 37 of 100: 1 may have 62, and is brought to 49.
    EXPECT_THAT(plan_moves(controllers, 1000),
                ElementsAre(moves{id(2), 30, drained}, moves{id(3), 20, dead}, moves{id(1), 41, crowded}));
    EXPECT_THAT(plan_moves(controllers, 40), ElementsAre(moves{id(2), 30, drained}, moves{id(3), 10, dead}));
    EXPECT_THAT(plan_moves(controllers, 0), IsEmpty());
}

TEST(moves, never_exceed_the_room_elsewhere)
{
    EXPECT_THAT(plan_moves({emptied(controller(1, 100, 50, 50)), controller(2, 100, 93)}, 1000),
                ElementsAre(moves{id(1), 7, moves::cause::drained}));
    EXPECT_THAT(plan_moves({emptied(controller(1, 100, 50, 50))}, 1000), IsEmpty());
}

TEST(moves, are_not_kept_from_crowded_controllers_by_one_that_says_too_much)
{
    auto const liar = controller(3, 10, store::most_capacity);
    EXPECT_DOUBLE_EQ(mean_load({controller(1, 100, 80), controller(2, 100, 10), liar}), 100.0 / 210);
    auto const planned = plan_moves({controller(1, 100, 80, 80), controller(2, 100, 10, 10), liar}, 1000);
    EXPECT_THAT(planned, ElementsAre(moves{id(1), 80 - 60, moves::cause::crowded}));
}

TEST(moves, leave_a_controller_time_to_come_back)
{
    EXPECT_THAT(plan_moves({controller(1, 100, 50, 50, seconds{59}), controller(2)}, 1000), IsEmpty());
    EXPECT_THAT(plan_moves({controller(1, 100, 50, 50, seconds{60}), controller(2)}, 1000), SizeIs(1));
}

TEST(rehearsal, sends_probes_to_their_second_controller_and_the_rest_to_the_registry)
{
    std::vector const controllers{controller(1, 100, 60, 60), controller(2, 100, 70, 70), controller(3, 100, 20, 20)};
    std::vector<store::placed_pair> const pairs{
        {id(1), id(2), 50}, {id(1), std::nullopt, 10}, {id(2), id(1), 70}, {id(3), id(2), 20}};
    auto const played = rehearse(controllers, pairs, {id(1)});
    EXPECT_EQ(played.probes, 60U);
    EXPECT_EQ(played.at_once, 30U) << "controller 2 has room for 30 of the 50";
    EXPECT_EQ(played.by_the_registry, 30U);
    EXPECT_EQ(played.waiting, 0U);
    ASSERT_THAT(played.heirs, SizeIs(2));
    EXPECT_EQ(played.heirs[0].arriving, 30U);
    EXPECT_EQ(played.heirs[1].arriving, 30U);
}

TEST(rehearsal, says_how_many_would_wait)
{
    std::vector const controllers{controller(1, 100, 60, 60), controller(2, 100, 90, 90),
                                  emptied(controller(3, 100, 5, 5))};
    auto const played = rehearse(controllers, {{id(1), id(2), 60}}, {id(1)});
    EXPECT_EQ(played.at_once, 10U);
    EXPECT_EQ(played.waiting, 50U) << "what is being drained takes nobody";
    auto const all = rehearse(controllers, {{id(1), id(2), 60}, {id(2), id(1), 90}}, {id(1), id(2)});
    EXPECT_EQ(all.probes, 150U);
    EXPECT_EQ(all.waiting, 150U);
}

TEST(rehearsal, never_fills_a_controller_beyond_its_capacity_and_loses_no_probe)
{
    std::mt19937 random(7);
    auto const upto = [&](std::uint32_t most) { return static_cast<std::uint32_t>(random() % (most + 1)); };
    for (int round = 0; round < 2'000; ++round) {
        std::vector<store::controller_record> controllers;
        std::vector<store::placed_pair> pairs;
        int const count = 1 + static_cast<int>(upto(5));
        for (int i = 1; i <= count; ++i) {
            auto const capacity = 1 + upto(200);
            auto one = controller(i, capacity, upto(capacity), 0, seconds{upto(20)});
            one.drained = upto(4) == 0;
            controllers.push_back(one);
        }
        for (int i = 1; i <= count; ++i) {
            for (int j = 0; j <= count; ++j) {
                if (i == j || upto(2) == 0) continue;
                pairs.push_back({id(i), j == 0 ? std::nullopt : std::optional(id(j)), upto(100)});
            }
        }
        std::vector<controller_id> lost{id(1)};
        if (count > 1 && upto(1) == 1) lost.push_back(id(2));
        auto const played = rehearse(controllers, pairs, lost);
        std::uint32_t arriving = 0;
        for (auto const& heir : played.heirs) {
            arriving += heir.arriving;
            EXPECT_LE(heir.before + heir.arriving, std::max(heir.before, heir.capacity));
        }
        EXPECT_EQ(arriving, played.at_once + played.by_the_registry);
        EXPECT_EQ(played.probes, played.at_once + played.by_the_registry + played.waiting);
    }
}

TEST(placement, jitters_between_once_and_twice)
{
    EXPECT_EQ(jittered(seconds{10}, 0), seconds{10});
    EXPECT_EQ(jittered(seconds{10}, 0.5), seconds{15});
    EXPECT_EQ(jittered(seconds{10}, 0.999), seconds{19});
}

}  // namespace
}  // namespace tp::registry
