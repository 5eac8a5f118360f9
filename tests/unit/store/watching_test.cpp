#include "store/watching.hpp"

#include "store/connections.hpp"
#include "store/director.hpp"
#include "store/findings.hpp"
#include "store/observations.hpp"
#include "store/pool.hpp"
#include "tests/unit/store/fixture.hpp"

namespace tp::store {
namespace {

using namespace std::chrono_literals;

class watching_test : public store_test {
protected:
    std::int64_t session(probe_id id, std::string const& address = "192.0.2.9", std::optional<std::uint32_t> boot = {})
    {
        return wait(session_opened(database_, id, where_, *parse_address(address), "1", {"ping4"}, boot)).value();
    }
    template <class T>
    T only(result<std::vector<T>> found)
    {
        EXPECT_EQ(found->size(), 1U);
        return found->at(0);
    }
    result_row row(probe_id id, std::int64_t sequence, wall_time at, std::string payload = "x")
    {
        return {*measurement_id::from(1'000'001), id, at, sequence, 1, 0, {}, std::move(payload)};
    }

    controller_id where_ = controller();
    wall_time now_ = std::chrono::floor<std::chrono::microseconds>(wall_now());
    time_span around_{now_ - 1h, now_ + 1h};
};

TEST_F(watching_test, sessions_are_those_that_touch_the_span)
{
    auto const id = probe(1);
    auto const first = session(id, "192.0.2.9", 7);
    ASSERT_TRUE(wait(session_closed(database_, id, first, "malformed frame: x")));
    auto const second = session(id, "2001:db8::9");
    ASSERT_TRUE(wait(locate_sessions(database_, {{second, 64500, {}, "NL"}})));
    auto const found = wait(sessions_in(database_, around_)).value();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].probe, id);
    EXPECT_EQ(found[0].controller, where_);
    EXPECT_EQ(found[0].boot_count, 7U);
    EXPECT_EQ(found[0].reason, "malformed frame: x");
    EXPECT_TRUE(found[0].closed);
    EXPECT_FALSE(found[0].asn);
    EXPECT_EQ(found[1].address, *parse_address("2001:db8::9"));
    EXPECT_EQ(found[1].asn, 64500U);
    EXPECT_EQ(found[1].country, "NL");
    EXPECT_FALSE(found[1].closed);
    EXPECT_FALSE(found[1].boot_count);
    EXPECT_TRUE(wait(sessions_in(database_, {now_ - 2h, now_ - 1h}))->empty());
    EXPECT_EQ(wait(sessions_in(database_, {now_ + 1h, now_ + 2h}))->size(), 1U) << "the one that is open";
}

TEST_F(watching_test, deliveries_are_added_up_by_probe)
{
    auto const one = probe(1), two = probe(2);
    std::vector<result_row> const rows{row(one, 1, now_, "four"), row(one, 2, now_ - 10s, "four"),
                                       row(one, 2, now_ - 20s, "four"), row(two, 1, now_ + 30s),
                                       row(two, 2, now_ - 3h)};
    ASSERT_TRUE(wait(commit_results(database_, where_, 1, rows, {})));
    auto found = wait(deliveries_in(database_, around_)).value();
    ASSERT_EQ(found.size(), 2U);
    if (found[0].probe != one) std::swap(found[0], found[1]);
    EXPECT_EQ(found[0].arrived, 3U);
    EXPECT_EQ(found[0].conflicts, 1U) << "a sequence is given once";
    EXPECT_EQ(found[0].octets, 12U);
    EXPECT_GE(found[0].soonest, 0s);
    EXPECT_EQ(found[1].arrived, 1U);
    EXPECT_LT(found[1].soonest, -20s) << "its clock is ahead";
    EXPECT_EQ(only(wait(deliveries_in(database_, {now_ - 4h, now_ - 2h}))).arrived, 1U) << "late ones count, too";
}

TEST_F(watching_test, a_program_is_what_a_probe_says_in_its_session)
{
    auto const id = probe(1), silent = probe(2), unslotted = probe(3);
    firmware_state const says{.model = "m",
                              .release = 7,
                              .sha256 = std::string(32, 'h'),
                              .standing = 2,
                              .failed_release = 8,
                              .target = "m/stable/7"};
    auto const say = [&](probe_id by, firmware_state what, std::chrono::seconds later) {
        return wait(record_version_report(database_, by, wall_now() + later, "report", std::move(what)));
    };
    EXPECT_TRUE(say(silent, says, 0s));
    for (auto const each : {id, silent, unslotted}) session(each);
    EXPECT_TRUE(say(id, says, 0s));
    EXPECT_TRUE(say(unslotted, {.software = "1.0"}, 0s));
    auto const found = only(wait(programs_in(database_, around_)));
    EXPECT_EQ(found.probe, id) << "the second said something before this session, the third runs from no slot";
    EXPECT_EQ(found.model, "m");
    EXPECT_EQ(found.target, "m/stable/7");
    EXPECT_EQ(found.release, 7U);
    EXPECT_EQ(found.sha256, says.sha256);
    EXPECT_TRUE(found.committed);
    EXPECT_EQ(found.failed_release, 8U);
    auto on_trial = says;
    on_trial.standing = 1;
    EXPECT_TRUE(say(id, on_trial, 1s));
    EXPECT_FALSE(only(wait(programs_in(database_, around_))).committed) << "the last word";
    EXPECT_TRUE(say(id, says, 2h));
    EXPECT_TRUE(wait(programs_in(database_, around_))->empty()) << "what it said then was replaced";
}

TEST_F(watching_test, refusals_tell_foreign_results_from_what_nobody_can_read)
{
    auto const id = probe(1);
    std::vector<refused_result> const refused{{id, 7, now_, "the probe was never a participant of this measurement"},
                                              {id, 8, now_, "the report cannot be read: malformed"},
                                              {id, 8, now_, "the report is too large"}};
    ASSERT_TRUE(wait(commit_results(database_, where_, 1, {}, refused)));
    auto const found = only(wait(refusals_in(database_, around_)));
    EXPECT_EQ(found.foreign, 1U);
    EXPECT_EQ(found.unreadable, 2U);
}

TEST_F(watching_test, runs_are_what_schedules_ask_for_while_they_hold)
{
    auto const id = probe(1), other = probe(2);
    session(id);
    session(other);
    auto periodic = ping({id, other}, 60s);
    periodic.job.when.start = now_ - 1h;
    auto six = ping({id}, 60s);
    six.job.af = proto::family::v6;  // which its software cannot do
    auto const made = create({periodic, six, ping({id})}).value();
    ASSERT_TRUE(wait(database_.connections().run("update participant set since = now() - interval '1 day'")));
    ASSERT_TRUE(wait(remove_participants(database_, made[0], {other})));
    auto const jobs = wait(jobs_in(database_, around_)).value();
    EXPECT_EQ(jobs.size(), 3U);
    auto found = wait(runs_in(database_, around_, jobs)).value();
    ASSERT_EQ(found.size(), 2U);
    if (found[0].probe != id) std::swap(found[0], found[1]);
    EXPECT_NEAR(found[0].least, 119, 1);
    EXPECT_NEAR(found[0].most, 122, 1) << "two hours, one more at an end, and the one-off";
    EXPECT_NEAR(found[1].most, 61, 1) << "until it was taken out";

    by_hand(id, trust_event::isolated);
    auto const isolated = wait(runs_in(database_, around_, jobs)).value();
    ASSERT_EQ(isolated.size(), 1U);
    EXPECT_EQ(isolated[0].probe, other);
}

TEST_F(watching_test, a_probe_comes_with_its_home_its_findings_and_what_was_remembered)
{
    auto const id = probe(1);
    probe(2);  // was never here
    auto const first = session(id);
    ASSERT_TRUE(wait(locate_sessions(database_, {{first, 64500, {}, ""}})));
    ASSERT_TRUE(wait(database_.connections().run("update probe_session set opened_at = now() - interval '9 days'")));
    auto const second = session(id);
    ASSERT_TRUE(wait(locate_sessions(database_, {{second, 64501, {}, ""}})));
    ASSERT_TRUE(wait(record_finding(database_, {id, "protocol", severity::note, "a", "b", "c"})));
    auto before = only(wait(watched_probes(database_)));
    EXPECT_EQ(before.probe, id);
    EXPECT_EQ(before.trust.state, trust_state::active);
    EXPECT_EQ(before.home_as, 64500U);
    EXPECT_EQ(before.open_findings, std::vector<std::string>{"protocol"});
    EXPECT_FALSE(before.remembered);

    watch_memory const memory{trust_state::suspect, {"protocol"}, {"flapping"}, 5, 2, 4711};
    ASSERT_TRUE(wait(finish_watch_round(database_, {}, {3600s, 10}, {{id, memory}})));
    EXPECT_EQ(only(wait(watched_probes(database_))).remembered, memory);
    ASSERT_TRUE(wait(finish_watch_round(database_, watch_round{3600s, 10}, {3600s, 11}, {{id, std::nullopt}})));
    EXPECT_FALSE(only(wait(watched_probes(database_))).remembered);
    by_hand(id, trust_event::revoked);
    EXPECT_TRUE(wait(watched_probes(database_))->empty());
}

TEST_F(watching_test, a_round_is_finished_once)
{
    auto const id = probe(1);
    EXPECT_EQ(wait(last_watch_round(database_)).value(), std::nullopt);
    watch_round const first{3600s, 10}, second{3600s, 11};
    ASSERT_TRUE(wait(finish_watch_round(database_, {}, first, {})));
    EXPECT_EQ(wait(finish_watch_round(database_, {}, first, {})).error(), errc::conflict);
    ASSERT_TRUE(wait(finish_watch_round(database_, first, second, {})));
    watch_memory const memory{.left_in = trust_state::suspect};
    EXPECT_EQ(wait(finish_watch_round(database_, first, second, {{id, memory}})).error(), errc::conflict);
    EXPECT_EQ(wait(last_watch_round(database_)).value(), second);
    auto const kept = wait(database_.connections().run("select count(*) from probe_watch"));
    EXPECT_EQ(kept->integer(0, 0), 0) << "nothing of the round that another registry did";
}

TEST_F(watching_test, an_alert_is_raised_once_in_a_while)
{
    alert const what{"mass event", "AS64500", "protocol", "12 of 20"};
    EXPECT_EQ(wait(raise_alert(database_, what, 1h)).value(), recorded::fresh);
    EXPECT_EQ(wait(raise_alert(database_, what, 1h)).value(), recorded::again);
    EXPECT_EQ(wait(raise_alert(database_, {what.kind, "AS64501", what.rule, ""}, 1h)).value(), recorded::fresh);
    ASSERT_TRUE(wait(database_.connections().run("update alert set at = now() - interval '2 hours'")));
    EXPECT_EQ(wait(raise_alert(database_, what, 1h)).value(), recorded::fresh);
    auto const told = wait(list_alerts(database_, 10)).value();
    ASSERT_EQ(told.size(), 3U);
    EXPECT_EQ(told[0].what.subject, "AS64500");
    EXPECT_EQ(told[0].what.said, "12 of 20");
}

}  // namespace
}  // namespace tp::store
