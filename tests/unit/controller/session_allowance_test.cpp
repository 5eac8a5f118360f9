#include "controller/session_allowance.hpp"

#include <gtest/gtest.h>

namespace tp::controller {
namespace {

using namespace std::chrono_literals;

class session_allowance_test : public testing::Test {
protected:
    unsigned reports()
    {
        unsigned taken = 0;
        while (left_.take_version_report()) ++taken;
        return taken;
    }
    unsigned events()
    {
        unsigned taken = 0;
        while (left_.take_event()) ++taken;
        return taken;
    }

    steady_time opened_{100h};
    session_allowance left_{opened_};
};

TEST_F(session_allowance_test, takes_so_many_reports_and_events_in_an_hour_and_no_more)
{
    EXPECT_EQ(reports(), most_version_reports);
    EXPECT_FALSE(left_.take_version_report());
    EXPECT_EQ(events(), most_events) << "each has a number of its own";
    EXPECT_FALSE(left_.take_event());
}

TEST_F(session_allowance_test, has_room_again_when_the_hour_is_over_and_not_a_moment_before)
{
    reports();
    events();
    left_.heard(opened_ + allowance_window - 1ns);
    EXPECT_EQ(reports(), 0U);
    EXPECT_EQ(events(), 0U);
    left_.heard(opened_ + allowance_window);
    EXPECT_EQ(reports(), most_version_reports);
    EXPECT_EQ(events(), most_events);
}

TEST_F(session_allowance_test, of_an_hour_is_not_added_to_that_of_the_next)
{
    left_.heard(opened_ + 10 * allowance_window);
    EXPECT_EQ(reports(), most_version_reports);
}

TEST_F(session_allowance_test, counts_the_next_hour_from_when_something_was_heard)
{
    auto const late = opened_ + allowance_window + 30min;
    left_.heard(late);
    reports();
    left_.heard(late + allowance_window - 1ns);
    EXPECT_EQ(reports(), 0U);
    left_.heard(late + allowance_window);
    EXPECT_EQ(reports(), most_version_reports);
}

TEST_F(session_allowance_test, of_unknown_messages_is_that_of_the_whole_session)
{
    for (unsigned i = 0; i < most_unknown_messages; ++i) {
        left_.heard(opened_ + i * allowance_window);
        ASSERT_TRUE(left_.take_unknown_message()) << i;
    }
    left_.heard(opened_ + most_unknown_messages * allowance_window);
    EXPECT_FALSE(left_.take_unknown_message());
}

}  // namespace
}  // namespace tp::controller
