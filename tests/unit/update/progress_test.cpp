// How far an update has come, and what of it is told in LwM2M's words.
#include "probe/update/progress.hpp"

#include <gtest/gtest.h>

#include <cerrno>

#include "firmware-signing/tuf/refusal.hpp"
#include "probe/update/failures.hpp"
#include "probe/update/instruction_pace.hpp"
#include "probe/update/seldom.hpp"

namespace tp::update {
namespace {

using namespace std::chrono_literals;
using firmware::cause;
using firmware::update_result;
using firmware::update_state;

progress following()
{
    progress out;
    out.follow("n", 17);
    return out;
}

TEST(progress, goes_from_step_to_step_and_tells_states_of_lwm2m)
{
    auto one = following();
    EXPECT_EQ(one.state(), update_state::idle);
    EXPECT_EQ(one.result(), update_result::initial);
    struct row {
        phase to;
        update_state state;
    };
    for (auto const& [to, state] :
         {row{phase::refreshing, update_state::idle}, row{phase::downloading, update_state::downloading},
          row{phase::downloaded, update_state::downloaded}, row{phase::installing, update_state::updating},
          row{phase::handing_over, update_state::updating}}) {
        EXPECT_TRUE(one.reach(to)) << name_of(to);
        EXPECT_EQ(one.state(), state) << name_of(to);
        EXPECT_EQ(phase_of(name_of(to)), to);
    }
    EXPECT_FALSE(one.reach(phase::idle)) << "what is handed over is out of our hands";
    EXPECT_EQ(phase_of("no such phase"), std::nullopt);
}

TEST(progress, leaves_no_step_out_but_a_download_that_is_not_needed)
{
    constexpr phase all[] = {phase::idle,       phase::refreshing, phase::downloading,
                             phase::downloaded, phase::installing, phase::handing_over};
    unsigned possible = 0;
    for (auto const from : all) {
        for (auto const to : all) {
            auto one = following();
            for (auto const each : all)
                if (each != phase::idle && each <= from) {
                    ASSERT_TRUE(one.reach(each));
                }
            possible += one.reach(to) ? 1 : 0;
        }
    }
    EXPECT_EQ(possible, 5u + 5u + 1u) << "one on from five, back from five, and the one that is left out";
}

TEST(progress, tells_of_what_may_pass_only_when_it_does_not)
{
    auto one = following();
    EXPECT_TRUE(one.fail(cause::not_reached));
    EXPECT_TRUE(one.fail(cause::not_reached));
    EXPECT_EQ(one.result(), update_result::initial) << "a session that ends is no failed update";
    EXPECT_TRUE(one.fail(cause::not_reached));
    EXPECT_EQ(one.result(), update_result::connection_lost);
    EXPECT_FALSE(one.over()) << "it is tried again all the same";
    one.follow("m", 18);
    EXPECT_EQ(one.result(), update_result::initial);
    EXPECT_TRUE(one.fail(cause::not_reached));
    EXPECT_EQ(one.why(), cause::none);
}

TEST(progress, ends_at_once_with_what_cannot_pass)
{
    auto one = following();
    ASSERT_TRUE(one.reach(phase::refreshing));
    EXPECT_FALSE(one.fail(cause::other_target));
    EXPECT_TRUE(one.over());
    EXPECT_EQ(one.state(), update_state::idle);
    EXPECT_EQ(one.result(), update_result::integrity_failed);
    EXPECT_FALSE(one.reach(phase::refreshing));
}

TEST(progress, of_a_halt_is_over_from_the_beginning)
{
    progress one;
    one.follow("n", 0);
    EXPECT_TRUE(one.over());
    EXPECT_EQ(one.state(), update_state::idle);
    EXPECT_EQ(one.result(), update_result::initial);
}

TEST(progress, knows_what_may_pass)
{
    for (auto const why : {cause::not_reached, cause::too_slow, cause::not_believed, cause::no_such_target,
                           cause::trial_under_way, cause::wrong_length, cause::wrong_hash, cause::no_space, cause::disk,
                           cause::no_memory, cause::other_protocol})
        EXPECT_TRUE(may_pass(why)) << firmware::name_of(why);
    for (auto const why : {cause::no_firmware, cause::other_target, cause::wrong_model, cause::wrong_revision,
                           cause::older_than_known, cause::other_content, cause::below_floor, cause::below_own_floor,
                           cause::too_far, cause::failed_before, cause::too_large})
        EXPECT_FALSE(may_pass(why)) << firmware::name_of(why);
}

TEST(failures, have_causes)
{
    struct row {
        error_code error;
        cause is;
    };
    for (auto const& [error, is] : {row{errc::closed, cause::none},
                                    row{errc::unavailable, cause::not_reached},
                                    row{errc::not_found, cause::not_reached},
                                    row{errc::timed_out, cause::too_slow},
                                    row{tuf::refusal::too_slow, cause::too_slow},
                                    row{tuf::refusal::no_such_target, cause::no_such_target},
                                    row{tuf::refusal::wrong_length, cause::wrong_length},
                                    row{tuf::refusal::wrong_hash, cause::wrong_hash},
                                    row{tuf::refusal::expired, cause::expired},
                                    row{errc::malformed, cause::not_reached},
                                    row{errc::conflict, cause::not_reached},
                                    row{tuf::refusal::malformed, cause::not_believed},
                                    row{error_code(ENOSPC, boost::system::system_category()), cause::no_space},
                                    row{tuf::refusal::wrong_spec, cause::other_protocol},
                                    row{tuf::refusal::unknown_hash, cause::other_protocol},
                                    row{tuf::refusal::too_few_signatures, cause::not_believed},
                                    row{error_code(ENOMEM, boost::system::system_category()), cause::no_memory},
                                    row{error_code(ENOMEM, boost::system::generic_category()), cause::no_memory},
                                    row{error_code(EIO, boost::system::system_category()), cause::disk},
                                    row{error_code(EDQUOT, boost::system::generic_category()), cause::no_space}})
        EXPECT_EQ(cause_of(error), is) << error.message();
}

TEST(failures, of_which_some_cost_as_much_another_time)
{
    for (auto const why : {cause::wrong_length, cause::wrong_hash, cause::no_space, cause::disk, cause::no_memory})
        EXPECT_TRUE(costs_again(why)) << firmware::name_of(why);
    for (auto const why :
         {cause::none, cause::not_reached, cause::too_slow, cause::not_believed, cause::no_such_target})
        EXPECT_FALSE(costs_again(why)) << firmware::name_of(why) << ": another controller may have it";
}

TEST(suspicion, lasts_until_a_round_came_to_its_end)
{
    for (auto const why : {cause::not_believed, cause::expired, cause::wrong_hash, cause::other_target}) {
        EXPECT_TRUE(is_suspicious(false, why, false)) << firmware::name_of(why);
        EXPECT_TRUE(is_suspicious(false, why, true)) << firmware::name_of(why) << ": the last word, and a bad one";
    }
    EXPECT_FALSE(is_suspicious(true, cause::none, true));
    EXPECT_FALSE(is_suspicious(true, cause::wrong_model, true)) << "what was signed was all there";
    for (auto const why : {cause::none, cause::not_reached, cause::disk}) {
        EXPECT_TRUE(is_suspicious(true, why, false)) << firmware::name_of(why) << ": it got no further than before";
        EXPECT_FALSE(is_suspicious(false, why, false)) << firmware::name_of(why);
    }
}

TEST(instruction_pace, takes_a_few_at_once_and_then_one_every_so_often)
{
    instruction_pace one;
    steady_time now{1h};
    for (unsigned i = 0; i < instruction_pace::burst; ++i) {
        EXPECT_LE(one.ready(), now);
        EXPECT_TRUE(one.take(now)) << i;
    }
    EXPECT_FALSE(one.take(now));
    EXPECT_EQ(one.ready(), now + instruction_pace::every);
    EXPECT_FALSE(one.take(one.ready() - 1ns));
    now = one.ready();
    EXPECT_TRUE(one.take(now));
    EXPECT_FALSE(one.take(now));
    now += instruction_pace::burst * instruction_pace::every;
    for (unsigned i = 0; i < instruction_pace::burst; ++i) EXPECT_TRUE(one.take(now)) << i;
    EXPECT_FALSE(one.take(now));
}

TEST(seldom, tells_once_of_each_and_not_without_end)
{
    seldom one;
    steady_time now{1h};
    EXPECT_EQ(one.may_tell(1, 1, now), seldom::answer::yes);
    EXPECT_EQ(one.may_tell(1, 1, now), seldom::answer::no);
    for (std::size_t i = 2; i < seldom::most; ++i) EXPECT_EQ(one.may_tell(1, i, now), seldom::answer::yes);
    EXPECT_EQ(one.may_tell(2, 1, now), seldom::answer::for_the_last_time);
    EXPECT_EQ(one.may_tell(3, 1, now), seldom::answer::no);
    EXPECT_EQ(one.may_tell(3, 1, now + seldom::period), seldom::answer::yes);
}

}  // namespace
}  // namespace tp::update
