#include "store/probe_keys.hpp"

#include "store/pool.hpp"
#include "tests/unit/store/fixture.hpp"

namespace tp::store {
namespace {

using namespace std::chrono_literals;

class probe_keys : public store_test {
protected:
    key_offer offer(probe_id of, unsigned from, unsigned to)
    {
        return wait(offer_key(database_, of, key_number(from), key_number(to))).value();
    }
    bool adopt(unsigned key) { return wait(adopt_key(database_, key_number(key))).has_value(); }
    key_standing standing(unsigned key) { return wait(find_probe(database_, key_number(key)))->key; }
    admission admitted(unsigned key) { return wait(admit_probe(database_, where_, key_number(key)))->verdict; }
    probe_id placed(unsigned key)
    {
        auto const id = probe(key);
        EXPECT_TRUE(wait(place_probe(database_, id, {where_}, 1h)));
        return id;
    }

    controller_id where_ = controller();
};

TEST_F(probe_keys, both_are_good_until_the_new_one_has_logged_in)
{
    auto const id = placed(1);
    EXPECT_EQ(offer(id, 1, 2), key_offer::taken);
    EXPECT_EQ(standing(2), key_standing::pending);
    EXPECT_EQ(admitted(1), admission::granted);
    EXPECT_EQ(standing(1), key_standing::current);
    EXPECT_EQ(admitted(2), admission::granted) << "it logs in at a controller";
    EXPECT_EQ(standing(2), key_standing::current);
    EXPECT_EQ(admitted(1), admission::unknown_key);
    EXPECT_EQ(standing(1), key_standing::replaced);
    EXPECT_EQ(wait(find_probe(database_, key_number(2)))->id, id);
    auto const history = wait(trust_history(database_, id, 1)).value();
    EXPECT_EQ(history.at(0).event, "key_changed");
    EXPECT_EQ(history.at(0).to, trust_state::active);
    EXPECT_NE(history.at(0).reason.find(key_number(1).fingerprint()), std::string::npos);
    EXPECT_NE(history.at(0).reason.find(key_number(2).fingerprint()), std::string::npos);
}

TEST_F(probe_keys, every_step_may_be_done_again)
{
    auto const id = placed(1);
    EXPECT_EQ(offer(id, 1, 2), key_offer::taken);
    EXPECT_EQ(offer(id, 1, 2), key_offer::taken);
    EXPECT_TRUE(adopt(2));
    EXPECT_TRUE(adopt(2)) << "its second login at the same moment";
    EXPECT_EQ(wait(trust_history(database_, id, 9))->size(), 3U) << "announced, admitted, changed once";
    EXPECT_EQ(offer(id, 2, 3), key_offer::taken);
    EXPECT_EQ(offer(id, 2, 4), key_offer::taken) << "the probe lost the third, and made a fourth";
    EXPECT_FALSE(adopt(3));
    EXPECT_TRUE(adopt(4));
}

TEST_F(probe_keys, are_nobodys_but_one_probes_for_ever)
{
    auto const one = placed(1);
    auto const other = placed(2);
    EXPECT_EQ(offer(one, 1, 2), key_offer::known);
    EXPECT_EQ(offer(one, 1, 1), key_offer::known);
    EXPECT_EQ(offer(one, 1, 3), key_offer::taken);
    EXPECT_EQ(offer(other, 2, 3), key_offer::known) << "it waits to be another's";
    EXPECT_TRUE(adopt(3));
    EXPECT_EQ(offer(other, 2, 1), key_offer::known) << "it was another's";
    EXPECT_EQ(offer(one, 3, 1), key_offer::known) << "it was its own";
    EXPECT_EQ(offer(one, 1, 4), key_offer::not_now) << "asked for with a key that is dead";
    EXPECT_EQ(wait(add_probe(database_, key_number(1), account(), "")).error(), errc::conflict);
    auto const code = wait(make_claim_code(database_, account(), 1h)).value();
    EXPECT_EQ(wait(claim_probe(database_, code, key_number(1))).error(), errc::rejected);
    EXPECT_EQ(offer(one, 3, 5), key_offer::taken);
    EXPECT_EQ(wait(claim_probe(database_, code, key_number(5))).error(), errc::rejected);
}

TEST_F(probe_keys, of_a_revoked_probe_do_not_change)
{
    auto const id = placed(1);
    EXPECT_EQ(offer(id, 1, 2), key_offer::taken);
    by_hand(id, trust_event::revoked);
    EXPECT_EQ(admitted(2), admission::revoked) << "nor does a pending one bring it back";
    EXPECT_EQ(standing(2), key_standing::pending);
    EXPECT_EQ(offer(id, 1, 3), key_offer::not_now);
    EXPECT_EQ(wait(want_new_key(database_, id, trust_actor::operator_, account())).value(),
              key_wish_outcome::not_possible);
}

TEST_F(probe_keys, are_wanted_by_their_host_or_an_operator_until_they_came)
{
    auto const id = placed(1);
    auto const stranger = wait(create_account(database_, "host@example.net", role::host)).value();
    EXPECT_EQ(wait(want_new_key(database_, id, trust_actor::host, stranger)).value(), key_wish_outcome::forbidden);
    EXPECT_EQ(wait(want_new_key(database_, id, trust_actor::operator_, stranger)).value(), key_wish_outcome::forbidden);
    EXPECT_FALSE(wait(admit_probe(database_, where_, key_number(1)))->key_wanted);
    EXPECT_EQ(wait(want_new_key(database_, id, trust_actor::operator_, account())).value(), key_wish_outcome::wanted);
    EXPECT_TRUE(wait(admit_probe(database_, where_, key_number(1)))->key_wanted);
    offer(id, 1, 2);
    EXPECT_TRUE(adopt(2));
    EXPECT_FALSE(wait(admit_probe(database_, where_, key_number(2)))->key_wanted);
    auto const nobody = *probe_id::from(99);
    EXPECT_EQ(wait(want_new_key(database_, nobody, trust_actor::host, stranger)).error(), errc::not_found);
}

}  // namespace
}  // namespace tp::store
