#include "api/cli/up/supervisor.hpp"

#include <gmock/gmock.h>

namespace tp::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using enum supervisor::verb;
using order = supervisor::order;

constexpr std::size_t postgres = 0, registry = 1, controller = 2, api = 3;

class supervisor_test : public testing::Test {
protected:
    void start_all()
    {
        supervisor_.open(3);
        supervisor_.due(now_);
    }
    void pass(steady_time::duration length) { now_ += length; }
    std::vector<order> due() { return supervisor_.due(now_); }

    supervisor supervisor_{{{.stage = 0, .stop_limit = seconds(60)},
                            {.stage = 1, .stop_limit = seconds(15)},
                            {.stage = 2, .stop_limit = seconds(15)},
                            {.stage = 3, .stop_limit = seconds(15)}},
                           1};
    steady_time now_{seconds(1'000)};
};

TEST_F(supervisor_test, starts_nothing_before_its_stage_is_open)
{
    EXPECT_THAT(due(), IsEmpty());
    supervisor_.open(0);
    EXPECT_THAT(due(), ElementsAre(order{start, postgres}));
    EXPECT_THAT(due(), IsEmpty());
    supervisor_.open(3);
    EXPECT_THAT(due(), ElementsAre(order{start, registry}, order{start, controller}, order{start, api}));
    EXPECT_FALSE(supervisor_.next());
}

TEST_F(supervisor_test, starts_again_what_died_after_a_pause_that_grows)
{
    start_all();
    milliseconds before{0};
    for (int i = 0; i < 12; ++i) {
        supervisor_.ended(controller, now_);
        EXPECT_THAT(due(), IsEmpty());
        ASSERT_TRUE(supervisor_.next());
        auto const pause = std::chrono::ceil<milliseconds>(*supervisor_.next() - now_);
        EXPECT_GE(pause, supervisor::first_pause / 2);
        EXPECT_LE(pause, supervisor::longest_pause);
        EXPECT_TRUE(i != 11 || pause > before * 4) << "it did not grow";
        if (i == 0) before = pause;
        pass(pause);
        EXPECT_THAT(due(), ElementsAre(order{start, controller}));
    }
}

TEST_F(supervisor_test, forgets_failures_of_what_ran_well_since)
{
    start_all();
    for (int i = 0; i < 8; ++i) {
        supervisor_.ended(api, now_);
        pass(supervisor::longest_pause);
        EXPECT_THAT(due(), ElementsAre(order{start, api}));
    }
    pass(supervisor::healthy_after);
    supervisor_.ended(api, now_);
    EXPECT_LE(*supervisor_.next() - now_, supervisor::first_pause);
}

TEST_F(supervisor_test, stops_one_stage_after_the_other)
{
    start_all();
    supervisor_.stop();
    for (auto const index : {api, controller, registry, postgres}) {
        EXPECT_THAT(due(), ElementsAre(order{ask, index}));
        EXPECT_THAT(due(), IsEmpty());
        EXPECT_FALSE(supervisor_.finished());
        supervisor_.ended(index, now_);
    }
    EXPECT_TRUE(supervisor_.finished());
    EXPECT_THAT(due(), IsEmpty());
}

TEST_F(supervisor_test, kills_what_does_not_end_and_again_if_it_survived)
{
    start_all();
    supervisor_.stop();
    due();
    EXPECT_EQ(supervisor_.next(), now_ + seconds(15));
    pass(seconds(15));
    EXPECT_THAT(due(), ElementsAre(order{kill, api}));
    EXPECT_THAT(due(), IsEmpty());
    pass(supervisor::kill_again);
    EXPECT_THAT(due(), ElementsAre(order{kill, api}));
    supervisor_.ended(api, now_);
    EXPECT_THAT(due(), ElementsAre(order{ask, controller}));
}

TEST_F(supervisor_test, what_waits_for_its_restart_is_not_started_by_a_stop)
{
    start_all();
    supervisor_.ended(controller, now_);
    supervisor_.stop();
    pass(supervisor::longest_pause);
    EXPECT_THAT(due(), ElementsAre(order{ask, api}));
    supervisor_.ended(api, now_);
    EXPECT_THAT(due(), ElementsAre(order{ask, registry}));
}

TEST_F(supervisor_test, an_early_stop_leaves_closed_stages_closed)
{
    supervisor_.open(0);
    due();
    supervisor_.stop();
    supervisor_.open(3);
    EXPECT_THAT(due(), ElementsAre(order{ask, postgres}));
    supervisor_.ended(postgres, now_);
    EXPECT_TRUE(supervisor_.finished());
}

TEST_F(supervisor_test, with_nothing_started_a_stop_finishes_at_once)
{
    EXPECT_FALSE(supervisor_.finished());
    supervisor_.stop();
    EXPECT_TRUE(supervisor_.finished());
}

TEST_F(supervisor_test, one_of_two_in_a_stage_holds_the_lower_stages)
{
    supervisor two({{.stage = 0}, {.stage = 1}, {.stage = 1}}, 1);
    two.open(1);
    two.due(now_);
    two.stop();
    EXPECT_THAT(two.due(now_), ElementsAre(order{ask, 1}, order{ask, 2}));
    two.ended(1, now_);
    EXPECT_THAT(two.due(now_), IsEmpty());
    two.ended(2, now_);
    EXPECT_THAT(two.due(now_), ElementsAre(order{ask, 0}));
}

}  // namespace
}  // namespace tp::cli
