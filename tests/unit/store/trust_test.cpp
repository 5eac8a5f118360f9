#include "store/trust.hpp"

#include "store/connections.hpp"
#include "store/findings.hpp"
#include "store/pool.hpp"
#include "tests/unit/store/fixture.hpp"

namespace tp::store {
namespace {

using namespace std::chrono_literals;
using kind = trust_outcome::kind;

class trust_test : public store_test {
protected:
    trust_outcome by_rule(probe_id id, trust_event event, std::string reason = "a rule")
    {
        return wait(change_trust(database_, id, event, std::move(reason))).value();
    }
    trust_outcome by(trust_actor actor, account_id who, probe_id id, trust_event event)
    {
        trust_wish wish{id, event, actor, who, "because"};
        return wait(change_trust(database_, std::move(wish))).value();
    }
    trust_state state(probe_id id) { return wait(trust_of(database_, id))->state; }
    std::int64_t announced(probe_id id)
    {
        return wait(database_.connections().run("select count(*) from change where kind = 'trust' and key = $1::int",
                                                parameters::of(id.value())))
            ->integer(0, 0);
    }
};

TEST_F(trust_test, each_change_is_logged_with_its_reason_and_announced)
{
    auto const id = probe(1);
    auto const before = announced(id);
    auto const done = by_hand(id, trust_event::isolated, "it shouts");
    EXPECT_EQ(done.what, kind::changed);
    EXPECT_EQ(done.from, trust_state::active);
    EXPECT_EQ(done.to, trust_state::isolated);
    EXPECT_EQ(announced(id), before + 1);

    auto const history = wait(trust_history(database_, id, 10)).value();
    ASSERT_EQ(history.size(), 3U);
    EXPECT_EQ(history[0].from, trust_state::active);
    EXPECT_EQ(history[0].to, trust_state::isolated);
    EXPECT_EQ(history[0].event, "isolated");
    EXPECT_EQ(history[0].actor, "operator");
    EXPECT_EQ(history[0].reason, "it shouts");
    EXPECT_EQ(history[1].event, "admitted");
    EXPECT_EQ(history[1].actor, "registry");
    EXPECT_EQ(history[2].event, "announced");
    EXPECT_FALSE(history[2].from);
    EXPECT_LT(std::chrono::abs(history[0].at - wall_now()), 1min);
}

TEST_F(trust_test, what_is_so_already_is_not_done_again)
{
    auto const id = probe(1);
    by_hand(id, trust_event::revoked);
    auto const before = announced(id);
    EXPECT_EQ(by_hand(id, trust_event::revoked).what, kind::already);
    EXPECT_EQ(announced(id), before);
    EXPECT_EQ(wait(trust_history(database_, id, 10))->size(), 3U);
}

TEST_F(trust_test, what_is_not_possible_changes_nothing)
{
    auto const id = probe(1);
    by_hand(id, trust_event::revoked);
    auto const refused = by_hand(id, trust_event::released);
    EXPECT_EQ(refused.what, kind::not_possible);
    EXPECT_EQ(refused.from, trust_state::revoked);
    EXPECT_EQ(state(id), trust_state::revoked);
    EXPECT_EQ(wait(change_trust(database_, *probe_id::from(4711), trust_event::accused, "")).error(), errc::not_found);
}

TEST_F(trust_test, no_clean_window_lifts_what_an_operator_holds)
{
    auto const id = probe(1);
    by_rule(id, trust_event::accused);
    EXPECT_FALSE(wait(trust_of(database_, id))->held);
    EXPECT_EQ(by_rule(id, trust_event::cleared).to, trust_state::probation);
    by_hand(id, trust_event::isolated);
    EXPECT_TRUE(wait(trust_of(database_, id))->held);
    EXPECT_EQ(by_rule(id, trust_event::cleared).what, kind::not_possible);
    EXPECT_EQ(by_hand(id, trust_event::tried).to, trust_state::probation);
    EXPECT_FALSE(wait(trust_of(database_, id))->held);
    EXPECT_EQ(by_rule(id, trust_event::cleared).to, trust_state::active);
}

TEST_F(trust_test, the_word_of_a_person_needs_the_role_or_the_ownership)
{
    auto const id = probe(1);  // of the first administrator
    auto const stranger = wait(create_account(database_, "user@example.net", role::user)).value();
    EXPECT_EQ(by(trust_actor::operator_, stranger, id, trust_event::isolated).what, kind::forbidden);
    EXPECT_EQ(by(trust_actor::host, stranger, id, trust_event::retired).what, kind::forbidden);
    EXPECT_EQ(by(trust_actor::registry, account(), id, trust_event::accused).what, kind::forbidden);
    EXPECT_EQ(state(id), trust_state::active);
    EXPECT_EQ(by(trust_actor::host, account(), id, trust_event::released).what, kind::not_possible);
    EXPECT_EQ(by(trust_actor::host, account(), id, trust_event::retired).to, trust_state::retired);
    EXPECT_EQ(wait(find_probe_by_id(database_, id))->status, probe_status::written_off);
    EXPECT_EQ(wait(list_probes(database_, {.status = probe_status::written_off}))->count, 1U);
}

TEST_F(trust_test, whoever_may_not_connect_gives_its_place_back)
{
    auto const id = probe(1);
    auto const where = controller();
    ASSERT_TRUE(wait(place_probe(database_, id, {where}, 1h)));
    by_hand(id, trust_event::isolated);
    EXPECT_EQ(wait(placement_of(database_, id))->size(), 1U);
    EXPECT_EQ(wait(admit_probe(database_, where, key_number(1)))->trust, trust_state::isolated);
    by_hand(id, trust_event::retired);
    EXPECT_TRUE(wait(placement_of(database_, id))->empty());
    EXPECT_EQ(wait(admit_probe(database_, where, key_number(1)))->verdict, admission::revoked);
}

TEST_F(trust_test, the_log_can_only_be_added_to)
{
    probe(1);
    for (auto const* const sql :
         {"update trust_change set reason = ''", "delete from trust_change", "truncate trust_change"}) {
        EXPECT_EQ(wait(database_.connections().run(sql)).error(), errc::rejected) << sql;
    }
}

TEST_F(trust_test, sql_and_code_agree_on_who_measures)
{
    for (auto const each : every_trust_state) {
        auto const said =
            wait(database_.connections().run("select measures($1)", parameters::of(name_of(each)))).value();
        EXPECT_EQ(said.flag(0, 0), measures(each)) << name_of(each);
        EXPECT_EQ(trust_state_named(name_of(each)), each);
    }
    EXPECT_FALSE(trust_state_named("beloved"));
}

TEST_F(trust_test, a_rule_has_one_open_finding)
{
    auto const id = probe(1);
    finding what{id, "canary-reached", severity::warning, "an answer", "nobody", "it stays silent for a day"};
    EXPECT_EQ(wait(record_finding(database_, what)).value(), recorded::fresh);
    what.how = severity::grave;
    what.saw = "two answers";
    EXPECT_EQ(wait(record_finding(database_, what)).value(), recorded::again);
    what.how = severity::note;
    EXPECT_EQ(wait(record_finding(database_, what)).value(), recorded::again);
    auto found = wait(findings_of(database_, id, 10)).value();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].seen, 3U);
    EXPECT_EQ(found[0].what.how, severity::grave) << "what was once that bad stays so until it is cleared";
    EXPECT_EQ(found[0].what.saw, "two answers");
    EXPECT_FALSE(found[0].cleared_at);

    EXPECT_TRUE(wait(clear_finding(database_, id, "canary-reached", "a clean day")));
    EXPECT_EQ(wait(clear_finding(database_, id, "canary-reached", "a clean day")).error(), errc::not_found);
    EXPECT_EQ(wait(record_finding(database_, what)).value(), recorded::fresh);
    found = wait(findings_of(database_, id, 10)).value();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_FALSE(found[0].cleared_at) << "open ones first";
    EXPECT_EQ(found[1].cleared_by, "a clean day");
    what.probe = *probe_id::from(4711);
    EXPECT_EQ(wait(record_finding(database_, what)).error(), errc::not_found);
}

TEST_F(trust_test, findings_are_cut_and_pruned)
{
    auto const id = probe(1);
    finding what{id, "rule", severity::note, std::string(finding::longest_text - 1, 'x') + "\u00e9", "", ""};
    for (int i = 0; i < 205; ++i) {
        ASSERT_TRUE(wait(record_finding(database_, what)));
        ASSERT_TRUE(wait(clear_finding(database_, id, "rule", "")));
    }
    auto const found = wait(findings_of(database_, id, 1'000)).value();
    EXPECT_GE(found.size(), 199U);
    EXPECT_LE(found.size(), 201U);
    EXPECT_EQ(found[0].what.saw, std::string(finding::longest_text - 1, 'x')) << "not within a character";
}

TEST_F(trust_test, an_operators_release_clears_what_was_found)
{
    auto const id = probe(1);
    ASSERT_TRUE(wait(record_finding(database_, {id, "rule", severity::grave, "", "", ""})));
    by_rule(id, trust_event::accused);
    by_hand(id, trust_event::released, "it was the switch");
    auto const found = wait(findings_of(database_, id, 10)).value();
    EXPECT_TRUE(found.at(0).cleared_at);
    EXPECT_EQ(found.at(0).cleared_by, "an operator: it was the switch");
}

TEST_F(trust_test, the_connection_log_says_where_and_why)
{
    auto const id = probe(1);
    auto const where = controller("c1");
    auto const first = wait(session_opened(database_, id, where, *parse_address("192.0.2.9"), "1", {})).value();
    ASSERT_TRUE(wait(session_closed(database_, id, first, "this probe was moved", true)));
    auto const second = wait(session_opened(database_, id, where, *parse_address("2001:db8::9"), "1", {})).value();
    auto const unlocated = wait(unlocated_sessions(database_, 10)).value();
    ASSERT_EQ(unlocated.size(), 2U);
    ASSERT_TRUE(
        wait(locate_sessions(database_, {{first, 64500, ip_prefix::parse("192.0.2.0/24").value()}, {second, {}, {}}})));
    EXPECT_TRUE(wait(unlocated_sessions(database_, 10))->empty());

    auto const log = wait(connections_of(database_, id, 0, 10)).value();
    EXPECT_EQ(log.count, 2U);
    ASSERT_EQ(log.rows.size(), 2U);
    EXPECT_EQ(log.rows[0].number, second);
    EXPECT_FALSE(log.rows[0].closed);
    EXPECT_FALSE(log.rows[0].asn);
    EXPECT_EQ(log.rows[1].controller, "c1");
    EXPECT_EQ(log.rows[1].asn, 64500U);
    EXPECT_EQ(log.rows[1].prefix->text(), "192.0.2.0/24");
    EXPECT_EQ(log.rows[1].address.to_string(), "192.0.2.9");
    EXPECT_EQ(log.rows[1].reason, "this probe was moved");
    EXPECT_TRUE(log.rows[1].by_platform);
    EXPECT_EQ(wait(connections_of(database_, id, 1, 10))->rows.size(), 1U);
}

TEST_F(trust_test, system_tags_say_what_is_known)
{
    auto const id = probe(1);
    auto const where = controller();
    registration hello{.probe = id, .seen_from = *parse_address("192.0.2.9")};
    hello.local_v4 = *parse_address("192.168.1.7");
    hello.local_v6 = *parse_address("fd00::7");
    ASSERT_TRUE(wait(record_registration(database_, hello)));
    auto const tagged = [&](char const* tag) {
        return wait(list_probes(database_, {.tags_include = {tag}}))->count == 1;
    };
    auto const come_and_go = [&](bool by_platform) {
        auto const session = wait(session_opened(database_, id, where, *parse_address("192.0.2.9"), "1", {"ping4"}));
        ASSERT_TRUE(session);
        ASSERT_TRUE(wait(session_closed(database_, id, *session, "gone", by_platform)));
    };
    for (int i = 0; i < 10; ++i) come_and_go(true);
    for (auto const* const tag :
         {"system-ipv4-works", "system-ipv4-capable", "system-ipv4-rfc1918", "system-ipv6-ula", "system-software"}) {
        EXPECT_TRUE(tagged(tag)) << tag;
    }
    for (auto const* const tag : {"system-ipv6-works", "system-anchor", "system-flakey-connection"}) {
        EXPECT_FALSE(tagged(tag)) << tag;
    }
    for (int i = 0; i < 6; ++i) come_and_go(false);
    ASSERT_TRUE(wait(refresh_system_tags(database_)));
    EXPECT_TRUE(tagged("system-flakey-connection"));
    ASSERT_TRUE(wait(database_.connections().run("update probe_session set closed_at = now() - interval '2 days'")));
    ASSERT_TRUE(wait(refresh_system_tags(database_)));
    EXPECT_FALSE(tagged("system-flakey-connection"));
    EXPECT_TRUE(tagged("system-ipv4-works"));
}

TEST_F(trust_test, system_tags_say_for_how_long_a_family_has_been_stable)
{
    auto const id = probe(1);
    registration hello{.probe = id, .seen_from = *parse_address("192.0.2.9")};
    hello.local_v6 = *parse_address("2001:db8::7");
    ASSERT_TRUE(wait(record_registration(database_, hello)));
    ASSERT_TRUE(wait(session_opened(database_, id, controller(), *parse_address("192.0.2.9"), "1", {"ping4"})));
    struct row {
        char const* since;
        std::vector<std::string> tags;
    };
    row const rows[] = {
        {"1 hour", {}},
        {"1 day", {"system-ipv4-stable-1d"}},
        {"29 days", {"system-ipv4-stable-1d"}},
        {"40 days", {"system-ipv4-stable-1d", "system-ipv4-stable-30d"}},
        {"1 year", {"system-ipv4-stable-1d", "system-ipv4-stable-30d", "system-ipv4-stable-90d"}},
    };
    auto const stable_tags = [&] {
        std::vector<std::string> out;
        for (auto const& tag : wait(find_probe_by_id(database_, id)).value().tags) {
            if (tag.find("-stable-") != std::string::npos) out.push_back(tag);
        }
        return out;
    };
    for (auto const& [since, tags] : rows) {
        SCOPED_TRACE(since);
        ASSERT_TRUE(wait(database_.connections().run("update probe_session set opened_at = now() - $1::interval",
                                                     parameters::of(std::string(since)))));
        ASSERT_TRUE(wait(refresh_system_tags(database_)));
        EXPECT_EQ(stable_tags(), tags);
    }
    // Away for an hour of the last day, which is long for a day and short for a month.
    ASSERT_TRUE(wait(database_.connections().run(
        "update probe_session set closed_at = now() - interval '1 hour', reason = 'gone'")));
    ASSERT_TRUE(wait(refresh_system_tags(database_)));
    EXPECT_EQ(stable_tags(), (std::vector<std::string>{"system-ipv4-stable-30d", "system-ipv4-stable-90d"}));
}

TEST_F(trust_test, system_tags_say_what_does_not_work_and_what_is_disputed)
{
    auto const id = probe(1);
    registration hello{.probe = id, .seen_from = *parse_address("192.0.2.9")};
    hello.local_v6 = *parse_address("2001:db8::7");
    ASSERT_TRUE(wait(record_registration(database_, hello)));
    ASSERT_TRUE(wait(session_opened(database_, id, controller(), *parse_address("192.0.2.9"), "1", {"ping4"})));
    auto const tagged = [&](char const* tag) {
        return wait(list_probes(database_, {.tags_include = {tag}}))->count == 1;
    };
    EXPECT_TRUE(tagged("system-ipv6-capable"));
    EXPECT_TRUE(tagged("system-ipv6-doesnt-work"));
    EXPECT_FALSE(tagged("system-ipv6-works"));
    EXPECT_FALSE(tagged("system-ipv4-doesnt-work"));
    EXPECT_FALSE(tagged("system-geoloc-disputed"));
    ASSERT_TRUE(
        wait(database_.connections().run("insert into finding (probe_id, rule, severity, saw, compared_with, "
                                         "clears_when) select id, 'place', 'warning', "
                                         "'a', 'b', 'c' from probe")));
    ASSERT_TRUE(wait(refresh_system_tags(database_)));
    EXPECT_TRUE(tagged("system-geoloc-disputed"));
}

}  // namespace
}  // namespace tp::store
