#include "store/pool.hpp"
#include "tests/unit/store/fixture.hpp"

namespace tp::store {
namespace {

using namespace std::chrono_literals;

class placement_test : public store_test {
protected:
    controller_record named(std::string const& name)
    {
        auto const all = wait(list_controllers(database_)).value();
        return *std::find_if(all.begin(), all.end(), [&](auto const& each) { return each.name == name; });
    }
};

TEST_F(placement_test, a_controller_says_where_it_stands)
{
    controller_site const site{"europe", "hall 1"};
    ASSERT_TRUE(wait(register_controller(database_, "c1", {"192.0.2.1:1"}, key_number(1), 10, site)));
    EXPECT_EQ(named("c1").region, "europe");
    EXPECT_EQ(named("c1").failure_domain, "hall 1");
    EXPECT_FALSE(named("c1").drained);
}

TEST_F(placement_test, what_a_controller_claims_beyond_bounds_is_not_taken)
{
    auto const one = start_controller("c1");
    EXPECT_TRUE(wait(beat(database_, one, most_capacity)));
    EXPECT_EQ(wait(beat(database_, one, most_capacity + 1)).error(), errc::rejected);
    EXPECT_EQ(named("c1").sessions, most_capacity);
    auto const claim = [&](std::uint32_t capacity) {
        return wait(register_controller(database_, "c1", {"192.0.2.1:1"}, key_number(1), capacity, {}));
    };
    EXPECT_TRUE(claim(most_capacity));
    for (auto const capacity : {0U, most_capacity + 1}) EXPECT_EQ(claim(capacity).error(), errc::rejected) << capacity;
    EXPECT_EQ(named("c1").capacity, most_capacity);
    for (auto const* const sql : {"update controller set sessions = -1", "update controller set capacity = -1"})
        EXPECT_EQ(wait(database_.connections().run(sql)).error(), errc::rejected) << sql;
}

TEST_F(placement_test, a_database_that_was_put_back_gives_no_start_twice)
{
    auto const unix_now = [] { return to_unix_seconds(wall_now()) - 1; };  // the database rounds
    auto const began = unix_now();
    auto const first = start_controller("c1");
    EXPECT_GE(first.number, began);
    ASSERT_TRUE(wait(database_.connections().run("update controller set starts = 1")));
    EXPECT_GE(start_controller("c1").number, began) << "as of now, not the one after the last that it knows";
    ASSERT_TRUE(wait(database_.connections().run("update controller set starts = 9000000000")));
    EXPECT_EQ(start_controller("c1").number, 9'000'000'001) << "behind a clock that was ahead";
}

TEST_F(placement_test, of_two_processes_with_one_name_the_later_one_is_in_charge)
{
    auto const older = start_controller("c1");
    EXPECT_EQ(wait(beat(database_, older, 3)).value(), tenure::holds);
    auto const newer = start_controller("c1");
    EXPECT_EQ(newer.id, older.id);
    EXPECT_EQ(wait(beat(database_, newer, 5)).value(), tenure::holds);
    EXPECT_EQ(wait(beat(database_, older, 4)).value(), tenure::replaced);
    EXPECT_EQ(named("c1").sessions, 5U);
    EXPECT_EQ(wait(beat(database_, {newer.id, newer.number + 1}, 4)).value(), tenure::unknown);
    EXPECT_EQ(wait(beat(database_, {*controller_id::from(77), 1}, 4)).value(), tenure::unknown);

    auto const id = probe(1);
    ASSERT_TRUE(wait(session_opened(database_, id, newer.id, *parse_address("192.0.2.9"), "1", {"ping4"})));
    auto const status = [&] { return wait(find_probe_by_id(database_, id))->status; };
    ASSERT_TRUE(wait(close_sessions_of(database_, older)));
    EXPECT_EQ(status(), probe_status::connected);
    ASSERT_TRUE(wait(close_sessions_of(database_, newer)));
    EXPECT_EQ(status(), probe_status::disconnected);
}

TEST_F(placement_test, a_controller_cannot_be_heard_before_its_time)
{
    controller("c1");
    ASSERT_TRUE(wait(database_.connections().run("update controller set heartbeat_at = now() + interval '1 year'")));
    auto const ahead = wait(database_.connections().run("select heartbeat_at > now() from controller")).value();
    EXPECT_FALSE(ahead.flag(0, 0));
}

TEST_F(placement_test, firsts_and_seconds_are_counted_while_their_lease_lasts)
{
    auto const one = controller("c1"), two = controller("c2");
    ASSERT_TRUE(wait(place_probe(database_, probe(1), {one, two}, 1h)));
    ASSERT_TRUE(wait(place_probe(database_, probe(2), {one}, 1h)));
    ASSERT_TRUE(wait(place_probe(database_, probe(3), {two, one}, -1s)));
    EXPECT_EQ(named("c1").placed, 2U);
    EXPECT_EQ(named("c1").standby, 0U);
    EXPECT_EQ(named("c2").placed, 0U);
    EXPECT_EQ(named("c2").standby, 1U);
    auto const pairs = wait(placed_pairs(database_)).value();
    ASSERT_EQ(pairs.size(), 2U);
    EXPECT_EQ(pairs[0].second, two);
    EXPECT_EQ(pairs[0].probes, 1U);
    EXPECT_EQ(pairs[1].second, std::nullopt);
}

TEST_F(placement_test, a_last_place_that_is_counted_is_given_away_once)
{
    auto const one = controller("c1");
    auto const room_for = [&](int count) {
        EXPECT_TRUE(
            wait(database_.connections().run("update controller set capacity = $1::int", parameters::of(count))));
    };
    room_for(2);
    std::vector<controller_id> const there{one};
    std::vector<result<void>> outcomes;
    for (unsigned i = 1; i <= 6; ++i) {
        asio::co_spawn(io_, place_probe(database_, probe(i), there, 1h, vacancy::scarce),
                       [&](std::exception_ptr, result<void> each) { outcomes.push_back(each); });
    }
    io_.restart();
    while (outcomes.size() < 6 && io_.run_one() > 0) {
    }
    EXPECT_EQ(std::count_if(outcomes.begin(), outcomes.end(), [](auto const& each) { return each.has_value(); }), 2);
    for (auto const& each : outcomes) EXPECT_TRUE(each || each.error() == errc::conflict) << each.error().message();
    EXPECT_EQ(named("c1").placed, 2U);
    room_for(1);  // who is there stays, and others take no place from it
    auto const holder = wait(probes_placed_on(database_, one, 1)).value().at(0).probe;
    EXPECT_TRUE(wait(place_probe(database_, holder, there, 1h, vacancy::scarce)));
    EXPECT_EQ(wait(place_probe(database_, probe(7), there, 1h, vacancy::scarce)).error(), errc::conflict);
}

TEST_F(placement_test, a_drained_controller_stays_so_over_a_restart_until_it_is_resumed)
{
    controller("c1");
    ASSERT_TRUE(wait(drain_controller(database_, "c1", true, "new disks")));
    controller("c1");
    EXPECT_TRUE(named("c1").drained);
    EXPECT_EQ(named("c1").drained_because, "new disks");
    ASSERT_TRUE(wait(drain_controller(database_, "c1", false, "")));
    EXPECT_FALSE(named("c1").drained);
    EXPECT_EQ(named("c1").drained_because, "");
    EXPECT_EQ(wait(drain_controller(database_, "c9", true, "")).error(), errc::not_found);
}

TEST_F(placement_test, what_a_place_depends_on_is_read_at_once)
{
    auto const one = controller("c1"), two = controller("c2");
    auto const id = probe(1);
    ASSERT_TRUE(wait(record_location(database_, id, {.country = "NL"})));
    auto found = wait(probe_to_place(database_, id)).value();
    EXPECT_EQ(found.country, "NL");
    EXPECT_TRUE(found.present.empty());
    ASSERT_TRUE(wait(place_probe(database_, id, {two, one}, 1h)));
    found = wait(probe_to_place(database_, id)).value();
    EXPECT_EQ(found.present, (std::vector{two, one}));
    EXPECT_EQ(wait(probe_to_place(database_, *probe_id::from(4711))).error(), errc::not_found);
    EXPECT_EQ(wait(probes_placed_on(database_, two, 10))->at(0).probe, id);
    EXPECT_TRUE(wait(probes_placed_on(database_, one, 10))->empty());
    EXPECT_TRUE(wait(probes_placed_on(database_, two, 0))->empty());
}

TEST_F(placement_test, the_nearest_that_a_probe_was_to_a_controller_is_its_distance)
{
    auto const one = controller("c1"), two = controller("c2");
    auto const id = probe(1);
    auto const visit = [&](controller_id where, std::optional<std::chrono::microseconds> round_trip) {
        ASSERT_TRUE(wait(session_opened(database_, id, where, *parse_address("192.0.2.9"), "1", {}, {}, round_trip)));
    };
    visit(one, 30ms);
    visit(one, 20ms);
    visit(two, std::nullopt);
    EXPECT_EQ(wait(probe_to_place(database_, id)).value().distances, (std::vector{controller_distance{one, 20ms}}));
    visit(two, 1h);
    EXPECT_EQ(wait(probe_to_place(database_, id)).value().distances.size(), 2U);
    for (int i = 0; i < 50; ++i) visit(two, 5ms);
    EXPECT_EQ(wait(probe_to_place(database_, id)).value().distances, (std::vector{controller_distance{two, 5ms}}))
        << "only the newest sessions count";
}

TEST_F(placement_test, what_is_usual_in_a_country_stands_in_for_what_was_never_measured)
{
    auto const one = controller("c1"), two = controller("c2");
    std::vector<probe_id> probes;
    for (unsigned i = 1; i <= 4; ++i) {
        probes.push_back(probe(i));
        ASSERT_TRUE(wait(record_location(database_, probes.back(), {.country = "NL"})));
        if (i == 4) break;
        for (auto const where : {one, two}) {
            auto const far = (where == one ? 10ms : 50ms) * i;
            ASSERT_TRUE(
                wait(session_opened(database_, probes.back(), where, *parse_address("192.0.2.9"), "1", {}, {}, far)));
        }
    }
    ASSERT_TRUE(wait(session_opened(database_, probes[3], two, *parse_address("192.0.2.9"), "1", {}, {}, 7ms)));
    ASSERT_TRUE(wait(refresh_typical_distances(database_)));
    EXPECT_EQ(wait(probe_to_place(database_, probes[3])).value().distances,
              (std::vector{controller_distance{two, 7ms}, controller_distance{one, 20ms}}));
    auto const elsewhere = probe(5);
    ASSERT_TRUE(wait(record_location(database_, elsewhere, {.country = "DE"})));
    EXPECT_TRUE(wait(probe_to_place(database_, elsewhere)).value().distances.empty());
}

TEST_F(placement_test, one_leads_until_it_is_silent)
{
    EXPECT_EQ(wait(take_lead(database_, "moves", "a", 1h)).value(), leadership::ours);
    EXPECT_EQ(wait(take_lead(database_, "moves", "b", 1h)).value(), leadership::theirs);
    EXPECT_EQ(wait(take_lead(database_, "other", "b", 1h)).value(), leadership::ours);
    EXPECT_EQ(wait(take_lead(database_, "moves", "a", -1s)).value(), leadership::ours);
    EXPECT_EQ(wait(take_lead(database_, "moves", "b", 1h)).value(), leadership::ours);
}

}  // namespace
}  // namespace tp::store
