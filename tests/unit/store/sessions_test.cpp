#include "store/pool.hpp"
#include "tests/unit/store/fixture.hpp"

namespace tp::store {
namespace {

using namespace std::chrono_literals;

using sessions_test = store_test;

TEST_F(sessions_test, the_end_of_an_older_session_changes_nothing)
{
    auto const id = probe(1);
    auto const where = controller();
    auto const address = *parse_address("192.0.2.9");
    auto const older = wait(session_opened(database_, id, where, address, "1", {"ping4"})).value();
    auto const newer = wait(session_opened(database_, id, where, address, "1", {"ping4", "ping6"})).value();
    ASSERT_TRUE(wait(session_closed(database_, id, older, "replaced", false, true)));
    EXPECT_EQ(wait(find_probe_by_id(database_, id))->status, probe_status::connected);
    ASSERT_TRUE(wait(session_closed(database_, id, newer, "gone")));
    EXPECT_EQ(wait(find_probe_by_id(database_, id))->status, probe_status::disconnected);
}

TEST_F(sessions_test, the_log_holds_one_open_session_of_a_probe)
{
    auto const id = probe(1);
    auto const where = controller();
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(wait(session_opened(database_, id, where, *parse_address("192.0.2.9"), "1", {})));
    auto const open = wait(database_.connections().run("select count(*) from probe_session where closed_at is null"));
    EXPECT_EQ(open->integer(0, 0), 1);
}

TEST_F(sessions_test, a_probe_was_last_connected_when_its_session_ended)
{
    auto const id = probe(1);
    auto const session =
        wait(session_opened(database_, id, controller(), *parse_address("192.0.2.9"), "1", {})).value();
    ASSERT_TRUE(wait(database_.connections().run(
        "with s as (update probe_session set opened_at = opened_at - interval '1 hour') "
        "update probe set last_connected = now() - interval '1 hour', status_since = now() - interval '1 hour'")));
    ASSERT_TRUE(wait(session_closed(database_, id, session, "gone")));
    auto const found = wait(find_probe_by_id(database_, id)).value();
    EXPECT_LT(wall_now() - *found.last_connected, 10min);
    EXPECT_GE(found.total_uptime, 1h);
}

TEST_F(sessions_test, a_silent_controller_has_no_sessions)
{
    auto const here = probe(1), there = probe(2);
    auto const silent = controller("c1"), well = controller("c2");
    auto const address = *parse_address("192.0.2.9");
    ASSERT_TRUE(wait(session_opened(database_, here, silent, address, "1", {})));
    ASSERT_TRUE(wait(session_opened(database_, there, well, address, "1", {})));
    ASSERT_TRUE(wait(database_.connections().run(
        "update controller set heartbeat_at = now() - interval '1 hour' where name = 'c1'")));
    ASSERT_TRUE(wait(close_sessions_of_silent(database_, 60s)));
    EXPECT_EQ(wait(find_probe_by_id(database_, here))->status, probe_status::disconnected);
    EXPECT_EQ(wait(find_probe_by_id(database_, there))->status, probe_status::connected);
}

TEST_F(sessions_test, of_events_the_newest_thousand_are_kept)
{
    auto const id = probe(1);
    std::vector<probe_event> many(1'100, probe_event{id, wall_now(), "kind", std::string("with \0 in it", 12)});
    ASSERT_TRUE(wait(record_events(database_, many)));
    ASSERT_TRUE(wait(record_events(database_, {many.front()})));
    auto const kept = wait(database_.connections().run("select count(*) from probe_event"));
    EXPECT_EQ(kept->integer(0, 0), 1'000);
}

TEST_F(sessions_test, a_placement_is_announced_when_a_controller_loses_the_probe)
{
    auto const id = probe(1);
    auto const first = controller("c1"), second = controller("c2"), third = controller("c3");
    auto const announced = [&] {
        auto const found = wait(database_.connections().run("select count(*) from change where kind = 'placement'"));
        return found->integer(0, 0);
    };
    auto const place = [&](std::vector<controller_id> where) {
        EXPECT_TRUE(wait(place_probe(database_, id, std::move(where), 1h)));
        return announced();
    };
    EXPECT_EQ(place({first}), 0);  // nobody had it
    EXPECT_EQ(place({first}), 0);
    EXPECT_EQ(place({first, second}), 0);
    EXPECT_EQ(place({second, first}), 0);
    EXPECT_EQ(place({second, third}), 1);
    EXPECT_EQ(place({third}), 2);
    EXPECT_EQ(wait(place_probe(database_, *probe_id::from(4711), {first}, 1h)).error(), errc::not_found);
}

}  // namespace
}  // namespace tp::store
