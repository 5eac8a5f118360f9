// What may be installed, and what is started: decided without a disk.
#include <gtest/gtest.h>

#include "probe/firmware/admission.hpp"
#include "probe/firmware/commit_gate.hpp"
#include "probe/firmware/starting.hpp"
#include "tests/unit/slots/releases.hpp"

namespace tp::firmware::test {
namespace {

constexpr slot_record nothing{}, committed_16{standing::committed, 16, 0}, committed_15{standing::committed, 15, 0},
    ready_17{standing::ready, 17, 0}, failed_17{standing::failed, 17, 3};

slot_state state(slot_record a, slot_record b, std::uint64_t floor = 10)
{
    return {1, floor, 16, {a, b}, std::nullopt};
}

cause refusal_of(offer const& what, slot_state const& known, std::optional<slot> running = slot::a)
{
    return admit(what, here, known, running).why;
}

TEST(admission, goes_into_the_slot_in_which_nothing_runs)
{
    for (auto const b : {nothing, committed_15, failed_17}) {
        auto const admitted = admit(offer_of(18), here, state(committed_16, b), slot::a);
        EXPECT_EQ(admitted.why, cause::none);
        EXPECT_EQ(admitted.into, slot::b);
        EXPECT_FALSE(admitted.is_here);
    }
    EXPECT_EQ(admit(offer_of(18), here, state(committed_15, committed_16), slot::b).into, slot::a);
    EXPECT_EQ(admit(offer_of(18), here, state(committed_15, committed_16), std::nullopt).into, slot::a);
}

TEST(admission, replaces_what_was_installed_and_never_started)
{
    auto const admitted = admit(offer_of(18), here, state(committed_16, ready_17), slot::a);
    EXPECT_EQ(admitted.why, cause::none);
    EXPECT_EQ(admitted.into, slot::b);
}

TEST(admission, leaves_what_a_trial_goes_back_to)
{
    EXPECT_EQ(refusal_of(offer_of(18), state(committed_16, ready_17), slot::b), cause::trial_under_way);
}

TEST(admission, helps_a_probe_that_runs_what_failed_for_there_is_nothing_else)
{
    auto const admitted = admit(offer_of(18), here, state(nothing, failed_17), slot::b);
    EXPECT_EQ(admitted.why, cause::none);
    EXPECT_EQ(admitted.into, slot::a);
    EXPECT_EQ(admit(offer_of(18), here, state(failed_17, {standing::failed, 16, 3}), std::nullopt).into, slot::b);
}

TEST(admission, says_what_is_wrong)
{
    auto const known = state(committed_16, nothing, 12);
    auto other_model = offer_of(18);
    other_model.content.model = "hw1";
    EXPECT_EQ(refusal_of(other_model, known), cause::wrong_model);

    auto revisions = offer_of(18);
    revisions.revisions = {"r1", "r2"};
    EXPECT_EQ(refusal_of(revisions, known), cause::wrong_revision);
    revisions.revisions = {"r1", here.revision};
    EXPECT_EQ(refusal_of(revisions, known), cause::none);

    EXPECT_EQ(refusal_of(offer_of(11), known), cause::below_floor);
    EXPECT_EQ(refusal_of(offer_of(12), known), cause::older_than_known);
    EXPECT_EQ(refusal_of(offer_of(15), known), cause::older_than_known);
    EXPECT_EQ(refusal_of(offer_of(17), known), cause::none);
    EXPECT_EQ(refusal_of(offer_of(17, 17), known), cause::none);
    EXPECT_EQ(refusal_of(offer_of(17, 18), known), cause::below_own_floor);

    auto from = offer_of(18);
    from.lowest_from = 16;
    EXPECT_EQ(refusal_of(from, known), cause::none);
    from.lowest_from = 17;
    EXPECT_EQ(refusal_of(from, known), cause::too_far);

    auto large = offer_of(18);
    large.content.length = manifest::largest;
    EXPECT_EQ(refusal_of(large, known), cause::none);
    ++large.content.length;
    EXPECT_EQ(refusal_of(large, known), cause::too_large);
}

TEST(admission, of_what_failed_here_needs_a_word)
{
    auto known = state(committed_16, failed_17);
    known.last_failure = failure{17, cause::ended};
    auto again = offer_of(17);
    EXPECT_EQ(refusal_of(again, known), cause::failed_before);
    EXPECT_EQ(refusal_of(offer_of(18), known), cause::none);
    again.again = true;
    EXPECT_EQ(refusal_of(again, known), cause::none);
}

TEST(admission, knows_what_is_here)
{
    auto const admitted = admit(offer_of(17), here, state(committed_16, ready_17), slot::a);
    EXPECT_TRUE(admitted.is_here);
    EXPECT_EQ(admitted.into, slot::b);
    EXPECT_TRUE(admit(offer_of(16), here, state(committed_16, ready_17), slot::a).is_here);
    EXPECT_TRUE(admit(offer_of(17), here, state(committed_16, ready_17), slot::b).is_here) << "on trial";
}

constexpr unsigned most = 3;

TEST(start, is_of_what_is_on_trial_and_is_counted)
{
    auto known = state(committed_16, ready_17);
    for (unsigned tries = 1; tries <= most; ++tries) {
        auto const plan = plan_start(known, {}, most);
        EXPECT_EQ(plan.start, slot::b);
        EXPECT_TRUE(plan.trial && plan.changed);
        EXPECT_EQ(plan.state.of(slot::b).tries, tries);
        known = plan.state;
    }
    auto const back = plan_start(known, {}, most);
    EXPECT_EQ(back.start, slot::a);
    EXPECT_FALSE(back.trial);
    EXPECT_TRUE(back.changed);
    EXPECT_EQ(back.state.of(slot::b).is, standing::failed);
    EXPECT_EQ(back.state.last_failure, (failure{17, cause::ended}));
    auto const later = plan_start(back.state, {}, most);
    EXPECT_EQ(later.start, slot::a);
    EXPECT_FALSE(later.changed) << "nothing is written for what was committed";
}

TEST(start, is_of_the_highest_that_was_committed)
{
    EXPECT_EQ(plan_start(state(committed_15, committed_16), {}, most).start, slot::b);
    EXPECT_EQ(plan_start(state(committed_16, committed_15), {}, most).start, slot::a);
    EXPECT_EQ(plan_start(state(committed_16, failed_17), {}, most).start, slot::a);
}

TEST(start, passes_over_what_is_damaged)
{
    EXPECT_EQ(plan_start(state(committed_16, committed_15), {true, false}, most).start, slot::b);
    EXPECT_EQ(plan_start(state(committed_16, ready_17), {false, true}, most).start, slot::a);
    EXPECT_FALSE(plan_start(state(committed_16, ready_17), {true, true}, most).start);
}

TEST(start, is_never_of_what_lies_below_the_floor)
{
    EXPECT_FALSE(plan_start(state(committed_16, committed_15, 17), {}, most).start);
    EXPECT_FALSE(plan_start(state(committed_16, committed_15, 16), {true, false}, most).start);
    EXPECT_FALSE(plan_uncounted(state(committed_16, committed_15, 17), {}).start);
    EXPECT_EQ(plan_start(state(committed_16, committed_15, 16), {}, most).start, slot::a);
}

TEST(start, is_of_what_failed_rather_than_of_nothing)
{
    auto const plan = plan_start(state(nothing, failed_17), {}, most);
    EXPECT_EQ(plan.start, slot::b);
    EXPECT_FALSE(plan.trial || plan.changed);
    EXPECT_EQ(plan_uncounted(state(nothing, failed_17), {}).start, slot::b);
    EXPECT_FALSE(plan_start(state(nothing, nothing), {}, most).start);
}

TEST(start, that_cannot_be_counted_is_of_what_was_committed)
{
    EXPECT_EQ(plan_uncounted(state(committed_16, ready_17), {}).start, slot::a);
    EXPECT_EQ(plan_uncounted(state(nothing, ready_17), {}).start, slot::b) << "rather than nothing";
    EXPECT_EQ(plan_uncounted(state(committed_16, ready_17), {true, false}).start, slot::b);
}

TEST(boot_reason, is_told_by_the_record_and_the_last_failure)
{
    using proto::boot_reason;
    struct row {
        slot_record started;
        std::optional<failure> last;
        boot_reason is;
    };
    failure const failed_15{15, cause::ended}, failed_18{18, cause::not_committed};
    for (auto const& [started, last, is] :
         {row{{standing::ready, 17, 1}, {}, boot_reason::first_try},
          row{{standing::ready, 17, 0}, {}, boot_reason::first_try},  // the disk took no count
          row{{standing::ready, 17, 2}, {}, boot_reason::further_try},
          row{{standing::ready, 17, 1}, failed_18, boot_reason::first_try},
          row{{standing::ready, 17, slot_state::highest_tries}, {}, boot_reason::further_try},
          row{committed_16, {}, boot_reason::committed}, row{committed_16, failed_15, boot_reason::committed},
          row{committed_16, failure{16, cause::ended}, boot_reason::committed},  // and then worked
          row{committed_16, failure{17, cause::ended}, boot_reason::stepped_in},
          row{failed_17, failure{17, cause::ended}, boot_reason::last_resort},
          row{failed_17, failed_18, boot_reason::last_resort}, row{nothing, {}, boot_reason::not_told}})
        EXPECT_EQ(boot_reason_of(started, last), is) << name_of(started.is) << ' ' << started.tries;
}

TEST(boot_reason, is_that_of_what_was_planned)
{
    auto const reason = [](start_plan const& plan) {
        return boot_reason_of(plan.state.of(*plan.start), plan.state.last_failure);
    };
    auto known = state(committed_16, ready_17);
    for (unsigned i = 0; i < most; ++i) {
        auto const plan = plan_start(known, {}, most);
        EXPECT_EQ(reason(plan), i == 0 ? proto::boot_reason::first_try : proto::boot_reason::further_try);
        known = plan.state;
    }
    EXPECT_EQ(reason(plan_start(known, {}, most)), proto::boot_reason::stepped_in);
}

TEST(commit, raises_floor_and_counter_and_never_lowers_them)
{
    auto known = state(committed_16, ready_17, 12);
    known.commit(slot::b, 5);
    EXPECT_EQ(known.floor, 12u);
    EXPECT_EQ(known.highest, 17u);
    EXPECT_EQ(known.of(slot::b), (slot_record{standing::committed, 17, 0}));
    known.commit(slot::a, 15);
    EXPECT_EQ(known.floor, 15u);
    EXPECT_EQ(known.highest, 17u);
}

TEST(commit_gate, lacks_whatever_is_not_there)
{
    using namespace std::chrono_literals;
    steady_time const begin{1h};
    health const well{begin, true, true, true};
    EXPECT_EQ(what_is_lacking(well, begin + 600s, 600s), lacking::nothing);
    EXPECT_EQ(what_is_lacking(well, begin + 600s - 1ns, 600s), lacking::time);
    EXPECT_EQ(what_is_lacking({std::nullopt, true, true, true}, begin + 600s, 600s), lacking::time);
    EXPECT_EQ(what_is_lacking({begin, false, true, true}, begin + 600s, 600s), lacking::session);
    EXPECT_EQ(what_is_lacking({begin, true, false, true}, begin + 600s, 600s), lacking::measurement);
    EXPECT_EQ(what_is_lacking({begin, true, true, false}, begin + 600s, 600s), lacking::report);
}

}  // namespace
}  // namespace tp::firmware::test
