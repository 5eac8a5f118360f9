#include "store/pool.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
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

TEST_F(store_test, the_server_too_gives_up_what_took_too_long)
{
    database hasty(io_, {.conninfo = conninfo_, .connections = 1, .statement_limit = 1s});
    EXPECT_EQ(wait(hasty.connections().run("select pg_sleep(3600)")).error(), errc::timed_out);
    auto const left = wait(database_.connections().run(
        "select count(*) from pg_stat_activity where query like '%pg_sleep(3600)%' and pid <> pg_backend_pid() "
        "and state = 'active'"));
    EXPECT_EQ(left->integer(0, 0), 0);
}

TEST_F(store_test, connections_given_back_at_once_wake_as_many)
{
    database narrow(io_, {.conninfo = conninfo_, .connections = 2});
    auto& pool = narrow.connections();
    auto one = wait(pool.acquire()), two = wait(pool.acquire());
    std::vector<database::pool::lease> got;
    for (int i = 0; i < 2; ++i) {
        asio::co_spawn(io_, pool.acquire(), [&](std::exception_ptr, result<database::pool::lease> lease) {
            got.push_back(std::move(*lease));  // kept: whoever is second must not depend on the first one's end
        });
    }
    io_.restart();
    io_.poll();
    ASSERT_TRUE(got.empty());
    one = errc::closed;
    two = errc::closed;
    auto const limit = std::chrono::steady_clock::now() + 10s;
    while (got.size() < 2 && std::chrono::steady_clock::now() < limit) io_.run_one_for(100ms);
    EXPECT_EQ(got.size(), 2U);
}

TEST_F(store_test, a_caller_that_is_cancelled_while_it_waits_costs_no_connection)
{
    database narrow(io_, {.conninfo = conninfo_, .connections = 1});
    auto held = wait(narrow.connections().acquire());
    asio::cancellation_signal stop;
    asio::co_spawn(io_, narrow.connections().run("select 1"),
                   asio::bind_cancellation_slot(stop.slot(), [](std::exception_ptr, result<rows>) {}));
    io_.restart();
    io_.poll();
    held = errc::closed;  // the connection is the waiter's now, who is cancelled before it can take it
    stop.emit(asio::cancellation_type::terminal);
    EXPECT_TRUE(wait(narrow.connections().run("select 1")));
}

TEST_F(store_test, a_statement_that_is_cancelled_half_way_leaves_no_trace)
{
    database narrow(io_, {.conninfo = conninfo_, .connections = 1});
    asio::cancellation_signal stop;
    bool ended = false;
    asio::co_spawn(io_, narrow.connections().run("select pg_sleep(60)"),
                   asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr, result<rows>) { ended = true; }));
    io_.restart();
    for (int i = 0; i < 20; ++i) io_.run_one_for(10ms);
    stop.emit(asio::cancellation_type::terminal);
    auto const answer = wait(narrow.connections().run("select 7"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->integer(0, 0), 7);
    EXPECT_TRUE(ended);
}

TEST_F(store_test, a_connection_that_died_while_idle_is_replaced_unnoticed)
{
    database other(io_, {.conninfo = conninfo_, .connections = 1});
    auto const before = wait(other.connections().run("select pg_backend_pid()"))->integer(0, 0);
    parameters whom = parameters::of(before);
    ASSERT_TRUE(wait(database_.connections().run("select pg_terminate_backend($1::int, 10000)", whom)));
    auto const after = wait(other.connections().run("select pg_backend_pid()"));
    ASSERT_TRUE(after);
    EXPECT_NE(after->integer(0, 0), before);
}

TEST(pool, leases_may_outlive_the_database_when_the_loop_is_torn_down)
{
    asio::io_context io;
    database short_lived(io, {.conninfo = test::cluster::shared().make_database(), .connections = 1});
    for (int i = 0; i < 3; ++i)
        asio::co_spawn(io, short_lived.connections().run("select pg_sleep(60)"),
                       [](std::exception_ptr, result<rows>) {});
    for (int i = 0; i < 20; ++i) io.run_one_for(10ms);
}  // no crash: one was in a statement, two in the queue

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
