#include "store/signed_targets.hpp"

#include "store/director.hpp"
#include "store/pool.hpp"
#include "tests/unit/store/fixture.hpp"

namespace tp::store {
namespace {

using namespace std::chrono_literals;

class signed_targets_test : public store_test {
protected:
    /// Another timestamp takes the place of the one before.
    void publish()
    {
        ASSERT_TRUE(wait(database_.connections().run("delete from firmware_file")));
        auto const done =
            wait(database_.connections().run("insert into firmware_file (path, size, sha256, stored_at) "
                                             "values ('metadata/timestamp.json', 1, sha256('x'), now())"));
        ASSERT_TRUE(done);
    }
    std::optional<firmware_file_id> unlisted() { return wait(unlisted_repository(database_)).value(); }
    result<void> list(std::vector<signed_target> found)
    {
        return wait(list_signed_targets(database_, unlisted().value(), std::move(found)));
    }
    signed_list listed() { return wait(signed_targets(database_)).value(); }

    static signed_target target(std::uint64_t release, char hash)
    {
        return {"m/stable/" + std::to_string(release), "m", release, 100 + release, std::string(32, hash)};
    }
};

TEST_F(signed_targets_test, without_a_repository_there_is_nothing_to_list)
{
    EXPECT_FALSE(unlisted());
    EXPECT_FALSE(listed().complete);
    EXPECT_TRUE(listed().all.empty());
}

TEST_F(signed_targets_test, are_complete_until_the_repository_is_replaced)
{
    publish();
    ASSERT_TRUE(unlisted());
    EXPECT_TRUE(list({target(2, '2'), target(1, '1')}));
    EXPECT_FALSE(unlisted());
    EXPECT_TRUE(listed().complete);
    EXPECT_EQ(listed().all, (std::vector{target(1, '1'), target(2, '2')}));
    publish();
    EXPECT_TRUE(unlisted());
    EXPECT_FALSE(listed().complete);
    EXPECT_EQ(listed().all.size(), 2U);
}

TEST_F(signed_targets_test, stay_when_officers_withdraw_them)
{
    publish();
    EXPECT_TRUE(list({target(1, '1')}));
    publish();
    EXPECT_TRUE(list({target(2, '2')}));
    EXPECT_TRUE(listed().complete);
    EXPECT_EQ(listed().all, (std::vector{target(1, '1'), target(2, '2')}));
    publish();
    EXPECT_TRUE(list({target(2, 'x'), target(2, '2')})) << "two officers of two channels may sign what they like";
    EXPECT_EQ(listed().all.size(), 3U);
}

TEST_F(signed_targets_test, are_so_many_at_most)
{
    std::vector<signed_target> many;
    for (std::uint64_t i = 1; i <= most_signed_targets; ++i) many.push_back(target(i, 'h'));
    publish();
    EXPECT_TRUE(list(many));
    publish();
    EXPECT_EQ(list({target(most_signed_targets + 1, 'h')}).error(), errc::too_large);
    EXPECT_FALSE(listed().complete);
    EXPECT_EQ(listed().all.size(), most_signed_targets);
    EXPECT_TRUE(list({target(1, 'h')})) << "nothing that is new";
}

}  // namespace
}  // namespace tp::store
