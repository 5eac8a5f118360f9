// Whether an instruction is to be believed. Each row of the table is one check: without it, it would be.
#include "probe/update/instruction_rules.hpp"

#include <gtest/gtest.h>

#include "tests/unit/update/world.hpp"

namespace tp::update {
namespace {

using namespace std::chrono_literals;
using firmware::cause;
using proto::instruction;
using test::now;

class instruction_rules_test : public testing::Test {
protected:
    doubt doubt_of(proto::signed_instruction const& what) { return judged(what).why; }
    judgement judged(proto::signed_instruction const& what)
    {
        return judge(what, {director_, test::us, test::model, clock_, last_});
    }
    void accepted(instruction const& what)
    {
        auto const sent = platform_.order(what);
        last_ = last_accepted{sent.key, what.issued, sent.instruction};
    }

    test::platform platform_;
    std::vector<signing::public_key> director_{platform_.director.shared()};
    wall_time clock_ = now + 1h;
    std::optional<last_accepted> last_;
};

TEST_F(instruction_rules_test, a_good_one_is_believed_and_read)
{
    auto const wish = platform_.wish(17);
    auto const got = judged(platform_.order(wish));
    EXPECT_EQ(got.why, doubt::none);
    EXPECT_EQ(got.says, wish);
    EXPECT_FALSE(got.known);
    EXPECT_EQ(doubt_of(platform_.order(platform_.halt())), doubt::none);
}

TEST_F(instruction_rules_test, each_thing_that_is_wrong_with_one_is_noticed)
{
    auto const stranger = signing::private_key::make().value();
    auto const good = platform_.wish(17);
    accepted(platform_.wish(17));
    auto const later = [&](auto change) {
        auto out = platform_.wish(17);
        change(out);
        return platform_.order(out);
    };
    struct row {
        char const* what;
        proto::signed_instruction sent;
        doubt expected;
    };
    auto signature = platform_.order(platform_.wish(17)), octets = signature;
    signature.signature[7] ^= 1;
    octets.instruction = proto::encode(platform_.wish(16));
    auto in_directors_name = platform_.signed_by(stranger, platform_.wish(17));
    in_directors_name.key = platform_.order(good).key;
    auto not_readable = platform_.order(good);
    not_readable.instruction = "no instruction";
    not_readable.signature =
        platform_.director.sign(proto::signed_octets_of_instruction(not_readable.instruction))->octets;
    auto as_a_report = platform_.order(platform_.wish(17));
    as_a_report.signature = platform_.director.sign(as_a_report.instruction)->octets;
    for (auto const& [what, sent, expected] : {
             row{"good", later([](auto&) {}), doubt::none},
             row{"key", platform_.signed_by(stranger, platform_.wish(17)), doubt::unknown_key},
             row{"signature", signature, doubt::wrong_signature},
             row{"octets", octets, doubt::wrong_signature},
             row{"somebody else's signature", in_directors_name, doubt::wrong_signature},
             row{"signed as something else", as_a_report, doubt::wrong_signature},
             row{"form", not_readable, doubt::malformed},
             row{"probe", later([](auto& i) { i.probe = probe_id::from(8).value(); }), doubt::other_probe},
             row{"expiry", later([&](auto& i) { i.expires = clock_; }), doubt::expired},
             row{"order", platform_.order(good), doubt::not_newer},
             row{"the same moment", later([&](auto& i) { i.issued = last_->issued; }), doubt::not_newer},
             row{"model", later([](auto& i) { i.install->model = "x"; }), doubt::other_model},
         })
        EXPECT_EQ(doubt_of(sent), expected) << what << ": " << meaning_of(expected);
}

TEST_F(instruction_rules_test, limits_are_where_they_are_said_to_be)
{
    auto wish = platform_.wish(17);
    wish.expires = clock_ + 1ns;
    EXPECT_EQ(doubt_of(platform_.order(wish)), doubt::none);
    accepted(wish);
    auto next = platform_.wish(17);
    next.issued = wish.issued + 1ns;
    EXPECT_EQ(doubt_of(platform_.order(next)), doubt::none);
}

TEST_F(instruction_rules_test, the_very_same_again_is_no_error_even_when_it_has_expired)
{
    auto const wish = platform_.wish(17);
    accepted(wish);
    clock_ = wish.expires + 1h;
    auto const got = judged(platform_.order(wish));
    EXPECT_EQ(got.why, doubt::none);
    EXPECT_TRUE(got.known);
    director_.clear();
    EXPECT_EQ(doubt_of(platform_.order(wish)), doubt::unknown_key) << "but it is not believed for that";
}

TEST_F(instruction_rules_test, what_a_stolen_key_issued_in_a_far_future_ends_with_that_key)
{
    auto far = platform_.wish(17);
    far.issued = now + 24h * 365;
    accepted(far);
    auto const fresh = signing::private_key::make().value();
    director_.push_back(fresh.shared());
    EXPECT_EQ(doubt_of(platform_.signed_by(fresh, platform_.wish(17))), doubt::not_newer);
    director_ = {fresh.shared()};
    EXPECT_EQ(doubt_of(platform_.signed_by(fresh, platform_.wish(17))), doubt::none);
}

TEST_F(instruction_rules_test, nobodys_instruction_is_believed_where_officers_list_nobody)
{
    director_.clear();
    EXPECT_EQ(doubt_of(platform_.order(platform_.wish(17))), doubt::unknown_key);
}

TEST(agreement, is_on_path_length_hash_model_and_release)
{
    test::platform platform;
    auto const wanted = *platform.wish(17).install;
    tuf::test::client_world client(platform.repository);
    ASSERT_EQ(client.search_for(wanted.target), error_code());
    auto const facts = client.target;
    auto const agreed = agree(wanted, facts);
    ASSERT_EQ(agreed.why, cause::none);
    EXPECT_EQ(agreed.what.content.release, 17u);
    EXPECT_EQ(agreed.what.content.length, wanted.length);
    auto const why = [&](auto change) {
        auto other = wanted;
        change(other);
        return agree(other, facts).why;
    };
    EXPECT_EQ(why([](auto& w) { ++w.length; }), cause::other_target);
    EXPECT_EQ(why([](auto& w) { w.sha256[0] ^= 1; }), cause::other_target);
    EXPECT_EQ(why([](auto& w) { w.model = "x"; }), cause::other_target);
    EXPECT_EQ(why([](auto& w) { ++w.release; }), cause::other_target);
    auto no_firmware = facts;
    no_firmware.custom = "{}";
    EXPECT_EQ(agree(wanted, no_firmware).why, cause::no_firmware);
}

}  // namespace
}  // namespace tp::update
