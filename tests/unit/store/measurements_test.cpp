#include <algorithm>

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

TEST_F(store_test, a_job_of_a_later_version_is_left_out_and_the_others_are_not)
{
    auto const one = probe(1);
    auto const ids = create({ping({one}, 60s), ping({one}, 60s)}).value();
    ASSERT_TRUE(wait(database_.connections().run("update measurement set job = '\\x0801' where id = $1::int",
                                                 parameters::of(ids[0].value()))));
    auto const left = wait(jobs_of(database_, one)).value();
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0].measurement, ids[1]);
    auto const state = wait(job_state_of(database_, ids[0], {one}));
    ASSERT_TRUE(state);
    EXPECT_FALSE(state->job);
    EXPECT_TRUE(state->participants.empty());
    EXPECT_TRUE(wait(job_state_of(database_, ids[1], {one}))->job);
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
    auto const page = wait(list_measurements(database_, {.all = true, .descending = true, .offset = 1, .limit = 1}));
    ASSERT_EQ(page->rows.size(), 1U);
    EXPECT_EQ(page->rows[0].id, ids[1]);
    EXPECT_EQ(wait(list_measurements(database_, {.statuses = {measurement_status::stopped}}))->count, 0U);
    EXPECT_EQ(wait(list_measurements(database_, {.ids = {ids[0].value()}}))->count, 1U);
}

class lists_test : public store_test {
protected:
    using column = measurement_column;

    /// Places, in what was made, of those that the filter finds, in the order of the list.
    std::vector<std::size_t> places(measurement_filter filter)
    {
        std::vector<std::size_t> out;
        auto const found = wait(list_measurements(database_, std::move(filter))).value();
        for (auto const& row : found.rows) {
            auto const at = std::find(made_.begin(), made_.end(), row.id);
            out.push_back(static_cast<std::size_t>(at - made_.begin()));
        }
        return out;
    }
    std::vector<std::size_t> where(measurement_column which, comparison how, condition_value value)
    {
        return places({.where = {{which, how, std::move(value)}}});
    }

    std::vector<measurement_id> made_;
};

using these = std::vector<std::size_t>;

TEST_F(lists_test, compare_what_they_are_asked_to)
{
    auto const one = probe(1), two = probe(2);
    auto first = ping({one}, 60s), second = ping({two}, 300s), third = ping({one, two});
    second.job.when.start = third.job.when.start = first.job.when.start;
    first.job.address = parse_address("192.0.2.7").value();
    second.description = "100% of_it";
    second.tags = {"a", "b,c"};
    second.job.when.stop = second.job.when.start + 1h;
    third.job.options = proto::dns_options{};
    third.job.target = "Target.example";
    third.description = "Some Zone";
    third.protocol = "UDP";
    made_ = create({first, second, third}).value();
    using enum comparison;
    EXPECT_EQ(where(column::id, more, std::int64_t{made_[0].value()}), (these{1, 2}));
    EXPECT_EQ(where(column::id, at_least, std::int64_t{made_[1].value()}), (these{1, 2}));
    EXPECT_EQ(where(column::id, less, std::int64_t{made_[1].value()}), (these{0}));
    EXPECT_EQ(where(column::id, at_most, std::int64_t{made_[1].value()}), (these{0, 1}));
    EXPECT_EQ(where(column::id, among, std::vector<std::int64_t>{made_[2].value(), 7}), (these{2}));
    EXPECT_EQ(where(column::type, equal, "dns"), (these{2}));
    EXPECT_EQ(where(column::protocol, equal, "UDP"), (these{2}));
    EXPECT_EQ(where(column::af, equal, std::int64_t{6}), (these{}));
    EXPECT_EQ(where(column::target, begins, "192.0"), (these{0, 1}));
    EXPECT_EQ(where(column::target, ends, ".example"), (these{2}));
    EXPECT_EQ(where(column::target, contains, "target"), (these{})) << "the case counts";
    EXPECT_EQ(where(column::description, contains, "% of_"), (these{1})) << "no wildcards";
    EXPECT_EQ(where(column::description, begins, "%"), (these{}));
    EXPECT_EQ(where(column::searched, mentions, "zone"), (these{2}));
    EXPECT_EQ(where(column::searched, mentions, "target"), (these{})) << "of type dns it is the description";
    EXPECT_EQ(where(column::searched, mentions, "192.0.2.7"), (these{0, 1}));
    EXPECT_EQ(where(column::address, equal, parse_address("192.0.2.7").value()), (these{0}));
    EXPECT_EQ(where(column::asn, equal, std::int64_t{64'496}), (these{}));
    EXPECT_EQ(where(column::tags, holds, std::vector<std::string>{"b,c"}), (these{1}));
    EXPECT_EQ(where(column::tags, holds, std::vector<std::string>{"a", "x"}), (these{}));
    EXPECT_EQ(where(column::group, equal, std::int64_t{made_[0].value()}), (these{0, 1, 2}));
    EXPECT_EQ(where(column::interval, at_least, std::int64_t{60}), (these{0, 1}));
    EXPECT_EQ(where(column::interval, equal, std::int64_t{300}), (these{1}));
    EXPECT_EQ(where(column::is_oneoff, equal, true), (these{2}));
    EXPECT_EQ(where(column::is_public, equal, false), (these{}));
    auto const start = to_unix_seconds(first.job.when.start);
    EXPECT_EQ(where(column::start_time, equal, start), (these{0, 1, 2}));
    EXPECT_EQ(where(column::start_time, more, start), (these{}));
    EXPECT_EQ(where(column::stop_time, at_least, start + 3'600), (these{1})) << "an open one has none";
    EXPECT_EQ(places({.participants = {two.value()}}), (these{1, 2}));
    EXPECT_EQ(places({.where = {{column::type, equal, "ping"}, {column::interval, more, std::int64_t{60}}}}),
              (these{1}));
}

TEST_F(lists_test, are_sorted_as_they_are_asked_to)
{
    auto const one = probe(1);
    auto late = ping({one}, 60s), open = ping({one}, 300s), nobodys = ping({});
    late.job.when.start += 1h;
    late.job.when.stop = late.job.when.start + 1h;
    made_ = create({late, open, nobodys}).value();
    EXPECT_EQ(places({.sort = column::start_time}), (these{1, 2, 0}));
    EXPECT_EQ(places({.sort = column::start_time, .descending = true}), (these{0, 2, 1}));
    EXPECT_EQ(places({.sort = column::stop_time}), (these{2, 0, 1}));
    EXPECT_EQ(places({.sort = column::interval}), (these{0, 1, 2}));
    EXPECT_EQ(places({.sort = column::is_oneoff}), (these{0, 1, 2}));
    EXPECT_EQ(places({.sort = column::status}), (these{0, 1, 2}));       // scheduled, ongoing, no suitable probes
    EXPECT_EQ(places({.sort = column::status_name}), (these{2, 1, 0}));  // the other way round by name
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
    EXPECT_LT(found.stops, wall_now());
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

TEST_F(store_test, probes_are_compared_by_network_and_kind)
{
    auto const one = probe(1), two = probe(2);
    ASSERT_TRUE(wait(database_.connections().run(
        "update probe set asn_v4 = 64496, asn_v6 = 64497, system_tags = '{system-anchor}' where id = $1::int",
        parameters::of(one.value()))));
    ASSERT_TRUE(wait(database_.connections().run(
        "update probe set asn_v4 = 4200000001, asn_v6 = 4200000001 where id = $1::int", parameters::of(two.value()))));
    auto const found = [&](probe_column which, comparison how, condition_value value) {
        std::vector<probe_id> out;
        auto const page = wait(list_probes(database_, {.where = {{which, how, std::move(value)}}})).value();
        for (auto const& row : page.rows) out.push_back(row.id);
        return out;
    };
    using column = probe_column;
    using probes = std::vector<probe_id>;
    EXPECT_EQ(found(column::asn_v4, comparison::equal, std::int64_t{64'496}), probes{one});
    EXPECT_EQ(found(column::asn_v6, comparison::among, std::vector<std::int64_t>{1, 4'200'000'001}), probes{two});
    EXPECT_EQ(found(column::asns_differ, comparison::equal, true), probes{one});
    EXPECT_EQ(found(column::asns_differ, comparison::equal, false), probes{two});
    EXPECT_EQ(found(column::is_anchor, comparison::equal, true), probes{one});
    EXPECT_EQ(found(column::is_anchor, comparison::equal, false), probes{two});
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
