#include <cctype>

#include "store/pool.hpp"
#include "tests/unit/store/fixture.hpp"

namespace tp::store {
namespace {

using namespace std::chrono_literals;

TEST_F(store_test, migrating_twice_and_at_once_changes_nothing)
{
    database second(io_, {.conninfo = conninfo_});
    EXPECT_TRUE(wait(migrate(database_)));
    EXPECT_TRUE(wait(migrate(second)));
}

TEST_F(store_test, a_claim_code_makes_one_probe_of_its_account)
{
    auto const owner = account();
    auto const code = wait(make_claim_code(database_, owner, 1h)).value();
    auto const first = wait(claim_probe(database_, code, key_number(1)));
    ASSERT_TRUE(first);
    EXPECT_EQ(wait(claim_probe(database_, code, key_number(1))).value(), *first) << "the same key asks again";
    EXPECT_EQ(wait(claim_probe(database_, code, key_number(2))).error(), errc::rejected);
    EXPECT_EQ(wait(find_probe(database_, key_number(1)))->id, *first);
    EXPECT_EQ(wait(find_probe_by_id(database_, *first))->owner, owner);
}

TEST_F(store_test, an_unknown_or_expired_code_claims_nothing)
{
    auto const expired = wait(make_claim_code(database_, account(), -1s)).value();
    EXPECT_EQ(wait(claim_probe(database_, expired, key_number(1))).error(), errc::rejected);
    EXPECT_EQ(wait(claim_probe(database_, "0000-0000-0000-0000", key_number(1))).error(), errc::rejected);
    EXPECT_EQ(wait(find_probe(database_, key_number(1))).error(), errc::not_found);
}

TEST_F(store_test, a_new_probe_is_pending_until_it_is_admitted)
{
    auto const pasted = wait(add_probe(database_, key_number(1), account(), "")).value();
    auto const code = wait(make_claim_code(database_, account(), 1h)).value();
    auto const claimed = wait(claim_probe(database_, code, key_number(2))).value();
    auto const where = controller();
    for (auto const id : {pasted, claimed}) {
        ASSERT_TRUE(wait(place_probe(database_, id, {where}, 1h)));
        EXPECT_EQ(wait(trust_of(database_, id))->state, trust_state::pending);
    }
    EXPECT_EQ(wait(admit_probe(database_, where, key_number(2)))->verdict, admission::not_placed_here);
    ASSERT_TRUE(wait(change_trust(database_, claimed, trust_event::admitted, "")));
    EXPECT_EQ(wait(admit_probe(database_, where, key_number(2)))->verdict, admission::granted);
}

TEST_F(store_test, a_key_of_a_factory_list_is_claimed_by_its_host)
{
    ASSERT_TRUE(wait(database_.connections().run("insert into probe (key, trust) values ($1, 'preauthorised')",
                                                 parameters::of(key_number(1).base64()))));
    auto const code = wait(make_claim_code(database_, account(), 1h)).value();
    auto const id = wait(claim_probe(database_, code, key_number(1))).value();
    EXPECT_EQ(wait(find_probe(database_, key_number(1)))->state, trust_state::pending);
    EXPECT_EQ(wait(find_probe_by_id(database_, id))->owner, account());
    EXPECT_EQ(wait(claim_probe(database_, code, key_number(1))).value(), id);
    auto const history = wait(trust_history(database_, id, 10)).value();
    ASSERT_EQ(history.size(), 2U);
    EXPECT_EQ(history[0].event, "claimed");
    EXPECT_EQ(history[1].to, trust_state::preauthorised);
    // Claimed once: another code does not take it from its host.
    auto const other = wait(make_claim_code(database_, account(), 1h)).value();
    EXPECT_EQ(wait(claim_probe(database_, other, key_number(1))).error(), errc::rejected);
}

TEST_F(store_test, a_key_is_one_probe)
{
    probe(1);
    EXPECT_EQ(wait(add_probe(database_, key_number(1), account(), "")).error(), errc::conflict);
}

TEST_F(store_test, a_revoked_probe_is_admitted_nowhere)
{
    auto const id = probe(1);
    auto const where = controller();
    ASSERT_TRUE(wait(place_probe(database_, id, {where}, 1h)));
    EXPECT_EQ(wait(admit_probe(database_, where, key_number(1)))->verdict, admission::granted);
    by_hand(id, trust_event::revoked);
    EXPECT_EQ(wait(admit_probe(database_, where, key_number(1)))->verdict, admission::revoked);
    EXPECT_EQ(wait(admit_probe(database_, where, key_number(2)))->verdict, admission::unknown_key);
}

TEST_F(store_test, a_probe_belongs_where_it_was_placed)
{
    auto const id = probe(1);
    auto const first = controller("c1");
    auto const second = controller("c2");
    ASSERT_TRUE(wait(place_probe(database_, id, {first, second}, 1h)));
    EXPECT_EQ(wait(placement_of(database_, id)).value(), (std::vector{first, second}));
    ASSERT_TRUE(wait(place_probe(database_, id, {second}, 1h)));
    EXPECT_EQ(wait(placement_of(database_, id)).value(), std::vector{second});
    EXPECT_EQ(wait(admit_probe(database_, first, key_number(1)))->verdict, admission::not_placed_here);
}

TEST_F(store_test, what_works_is_a_tag_and_can_be_selected_by)
{
    auto const id = probe(1);
    auto const other = probe(2);
    auto const where = start_controller();
    ASSERT_TRUE(wait(session_opened(database_, id, where.id, *parse_address("192.0.2.9"), "1", {"ping4"})));
    ASSERT_TRUE(wait(session_opened(database_, other, where.id, *parse_address("2001:db8::9"), "1", {"ping6"})));
    EXPECT_EQ(wait(pick_probes(database_, {.tags_include = {"system-ipv4-works"}}, 10)).value(), std::vector{id});
    EXPECT_EQ(wait(pick_probes(database_, {.tags_exclude = {"system-ipv4-works"}}, 10)).value(), std::vector{other});
    EXPECT_EQ(wait(pick_probes(database_, {.prefix = ip_prefix::parse("2001:db8::/32").value()}, 10)).value(),
              std::vector{other});
    EXPECT_EQ(wait(pick_probes(database_, {}, 1))->size(), 1U);
    ASSERT_TRUE(wait(close_sessions_of(database_, where)));
    EXPECT_TRUE(wait(pick_probes(database_, {}, 10))->empty());
}

TEST_F(store_test, probes_are_found_by_country_and_number_of_their_network)
{
    auto const id = probe(1);
    probe(2);
    location where;
    where.asn_v4 = 64500;
    where.prefix_v4 = ip_prefix::parse("192.0.2.0/24").value();
    where.country = "NL";
    ASSERT_TRUE(wait(record_location(database_, id, where)));
    EXPECT_EQ(wait(list_probes(database_, {.country = "NL"}))->count, 1U);
    EXPECT_EQ(wait(list_probes(database_, {.asn = 64500}))->rows.at(0).id, id);
    EXPECT_EQ(wait(list_probes(database_, {.where = {{probe_column::asn_v6, comparison::equal, std::int64_t{64500}}}}))
                  ->count,
              0U);
    EXPECT_EQ(wait(list_probes(database_, {}))->count, 2U);
}

TEST_F(store_test, keys_are_found_until_they_are_disabled_or_over)
{
    auto const owner = account();
    auto const key = wait(create_key(database_, owner, "mine", {"*"}, std::nullopt)).value();
    auto const over = wait(create_key(database_, owner, "old", {"*"}, wall_now() - 1h)).value();
    auto const found = wait(find_credential(database_, key.key));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->account_role, role::admin);
    EXPECT_EQ(found->scopes, std::vector<std::string>{"*"});
    EXPECT_EQ(wait(find_credential(database_, over.key)).error(), errc::not_found);
    EXPECT_EQ(wait(find_credential(database_, key.uuid)).error(), errc::not_found) << "the name is not the key";
    ASSERT_TRUE(wait(disable_key(database_, owner, key.uuid)));
    EXPECT_EQ(wait(find_credential(database_, key.key)).error(), errc::not_found);
    EXPECT_EQ(wait(disable_key(database_, owner, "not a uuid")).error(), errc::not_found);
    auto const other = wait(create_key(database_, owner, "by itself", {"*"}, std::nullopt)).value();
    ASSERT_TRUE(wait(disable_key(database_, owner, other.key)));
    EXPECT_EQ(wait(find_credential(database_, other.key)).error(), errc::not_found);
}

TEST_F(store_test, a_claim_code_is_read_however_it_was_typed)
{
    auto code = wait(make_claim_code(database_, account(), 1h)).value();
    std::erase(code, '-');
    for (auto& c : code) c = static_cast<char>(c == '0' ? 'o' : c == '1' ? 'l' : std::tolower(c));
    EXPECT_TRUE(wait(claim_probe(database_, " " + code, key_number(1))));
}

TEST_F(store_test, one_key_that_claims_twice_at_once_is_one_probe)
{
    auto const code = wait(make_claim_code(database_, account(), 1h)).value();
    std::vector<result<probe_id>> outcomes;
    auto const claim = [](database& where, std::string text,
                          std::vector<result<probe_id>>& out) -> asio::awaitable<void> {
        out.push_back(co_await claim_probe(where, std::move(text), key_number(1)));
    };
    for (int i = 0; i < 4; ++i) asio::co_spawn(io_, claim(database_, code, outcomes), [](std::exception_ptr) {});
    io_.restart();
    io_.run();
    ASSERT_EQ(outcomes.size(), 4U);
    for (auto const& each : outcomes) {
        ASSERT_TRUE(each) << each.error().message();
        EXPECT_EQ(*each, *outcomes.front());
    }
}

}  // namespace
}  // namespace tp::store
