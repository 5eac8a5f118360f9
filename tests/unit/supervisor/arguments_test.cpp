#include "probe/supervisor/arguments.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tp::supervisor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(supervisor_arguments, of_run)
{
    auto const short_one = arguments::read({"run", "--slots", "/s"});
    ASSERT_TRUE(short_one);
    EXPECT_EQ(short_one->tries, 3u);
    EXPECT_EQ(short_one->commit_within, std::chrono::hours(1));
    EXPECT_THAT(short_one->passed_on, IsEmpty());
    auto const long_one = arguments::read(
        {"run", "--slots", "/s", "--tries", "2", "--commit-within", "60", "--", "--config", "/c", "--"});
    ASSERT_TRUE(long_one);
    EXPECT_EQ(long_one->tries, 2u);
    EXPECT_EQ(long_one->commit_within, std::chrono::minutes(1));
    EXPECT_THAT(long_one->passed_on, ElementsAre("--config", "/c", "--"));
}

TEST(supervisor_arguments, give_a_trial_a_week_at_most_and_a_hundred_tries)
{
    auto const read = arguments::read({"run", "--slots", "/s", "--tries", "100", "--commit-within", "604800"});
    ASSERT_TRUE(read);
    EXPECT_EQ(read->tries, 100u);
    EXPECT_EQ(read->commit_within, std::chrono::days(7));
    EXPECT_FALSE(arguments::read({"run", "--slots", "/s", "--tries", "101"}));
    EXPECT_FALSE(arguments::read({"run", "--slots", "/s", "--commit-within", "604801"}));
}

TEST(supervisor_arguments, of_install)
{
    auto const read =
        arguments::read({"install", "--slots", "/s", "--model", "m", "--release", "17", "--floor", "16", "/p"});
    ASSERT_TRUE(read);
    EXPECT_EQ(read->model, "m");
    EXPECT_EQ(read->release, 17u);
    EXPECT_EQ(read->floor, 16u);
    EXPECT_EQ(read->program, "/p");
}

TEST(supervisor_arguments, that_say_too_little_or_something_else_are_refused)
{
    using words = std::vector<std::string_view>;
    for (auto const& each :
         {words{}, words{"go"}, words{"run"}, words{"run", "--slots"}, words{"run", "--slots", ""}, words{"status"},
          words{"run", "--slots", "/s", "more"}, words{"run", "--slots", "/s", "--tries", "0"},
          words{"run", "--slots", "/s", "--tries", "101"}, words{"run", "--slots", "/s", "--tries", "2x"},
          words{"run", "--slots", "/s", "--commit-within", "0"}, words{"run", "--slots", "/s", "--release", "1"},
          words{"status", "--slots", "/s", "--"}, words{"--help", "--slots", "/s"},
          words{"install", "--slots", "/s", "--model", "m", "--release", "1"},
          words{"install", "--slots", "/s", "--model", "m", "/p"},
          words{"install", "--slots", "/s", "--model", "a b", "--release", "1", "/p"},
          words{"install", "--slots", "/s", "--model", "m", "--release", "0", "/p"},
          words{"install", "--slots", "/s", "--model", "m", "--release", "1", "/p", "/q"}})
        EXPECT_FALSE(arguments::read(each)) << testing::PrintToString(each);
}

}  // namespace
}  // namespace tp::supervisor
