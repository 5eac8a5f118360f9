#include "registry/watch/watch.hpp"

#include "proto/report.hpp"
#include "store/director.hpp"
#include "store/findings.hpp"
#include "store/pool.hpp"
#include "store/signed_targets.hpp"
#include "tests/unit/store/fixture.hpp"
#include "tests/unit/watch/dns_message.hpp"

namespace tp::registry {
namespace {

using namespace std::chrono_literals;
using store::trust_state;

/// Rounds of a minute that lie ahead, so that no state changed within them; what was seen of probes is written into the
/// log of sessions.
class watch_test : public store::store_test {
protected:
    static constexpr std::int64_t window = 24;

    watch_test()
    {
        settings_.round = 60s;
        settings_.delay = 1s;
        settings_.rules.policy.isolated_windows = 1;
        settings_.rules.policy.probation_windows = 1;
        controller_ = controller();
        anew();
    }

    /// A registry of its own.
    void anew() { watch_.emplace(database_, settings_, ++seed_); }

    probe_id probe_in(unsigned number, std::uint32_t as)
    {
        auto const id = probe(number);
        sql("update probe set last_connected = now() where id = " + id.text());
        as_[id] = as;
        return id;
    }
    void sql(std::string const& text)
    {
        auto const done = wait(database_.connections().run(text));
        ASSERT_TRUE(done) << text;
    }

    /// A session of this round, `from` and `to` seconds after its beginning.
    void session(probe_id id, int from, int to, std::string const& reason, std::uint32_t boot = 1)
    {
        auto const begin = round_ * settings_.round.count();
        auto const done = wait(database_.connections().run(
            "insert into probe_session (probe_id, controller_id, address, opened_at, closed_at, reason, boot_count, "
            "asn, located) values ($1::int, $2::int, '192.0.2.9', moment($3::bigint * 1000000), "
            "moment($4::bigint * 1000000), $5, $6::bigint, $7::bigint, true)",
            store::parameters::of(id.value(), controller_.value(), begin + from, begin + to, reason, boot, as_[id])));
        ASSERT_TRUE(done);
    }
    void well(probe_id id) { session(id, 0, 59, "closed"); }
    void malformed(probe_id id)
    {
        for (int i = 0; i < 3; ++i) session(id, 20 * i, 20 * i + 10, "malformed frame: nonsense");
    }
    /// In session for the round, and says in it what it runs.
    void runs(probe_id id, std::uint64_t release, char hash, std::string target)
    {
        well(id);
        store::firmware_state says{.model = "m", .release = release, .sha256 = std::string(32, hash), .standing = 2};
        says.target = std::move(target);
        auto const at = from_unix_seconds(round_ * settings_.round.count() + 30);
        ASSERT_TRUE(wait(store::record_version_report(database_, id, at, "report", std::move(says))));
    }
    /// A repository takes the place of the one before.
    void publish()
    {
        sql("delete from firmware_file");
        sql("insert into firmware_file (path, size, sha256, stored_at) "
            "values ('metadata/timestamp.json', 1, sha256('x'), now())");
    }
    void list(std::vector<store::signed_target> found)
    {
        auto const timestamp = wait(store::unlisted_repository(database_)).value();
        ASSERT_TRUE(timestamp);
        ASSERT_TRUE(wait(store::list_signed_targets(database_, *timestamp, std::move(found))));
    }
    /// The round is over.
    void look()
    {
        ++round_;
        auto const done = wait(watch_->look(from_unix_seconds(round_ * settings_.round.count()) + settings_.delay));
        ASSERT_TRUE(done) << done.error().message();
    }
    void looks(std::int64_t count, probe_id id)
    {
        for (std::int64_t i = 0; i < count; ++i) {
            well(id);
            look();
        }
    }
    void misbehave(probe_id id, int rounds)
    {
        for (int i = 0; i < rounds; ++i) {
            malformed(id);
            look();
        }
    }

    trust_state state(probe_id id) { return wait(store::trust_of(database_, id))->state; }
    std::vector<store::finding_record> findings(probe_id id)
    {
        return wait(store::findings_of(database_, id, 50)).value();
    }
    std::vector<store::alert_record> alerts() { return wait(store::list_alerts(database_, 50)).value(); }

    watch_settings settings_;
    controller_id controller_ = *controller_id::from(1);
    std::map<probe_id, std::uint32_t> as_;
    std::int64_t round_ = to_unix_seconds(wall_now()) / 60 + 5;
    std::uint64_t seed_ = 0;
    std::optional<watch> watch_;
};

TEST_F(watch_test, a_probe_that_misbehaves_is_isolated_with_evidence_and_its_neighbour_is_not)
{
    auto const bad = probe_in(1, 64500), good = probe_in(2, 64500);
    malformed(bad);
    well(good);
    look();
    EXPECT_EQ(state(bad), trust_state::suspect) << "a warning";
    for (int i = 0; i < 4; ++i) {
        malformed(bad);
        well(good);
        look();
    }
    EXPECT_EQ(state(bad), trust_state::isolated);
    auto const found = findings(bad);
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found[0].what.rule, "protocol");
    EXPECT_EQ(found[0].what.how, store::severity::grave);
    EXPECT_NE(found[0].what.saw.find("malformed frames"), std::string::npos);
    EXPECT_FALSE(found[0].what.compared_with.empty());
    EXPECT_FALSE(found[0].what.clears_when.empty());
    EXPECT_FALSE(found[0].cleared_at);
    auto const history = wait(store::trust_history(database_, bad, 10)).value();
    EXPECT_EQ(history[0].actor, "registry");
    EXPECT_TRUE(history[0].reason.starts_with("protocol: ")) << history[0].reason;
    EXPECT_EQ(state(good), trust_state::active);
    EXPECT_TRUE(findings(good).empty());
    EXPECT_TRUE(alerts().empty());
}

TEST_F(watch_test, clean_windows_lead_back_and_clear_the_finding)
{
    auto const id = probe_in(1, 64500);
    misbehave(id, 5);
    ASSERT_EQ(state(id), trust_state::isolated);
    looks(window - 1, id);
    EXPECT_FALSE(findings(id)[0].cleared_at) << "its last frame is within the window";
    looks(1, id);
    EXPECT_TRUE(findings(id)[0].cleared_at);
    EXPECT_EQ(findings(id)[0].cleared_by, "a window without it");
    looks(window - 2, id);
    EXPECT_EQ(state(id), trust_state::isolated);
    looks(1, id);
    EXPECT_EQ(state(id), trust_state::probation);
    looks(window - 1, id);
    EXPECT_EQ(state(id), trust_state::probation);
    looks(1, id);
    EXPECT_EQ(state(id), trust_state::active);
}

TEST_F(watch_test, absence_clears_nothing)
{
    auto const id = probe_in(1, 64500);
    misbehave(id, 5);
    for (int i = 0; i < 3 * window; ++i) look();
    EXPECT_EQ(state(id), trust_state::isolated);
    EXPECT_FALSE(findings(id)[0].cleared_at);
}

TEST_F(watch_test, on_probation_the_same_fault_isolates_at_once_and_for_longer)
{
    auto const id = probe_in(1, 64500);
    misbehave(id, 5);
    looks(2 * window - 1, id);
    ASSERT_EQ(state(id), trust_state::probation);
    misbehave(id, 1);
    EXPECT_EQ(state(id), trust_state::isolated);
    looks(2 * window, id);
    EXPECT_EQ(state(id), trust_state::isolated) << "twice as long";
    looks(window, id);
    EXPECT_EQ(state(id), trust_state::probation);
}

TEST_F(watch_test, what_is_only_proposed_is_asked_once)
{
    settings_.rules.policy.modes[detect::index(detect::rule::protocol)] = detect::mode::propose;
    anew();
    auto const id = probe_in(1, 64500);
    misbehave(id, 8);
    EXPECT_EQ(state(id), trust_state::suspect);
    auto const asked = alerts();
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0].what.kind, "proposal");
    EXPECT_EQ(asked[0].what.subject, "probe " + id.text());
    EXPECT_EQ(findings(id).at(0).what.how, store::severity::grave);
}

TEST_F(watch_test, a_rule_that_is_off_finds_nothing_and_gives_back_what_it_found)
{
    auto const id = probe_in(1, 64500);
    misbehave(id, 1);
    ASSERT_EQ(findings(id).size(), 1U);
    settings_.rules.policy.modes[detect::index(detect::rule::protocol)] = detect::mode::off;
    sql("delete from leader");
    anew();
    misbehave(id, 5);
    EXPECT_EQ(findings(id).size(), 1U);
    EXPECT_EQ(findings(id)[0].cleared_by, "the rule was switched off");
    EXPECT_EQ(state(id), trust_state::suspect) << "until a window has passed";
}

TEST_F(watch_test, many_that_go_bad_together_are_one_alert_and_nobody_is_isolated)
{
    std::vector<probe_id> many;
    for (unsigned i = 1; i <= 6; ++i) many.push_back(probe_in(i, 64500));
    for (unsigned i = 7; i <= 30; ++i) many.push_back(probe_in(i, 64500 + i));
    auto const alone = many.back();
    for (int round = 0; round < 6; ++round) {
        for (std::size_t i = 0; i < many.size(); ++i) {
            if (i < 6 || many[i] == alone)
                malformed(many[i]);
            else
                well(many[i]);
        }
        look();
    }
    for (std::size_t i = 0; i < 6; ++i) {
        EXPECT_EQ(state(many[i]), trust_state::suspect);
        EXPECT_EQ(findings(many[i]).at(0).what.how, store::severity::grave) << "it is shown all the same";
        EXPECT_EQ(findings(many[i]).at(0).held_back_by, "AS64500: 6 of 6 probes have trouble by this rule");
    }
    EXPECT_EQ(state(alone), trust_state::isolated) << "nobody near it has the same";
    EXPECT_EQ(findings(alone).at(0).held_back_by, "");
    auto const told = alerts();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].what.kind, "mass event");
    EXPECT_EQ(told[0].what.subject, "AS64500");
    EXPECT_NE(told[0].what.said.find("6 of 6"), std::string::npos) << told[0].what.said;
}

TEST_F(watch_test, a_version_that_goes_bad_holds_back_the_isolation_of_its_probes_until_that_is_over)
{
    std::vector<probe_id> many;
    for (unsigned i = 1; i <= 40; ++i) many.push_back(probe_in(i, 64500 + i));
    for (std::size_t i = 0; i < many.size(); ++i)
        sql("update probe set software = '1.2." + std::to_string(i < 12 ? 3 : 4) + "' where id = " + many[i].text());
    for (int round = 0; round < 6; ++round) {
        for (std::size_t i = 0; i < many.size(); ++i) i < 12 ? malformed(many[i]) : well(many[i]);
        look();
    }
    EXPECT_EQ(state(many[0]), trust_state::suspect);
    EXPECT_EQ(findings(many[0]).at(0).held_back_by, "release 1.2.3: 12 of 12 probes have trouble by this rule");
    auto const told = alerts();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].what.subject, "release 1.2.3");
}

TEST_F(watch_test, whoever_takes_over_goes_on_where_the_other_was)
{
    auto const id = probe_in(1, 64500);
    misbehave(id, 4);
    ASSERT_EQ(state(id), trust_state::suspect);
    anew();
    misbehave(id, 1);
    EXPECT_EQ(state(id), trust_state::suspect) << "another one leads";
    sql("delete from leader");
    misbehave(id, 1);
    EXPECT_EQ(state(id), trust_state::isolated) << "the round that nobody did was made up for";
    looks(window + 10, id);
    sql("delete from leader");
    anew();
    looks(window - 12, id);
    EXPECT_EQ(state(id), trust_state::isolated);
    looks(1, id);
    EXPECT_EQ(state(id), trust_state::probation) << "the clean rounds of the first one count";
}

TEST_F(watch_test, a_round_that_another_registry_did_is_not_done_again)
{
    auto const id = probe_in(1, 64500);
    misbehave(id, 1);
    auto const seen = findings(id).at(0).seen;
    --round_;
    sql("delete from leader");
    anew();
    look();
    EXPECT_EQ(findings(id).at(0).seen, seen);
}

TEST_F(watch_test, an_operators_release_begins_anew_and_a_hold_stays)
{
    auto const id = probe_in(1, 64500);
    misbehave(id, 5);
    ASSERT_EQ(state(id), trust_state::isolated);
    by_hand(id, store::trust_event::released);
    looks(3, id);
    EXPECT_EQ(state(id), trust_state::active) << "what was before does not count any more";
    by_hand(id, store::trust_event::isolated);
    looks(4 * window, id);
    EXPECT_EQ(state(id), trust_state::isolated);
    EXPECT_TRUE(wait(store::trust_of(database_, id))->held);
}

TEST_F(watch_test, a_boot_count_that_goes_back_is_a_copy)
{
    auto const id = probe_in(1, 64500);
    for (unsigned i = 0; i < 6; ++i) {
        session(id, 0, 50, "closed", 10 - i);
        look();
    }
    EXPECT_EQ(state(id), trust_state::isolated);
    EXPECT_EQ(findings(id).at(0).what.rule, "session-counter");
}

TEST_F(watch_test, canaries_are_asked_each_round_and_isolated_probes_are_always_among_them)
{
    settings_.canaries.targets = {{detect::canary::unannounced_prefix, proto::family::v4, "192.0.2.99", 0}};
    settings_.canaries.probes = 1;
    anew();
    auto const bad = probe_in(1, 64500), good = probe_in(2, 64501), other = probe_in(3, 64502);
    sql("update probe set capabilities = '{ping4}', session = id");
    by_hand(bad, store::trust_event::isolated);
    look();
    look();
    auto const asked = wait(store::canaries_in(database_, {wall_now() - 24h, wall_now() + 24h})).value();
    ASSERT_EQ(asked.size(), 2U);
    for (auto const& each : asked) {
        EXPECT_EQ(each.kind, "unannounced-prefix");
        auto const by = wait(store::participants_of(database_, each.job.measurement)).value();
        EXPECT_EQ(by.size(), 2U);
        EXPECT_EQ(std::count(by.begin(), by.end(), bad), 1);
        EXPECT_EQ(std::count(by.begin(), by.end(), good) + std::count(by.begin(), by.end(), other), 1);
    }
    EXPECT_EQ(wait(store::jobs_of(database_, bad))->size(), 2U) << "isolated, it has canaries alone";
}

TEST_F(watch_test, names_are_looked_up_and_what_was_answered_in_a_round_is_kept)
{
    settings_.look_ups.name = "look.example";
    settings_.look_ups.a = {*parse_address("192.0.2.7")};
    anew();
    auto const id = probe_in(1, 64500);
    sql("update probe set capabilities = '{dns4}', session = id");
    look();
    auto const asked = wait(store::standing_look_ups(database_)).value();
    ASSERT_EQ(asked.size(), 1U);
    proto::dns_report found{.by_resolvers = true};
    found.exchanges.emplace_back().answer = test::answer("lOoK.eXaMpLe", {test::address("192.0.2.7")});
    proto::report const told{.found = std::move(found)};
    auto const at = from_unix_seconds(round_ * settings_.round.count() + 5);
    std::vector<store::result_row> rows{{asked[0].job.measurement, id, at, 1, 3, 0, {}, proto::encode(told)}};
    ASSERT_TRUE(wait(store::commit_results(database_, controller_, 1, std::move(rows), {})));
    auto const tagged = [&] {
        auto const tags = wait(store::find_probe_by_id(database_, id))->tags;
        return std::count(tags.begin(), tags.end(), "system-resolves-a-correctly") == 1;
    };
    EXPECT_FALSE(tagged());
    look();
    EXPECT_TRUE(tagged());
}

TEST_F(watch_test, a_probe_that_reaches_what_nobody_announces_is_isolated)
{
    settings_.canaries.targets = {{detect::canary::unannounced_prefix, proto::family::v4, "192.0.2.99", 0}};
    settings_.rules.policy.modes[detect::index(detect::rule::clock)] = detect::mode::off;  // these rounds lie ahead
    anew();
    auto const liar = probe_in(1, 64500), good = probe_in(2, 64501);
    sql("update probe set capabilities = '{ping4}', session = id");
    std::int64_t commit = 0, sequence = 0;
    for (int round = 0; round < 12; ++round) {
        well(liar);
        well(good);
        look();
        auto const asked = wait(store::canaries_in(database_, {wall_now() - 24h, wall_now() + 24h})).value();
        ASSERT_FALSE(asked.empty());
        // In the round that begins now.
        auto const begin = round_ * settings_.round.count();
        std::vector<store::result_row> rows;
        for (auto const by : {liar, good, liar, good, liar, good, liar, good}) {
            proto::report told;
            proto::ping_report found{48, {{}}};
            if (by == liar) found.packets[0].round_trip = 9ms;
            told.found = found;
            auto const at = from_unix_seconds(begin + 5 + sequence++ % 8 * 6);
            rows.push_back({asked.back().job.measurement, by, at, sequence, 1, 0, {}, proto::encode(told)});
        }
        ASSERT_TRUE(wait(store::commit_results(database_, controller_, ++commit, std::move(rows), {})));
    }
    EXPECT_EQ(state(liar), trust_state::isolated);
    EXPECT_EQ(state(good), trust_state::active);
    ASSERT_FALSE(findings(liar).empty());
    EXPECT_EQ(findings(liar).front().what.rule, "canary");
}

TEST_F(watch_test, a_program_that_nobody_signed_is_found_and_one_that_a_host_installed_is_not)
{
    publish();
    list({{"m/stable/2", "m", 2, 10, std::string(32, '2')}});
    auto const bad = probe_in(1, 64500), good = probe_in(2, 64501), packaged = probe_in(3, 64502);
    for (int round = 0; round < 5; ++round) {
        runs(bad, 2, 'x', "m/stable/2");
        runs(good, 2, '2', "m/stable/2");
        runs(packaged, 1, 'p', "host/1");
        look();
    }
    EXPECT_EQ(state(bad), trust_state::isolated);
    ASSERT_EQ(findings(bad).size(), 1U);
    auto const found = findings(bad)[0].what;
    EXPECT_EQ(found.rule, "firmware");
    EXPECT_EQ(found.saw, "the program reported as release 2 of m is another (SHA-256 7878787878787878...)");
    EXPECT_EQ(found.compared_with, "the hash that officers signed for it");
    for (auto const each : {good, packaged}) {
        EXPECT_EQ(state(each), trust_state::active);
        EXPECT_TRUE(findings(each).empty());
    }
    for (int round = 0; round < 25; ++round) {
        runs(bad, 2, 'p', "host/2");
        look();
    }
    EXPECT_TRUE(findings(bad)[0].cleared_at) << "its host installed it anew";
}

TEST_F(watch_test, a_list_that_lacks_what_was_just_published_accuses_nobody)
{
    auto const id = probe_in(1, 64500);
    auto const updated = [&](int rounds) {
        for (int round = 0; round < rounds; ++round) {
            runs(id, 3, '3', "m/stable/3");
            look();
        }
    };
    updated(3);
    EXPECT_TRUE(findings(id).empty()) << "nothing was ever signed here";
    publish();
    list({{"m/stable/2", "m", 2, 10, std::string(32, '2')}});
    publish();
    updated(3);
    EXPECT_TRUE(findings(id).empty());
    list({{"m/stable/2", "m", 2, 10, std::string(32, '2')}, {"m/stable/3", "m", 3, 10, std::string(32, '3')}});
    updated(3);
    EXPECT_TRUE(findings(id).empty());
    publish();
    list({{"m/stable/4", "m", 4, 10, std::string(32, '4')}});
    updated(3);
    EXPECT_TRUE(findings(id).empty()) << "it was withdrawn";
}

TEST_F(watch_test, results_that_do_not_arrive_are_missed)
{
    auto const id = probe_in(1, 64500), good = probe_in(2, 64501);
    sql("update probe set capabilities = '{ping4}'");
    auto wanted = ping({id, good}, 2s);
    auto const measurement = create({wanted}).value().at(0);
    std::int64_t commit = 0, sequence = 0;
    for (int round = 0; round < 20; ++round) {
        std::vector<store::result_row> rows;
        auto const begin = from_unix_seconds(round_ * settings_.round.count());
        for (int i = 0; i < 30; ++i) {
            rows.push_back({measurement, good, begin + 2s * i, ++sequence, 1, 0, {}, "x"});
            if (i % 2 == 0) rows.push_back({measurement, id, begin + 2s * i, ++sequence, 1, 0, {}, "x"});
        }
        ASSERT_TRUE(wait(store::commit_results(database_, controller_, ++commit, rows, {})));
        session(id, 0, 60, "closed");
        session(good, 0, 60, "closed");
        look();
    }
    EXPECT_EQ(findings(id).at(0).what.rule, "result-rate") << findings(id).at(0).what.saw;
    EXPECT_EQ(state(id), trust_state::isolated);
    for (auto const& each : findings(good)) EXPECT_NE(each.what.rule, "result-rate") << each.what.saw;
}

}  // namespace
}  // namespace tp::registry
