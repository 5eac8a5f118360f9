#include "store/pool.hpp"
#include "tests/unit/store/fixture.hpp"

namespace tp::store {
namespace {

using namespace std::chrono_literals;

TEST_F(store_test, a_measurement_is_read_as_it_was_asked_for)
{
    auto const one = probe(1);
    auto const two = probe(2);
    auto wanted = ping({one, two}, 60s);
    wanted.description = "a \"quoted\" \\ text";
    wanted.tags = {"a,b", "c\"d"};
    auto const ids = create({wanted}).value();
    ASSERT_EQ(ids.size(), 1U);
    EXPECT_GT(ids[0].value(), 1'000'000);
    auto const found = wait(find_measurement(database_, ids[0]));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->description, wanted.description);
    EXPECT_EQ(found->tags, wanted.tags);
    EXPECT_EQ(found->job.target, "192.0.2.7");
    EXPECT_EQ(found->job.measurement, ids[0]);
    EXPECT_EQ(found->job.when.interval, 60s);
    EXPECT_EQ(found->status, measurement_status::ongoing);
    EXPECT_EQ(found->participants, 2U);
    EXPECT_EQ(wait(participants_of(database_, ids[0])).value(), (std::vector{one, two}));
}

TEST_F(store_test, several_at_once_make_a_group_and_one_alone_does_not)
{
    auto const one = probe(1);
    auto const ids = create({ping({one}), ping({one})}).value();
    EXPECT_EQ(wait(find_measurement(database_, ids[1]))->group, ids[0]);
    auto const alone = create({ping({one})}).value();
    EXPECT_FALSE(wait(find_measurement(database_, alone[0]))->group);
}

TEST_F(store_test, a_stopped_measurement_is_no_job_any_more)
{
    auto const one = probe(1);
    auto const ids = create({ping({one}, 60s), ping({one})}).value();
    ASSERT_EQ(wait(jobs_of(database_, one))->size(), 2U);
    ASSERT_TRUE(wait(stop_measurement(database_, ids[0])));
    ASSERT_TRUE(wait(stop_measurement(database_, ids[0]))) << "stopping twice is fine";
    auto const left = wait(jobs_of(database_, one)).value();
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0].measurement, ids[1]);
    EXPECT_EQ(wait(find_measurement(database_, ids[0]))->status, measurement_status::stopped);
    EXPECT_FALSE(wait(job_state_of(database_, ids[0], {one}))->job);
    EXPECT_EQ(wait(stop_measurement(database_, *measurement_id::from(7))).error(), errc::not_found);
}

TEST_F(store_test, participants_come_and_go_and_are_remembered)
{
    auto const one = probe(1);
    auto const two = probe(2);
    auto const id = create({ping({one}, 60s)})->at(0);
    ASSERT_TRUE(wait(add_participants(database_, id, {two}, no_target_caps)));
    ASSERT_TRUE(wait(remove_participants(database_, id, {one})));
    ASSERT_TRUE(wait(remove_participants(database_, id, {one}))) << "no longer there: nothing to do";
    EXPECT_EQ(wait(participants_of(database_, id)).value(), std::vector{two});
    EXPECT_EQ(wait(job_state_of(database_, id, {one, two}))->participants, std::vector{two});
    EXPECT_TRUE(wait(jobs_of(database_, one))->empty());
    EXPECT_EQ(wait(participations(database_, {id, id}, {one, two}))->size(), 2U) << "results of before still belong";
}

TEST_F(store_test, only_those_who_were_given_it_take_part)
{
    auto const one = probe(1);
    auto const two = probe(2);
    auto const id = create({ping({one})})->at(0);
    auto const found = wait(participations(database_, {id, id, *measurement_id::from(5)}, {one, two, one})).value();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].probe, one);
}

TEST_F(store_test, lists_are_filtered_counted_and_paged)
{
    auto const one = probe(1);
    auto hidden = ping({one});
    hidden.is_public = false;
    auto const ids = create({ping({one}), hidden, ping({one}, 60s)}).value();
    EXPECT_EQ(wait(list_measurements(database_, {}))->count, 2U) << "anonymous people see public ones";
    EXPECT_EQ(wait(list_measurements(database_, {.visible_to = account()}))->count, 3U);
    EXPECT_EQ(wait(list_measurements(database_, {.all = true}))->count, 3U);
    auto const page = wait(list_measurements(database_, {.all = true, .newest_first = true, .offset = 1, .limit = 1}));
    ASSERT_EQ(page->rows.size(), 1U);
    EXPECT_EQ(page->rows[0].id, ids[1]);
    EXPECT_EQ(wait(list_measurements(database_, {.target = "other"}))->count, 0U);
    EXPECT_EQ(wait(list_measurements(database_, {.statuses = {measurement_status::stopped}}))->count, 0U);
    EXPECT_EQ(wait(list_measurements(database_, {.ids = {ids[0].value()}}))->count, 1U);
}

TEST_F(store_test, running_measurements_are_counted_for_quotas)
{
    auto const one = probe(1);
    auto const ids = create({ping({one}), ping({one}, 60s)}).value();
    EXPECT_EQ(wait(measurement_usage(database_, account(), "192.0.2.7"))->of_target, 2U);
    ASSERT_TRUE(wait(stop_measurement(database_, ids[1])));
    EXPECT_EQ(wait(measurement_usage(database_, account(), "192.0.2.8"))->of_account, 1U);
}

TEST_F(store_test, a_measurement_without_probes_says_so)
{
    auto const id = create({ping({})})->at(0);
    EXPECT_EQ(wait(find_measurement(database_, id))->status, measurement_status::no_suitable_probes);
}

TEST_F(store_test, one_that_names_an_unknown_probe_is_not_made_at_all)
{
    EXPECT_FALSE(create({ping({probe(1)}), ping({*probe_id::from(4711)})}));
    EXPECT_EQ(wait(list_measurements(database_, {.all = true}))->count, 0U);
}

TEST_F(store_test, a_one_off_is_over_ten_minutes_after_its_start)
{
    auto const one = probe(1);
    auto const id = create({ping({one})})->at(0);
    EXPECT_EQ(wait(find_measurement(database_, id))->status, measurement_status::ongoing);
    EXPECT_EQ(wait(jobs_of(database_, one))->size(), 1U);
    ASSERT_TRUE(
        wait(database_.connections().run("update measurement set start_time = start_time - interval '11 minutes', "
                                         "ends_at = ends_at - interval '11 minutes'")));
    auto const found = wait(find_measurement(database_, id)).value();
    EXPECT_EQ(found.status, measurement_status::stopped);
    EXPECT_TRUE(found.stopped);
    EXPECT_TRUE(wait(jobs_of(database_, one))->empty());
    EXPECT_FALSE(wait(job_state_of(database_, id, {one}))->job);
    EXPECT_EQ(wait(measurement_usage(database_, account(), "192.0.2.7"))->of_account, 0U);
}

TEST_F(store_test, one_that_starts_later_is_scheduled_and_known_to_its_probes)
{
    auto const one = probe(1);
    auto later = ping({one}, 60s);
    later.job.when.start = wall_now() + 1h;
    later.job.when.stop = wall_now() + 2h;
    auto const id = create({later})->at(0);
    EXPECT_EQ(wait(find_measurement(database_, id))->status, measurement_status::scheduled);
    EXPECT_EQ(wait(jobs_of(database_, one))->size(), 1U);
}

TEST_F(store_test, a_probe_that_is_named_twice_takes_part_once)
{
    auto const one = probe(1), two = probe(2);
    auto const id = create({ping({one, one})})->at(0);
    ASSERT_TRUE(wait(add_participants(database_, id, {two, two, one}, no_target_caps)));
    EXPECT_EQ(wait(participants_of(database_, id)).value(), (std::vector{one, two}));
}

TEST_F(store_test, every_change_of_a_measurement_is_announced)
{
    auto const one = probe(1), two = probe(2);
    auto const id = create({ping({one})})->at(0);
    ASSERT_TRUE(wait(add_participants(database_, id, {two}, no_target_caps)));
    ASSERT_TRUE(wait(remove_participants(database_, id, {one})));
    ASSERT_TRUE(wait(stop_measurement(database_, id)));
    auto const told = wait(database_.connections().run(
        "select count(*) from change where kind = 'measurement' and key = $1::int", parameters::of(id.value())));
    EXPECT_EQ(told->integer(0, 0), 4);
}

TEST_F(store_test, probes_are_selected_by_measurement_and_prefix)
{
    auto const one = probe(1), two = probe(2);
    auto const where = controller();
    ASSERT_TRUE(wait(session_opened(database_, one, where, *parse_address("192.0.2.9"), "1", {})));
    ASSERT_TRUE(wait(session_opened(database_, two, where, *parse_address("198.51.100.9"), "1", {})));
    auto const id = create({ping({two})})->at(0);
    EXPECT_EQ(wait(pick_probes(database_, {.of_measurement = id}, 10)).value(), std::vector{two});
    auto const block = ip_prefix::parse("192.0.2.0/24").value();
    EXPECT_EQ(wait(pick_probes(database_, {.prefix_v4 = block}, 10)).value(), std::vector{one});
    by_hand(one, trust_event::revoked);
    EXPECT_TRUE(wait(pick_probes(database_, {.prefix_v4 = block}, 10))->empty());
}

TEST_F(store_test, probes_that_are_watched_are_chosen_by_name_only)
{
    auto const id = probe(1);
    ASSERT_TRUE(wait(session_opened(database_, id, controller(), *parse_address("192.0.2.9"), "1", {})));
    auto const measurement = create({ping({id})})->at(0);
    auto const chosen = [&](probe_filter filter) {
        return wait(pick_probes(database_, std::move(filter), 10))->size();
    };
    ASSERT_TRUE(wait(change_trust(database_, id, trust_event::doubted, "a rule")));
    EXPECT_EQ(chosen({}), 0U);
    EXPECT_EQ(chosen({.ids = {id.value()}}), 1U);
    EXPECT_EQ(chosen({.of_measurement = measurement}), 1U);
    by_hand(id, trust_event::isolated);
    EXPECT_EQ(chosen({.ids = {id.value()}}), 0U);
    by_hand(id, trust_event::released);
    EXPECT_EQ(chosen({}), 1U);
    EXPECT_EQ(wait(list_probes(database_, {.trust = trust_state::active}))->count, 1U);
    EXPECT_EQ(wait(list_probes(database_, {.trust = trust_state::isolated}))->count, 0U);
}

TEST_F(store_test, an_isolated_probe_has_canaries_alone)
{
    auto const bad = probe(1), good = probe(2);
    auto const plain = create({ping({bad, good}, 60s)})->at(0);
    auto const canary = create({ping({bad, good}, 60s)})->at(0);
    ASSERT_TRUE(wait(database_.connections().run("update measurement set is_canary = true where id = $1::int",
                                                 parameters::of(canary.value()))));
    by_hand(bad, trust_event::isolated);
    auto const jobs = wait(jobs_of(database_, bad)).value();
    ASSERT_EQ(jobs.size(), 1U);
    EXPECT_EQ(jobs[0].measurement, canary);
    EXPECT_EQ(wait(jobs_of(database_, good))->size(), 2U);
    EXPECT_EQ(wait(job_state_of(database_, plain, {bad, good}))->participants, std::vector{good});
    EXPECT_EQ(wait(job_state_of(database_, canary, {bad, good}))->participants.size(), 2U);
    by_hand(bad, trust_event::tried);
    EXPECT_EQ(wait(jobs_of(database_, bad))->size(), 2U);
    EXPECT_EQ(wait(job_state_of(database_, plain, {bad, good}))->participants.size(), 2U);
}

}  // namespace
}  // namespace tp::store
