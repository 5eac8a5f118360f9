#include "registry/rollout/machine.hpp"

#include <gtest/gtest.h>

#include "tests/unit/rollout/samples.hpp"

namespace tp::registry::rollout {
namespace {

using namespace std::chrono_literals;

/// What a case is decided with; one that is told nothing else is approved and found.
struct world {
    definition what = lazily();
    progress at{phase::running, 0, start, start, {}};
    wish wanted = wish::go;
    bool found = true;
    unsigned approvals = 2;
    std::vector<member> members{};
    std::optional<std::string> drifting{};

    decision decide(std::chrono::seconds later = 1s) const
    {
        return rollout::decide({what, at, wanted, {}, found, approvals, members, drifting}, start + later);
    }
    phase next(std::chrono::seconds later = 1s) const { return decide(later).next.now; }
};

progress in(phase now, std::uint32_t wave = 0)
{
    return {now, wave, start, start, {}};
}

TEST(machine, waits_for_its_targets_and_for_as_many_persons_as_its_mode_wants)
{
    world it{.at = in(phase::draft), .found = false, .approvals = 2, .members = many(3, 0, stage::planned)};
    EXPECT_EQ(it.next(), phase::draft);
    it.found = true;
    it.approvals = 0;
    EXPECT_EQ(it.next(), phase::waiting);
    it.approvals = 1;
    EXPECT_EQ(it.next(), phase::running);
    it.what = by_force();
    EXPECT_EQ(it.next(), phase::waiting);
    EXPECT_TRUE(it.decide().instruct.empty());
    it.approvals = 2;
    EXPECT_EQ(it.next(), phase::running);
    EXPECT_EQ(it.decide().instruct.size(), 3u);  // in the same breath
}

TEST(machine, begins_no_wave_while_it_is_to_pause)
{
    world it{.at = in(phase::waiting), .wanted = wish::pause};
    EXPECT_EQ(it.next(), phase::waiting);
    it.wanted = wish::go;
    EXPECT_NE(it.next(), phase::waiting);
}

TEST(machine, is_not_started_when_its_targets_are_gone_meanwhile)
{
    world it{.at = in(phase::waiting), .found = false};
    EXPECT_EQ(it.next(), phase::waiting);
}

TEST(machine, tells_a_wave_and_no_later_one)
{
    world it{.members = many(3, 0, stage::planned) + many(5, 1, stage::planned)};
    EXPECT_EQ(it.decide().instruct, (std::vector<std::size_t>{0, 1, 2}));
    it.at = in(phase::running, 1);
    it.members = many(3, 0, stage::done) + many(5, 1, stage::planned);
    EXPECT_EQ(it.decide().instruct.size(), 5u);
}

TEST(machine, tells_anew_whose_instruction_has_run_out)
{
    world it{.members = many(2, 0, stage::sent)};
    it.members[0].expires = start;
    EXPECT_EQ(it.decide().instruct, (std::vector<std::size_t>{0}));
}

TEST(machine, soaks_after_a_wave_and_then_goes_on)
{
    world it{.members = many(9, 0, stage::done) + many(1, 0, stage::begun) + many(5, 1, stage::planned)};
    EXPECT_EQ(it.next(), phase::running);
    it.members[9].is = stage::done;
    EXPECT_EQ(it.next(), phase::soaking);
    EXPECT_TRUE(it.decide().instruct.empty());
    it.at = in(phase::soaking);
    EXPECT_EQ(it.next(24h - 1s), phase::soaking);
    auto const after = it.decide(24h);
    EXPECT_EQ(after.next.now, phase::running);
    EXPECT_EQ(after.next.wave, 1u);
    EXPECT_EQ(after.instruct.size(), 5u);
}

TEST(machine, takes_a_trial_for_enough_only_when_expedited)
{
    world it{.members = many(9, 0, stage::back)};
    EXPECT_EQ(it.next(), phase::running);
    it.what = by_force();
    EXPECT_EQ(it.next(), phase::soaking);
}

TEST(machine, does_not_wait_for_who_is_away_if_half_have_answered)
{
    world it{.members = many(5, 0, stage::done) + many(5, 0, stage::sent)};
    EXPECT_EQ(it.next(), phase::running);
    for (auto i = 5u; i < 10; ++i) it.members[i].connected = false;
    EXPECT_EQ(it.next(), phase::soaking);
    it.members[0].is = stage::sent;
    it.members[0].connected = false;
    EXPECT_EQ(it.next(), phase::running);
    auto const late = it.what.deadline + 2 * it.what.back_within;
    EXPECT_EQ(it.next(late + 1s), phase::soaking);
    for (auto& each : it.members) {
        each.is = stage::sent;
        each.connected = false;
    }
    EXPECT_EQ(it.next(late + 1s), phase::running);  // nothing has been shown
}

TEST(machine, passes_over_waves_without_probes)
{
    world it{.members = many(5, 1, stage::planned)};
    auto const first = it.decide();
    EXPECT_EQ(first.next.now, phase::running);
    EXPECT_EQ(first.next.wave, 1u);
    EXPECT_EQ(first.instruct.size(), 5u);
}

TEST(machine, is_complete_after_the_last_wave_and_still_tells_who_comes_late)
{
    world it{.at = in(phase::soaking, 4), .members = many(9, 4, stage::done)};
    EXPECT_EQ(it.next(24h), phase::complete);
    it.at = in(phase::complete, 4);
    it.members.push_back(some(77, 4, stage::planned));
    EXPECT_EQ(it.decide().instruct, (std::vector<std::size_t>{9}));
}

TEST(machine, halts)
{
    struct row {
        char const* name;
        std::vector<member> members;
        phase expected;
    };
    auto const ok = [](std::uint32_t count) { return many(count, 0, stage::done); };
    auto gone = many(4, 0, stage::silent);
    for (auto& each : gone) each.connected = false;
    row const rows[] = {
        {"one failure of a few is chance", ok(50) + many(1, 0, stage::failed), phase::running},
        {"two are not", ok(50) + many(2, 0, stage::failed), phase::halted},
        {"1 % is", ok(198) + many(2, 0, stage::failed), phase::running},
        {"more than 1 % is not", ok(197) + many(3, 0, stage::failed), phase::halted},
        {"two silent ones are", ok(20) + many(2, 0, stage::silent), phase::running},
        {"three are not", ok(20) + many(3, 0, stage::silent), phase::halted},
        {"2 % silent ones are", ok(196) + gone, phase::running},
    };
    for (auto const& [name, members, expected] : rows) {
        SCOPED_TRACE(name);
        // Somebody is awaited yet: what is judged is not the wave's end.
        world it{.at = in(phase::running, 1), .members = members + many(1, 1, stage::sent)};
        EXPECT_EQ(name_of(it.next()), name_of(expected)) << it.decide().next.because;
        if (expected == phase::halted) {
            EXPECT_NE(it.decide().next.because, "");
        }
        for (auto const other : {phase::soaking, phase::paused, phase::complete}) {
            it.at = in(other, 1);
            it.wanted = other == phase::paused ? wish::pause : wish::go;
            EXPECT_EQ(it.next() == phase::halted, expected == phase::halted) << name_of(other);
        }
    }
}

TEST(machine, takes_a_trial_that_ended_unheard_for_silence)
{
    auto failed = many(3, 0, stage::failed);
    world it{.at = in(phase::running, 1), .members = many(50, 0, stage::done) + failed + many(1, 1, stage::sent)};
    EXPECT_EQ(it.next(), phase::halted);
    for (auto& each : it.members) each.cause = each.is == stage::failed ? "not-committed" : "";
    it.members[50].cause = "ended";
    EXPECT_EQ(it.next(), phase::running);
    it.members[50].cause = "not-committed";
    EXPECT_EQ(it.next(), phase::halted);
    EXPECT_EQ(it.decide().next.because, "3 of 53 probes that began were not heard again in time");
}

TEST(machine, tells_a_forced_wave_in_steps_until_those_before_speak_for_the_release)
{
    struct row {
        char const* name;
        std::vector<member> before;
        std::size_t told;
    };
    auto const ok = [](std::uint32_t count) { return many(count, 0, stage::back); };
    row const rows[] = {
        {"121 good ones could be chance", ok(121), 96},
        {"122 are enough", ok(122), 5'000},
        {"150 and a bad one are not", ok(150) + many(1, 0, stage::failed), 120},
        {"200 and a bad one are", ok(200) + many(1, 0, stage::failed), 5'000},
        {"of some of them nothing is known yet", ok(200) + many(1, 0, stage::begun), 0},
        {"a hundredth of the fleet is always told", ok(10), 40},
    };
    for (auto const& [name, before, told] : rows) {
        SCOPED_TRACE(name);
        world it{.what = by_force(), .at = in(phase::running, 1), .members = before + many(5'000, 1, stage::planned)};
        EXPECT_EQ(it.decide().instruct.size(), told) << it.decide().next.because;
    }
    world first{.what = by_force(), .members = many(5'000, 0, stage::planned)};
    EXPECT_EQ(first.decide().instruct.size(), 5'000u) << "its size is what persons chose";
}

TEST(machine, tells_a_lazy_wave_so_that_few_have_not_ended_until_those_before_speak_for_the_release)
{
    struct row {
        char const* name;
        std::vector<member> before;
        std::size_t told;
    };
    auto const ok = [](std::uint32_t count) { return many(count, 0, stage::done); };
    auto away = many(1, 1, stage::begun);
    away.front().connected = false;
    away.front().status_since = start;
    row const rows[] = {
        {"two fifths of those that ended", ok(100), 40},
        {"with those that are still to begin", ok(100) + many(30, 1, stage::sent), 10},
        {"and those that are under way", ok(100) + many(25, 1, stage::begun), 15},
        {"and no more", ok(100) + many(40, 1, stage::begun), 0},
        {"none while one that has begun is away", ok(200) + away, 0},
        {"122 good ones speak for it", ok(122) + many(30, 1, stage::sent), 5'000},
        {"not while many that are under way may fail", ok(150) + many(20, 1, stage::begun), 40},
        {"a hundredth of the fleet is always told", ok(10), 40},
    };
    for (auto const& [name, before, told] : rows) {
        SCOPED_TRACE(name);
        world const it{.at = in(phase::running, 1), .members = before + many(5'000, 1, stage::planned)};
        EXPECT_EQ(it.decide().instruct.size(), told) << it.decide().next.because;
    }
    world const first{.members = many(5'000, 0, stage::planned)};
    EXPECT_EQ(first.decide().instruct.size(), 5'000u) << "its size is what persons chose";
}

TEST(machine, does_not_end_a_forced_wave_between_two_steps)
{
    world it{.what = by_force(),
             .at = in(phase::running, 2),
             .members = many(60, 1, stage::back) + many(40, 2, stage::back) + many(5'000, 2, stage::planned)};
    auto const made = it.decide(2h);  // as after a pause, or a step of the clock
    EXPECT_EQ(made.next.now, phase::running);
    EXPECT_EQ(made.instruct.size(), 80u);
    it.members[60].is = stage::begun;
    EXPECT_EQ(it.next(2h), phase::running);
    EXPECT_TRUE(it.decide(2h).instruct.empty());
}

TEST(machine, waits_in_its_steps_for_one_that_comes_and_goes_but_not_for_ever)
{
    world it{.what = by_force(),
             .at = in(phase::running, 1),
             .members = many(200, 0, stage::back) + many(1, 1, stage::sent) + many(50, 1, stage::planned)};
    auto& flapping = it.members[200];
    flapping.status_since = start + 30min;
    EXPECT_TRUE(it.decide(30min).instruct.empty());
    EXPECT_EQ(it.decide(30min + 1s).instruct.size(), 50u);
}

TEST(machine, does_not_take_an_outage_for_a_bad_release)
{
    auto silent = many(6, 0, stage::silent);
    auto near = many(20, 1, stage::planned);  // in the same AS
    for (auto& each : silent) each.connected = false;
    world it{.members = many(60, 0, stage::done) + silent + near};
    for (auto i = 0u; i < 60; ++i) it.members[i].asn = 64600;
    EXPECT_EQ(it.next(), phase::halted);
    for (auto& each : it.members) {
        if (each.is != stage::planned) continue;
        each.connected = false;
        each.status_since = start - 10min;
    }
    EXPECT_NE(it.next(), phase::halted);
    EXPECT_EQ(it.decide().seen.dark, 6u);
}

TEST(machine, halts_on_a_drift_and_takes_back_what_is_under_way)
{
    world it{.at = in(phase::soaking, 1),
             .members = many(3, 0, stage::done) + many(2, 0, stage::back) + many(2, 1, stage::begun) +
                        many(2, 1, stage::sent) + many(3, 2, stage::planned)};
    it.drifting = "round trips changed";
    auto const made = it.decide();
    EXPECT_EQ(made.next.now, phase::halted);
    EXPECT_EQ(made.next.because, "round trips changed");
    EXPECT_EQ(made.withdraw, (std::vector<std::size_t>{5, 6, 7, 8}));
    EXPECT_TRUE(made.instruct.empty());
}

TEST(machine, takes_back_from_who_ended_while_its_instruction_is_good_and_once)
{
    world it{.at = in(phase::halted),
             .members = many(1, 0, stage::done) + many(1, 0, stage::failed) + many(1, 0, stage::silent) +
                        many(1, 0, stage::excused) + many(1, 0, stage::withdrawn)};
    EXPECT_EQ(it.decide().withdraw, (std::vector<std::size_t>{1, 2, 3}));
    for (auto const i : it.decide().withdraw) take_back(it.members[i], start + 1s);
    EXPECT_TRUE(it.decide().withdraw.empty());
    EXPECT_EQ(it.members[1].is, stage::failed);
    EXPECT_EQ(it.members[2].is, stage::silent);
}

TEST(machine, takes_nothing_back_that_another_rollout_has_replaced)
{
    world it{.at = in(phase::halted), .members = many(2, 0, stage::sent) + many(1, 0, stage::excused)};
    it.members[0].told_by_other = it.members[2].told_by_other = true;
    EXPECT_EQ(it.decide().withdraw, (std::vector<std::size_t>{1}));
}

TEST(machine, stops_after_a_wave_with_too_few_successes)
{
    world it{.members = many(8, 0, stage::done) + many(1, 0, stage::failed) + many(1, 0, stage::silent)};
    EXPECT_EQ(it.next(), phase::halted);
    EXPECT_EQ(it.decide().next.because, "8 of 10 probes succeeded, and 97% have to");
}

TEST(machine, obeys_persons)
{
    world it{.members = many(3, 0, stage::planned)};
    it.wanted = wish::pause;
    EXPECT_EQ(it.next(), phase::paused);
    EXPECT_TRUE(it.decide().instruct.empty());
    it.at = in(phase::paused);
    EXPECT_EQ(it.next(), phase::paused);
    it.wanted = wish::go;
    EXPECT_EQ(it.next(), phase::running);
    EXPECT_EQ(it.decide().instruct.size(), 3u);
    it.wanted = wish::halt;
    for (auto const any : every_phase) {
        it.at = in(any);
        EXPECT_EQ(it.next(), phase::halted);
        EXPECT_TRUE(it.decide().instruct.empty());
    }
    it.at = in(phase::halted);
    it.wanted = wish::go;
    EXPECT_EQ(it.next(), phase::halted);  // for good
}

TEST(machine, phases_have_names)
{
    for (auto const each : every_phase) EXPECT_EQ(phase_named(name_of(each)), each);
    EXPECT_EQ(phase_named("asleep"), std::nullopt);
}

}  // namespace
}  // namespace tp::registry::rollout
