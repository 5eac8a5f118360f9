#include "store/hosting.hpp"

#include <gmock/gmock.h>

#include "store/factory.hpp"
#include "store/pool.hpp"
#include "tests/unit/store/fixture.hpp"

namespace tp::store {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class hosting : public store_test {
protected:
    account_id host(std::string const& name)
    {
        return wait(create_account(database_, name + "@example.net", role::host)).value();
    }
    code_outcome enter(std::string const& code, account_id by, std::optional<std::string> consent = {})
    {
        return wait(accept_probe(database_, code, by, std::move(consent)))->what;
    }
    code_outcome claim(std::string const& code, account_id by)
    {
        return wait(claim_device(database_, code, by, std::nullopt))->what;
    }
    static factory_list list_of(std::vector<unsigned> numbers, std::uint64_t version = 1, std::string batch = "b1")
    {
        factory_list out{std::move(batch), version, "signed", {}};
        for (auto const number : numbers) {
            std::string hash;
            for (char const c : hash_of_code("CODE" + std::to_string(number))) {
                constexpr char digits[] = "0123456789abcdef";
                hash += digits[static_cast<unsigned char>(c) >> 4];
                hash += digits[static_cast<unsigned char>(c) & 15];
            }
            out.devices.push_back({"serial-" + std::to_string(number), key_number(number), "hw1", "3", hash});
        }
        return out;
    }
    import_outcome import(factory_list list)
    {
        return wait(import_factory_list(database_, std::move(list), account())).value();
    }
    trust_state state(unsigned key) { return wait(find_probe(database_, key_number(key)))->state; }
};

TEST_F(hosting, a_probe_goes_to_whoever_has_the_code_and_keeps_its_history)
{
    auto const first = host("first"), second = host("second"), third = host("third");
    auto const id = wait(add_probe(database_, key_number(1), first, "mine", "2026-11")).value();
    ASSERT_TRUE(wait(change_trust(database_, id, trust_event::admitted, "")));
    EXPECT_EQ(wait(hosting_of(database_, id))->accepted->version, "2026-11");
    EXPECT_EQ(wait(offer_probe(database_, id, second, 1h))->what, offer_outcome::forbidden);
    auto const offer = wait(offer_probe(database_, id, first, 1h)).value();
    EXPECT_TRUE(wait(hosting_of(database_, id))->offered_until);
    EXPECT_EQ(enter("0000-0000-0000-0000", second), code_outcome::rejected);
    EXPECT_EQ(enter(offer.code, first), code_outcome::own);
    EXPECT_EQ(enter(offer.code, second, "2026-12"), code_outcome::good);
    EXPECT_EQ(enter(offer.code, second), code_outcome::good) << "the same host again";
    EXPECT_EQ(enter(offer.code, third), code_outcome::rejected) << "once";
    EXPECT_EQ(wait(find_probe_by_id(database_, id))->owner, second);
    auto const page = wait(hosting_of(database_, id)).value();
    EXPECT_EQ(page.accepted->version, "2026-12") << "that of the new host";
    EXPECT_FALSE(page.offered_until);
    auto const history = wait(trust_history(database_, id, 1)).value();
    EXPECT_EQ(history.at(0).event, "transferred");
    EXPECT_EQ(history.at(0).to, trust_state::active);
}

TEST_F(hosting, an_offer_ends_by_time_by_another_one_or_by_its_host)
{
    auto const first = host("first"), second = host("second");
    auto const id = wait(add_probe(database_, key_number(1), first, "")).value();
    auto const late = wait(offer_probe(database_, id, first, -1s)).value();
    EXPECT_EQ(enter(late.code, second), code_outcome::rejected);
    auto const older = wait(offer_probe(database_, id, first, 1h)).value();
    auto const newer = wait(offer_probe(database_, id, first, 1h)).value();
    EXPECT_EQ(enter(older.code, second), code_outcome::rejected);
    EXPECT_EQ(wait(withdraw_probe(database_, id, second)).error(), errc::not_found);
    EXPECT_TRUE(wait(withdraw_probe(database_, id, first)));
    EXPECT_EQ(wait(withdraw_probe(database_, id, first)).error(), errc::not_found);
    EXPECT_EQ(enter(newer.code, second), code_outcome::rejected);
    by_hand(id, trust_event::revoked);
    EXPECT_EQ(wait(offer_probe(database_, id, first, 1h))->what, offer_outcome::not_possible);
    EXPECT_EQ(wait(offer_probe(database_, *probe_id::from(99), first, 1h)).error(), errc::not_found);
}

TEST_F(hosting, codes_are_not_guessed)
{
    auto const first = host("first"), guesser = host("guesser");
    auto const id = wait(add_probe(database_, key_number(1), first, "")).value();
    auto const offer = wait(offer_probe(database_, id, first, 1h)).value();
    for (int i = 0; i < 20; ++i) EXPECT_EQ(enter("7KQ2-" + std::to_string(i), guesser), code_outcome::rejected);
    EXPECT_EQ(enter(offer.code, guesser), code_outcome::too_many);
    EXPECT_EQ(claim("x", guesser), code_outcome::too_many) << "one count for all codes";
    EXPECT_EQ(enter(offer.code, host("other")), code_outcome::good) << "others may";
}

TEST_F(hosting, consent_is_its_hosts_to_give_and_only_added_to)
{
    auto const first = host("first"), second = host("second");
    auto const code = wait(make_claim_code(database_, first, 1h, "2026-11")).value();
    auto const id = wait(claim_probe(database_, code, key_number(1))).value();
    EXPECT_EQ(wait(hosting_of(database_, id))->accepted->version, "2026-11");
    EXPECT_EQ(wait(accept_consent(database_, id, second, "2026-12")).error(), errc::not_found);
    EXPECT_TRUE(wait(accept_consent(database_, id, first, "2026-12")));
    EXPECT_EQ(wait(hosting_of(database_, id))->accepted->version, "2026-12");
    EXPECT_FALSE(wait(database_.connections().run("update probe_consent set version = 'x'")));
    EXPECT_FALSE(wait(database_.connections().run("delete from probe_consent")));
    EXPECT_EQ(wait(hosting_of(database_, *probe_id::from(99))).error(), errc::not_found);
}

TEST_F(hosting, a_failing_disk_is_a_tag_and_stands_on_the_page_until_it_is_well)
{
    auto const id = probe(1);
    ASSERT_TRUE(wait(session_opened(database_, id, controller(), *parse_address("192.0.2.9"), "1", {"ping4"})));
    ASSERT_TRUE(wait(note_storage(database_, id, "spool: Input/output error")));
    probe_filter const tagged{.tags_include = {"system-flash-problem-suspected"}};
    EXPECT_EQ(wait(list_probes(database_, tagged))->count, 1U);
    auto const since = wait(hosting_of(database_, id))->storage->since;
    ASSERT_TRUE(wait(note_storage(database_, id, "spool: No space left on device")));
    EXPECT_EQ(wait(hosting_of(database_, id))->storage->text, "spool: No space left on device");
    EXPECT_EQ(wait(hosting_of(database_, id))->storage->since, since) << "since when it began";
    ASSERT_TRUE(wait(refresh_system_tags(database_)));
    EXPECT_EQ(wait(list_probes(database_, tagged))->count, 1U);
    ASSERT_TRUE(wait(note_storage(database_, id, std::nullopt)));
    EXPECT_EQ(wait(list_probes(database_, tagged))->count, 0U);
    EXPECT_FALSE(wait(hosting_of(database_, id))->storage);
}

TEST_F(hosting, lost_probes_are_counted_by_what_was_known_last)
{
    auto const where = controller();
    auto const lose = [&](unsigned key, std::string reason) {
        auto const id = probe(key);
        auto const session = wait(session_opened(database_, id, where, *parse_address("192.0.2.9"), "1", {"ping4"}));
        EXPECT_TRUE(wait(session_closed(database_, id, *session, std::move(reason))));
        return id;
    };
    lose(1, "the probe was silent");
    lose(2, "the probe was silent");
    EXPECT_TRUE(wait(note_storage(database_, lose(3, "end of file"), "spool: Input/output error")));
    by_hand(lose(4, "the probe was silent"), trust_event::written_off);
    by_hand(lose(5, "end of file"), trust_event::retired);
    auto const present = probe(6);
    ASSERT_TRUE(wait(session_opened(database_, present, where, *parse_address("192.0.2.9"), "1", {"ping4"})));
    auto const found = wait(count_lost_probes(database_, -1s)).value();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].reason, "the probe was silent");
    EXPECT_EQ(found[0].silent, 2U);
    EXPECT_EQ(found[0].written_off, 1U);
    EXPECT_EQ(found[1].reason, "failing storage: spool: Input/output error");
    EXPECT_EQ(wait(count_lost_probes(database_, 1h))->size(), 1U) << "only the one that was written off";
}

TEST_F(hosting, devices_of_a_list_wait_for_a_host_with_the_code_of_their_label)
{
    auto const first = host("first"), second = host("second");
    EXPECT_EQ(import(list_of({1, 2})).added, 2U);
    EXPECT_EQ(state(1), trust_state::preauthorised);
    EXPECT_EQ(claim("code1", first), code_outcome::good);
    EXPECT_EQ(claim("CODE-1", first), code_outcome::good) << "again";
    EXPECT_EQ(claim("CODE1", second), code_outcome::rejected);
    EXPECT_EQ(state(1), trust_state::pending);
    auto const id = wait(find_probe(database_, key_number(1)))->id;
    EXPECT_EQ(wait(find_probe_by_id(database_, id))->owner, first);
    auto const page = wait(hosting_of(database_, id)).value();
    EXPECT_EQ(page.made->serial, "serial-1");
    EXPECT_EQ(page.made->batch, "b1");
    auto const batches = wait(list_factory_batches(database_)).value();
    ASSERT_EQ(batches.size(), 1U);
    EXPECT_EQ(batches[0].devices, 2U);
    EXPECT_EQ(batches[0].claimed, 1U);
}

TEST_F(hosting, a_list_is_imported_whole_or_not_at_all)
{
    probe(9);
    EXPECT_THAT(import(list_of({1, 9})).wrong, HasSubstr("serial-9: its key is known"));
    EXPECT_EQ(wait(find_probe(database_, key_number(1))).error(), errc::not_found);
    EXPECT_TRUE(wait(list_factory_batches(database_))->empty());
    EXPECT_EQ(import(list_of({1, 2})).added, 2U);
    EXPECT_EQ(wait(import_factory_list(database_, list_of({1, 2, 3}), account())).error(), errc::conflict) << "older";
    EXPECT_EQ(import(list_of({1, 2, 3}, 2)).added, 1U);
    auto changed = list_of({1}, 3);
    changed.devices[0].model = "hw2";
    EXPECT_THAT(import(changed).wrong, HasSubstr("known otherwise"));
    EXPECT_THAT(import(list_of({1}, 1, "b2")).wrong, HasSubstr("known otherwise")) << "another batch";
    auto code = list_of({4}, 1, "b2");
    code.devices[0].code_hash = list_of({1}).devices[0].code_hash;
    EXPECT_THAT(import(code).wrong, HasSubstr("claim code"));
    EXPECT_EQ(wait(import_factory_list(database_, list_of({5}, 1, "b3"), host("host"))).error(), errc::rejected);
}

TEST_F(hosting, a_frozen_batch_is_claimed_by_nobody_and_with_all_of_it_loses_its_sessions)
{
    auto const first = host("first");
    auto const where = controller();
    import(list_of({1, 2}));
    EXPECT_EQ(claim("CODE1", first), code_outcome::good);
    auto const id = wait(find_probe(database_, key_number(1)))->id;
    ASSERT_TRUE(wait(change_trust(database_, id, trust_event::admitted, "")));
    ASSERT_TRUE(wait(place_probe(database_, id, {where}, 1h)));
    ASSERT_TRUE(wait(freeze_batch(database_, "b1", batch_state::unclaimed_frozen, "bad flash")));
    EXPECT_EQ(claim("CODE2", first), code_outcome::frozen);
    auto const code = wait(make_claim_code(database_, first, 1h)).value();
    EXPECT_EQ(wait(claim_probe(database_, code, key_number(2))).error(), errc::rejected)
        << "nor by a code of an account";
    EXPECT_EQ(wait(admit_probe(database_, where, key_number(1)))->verdict, admission::granted);
    ASSERT_TRUE(wait(freeze_batch(database_, "b1", batch_state::all_frozen, "bad flash")));
    EXPECT_EQ(wait(admit_probe(database_, where, key_number(1)))->verdict, admission::frozen);
    EXPECT_TRUE(wait(find_probe(database_, key_number(1)))->frozen);
    EXPECT_EQ(wait(hosting_of(database_, id))->made->frozen_because, "bad flash");
    ASSERT_TRUE(wait(freeze_batch(database_, "b1", batch_state::thawed, "")));
    EXPECT_EQ(wait(admit_probe(database_, where, key_number(1)))->verdict, admission::granted);
    EXPECT_EQ(claim("CODE2", first), code_outcome::good);
    EXPECT_EQ(wait(freeze_batch(database_, "b9", batch_state::thawed, "")).error(), errc::not_found);
}

}  // namespace
}  // namespace tp::store
