#include "store/migrations.hpp"

#include "store_fixture.hpp"

namespace tp::store {

namespace {

class migrations : public store_fixture {};

TEST_F(migrations, change_nothing_the_second_time)
{
    auto const before = sql("select count(*) from schema_version");
    EXPECT_TRUE(call(migrate(db_)));
    EXPECT_EQ(sql("select count(*) from schema_version"), before);
    EXPECT_NE(before, "0");
}

TEST_F(migrations, of_several_starters_do_not_collide)
{
    auto const empty = test::cluster::shared().make_database();
    database::options const where{.conninfo = test::cluster::shared().conninfo(empty)};
    database one(io_, where), two(io_, where), three(io_, where);
    auto const first = begin(migrate(one)), second = begin(migrate(two)), third = begin(migrate(three));
    EXPECT_TRUE(wait(first));
    EXPECT_TRUE(wait(second));
    EXPECT_TRUE(wait(third));
    EXPECT_TRUE(call(first_administrator(two)));
}

TEST_F(migrations, refuse_a_schema_that_is_newer)
{
    sql("insert into schema_version (number, name) values (9999, 'from the future')");
    EXPECT_EQ(call(migrate(db_)).error(), errc::unsupported);
}

TEST_F(migrations, need_an_owner)
{
    auto const empty = test::cluster::shared().make_database();
    database stranger(io_, {.conninfo = test::cluster::shared().conninfo(empty, "tp_api")});
    EXPECT_EQ(call(migrate(stranger)).error(), errc::rejected);
}

}  // namespace
}  // namespace tp::store
