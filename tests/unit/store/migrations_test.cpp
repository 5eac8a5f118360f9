#include "store/migrations.hpp"

#include <algorithm>

#include "store/embedded_migrations.hpp"
#include "store/pool.hpp"
#include "tests/unit/store/fixture.hpp"

namespace tp::store {
namespace {

using migrations_test = store_test;

TEST_F(migrations_test, several_starters_of_an_empty_database_do_not_collide)
{
    auto const empty = test::cluster::shared().make_database();
    database one(io_, {.conninfo = empty}), two(io_, {.conninfo = empty}), three(io_, {.conninfo = empty});
    std::vector<result<void>> outcomes;
    for (auto* const each : {&one, &two, &three})
        asio::co_spawn(io_, migrate(*each), [&](std::exception_ptr, result<void> done) { outcomes.push_back(done); });
    io_.restart();
    io_.run();
    ASSERT_EQ(outcomes.size(), 3U);
    for (auto const& each : outcomes) EXPECT_TRUE(each);
    EXPECT_TRUE(wait(first_administrator(two)));
}

TEST_F(migrations_test, a_newer_schema_is_refused)
{
    ASSERT_TRUE(wait(database_.connections().run("insert into schema_version (number, name) values (9999, 'future')")));
    EXPECT_EQ(wait(migrate(database_)).error(), errc::unsupported);
}

TEST_F(migrations_test, intervals_are_read_from_the_jobs_that_were_there_before)
{
    auto const one = probe(1);
    auto hourly = ping({one}, std::chrono::hours(1)), yearly = ping({one}, std::chrono::hours(24 * 365));
    hourly.job.when.stop = wall_now() + std::chrono::hours(24);
    yearly.job.options = proto::dns_options{.query_argument = "example.net"};
    ASSERT_TRUE(create({ping({one}), hourly, yearly}));
    ASSERT_TRUE(wait(database_.connections().run("alter table measurement drop column interval_s")));
    auto const& all = embedded_migrations();
    auto const intervals = std::ranges::find(all, 28, &embedded_migration::number);
    ASSERT_TRUE(intervals != all.end());
    auto held = wait(database_.connections().acquire());
    ASSERT_TRUE(wait((*held)->script(intervals->sql)));
    auto const found = wait(database_.connections().run("select interval_s from measurement order by id")).value();
    ASSERT_EQ(found.count(), 3);
    EXPECT_FALSE(found.optional_integer(0, 0));
    EXPECT_EQ(found.optional_integer(1, 0), 3'600);
    EXPECT_EQ(found.optional_integer(2, 0), 31'536'000);
}

TEST_F(migrations_test, who_is_not_the_owner_cannot_migrate)
{
    auto stranger = test::cluster::shared().make_database();
    stranger.replace(stranger.find("user=owner"), 10, "user=tp_api");
    database theirs(io_, {.conninfo = stranger});
    EXPECT_EQ(wait(migrate(theirs)).error(), errc::rejected);
}

TEST_F(migrations_test, who_may_not_make_the_missing_roles_is_told_so)
{
    auto const run = [&](char const* sql) { return wait(database_.connections().run(sql)); };
    ASSERT_TRUE(run("drop owned by tp_api"));
    ASSERT_TRUE(run("create role plain login"));
    // Roles belong to the whole server, and other databases still hold grants of tp_api: renamed, it is missing too.
    ASSERT_TRUE(run("alter role tp_api rename to tp_api_away"));
    auto theirs = test::cluster::shared().make_database();
    theirs.replace(theirs.find("user=owner"), 10, "user=plain");
    database plain(io_, {.conninfo = theirs});
    EXPECT_EQ(wait(migrate(plain)).error(), errc::rejected);
    EXPECT_TRUE(run("alter role tp_api_away rename to tp_api"));
    EXPECT_TRUE(run("drop role plain"));
}

}  // namespace
}  // namespace tp::store
