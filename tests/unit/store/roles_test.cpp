#include "store/abuse.hpp"
#include "store/alert_deliveries.hpp"
#include "store/canaries.hpp"
#include "store/connections.hpp"
#include "store/director.hpp"
#include "store/factory.hpp"
#include "store/findings.hpp"
#include "store/hosting.hpp"
#include "store/look_ups.hpp"
#include "store/observations.hpp"
#include "store/pool.hpp"
#include "store/signed_targets.hpp"
#include "store/watching.hpp"
#include "tests/unit/store/fixture.hpp"

namespace tp::store {
namespace {

using namespace std::chrono_literals;

/// The three programs, each with its own login.
class roles_test : public store_test {
protected:
    roles_test()
        : registry_(io_, {.conninfo = as("tp_registry")}),
          controller_(io_, {.conninfo = as("tp_controller")}),
          api_(io_, {.conninfo = as("tp_api")})
    {
    }

    std::string as(char const* role) const
    {
        auto conninfo = conninfo_;
        return conninfo.replace(conninfo.find("user=owner"), 10, std::string("user=") + role);
    }

    error_code attempt(database& by, char const* sql)
    {
        auto const done = wait(by.connections().run(sql));
        return done ? error_code{} : done.error();
    }

    database registry_, controller_, api_;
};

TEST_F(roles_test, each_program_reaches_what_it_needs)
{
    auto const owner = wait(first_administrator(api_)).value();
    auto const code = wait(make_claim_code(api_, owner, 1h)).value();
    auto const id = wait(claim_probe(registry_, code, key_number(1))).value();
    EXPECT_TRUE(wait(change_trust(registry_, id, trust_event::admitted, "")));
    EXPECT_TRUE(wait(register_controller(controller_, "c1", {"192.0.2.1:1"}, key_number(7), 5)));
    auto const start = wait(register_controller(controller_, "c1", {"192.0.2.1:1"}, key_number(7), 5)).value();
    auto const where = start.id;
    EXPECT_TRUE(wait(place_probe(registry_, id, {where}, 1h)));
    EXPECT_TRUE(wait(placement_of(registry_, id)));
    EXPECT_TRUE(wait(list_controllers(registry_)));
    EXPECT_TRUE(wait(probe_to_place(registry_, id)));
    EXPECT_TRUE(wait(probes_placed_on(registry_, where, 1)));
    EXPECT_TRUE(wait(take_lead(registry_, "moves", "a", 1h)));
    EXPECT_TRUE(wait(placed_pairs(api_)));
    EXPECT_TRUE(wait(drain_controller(api_, "c1", true, "")));
    EXPECT_EQ(attempt(controller_, "update controller set drained_at = null"), errc::rejected);
    EXPECT_TRUE(wait(maintain_results(registry_)));
    EXPECT_TRUE(wait(record_registration(registry_, {.probe = id, .seen_from = *parse_address("192.0.2.9")})));
    EXPECT_TRUE(wait(record_location(registry_, id, {.country = "NL"})));
    EXPECT_TRUE(wait(admit_probe(controller_, where, key_number(1))));
    auto const session = wait(session_opened(controller_, id, where, *parse_address("192.0.2.9"), "1", {"ping4"}));
    ASSERT_TRUE(session);
    EXPECT_TRUE(wait(record_events(controller_, {{id, wall_now(), "kind", "text"}})));
    EXPECT_TRUE(wait(beat(controller_, start, 1)));
    EXPECT_TRUE(wait(session_closed(controller_, id, *session, "gone")));
    EXPECT_TRUE(wait(close_sessions_of(controller_, start)));
    EXPECT_TRUE(wait(close_sessions_of_silent(registry_, 0s)));
    auto const unlocated = wait(unlocated_sessions(registry_, 10)).value();
    EXPECT_EQ(unlocated.size(), 1U);
    EXPECT_TRUE(wait(locate_sessions(registry_, {{*session, 64500, ip_prefix::parse("192.0.2.0/24").value()}})));
    EXPECT_TRUE(wait(refresh_system_tags(registry_)));
    EXPECT_TRUE(wait(refresh_typical_distances(registry_)));
    finding const found{id, "a-rule", severity::warning, "this", "that", "never"};
    EXPECT_TRUE(wait(record_finding(registry_, found)));
    EXPECT_TRUE(wait(clear_finding(registry_, id, "a-rule", "nothing")));
    EXPECT_EQ(wait(connections_of(api_, id, 0, 10))->count, 1U);
    EXPECT_EQ(wait(findings_of(api_, id, 10))->size(), 1U);
    EXPECT_EQ(wait(trust_history(api_, id, 10))->size(), 2U);
    EXPECT_EQ(wait(trust_of(api_, id))->state, trust_state::active);
}

TEST_F(roles_test, the_registry_watches_and_nobody_else_does)
{
    auto const id = probe(1);
    time_span const span{wall_now() - 1h, wall_now()};
    EXPECT_TRUE(wait(sessions_in(registry_, span)));
    EXPECT_TRUE(wait(deliveries_in(registry_, span)));
    EXPECT_TRUE(wait(refusals_in(registry_, span)));
    EXPECT_TRUE(wait(jobs_in(registry_, span)));
    EXPECT_TRUE(wait(runs_in(registry_, span, {})));
    EXPECT_TRUE(wait(anchor_sites(registry_)));
    EXPECT_TRUE(wait(programs_in(registry_, span)));
    EXPECT_TRUE(wait(unlisted_repository(registry_)));
    signed_target const target{"m/stable/1", "m", 1, 1, std::string(32, 'h')};
    EXPECT_TRUE(wait(list_signed_targets(registry_, *firmware_file_id::from(1), {target})));
    EXPECT_TRUE(wait(list_signed_targets(registry_, *firmware_file_id::from(2), {target})));
    EXPECT_TRUE(wait(signed_targets(registry_)));
    for (auto const* const sql : {"update signed_target set release = 9", "delete from signed_target"})
        EXPECT_EQ(attempt(registry_, sql), errc::rejected) << sql;
    EXPECT_TRUE(wait(watched_probes(registry_)));
    EXPECT_TRUE(wait(last_watch_round(registry_)));
    watch_memory const memory{.left_in = trust_state::suspect};
    EXPECT_TRUE(wait(finish_watch_round(registry_, {}, {3600s, 1}, {{id, memory}})));
    EXPECT_TRUE(wait(finish_watch_round(registry_, watch_round{3600s, 1}, {3600s, 2}, {{id, std::nullopt}})));
    alert const what{"proposal", "probe 1", "flapping", "isolate it?"};
    EXPECT_TRUE(wait(raise_alert(registry_, what, 1h)));
    EXPECT_TRUE(wait(list_alerts(api_, 10)));
    for (auto* const each : {&controller_, &api_}) {
        for (auto const* const sql :
             {"insert into alert (kind, subject, rule, said) values ('proposal', '', '', '')",
              "update watch_round set last = 0", "select * from probe_watch", "delete from finding",
              "insert into signed_target values ('p', 'm', 1, 1, sha256('x'))", "delete from signed_list"}) {
            EXPECT_EQ(attempt(*each, sql), errc::rejected) << sql;
        }
    }
    EXPECT_EQ(attempt(registry_, "insert into result_late select * from result_late"), errc::rejected);
}

TEST_F(roles_test, the_registry_asks_canaries_and_tells_of_alerts)
{
    auto const id = probe(1);
    auto canary = ping({id}, 60s);
    canary.owner = wait(platform_account(registry_)).value();
    canary.canary = "unannounced-prefix";
    ASSERT_EQ(wait(create_measurements(registry_, {canary}, no_target_caps)).value().made.size(), 1U);
    EXPECT_TRUE(wait(canary_probes(registry_, "ping4", {1, 1})));
    EXPECT_EQ(wait(canaries_in(registry_, {wall_now() - 1h, wall_now() + 1h}))->size(), 1U);
    EXPECT_TRUE(wait(due_alerts(registry_, "pager", 1)));
    ASSERT_TRUE(wait(raise_alert(registry_, {"proposal", "probe 1", "peers", "look"}, 0s)));
    auto const due = wait(due_alerts(registry_, "pager", 1)).value();
    ASSERT_EQ(due.size(), 1U);
    EXPECT_TRUE(wait(note_delivery(registry_, due[0].what.number, "pager", {})));
    EXPECT_EQ(wait(list_told_alerts(api_, 0, 1))->rows.at(0).deliveries.size(), 1U);
}

TEST_F(roles_test, the_registry_looks_names_up_and_controllers_read_what_it_found)
{
    auto const id = probe(1);
    auto const where = controller();
    auto look_up = ping({}, 60s);
    look_up.owner = wait(platform_account(registry_)).value();
    look_up.look_up = "a";
    auto const made = wait(create_measurements(registry_, {look_up}, no_target_caps)).value().made.at(0);
    EXPECT_TRUE(wait(session_opened(controller_, id, where, *parse_address("192.0.2.9"), "1", {"dns4"})));
    EXPECT_EQ(wait(look_up_newcomers(registry_, "dns4", "", made))->size(), 1U);
    EXPECT_TRUE(wait(add_participants(registry_, made, {id}, no_target_caps)));
    EXPECT_EQ(wait(standing_look_ups(registry_))->size(), 1U);
    EXPECT_EQ(wait(look_ups_in(registry_, {wall_now() - 1h, wall_now() + 1h}))->size(), 1U);
    look_up_finding const found{id, "a", proto::family::v4, "correct", false, wall_now()};
    for (int times = 0; times < 2; ++times) EXPECT_TRUE(wait(record_look_ups(registry_, {found}, 8h)));
    EXPECT_TRUE(wait(refresh_system_tags(registry_, {id})));
    EXPECT_TRUE(wait(session_opened(controller_, id, where, *parse_address("192.0.2.9"), "1", {"dns4"})));
    EXPECT_TRUE(wait(stop_measurement(registry_, made)));
    for (auto* const each : {&controller_, &api_})
        EXPECT_EQ(attempt(*each, "update probe_look_up set said = 'correct'"), errc::rejected);
    EXPECT_EQ(attempt(registry_, "delete from probe_look_up"), errc::rejected);
}

TEST_F(roles_test, the_api_takes_abuse_cases_and_controllers_read_what_they_block)
{
    auto const id = probe(1);
    new_abuse_case said{.prefix = *ip_prefix::parse("192.0.2.0/24"), .source = *parse_address("192.0.2.1")};
    auto const opened = wait(open_abuse_case(api_, std::move(said))).value().id;
    EXPECT_TRUE(wait(prove_abuse_case(api_, opened, abuse_proof::dns)));
    EXPECT_TRUE(wait(decide_abuse_case(api_, opened, abuse_decision::keep_blocked, account(), "because")));
    EXPECT_EQ(wait(blocked_prefixes(controller_))->prefixes.size(), 1U);
    EXPECT_TRUE(wait(jobs_of(controller_, id)));
    for (auto const* sql : {"update abuse_log set said = ''", "delete from abuse_log", "delete from abuse_case",
                            "update abuse_case set token = ''"})
        EXPECT_EQ(attempt(api_, sql), errc::rejected) << sql;
    EXPECT_EQ(attempt(controller_, "select contact from abuse_case"), errc::rejected);
}

TEST_F(roles_test, persons_steer_rollouts_the_registry_moves_them_and_controllers_report)
{
    auto const id = probe(1);
    auto const by = account();
    rollout_wish const wanted{"forced", "100%", "lab", 1s, 1s, 1s, {}, 1, ""};
    auto const made = wait(create_rollout(api_, wanted, {"path"}, by)).value();
    auto const draft = wait(find_rollout(api_, made))->at;
    auto waiting = draft;
    waiting.phase = "waiting";
    EXPECT_TRUE(wait(move_rollout(registry_, made, draft, waiting, "")));
    EXPECT_TRUE(wait(approve_rollout(api_, made, by)));
    EXPECT_TRUE(wait(steer_rollout(api_, made, "pause", "", by)));
    EXPECT_TRUE(wait(record_version_report(controller_, id, wall_now(), "text", {.model = "m", .release = 1})));
    EXPECT_EQ(wait(open_rollouts(registry_))->size(), 1U);
    EXPECT_TRUE(wait(describe_target(registry_, made, {"path", "m", 1, "h", 2})));
    EXPECT_EQ(wait(candidates_for(registry_, made, "m", 2, "lab"))->size(), 1U);
    EXPECT_TRUE(wait(add_members(registry_, made, {{id, "m", 0}})));
    EXPECT_EQ(wait(members_of(registry_, made))->size(), 1U);
    auto const at = wait(find_rollout(api_, made))->at;
    EXPECT_TRUE(wait(move_rollout(registry_, made, at, at, "said")));
    EXPECT_TRUE(wait(note_members(registry_, made, at, {{id, "sent", wall_now(), "n", wall_now(), ""}},
                                  {{id, "octets", "key", "signature", wall_now()}})));
    EXPECT_EQ(wait(newer_instructions(controller_, {{id, {}}}))->size(), 1U);
    EXPECT_EQ(wait(count_rollout(api_, made))->size(), 1U);
    EXPECT_TRUE(wait(troubles_of(api_, made, 1)));
    EXPECT_EQ(wait(rollout_history(api_, made, 9))->size(), 4U);
    for (auto const* const sql : {"update rollout set phase = 'running'", "delete from rollout_approval",
                                  "update rollout_probe set stage = 'done'", "delete from firmware_instruction",
                                  "update rollout_target set release = 9", "delete from rollout_event"}) {
        EXPECT_EQ(attempt(api_, sql), errc::rejected) << sql;
        EXPECT_EQ(attempt(controller_, sql), errc::rejected) << sql;
    }
    for (auto const* const sql : {"insert into rollout_approval values (1, 1)", "update rollout set wish = 'go'"})
        EXPECT_EQ(attempt(registry_, sql), errc::rejected) << sql;
    EXPECT_EQ(attempt(controller_, "select * from rollout"), errc::rejected);
    EXPECT_EQ(attempt(controller_, "update firmware_instruction set octets = ''"), errc::rejected);
}

TEST_F(roles_test, what_probes_reported_is_only_added_to)
{
    auto const id = probe(1);
    EXPECT_TRUE(wait(record_version_report(controller_, id, wall_now(), "text", {.model = "m", .release = 1})));
    EXPECT_TRUE(wait(record_events(controller_, {{id, wall_now(), "kind", "text"}})));
    for (auto* const each : {&registry_, &controller_, &api_}) {
        for (auto const* const sql :
             {"delete from probe_event", "update probe_event set detail = ''", "update probe_event set kind = 'kind'",
              "truncate probe_event",
              "insert into probe_event (id, probe_id, at, kind, detail) overriding system value "
              "select 4711, probe_id, at, kind, detail from probe_event"})
            EXPECT_EQ(attempt(*each, sql), errc::rejected) << sql;
    }
    EXPECT_FALSE(attempt(controller_, "select drop_old_events(array_agg(id)) from probe"));
    for (auto* const each : {&registry_, &api_})
        EXPECT_EQ(attempt(*each, "select drop_old_events('{1}')"), errc::rejected);
    auto const kept = wait(database_.connections().run("select count(*) from probe_event where detail = 'text'"));
    EXPECT_EQ(kept->integer(0, 0), 2);
}

TEST_F(roles_test, work_and_results_pass_between_api_and_controller)
{
    auto const id = probe(1);
    auto const measurement = wait(create_measurements(api_, {ping({id}, 60s)}, {})).value().made.at(0);
    EXPECT_EQ(wait(jobs_of(controller_, id))->size(), 1U);
    EXPECT_TRUE(wait(job_state_of(controller_, measurement, {id})));
    EXPECT_TRUE(wait(participations(controller_, {measurement}, {id})));
    auto const now = std::chrono::floor<std::chrono::microseconds>(wall_now());
    std::vector<result_row> const rows{{measurement, id, now, 1, 1, 0, {}, "x"},
                                       {measurement, id, now - 1000h, 2, 1, 0, {}, "x"}};
    auto const where = *controller_id::from(1);
    EXPECT_TRUE(wait(maintain_results(controller_)));
    EXPECT_EQ(wait(commit_results(controller_, where, 1, rows, {{id, 7, now, "not its own"}}))->stored, 2U);
    EXPECT_EQ(wait(commit_results(controller_, where, 2, rows, {}))->duplicates, 2U);
    EXPECT_EQ(wait(count_results(api_, measurement))->results, 2U);
    EXPECT_TRUE(wait(list_measurements(api_, {.all = true})));
    EXPECT_TRUE(wait(stop_measurement(api_, measurement)));
    EXPECT_TRUE(wait(change_probe(api_, id, {.country = "nl"})));
    EXPECT_EQ(wait(list_probes(api_, {.country = "NL"}))->count, 1U);
    trust_wish const wish{id, trust_event::revoked, trust_actor::operator_, account(), "lost"};
    EXPECT_EQ(wait(change_trust(api_, wish))->what, trust_outcome::kind::changed);
}

TEST_F(roles_test, keys_change_by_the_functions_alone_and_hosts_matters_are_the_apis)
{
    auto const id = probe(1);
    EXPECT_EQ(wait(offer_key(controller_, id, key_number(1), key_number(2))).value(), key_offer::taken);
    EXPECT_TRUE(wait(adopt_key(registry_, key_number(2))));
    EXPECT_EQ(wait(offer_key(controller_, id, key_number(2), key_number(3))).value(), key_offer::taken);
    EXPECT_TRUE(wait(adopt_key(controller_, key_number(3))));
    EXPECT_TRUE(wait(want_new_key(api_, id, trust_actor::operator_, account())));
    EXPECT_TRUE(wait(note_storage(controller_, id, "spool: Input/output error")));
    EXPECT_TRUE(wait(hosting_of(api_, id)));
    EXPECT_TRUE(wait(accept_consent(api_, id, account(), "1")));
    auto const offer = wait(offer_probe(api_, id, account(), 1h));
    EXPECT_EQ(wait(accept_probe(api_, offer->code, account(), std::nullopt))->what, code_outcome::own);
    EXPECT_TRUE(wait(withdraw_probe(api_, id, account())));
    EXPECT_TRUE(wait(count_lost_probes(api_, 1h)));
    EXPECT_TRUE(wait(list_factory_batches(api_)));
    EXPECT_EQ(wait(freeze_batch(api_, "none", batch_state::thawed, "")).error(), errc::not_found);
    EXPECT_EQ(wait(claim_device(api_, "none", account(), std::nullopt))->what, code_outcome::rejected);
    for (auto* const each : {&registry_, &controller_, &api_}) {
        for (auto const* const sql :
             {"update probe_key set state = 'current'", "insert into probe_key values ('k', 1, 'pending')",
              "update probe set key = 'k'", "update probe set frozen = false",
              "update probe set storage_trouble = null", "update factory_batch set frozen = null",
              "update probe_transfer set ended_at = null", "delete from probe_consent", "delete from code_failure"})
            EXPECT_EQ(attempt(*each, sql), errc::rejected) << sql;
    }
    EXPECT_EQ(attempt(api_, "select adopt_key('k')"), errc::rejected);
    EXPECT_EQ(attempt(registry_, "select offer_key(1, 'a', 'b')"), errc::rejected);
    EXPECT_EQ(attempt(controller_, "select want_new_key(1, 'operator', 1)"), errc::rejected);
    EXPECT_EQ(attempt(registry_, "select accept_probe('', 1, null)"), errc::rejected);
}

TEST_F(roles_test, secrets_are_the_apis_alone)
{
    for (auto const* const sql : {"select email from account", "select hash from api_key"}) {
        EXPECT_EQ(attempt(controller_, sql), errc::rejected) << sql;
        EXPECT_EQ(attempt(registry_, sql), errc::rejected) << sql;
        EXPECT_FALSE(attempt(api_, sql)) << sql;
    }
    EXPECT_EQ(attempt(controller_, "select hash from claim_code"), errc::rejected);
}

TEST_F(roles_test, nobody_writes_a_trust_state_but_through_the_functions)
{
    auto const id = probe(1);
    for (auto* const each : {&registry_, &controller_, &api_}) {
        for (auto const* const sql :
             {"update probe set trust = 'active'", "update probe set trust_held = false",
              "insert into probe (key, trust) values ('k', 'active')", "update trust_rule set to_state = 'active'",
              "select move_trust(1, 'released', 'operator', 1, '')", "delete from trust_change",
              "update trust_change set reason = ''",
              "insert into trust_change (probe_id, event, to_state, actor, reason) values (1, '', '', '', '')"}) {
            EXPECT_EQ(attempt(*each, sql), errc::rejected) << sql;
        }
    }
    // Each has its own, and the controller none.
    EXPECT_EQ(attempt(controller_, "select trust_by_registry(1, 'accused', '')"), errc::rejected);
    EXPECT_EQ(attempt(controller_, "select trust_by_person(1, 'revoked', 'operator', 1, '')"), errc::rejected);
    EXPECT_EQ(attempt(api_, "select trust_by_registry(1, 'cleared', '')"), errc::rejected);
    EXPECT_EQ(attempt(registry_, "select trust_by_person(1, 'released', 'operator', 1, '')"), errc::rejected);
    EXPECT_EQ(wait(trust_of(database_, id))->state, trust_state::active);
}

// A function that runs as the owner must not be led to a table of the caller's, whose triggers would run as the owner.
TEST_F(roles_test, a_table_of_the_caller_does_not_stand_in_for_the_real_one)
{
    auto const id = probe(1);
    database one(io_, {.conninfo = as("tp_api"), .connections = 1});
    ASSERT_FALSE(attempt(one, "create temporary table probe (id int, trust text)"));
    ASSERT_FALSE(attempt(one, "insert into pg_temp.probe values (1, 'active')"));
    ASSERT_FALSE(attempt(one, "grant all on pg_temp.probe to public"));
    ASSERT_TRUE(wait(create_account(database_, "operator@example.net", role::operator_)));
    EXPECT_FALSE(attempt(one, "select trust_by_person(1, 'revoked', 'operator', id, '') from account"));
    EXPECT_EQ(wait(find_probe_by_id(database_, id))->trust, trust_state::revoked);
}

}  // namespace
}  // namespace tp::store
