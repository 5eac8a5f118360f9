#include <gtest/gtest.h>

#include <random>
#include <set>

#include "registry/trust/machine.hpp"
#include "store/pool.hpp"
#include "tests/unit/store/fixture.hpp"

namespace tp::registry {
namespace {

using store::trust_actor;
using store::trust_event;
using store::trust_state;
using enum store::trust_state;

std::vector<standing> every_standing()
{
    std::vector<standing> out;
    for (auto const state : store::every_trust_state) out.push_back({state, false});
    out.push_back({isolated, true});
    return out;
}

std::string told(standing const& one)
{
    return std::string(name_of(one.state)) + (one.held ? " (held)" : "");
}

/// More is more: what the platform would do with a probe that stands here.
int trust_in(standing const& one)
{
    switch (one.state) {
        case active:
            return 5;
        case suspect:
        case probation:
            return 4;
        case isolated:
            return one.held ? 2 : 3;
        case preauthorised:
        case pending:
            return 1;
        case revoked:
        case retired:
            break;
    }
    return 0;
}

TEST(trust, leads_from_every_standing_by_one_way_at_most)
{
    std::set<std::tuple<trust_event, trust_actor, trust_state, bool>> seen;
    for (auto const& rule : trust_rules()) {
        EXPECT_TRUE(seen.insert({rule.event, rule.actor, rule.from.state, rule.from.held}).second);
    }
}

TEST(trust, no_sequence_of_events_leads_astray)
{
    std::mt19937_64 random(20'260'801);
    auto const any_of = [&](auto const& list) { return list[random() % std::size(list)]; };
    for (int life = 0; life < 2'000; ++life) {
        standing now{life % 2 == 0 ? pending : preauthorised};
        for (int i = 0; i < 60; ++i) {
            auto const event = any_of(store::every_trust_event);
            auto const actor = any_of(store::every_trust_actor);
            auto const next = after(now, event, actor);
            if (!next) continue;
            SCOPED_TRACE(told(now) + " -> " + told(*next) + " by " + std::string(name_of(event)) + " of " +
                         std::string(name_of(actor)));
            EXPECT_TRUE(!next->held || next->state == isolated) << "only an isolated probe is held";
            EXPECT_NE(now.state, revoked) << "nothing leads out of it";
            bool const by_rule = actor == trust_actor::registry;
            EXPECT_TRUE(now.state != retired || actor == trust_actor::operator_);
            EXPECT_TRUE(!now.held || !by_rule) << "a rule does not touch a hold";
            EXPECT_TRUE(actor != trust_actor::host || event == trust_event::claimed || trust_in(*next) <= trust_in(now))
                << "a host does not make its own probe better";
            EXPECT_TRUE(next->state != active || now.state == active || event == trust_event::admitted ||
                        event == trust_event::cleared || event == trust_event::released);
            EXPECT_TRUE((event != trust_event::doubted && event != trust_event::accused) ||
                        trust_in(*next) < trust_in(now))
                << "a finding does not make it better";
            EXPECT_TRUE(now.state != isolated || !by_rule || next->state == probation);
            now = *next;
        }
    }
}

TEST(trust, every_standing_can_be_reached_and_left_by_an_operator)
{
    std::vector<standing> reached{{pending}, {preauthorised}};
    for (std::size_t i = 0; i < reached.size(); ++i) {
        for (auto const& rule : trust_rules()) {
            if (rule.from != reached[i]) continue;
            if (std::find(reached.begin(), reached.end(), rule.to) == reached.end()) reached.push_back(rule.to);
        }
    }
    EXPECT_EQ(reached.size(), every_standing().size());
    for (auto const& each : every_standing()) {
        if (each.state == revoked) continue;
        EXPECT_TRUE(after(each, trust_event::revoked, trust_actor::operator_)) << told(each);
    }
}

/// The rules that the database holds, and its functions, against these.
class trust_in_sql : public store::store_test {
protected:
    void put(probe_id id, standing where)
    {
        ASSERT_TRUE(
            wait(database_.connections().run("update probe set trust = $2, trust_held = $3::bool where id = $1::int",
                                             store::parameters::of(id.value(), name_of(where.state), where.held))));
    }
    standing of(probe_id id)
    {
        auto const found = wait(store::trust_of(database_, id)).value();
        return {found.state, found.held};
    }
    store::trust_outcome apply(probe_id id, trust_event event, trust_actor actor)
    {
        if (actor == trust_actor::registry) return wait(store::change_trust(database_, id, event, "")).value();
        store::trust_wish wish{id, event, actor, account(), ""};
        return wait(store::change_trust(database_, std::move(wish))).value();
    }
};

TEST_F(trust_in_sql, the_table_has_the_same_rules)
{
    std::set<std::string> ours, theirs;
    for (auto const& rule : trust_rules()) {
        ours.insert(std::string(name_of(rule.event)) + ' ' + std::string(name_of(rule.actor)) + ": " + told(rule.from) +
                    " -> " + told(rule.to));
    }
    auto const found = wait(database_.connections().run(
        "select event || ' ' || actor || ': ' || from_state || case when from_held then ' (held)' else '' end || "
        "' -> ' || to_state || case when to_held then ' (held)' else '' end from trust_rule"));
    ASSERT_TRUE(found);
    for (int row = 0; row < found->count(); ++row) theirs.insert(found->text(row, 0));
    EXPECT_EQ(ours, theirs);
}

TEST_F(trust_in_sql, the_functions_do_what_the_rules_say)
{
    auto const id = probe(1);  // the administrator is its host
    for (auto const& from : every_standing()) {
        for (auto const event : store::every_trust_event) {
            for (auto const actor : store::every_trust_actor) {
                put(id, from);
                auto const expected = after(from, event, actor);
                auto const done = apply(id, event, actor);
                EXPECT_EQ(done.what == store::trust_outcome::kind::changed, expected.has_value())
                    << told(from) << ", " << name_of(event) << " by " << name_of(actor);
                EXPECT_EQ(of(id), expected.value_or(from))
                    << told(from) << ", " << name_of(event) << " by " << name_of(actor);
            }
        }
    }
}

}  // namespace
}  // namespace tp::registry
