#include "store/pool.hpp"

#include <set>

#include "tests/unit/store/fixture.hpp"

namespace tp::store {
namespace {

using namespace std::chrono_literals;

TEST_F(store_test, values_come_back_as_they_went)
{
    parameters values;
    values.add("text with 'quotes' and ; --");
    values.add_octets(std::string("\0\1\xff", 3));
    values.add(std::vector<std::string>{"a,b", "c\"d\\", ""});
    values.add(std::optional<std::int32_t>{});
    auto const found = wait(database_.connections().run("select $1::text, $2::bytea, $3::text[], $4::int", values));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->text(0, 0), "text with 'quotes' and ; --");
    EXPECT_EQ(found->octets(0, 1), std::string("\0\1\xff", 3));
    EXPECT_EQ(found->texts(0, 2), (std::vector<std::string>{"a,b", "c\"d\\", ""}));
    EXPECT_TRUE(found->null(0, 3));
}

TEST_F(store_test, a_refused_statement_leaves_the_pool_in_order)
{
    EXPECT_EQ(wait(database_.connections().run("select no_such_column")).error(), errc::rejected);
    EXPECT_TRUE(wait(database_.connections().run("select 1")));
}

TEST_F(store_test, a_statement_beyond_its_limit_is_given_up)
{
    database hasty(io_, {.conninfo = conninfo_, .connections = 1, .statement_limit = 1s});
    EXPECT_EQ(wait(hasty.connections().run("select pg_sleep(60)")).error(), errc::timed_out);
    EXPECT_TRUE(wait(hasty.connections().run("select 1"))) << "on a new connection";
}

TEST_F(store_test, more_callers_than_connections_take_turns)
{
    database narrow(io_, {.conninfo = conninfo_, .connections = 2});
    int done = 0;
    for (int i = 0; i < 20; ++i) {
        asio::co_spawn(io_, narrow.connections().run("select pg_sleep(0.01)"),
                       [&](std::exception_ptr, result<rows> answer) { done += answer ? 1 : 0; });
    }
    io_.restart();
    io_.run();
    EXPECT_EQ(done, 20);
}

TEST_F(store_test, a_server_that_went_away_is_unavailable_and_then_there_again)
{
    ASSERT_TRUE(wait(database_.connections().run("select 1")));
    test::cluster::shared().kill();
    EXPECT_EQ(wait(database_.connections().run("select 1")).error(), errc::unavailable);
    EXPECT_EQ(wait(database_.connections().run("select 1")).error(), errc::unavailable);
    test::cluster::shared().start();
    EXPECT_TRUE(wait(database_.wait_until_ready(30s)));
    EXPECT_TRUE(wait(list_controllers(database_)));
}

TEST_F(store_test, a_server_restarted_under_load_costs_errors_and_nothing_else)
{
    auto const where = *controller_id::from(1);
    auto const measurement = *measurement_id::from(1'000'001);
    std::set<std::int64_t> acknowledged;
    for (std::int64_t number = 1; number <= 60; ++number) {
        if (number == 30) test::cluster::shared().restart();
        std::vector<result_row> const rows{{measurement, *probe_id::from(1), wall_now(), number, 1, 0, {}, "x"}};
        // What an intake does: the same commit again until it is known to be stored.
        while (!wait(commit_results(database_, where, number, rows, {}))) {
        }
        acknowledged.insert(number);
    }
    EXPECT_EQ(wait(count_results(database_, measurement))->results, acknowledged.size());
}

}  // namespace
}  // namespace tp::store
