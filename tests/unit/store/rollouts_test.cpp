#include "store/rollouts.hpp"

#include <algorithm>

#include "store/director.hpp"
#include "store/pool.hpp"
#include "tests/unit/store/fixture.hpp"

namespace tp::store {
namespace {

using namespace std::chrono_literals;

class rollouts_test : public store_test {
protected:
    rollout_id made(std::string path = "targets/m/stable/7")
    {
        rollout_wish wanted{"lazy", "lab,100%", "lab", 60s, 30s, 90s, {100, 200, 1, 2, 9'700, 500, 1'000}, -7, "why"};
        return wait(create_rollout(database_, std::move(wanted), {std::move(path)}, account())).value();
    }
    rollout_record record(rollout_id id) { return wait(find_rollout(database_, id)).value(); }
    void runs(probe_id id, std::uint64_t release, std::string model = "m")
    {
        firmware_state says{.model = std::move(model), .release = release, .standing = 2};
        EXPECT_TRUE(wait(record_version_report(database_, id, now_, "report", std::move(says))));
    }
    void move(rollout_id id, std::string phase)
    {
        auto const before = record(id).at;
        auto after = before;
        after.phase = std::move(phase);
        EXPECT_TRUE(wait(move_rollout(database_, id, before, after, "moved")));
    }
    std::int64_t count(std::string const& sql)
    {
        return wait(database_.connections().run("select count(*) from " + sql)).value().integer(0, 0);
    }

    wall_time now_ = std::chrono::floor<std::chrono::microseconds>(wall_now());
};

TEST_F(rollouts_test, is_kept_as_it_was_wanted)
{
    auto const id = made();
    auto const kept = record(id);
    EXPECT_EQ(kept.wanted.mode, "lazy");
    EXPECT_EQ(kept.wanted.waves, "lab,100%");
    EXPECT_EQ(kept.wanted.soak, 60s);
    EXPECT_EQ(kept.wanted.back_within, 30s);
    EXPECT_EQ(kept.wanted.deadline, 90s);
    EXPECT_EQ(kept.wanted.limits, (std::vector<std::int32_t>{100, 200, 1, 2, 9'700, 500, 1'000}));
    EXPECT_EQ(kept.wanted.seed, -7);
    EXPECT_EQ(kept.targets, (std::vector<rollout_target>{{"targets/m/stable/7", "", 0, "", 0}}));
    EXPECT_EQ(kept.at.phase, "draft");
    EXPECT_EQ(wait(list_rollouts(database_, 10))->size(), 1U);
    EXPECT_EQ(wait(find_rollout(database_, *rollout_id::from(99))).error(), errc::not_found);
}

TEST_F(rollouts_test, one_person_approves_once)
{
    auto const id = made();
    auto const second = wait(create_account(database_, "second@example.net", role::admin)).value();
    EXPECT_EQ(wait(approve_rollout(database_, id, account())).error(), errc::conflict) << "it is a draft";
    move(id, "waiting");
    EXPECT_TRUE(wait(approve_rollout(database_, id, account())));
    EXPECT_EQ(wait(approve_rollout(database_, id, account())).error(), errc::conflict);
    EXPECT_TRUE(wait(approve_rollout(database_, id, second)));
    EXPECT_EQ(record(id).approved_by.size(), 2U);
    EXPECT_EQ(record(id).approved_by.back(), "second@example.net");
    EXPECT_EQ(wait(approve_rollout(database_, *rollout_id::from(99), second)).error(), errc::not_found);
    move(id, "running");
    auto const third = wait(create_account(database_, "third@example.net", role::admin)).value();
    EXPECT_EQ(wait(approve_rollout(database_, id, third)).error(), errc::conflict) << "it runs";
}

TEST_F(rollouts_test, persons_steer_it_until_it_is_halted)
{
    auto const id = made();
    auto const steer = [&](char const* wish) {
        return wait(steer_rollout(database_, id, wish, "because", account())).has_error()
                   ? std::string("no")
                   : record(id).wish + ' ' + record(id).wished_because;
    };
    EXPECT_EQ(steer("go"), "no");
    EXPECT_EQ(steer("pause"), "pause because");
    EXPECT_EQ(steer("go"), "go because");
    move(id, "complete");
    EXPECT_EQ(steer("pause"), "no");
    EXPECT_EQ(steer("halt"), "halt because");
    EXPECT_EQ(steer("go"), "no");
    auto const told = wait(rollout_history(database_, id, 100)).value();
    EXPECT_EQ(told.front().said, "wants it to halt: because");
    EXPECT_EQ(told.back().said, "created");
    EXPECT_NE(told.back().by, "");
}

TEST_F(rollouts_test, a_report_is_an_event_and_a_state_or_neither)
{
    auto const id = probe(1);
    firmware_state const says{"m", 7,       std::string(32, '\0'),   2, 1,     5,
                              6,   "ended", std::string(16, '\xff'), 3, "1.2", "m/stable/7"};
    ASSERT_TRUE(wait(record_version_report(database_, id, now_, "words", says)));
    auto const kept = wait(firmware_state_of(database_, id)).value();
    EXPECT_EQ(kept.says, says);
    EXPECT_EQ(kept.at, now_);
    EXPECT_EQ(count("probe_event where kind = 'version_report' and detail = 'words'"), 1);
    auto later = says;
    later.release = 8;
    ASSERT_TRUE(wait(record_version_report(database_, id, now_ + 1s, "words", later)));
    EXPECT_EQ(wait(firmware_state_of(database_, id))->says, later);
    EXPECT_EQ(count("probe_event where kind = 'version_report'"), 2);
    EXPECT_TRUE(wait(record_version_report(database_, *probe_id::from(99), now_, "words", says)));
    EXPECT_EQ(wait(firmware_state_of(database_, *probe_id::from(99))).error(), errc::not_found);
}

TEST_F(rollouts_test, no_number_of_other_events_costs_a_report)
{
    auto const id = probe(1);
    for (std::uint64_t release = 1; release <= 3; ++release) runs(id, release);
    std::vector<probe_event> const many(1'001, probe_event{id, now_, "kind", "text"});
    std::vector<probe_event> const posing(1'001, probe_event{id, now_, "version_report", "not signed"});
    ASSERT_TRUE(wait(record_events(database_, many)));
    ASSERT_TRUE(wait(record_events(database_, posing)));
    EXPECT_EQ(count("probe_event where kind = 'version_report' and detail = 'report'"), 3);
    EXPECT_EQ(count("probe_event where kind = 'kind'"), 1'000);
    EXPECT_EQ(count("probe_event"), 1'003) << "what only calls itself a report is none";
}

TEST_F(rollouts_test, of_reports_the_oldest_goes_when_there_are_a_thousand)
{
    auto const id = probe(1), other = probe(2);
    runs(other, 1);
    ASSERT_TRUE(wait(record_events(database_, {{id, now_, "kind", "text"}})));
    ASSERT_TRUE(wait(database_.connections().run(
        "insert into probe_event (probe_id, at, kind, detail) "
        "select $1::int, now(), 'version_report', n::text from generate_series(1, 999) n order by n",
        parameters::of(id.value()))));
    auto const all = "probe_event where probe_id = " + id.text();
    runs(id, 1);
    EXPECT_EQ(count(all), 1'001);
    runs(id, 1);
    EXPECT_EQ(count(all), 1'001);
    EXPECT_EQ(count(all + " and kind = 'kind'"), 1);
    EXPECT_EQ(count(all + " and detail = 'report'"), 2);
    EXPECT_EQ(count(all + " and detail = '1'"), 0);
    EXPECT_EQ(count(all + " and detail = '2'"), 1);
    EXPECT_EQ(count("probe_event where probe_id = " + other.text()), 1);
}

TEST_F(rollouts_test, candidates_run_a_lower_release_of_the_model_and_may_connect)
{
    auto const id = made();
    auto const lower = probe(1), same = probe(2), other = probe(3), revoked = probe(4), failed = probe(5),
               lab = probe(6), held_up = probe(7);
    runs(lower, 6);
    runs(same, 7);
    runs(other, 6, "another");
    runs(revoked, 6);
    by_hand(revoked, trust_event::revoked);
    firmware_state const went_back{.model = "m", .release = 6, .standing = 2, .failed_release = 7};
    EXPECT_TRUE(wait(record_version_report(database_, failed, now_, "report", went_back)));
    firmware_state without_files = went_back;
    without_files.cause = "not-reached";
    EXPECT_TRUE(wait(record_version_report(database_, held_up, now_, "report", without_files)));
    runs(lab, 6);
    EXPECT_TRUE(wait(change_probe(database_, lab, {.user_tags = std::vector<std::string>{"lab"}})));
    auto const found = wait(candidates_for(database_, id, "m", 7, "lab")).value();
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].probe, lower);
    EXPECT_FALSE(found[0].lab);
    EXPECT_EQ(found[1].probe, lab);
    EXPECT_TRUE(found[1].lab);
    EXPECT_EQ(found[2].probe, held_up) << "it never had the release";
    ASSERT_TRUE(wait(add_members(database_, id, {{lower, "m", 1}, {lower, "m", 1}})));
    EXPECT_EQ(wait(candidates_for(database_, id, "m", 7, "lab"))->size(), 2U);
}

TEST_F(rollouts_test, members_come_with_what_is_known_of_them)
{
    auto const id = made();
    auto const one = probe(1), two = probe(2);
    runs(one, 6);
    ASSERT_TRUE(wait(add_members(database_, id, {{one, "m", 0}, {two, "m", 1}})));
    ASSERT_TRUE(wait(session_opened(database_, two, controller(), *parse_address("192.0.2.9"), "1", {})));
    member_change const change{one, "failed", now_, std::string(16, '\x01'), now_ + 1h, "ended"};
    ASSERT_TRUE(wait(note_members(database_, id, record(id).at, {change}, {})));
    auto const found = wait(members_of(database_, id)).value();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].stage, "failed");
    EXPECT_EQ(found[0].since, now_);
    EXPECT_EQ(found[0].nonce, change.nonce);
    EXPECT_EQ(found[0].expires, now_ + 1h);
    EXPECT_EQ(found[0].cause, "ended");
    EXPECT_FALSE(found[0].connected);
    EXPECT_EQ(found[0].said->says.release, 6U);
    EXPECT_EQ(found[1].wave, 1U);
    EXPECT_TRUE(found[1].connected);
    EXPECT_FALSE(found[1].said);
    EXPECT_EQ(wait(count_rollout(database_, id))->size(), 2U);
    EXPECT_EQ(wait(troubles_of(database_, id, 10))->at(0).cause, "ended");
}

TEST_F(rollouts_test, a_rollout_is_moved_from_where_it_was_only)
{
    auto const id = made();
    auto const before = record(id).at;
    rollout_progress const after{"running", 2, now_, now_ - 1s, "why"};
    EXPECT_TRUE(wait(move_rollout(database_, id, before, after, "said")));
    EXPECT_EQ(record(id).at, after);
    EXPECT_EQ(wait(move_rollout(database_, id, before, after, "said")).error(), errc::conflict);
    EXPECT_EQ(wait(rollout_history(database_, id, 100))->size(), 2U);
}

TEST_F(rollouts_test, instructions_take_the_place_of_older_ones_and_are_announced)
{
    auto const id = made();
    auto const one = probe(1);
    ASSERT_TRUE(wait(add_members(database_, id, {{one, "m", 0}})));
    auto const keep = [&](std::string octets, wall_time issued) {
        return wait(
            note_members(database_, id, record(id).at, {}, {{one, std::move(octets), "key", "signature", issued}}));
    };
    EXPECT_EQ(wait(last_issued(database_)).value(), wall_time());
    ASSERT_TRUE(keep("first", now_));
    EXPECT_EQ(wait(last_issued(database_)).value(), now_);
    EXPECT_EQ(count("change where kind = 'instruction'"), 1);
    auto const newer = [&](wall_time than) { return wait(newer_instructions(database_, {{one, than}})).value(); };
    ASSERT_EQ(newer({}).size(), 1U);
    EXPECT_EQ(newer({}).at(0).octets, "first");
    EXPECT_EQ(newer({}).at(0).key, "key");
    EXPECT_EQ(newer({}).at(0).issued, now_);
    EXPECT_TRUE(newer(now_).empty());
    EXPECT_EQ(keep("older", now_ - 1s).error(), errc::conflict) << "whoever signed it has to know";
    EXPECT_EQ(newer({}).at(0).octets, "first");
    ASSERT_TRUE(keep("second", now_ + 1s));
    EXPECT_EQ(newer(now_).at(0).octets, "second");
}

TEST_F(rollouts_test, members_are_noted_by_who_knows_where_the_rollout_is)
{
    auto const id = made();
    auto const one = probe(1);
    ASSERT_TRUE(wait(add_members(database_, id, {{one, "m", 0}})));
    auto const before = record(id).at;
    move(id, "halted");
    auto const noted = wait(note_members(database_, id, before, {{one, "sent", now_, "n", now_, ""}},
                                         {{one, "octets", "key", "signature", now_}}));
    EXPECT_EQ(noted.error(), errc::conflict);
    EXPECT_EQ(wait(members_of(database_, id))->at(0).stage, "planned");
    EXPECT_TRUE(wait(newer_instructions(database_, {{one, {}}}))->empty());
}

TEST_F(rollouts_test, a_complete_one_is_open_until_a_newer_one_for_its_model_runs)
{
    auto const older = made("one"), newer = made("two");
    for (auto const& [id, path] : {std::pair{older, "one"}, std::pair{newer, "two"}})
        ASSERT_TRUE(wait(describe_target(database_, id, {path, "m", 10, std::string(32, 'h'), 7})));
    EXPECT_EQ(record(older).targets.at(0), (rollout_target{"one", "m", 10, std::string(32, 'h'), 7}));
    EXPECT_EQ(wait(describe_target(database_, older, {"three", "m", 1, "", 1})).error(), errc::not_found);
    move(older, "complete");
    EXPECT_EQ(wait(open_rollouts(database_))->size(), 2U);
    move(newer, "running");
    EXPECT_EQ(wait(open_rollouts(database_))->size(), 1U);
    ASSERT_TRUE(wait(steer_rollout(database_, older, "halt", "no", account())));
    EXPECT_EQ(wait(open_rollouts(database_))->size(), 2U) << "it has to be obeyed";
    EXPECT_TRUE(wait(database_.connections().run("update rollout set wish = 'go'")));
    move(newer, "halted");
    auto const open = wait(open_rollouts(database_)).value();
    ASSERT_EQ(open.size(), 2U) << "the older one serves again, the newer one is watched for a day";
    EXPECT_EQ(open.at(0).id, older);
}

TEST_F(rollouts_test, a_complete_one_is_open_until_newer_ones_for_all_its_models_run)
{
    auto const older = made("one"), newer = made("two"), newest = made("three");
    for (auto const& [id, path] : {std::pair{older, "one"}, std::pair{newer, "two"}})
        ASSERT_TRUE(wait(describe_target(database_, id, {path, "m", 10, std::string(32, 'h'), 7})));
    ASSERT_TRUE(wait(describe_target(database_, newest, {"three", "n", 10, std::string(32, 'h'), 7})));
    EXPECT_TRUE(
        wait(database_.connections().run("insert into rollout_target (rollout_id, path, model) values "
                                         "($1::int, 'another', 'n')",
                                         parameters::of(older.value()))));
    move(older, "complete");
    move(newer, "running");
    EXPECT_EQ(wait(open_rollouts(database_))->size(), 3U);
    move(newest, "running");
    EXPECT_EQ(wait(open_rollouts(database_))->size(), 2U);
}

TEST_F(rollouts_test, a_halted_one_is_open_for_a_day)
{
    auto const id = made();
    auto const before = record(id).at;
    rollout_progress const today{"halted", 0, now_ - 23h, now_, "why"}, yesterday{"halted", 0, now_ - 25h, now_, "why"};
    ASSERT_TRUE(wait(move_rollout(database_, id, before, today, "")));
    EXPECT_EQ(wait(open_rollouts(database_))->size(), 1U);
    ASSERT_TRUE(wait(move_rollout(database_, id, today, yesterday, "")));
    EXPECT_TRUE(wait(open_rollouts(database_))->empty());
}

}  // namespace
}  // namespace tp::store
