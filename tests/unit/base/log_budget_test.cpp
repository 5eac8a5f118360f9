#include "base/log_budget.hpp"

#include <gtest/gtest.h>

namespace tp {
namespace {

using namespace std::chrono_literals;

class log_budget_test : public testing::Test {
protected:
    static ip_address address(unsigned number) { return boost::asio::ip::address_v4(0xC0000200 + number); }
    auto take(unsigned source) { return budget_.take(address(source), now_); }

    steady_time now_{1h};
    log_budget budget_{{.of_one = {2, 10s}, .in_all = {5, 1s}}};
};

TEST_F(log_budget_test, one_source_is_told_of_a_few_times_and_how_often_it_was_not)
{
    EXPECT_EQ(take(1), 0U);
    EXPECT_EQ(take(1), 0U);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(take(1), std::nullopt);
    EXPECT_EQ(take(2), 100U) << "others are told of, and what was left out";
    EXPECT_EQ(take(2), 0U);
    now_ += 10s;
    EXPECT_EQ(take(1), 0U);
    EXPECT_EQ(take(1), std::nullopt);
}

TEST_F(log_budget_test, many_sources_are_told_of_a_few_times_in_all)
{
    unsigned told = 0;
    for (unsigned source = 0; source < 200; ++source) told += take(source) ? 1 : 0;
    EXPECT_EQ(told, 5U);
    now_ += 3s;
    EXPECT_EQ(take(300), 195U);
    for (unsigned source = 400; source < 500; ++source) told += take(source) ? 1 : 0;
    EXPECT_EQ(told, 7U);
}

}  // namespace
}  // namespace tp
