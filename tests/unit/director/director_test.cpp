#include "registry/director/director.hpp"

#include <gmock/gmock.h>

#include "firmware-signing/lines.hpp"
#include "firmware-signing/tuf/digest.hpp"
#include "proto/instruction.hpp"
#include "store/signed_targets.hpp"
#include "tests/unit/director/director_fixture.hpp"

namespace tp::registry {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST_F(director_test, a_draft_waits_until_officers_have_published_its_target)
{
    auto const id = make("lazy", "deb-amd64/stable/probe-3.deb");
    look();
    EXPECT_EQ(at(id).phase, "draft");
    EXPECT_THAT(at(id).because, HasSubstr("probe-3.deb: "));
    publish(3);
    look();
    EXPECT_EQ(at(id).phase, "waiting");
    auto const found = wait(store::find_rollout(database_, id))->targets.at(0);
    EXPECT_EQ(found.model, model);
    EXPECT_EQ(found.release, 3U);
    EXPECT_EQ(found.length, 103U);
    EXPECT_EQ(signing::to_hex(found.sha256), tuf::sha256_hex("probe-3.deb"));
}

TEST_F(director_test, an_unsigned_target_is_never_waited_for_approval)
{
    auto const id = make("lazy", "deb-amd64/stable/probe-2.deb.cdx.json");
    look();
    EXPECT_EQ(at(id).phase, "draft") << "no firmware";
    look();
    EXPECT_EQ(wait(store::approve_rollout(database_, id, account())).error(), errc::conflict);
}

TEST_F(director_test, goes_from_the_lab_to_all_when_probes_do_well)
{
    auto const lab = runs(1, 1, true), other = runs(2), newest = runs(3, 2);
    auto const id = started("lazy");
    EXPECT_EQ(phase(id), "running 0");
    EXPECT_TRUE(told_to_install(lab));
    EXPECT_FALSE(told(other));
    commits(lab);
    look();
    EXPECT_EQ(phase(id), "soaking 0");
    looks(2);
    EXPECT_EQ(phase(id), "running 1");
    EXPECT_TRUE(told_to_install(other));
    EXPECT_FALSE(told(newest)) << "it runs that release";
    commits(other);
    looks(4);
    EXPECT_EQ(at(id).phase, "complete");
    auto const late = runs(4);
    look();
    EXPECT_TRUE(told_to_install(late));
    auto const history = wait(store::rollout_history(database_, id, 100)).value();
    EXPECT_EQ(history.front().said, "complete");
}

TEST_F(director_test, a_forced_one_begins_with_the_second_approval_and_says_what_was_signed)
{
    auto const one = runs(1);
    auto const id = make("forced", release_2, "100%");
    look();
    approve(id, account());
    look();
    EXPECT_FALSE(told(one));
    approve(id, second_);
    look(1s);
    auto const sent = kept(one);
    ASSERT_TRUE(sent);
    auto const shared = signing::private_key::load(key())->shared();
    EXPECT_EQ(signing::public_key::from_octets(sent->key).value(), shared);
    EXPECT_TRUE(shared.verifies(proto::signed_octets_of_instruction(sent->octets), sent->signature));
    auto const says = told(one).value();
    EXPECT_EQ(says.probe, one);
    EXPECT_EQ(says.rollout, id.value());
    EXPECT_EQ(says.issued, now_);
    EXPECT_EQ(says.expires, now_ + 1h + scribe::good_for);
    ASSERT_TRUE(says.install);
    EXPECT_EQ(says.install->how, proto::instruction::mode::forced);
    EXPECT_EQ(says.install->target, release_2);
    EXPECT_EQ(says.install->release, 2U);
    EXPECT_EQ(says.install->length, 102U);
    EXPECT_EQ(says.install->deadline, now_ + 1h);
}

TEST_F(director_test, halts_on_failures_and_takes_back_what_is_under_way)
{
    std::vector<probe_id> all;
    for (unsigned i = 1; i <= 8; ++i) all.push_back(runs(i));
    auto const id = started("forced");
    for (auto const each : all) EXPECT_TRUE(told_to_install(each));
    goes_back(all[0]);
    look();
    EXPECT_EQ(at(id).phase, "running");
    goes_back(all[1]);
    commits(all[2]);
    look();
    EXPECT_EQ(at(id).phase, "halted");
    EXPECT_THAT(at(id).because, HasSubstr("2 of 3 probes that began went back"));
    EXPECT_FALSE(told(all[3])->install) << "a halt";
    EXPECT_FALSE(told(all[0])->install) << "it failed, and would try again";
    EXPECT_GT(told(all[3])->issued, told(all[2])->issued);
    EXPECT_TRUE(told_to_install(all[2])) << "it is through";
    EXPECT_EQ(wait(store::troubles_of(database_, id, 10))->size(), 2U);
    // What had begun before is still heard.
    goes_back(all[4]);
    look();
    EXPECT_EQ(wait(store::troubles_of(database_, id, 10))->size(), 3U);
}

TEST_F(director_test, obeys_persons_at_once)
{
    auto const lab = runs(1, 1, true), other = runs(2);
    auto const id = started("lazy");
    EXPECT_TRUE(wait(store::steer_rollout(database_, id, "pause", "lunch", account())));
    look(1s);
    EXPECT_EQ(at(id).phase, "paused");
    EXPECT_EQ(at(id).because, "lunch");
    commits(lab);
    looks(4);
    EXPECT_FALSE(told(other));
    EXPECT_TRUE(wait(store::steer_rollout(database_, id, "go", "", account())));
    looks(5);
    EXPECT_TRUE(told_to_install(other));
    auto const first = told(other).value();
    EXPECT_TRUE(wait(store::steer_rollout(database_, id, "halt", "no", account())));
    look(1s);
    EXPECT_EQ(at(id).phase, "halted");
    EXPECT_FALSE(told(other)->install);
    EXPECT_GE(told(other)->expires, first.expires) << "it outlives what it takes back";
}

TEST_F(director_test, one_that_was_paused_before_its_approval_begins_with_its_first_wave)
{
    auto const lab = runs(1, 1, true), other = runs(2);
    auto const id = make("lazy");
    look();
    EXPECT_TRUE(wait(store::steer_rollout(database_, id, "pause", "lunch", account())));
    approve(id);
    looks(2);
    EXPECT_TRUE(wait(store::steer_rollout(database_, id, "go", "", account())));
    looks(2);
    EXPECT_EQ(phase(id), "running 0");
    EXPECT_TRUE(told_to_install(lab));
    EXPECT_FALSE(told(other));
}

TEST_F(director_test, a_newer_one_takes_the_place_of_one_that_is_still_at_it)
{
    auto const one = runs(1);
    auto const older = started("forced");
    EXPECT_TRUE(told_to_install(one));
    publish(3);
    auto const newer = started("forced", "deb-amd64/stable/probe-3.deb");
    EXPECT_EQ(at(older).phase, "halted");
    EXPECT_EQ(at(older).because, "rollout " + newer.text() + " takes its place");
    looks(2);
    ASSERT_TRUE(told_to_install(one));
    EXPECT_EQ(told(one)->install->release, 3U);
}

TEST_F(director_test, one_that_is_approved_after_a_newer_one_began_takes_its_place_likewise)
{
    auto const one = runs(1);
    auto const older = make("forced");
    look();
    publish(3);
    auto const newer = started("forced", "deb-amd64/stable/probe-3.deb");
    approve(older);
    look();
    EXPECT_EQ(at(newer).phase, "halted");
    EXPECT_EQ(at(older).phase, "running");
    ASSERT_TRUE(told_to_install(one));
    EXPECT_EQ(told(one)->install->release, 2U);
}

TEST_F(director_test, a_complete_one_goes_on_for_those_of_its_models_that_no_newer_one_is_for)
{
    auto const first = runs(1);
    auto const older = started("forced");
    commits(first);
    looks(4);
    EXPECT_EQ(at(older).phase, "complete");
    EXPECT_TRUE(
        wait(database_.connections().run("insert into rollout_target (rollout_id, path, model, length, sha256, "
                                         "release) values ($1::int, 'm/2', 'm', 9, decode(repeat('ab', 32), "
                                         "'hex'), 2)",
                                         store::parameters::of(older.value()))));
    publish(3);
    runs(2, 2, true);
    auto const newer = started("lazy", "deb-amd64/stable/probe-3.deb");
    EXPECT_EQ(phase(newer), "running 0");
    auto const of_both = runs(3), of_older = runs(4);
    says(of_older, {.model = "m", .release = 1, .standing = 2});
    looks(2);
    EXPECT_TRUE(told_to_install(of_older));
    EXPECT_FALSE(told(of_both)) << "it waits for the newer one";
}

TEST_F(director_test, halts_a_complete_one_that_a_newer_one_has_taken_the_place_of)
{
    auto const well = runs(1, 1, true), told_twice = runs(2, 1, true), idle = runs(3);
    auto const older = started("lazy");
    commits(well);
    looks(12, 20min);
    EXPECT_EQ(at(older).phase, "complete");
    EXPECT_TRUE(told_to_install(idle)) << "it was there, did not begin, and may yet";
    publish(3);
    auto const newer = started("lazy", "deb-amd64/stable/probe-3.deb");
    EXPECT_EQ(phase(newer), "running 0");
    EXPECT_TRUE(wait(store::steer_rollout(database_, older, "halt", "no", account())));
    look();
    EXPECT_EQ(at(older).phase, "halted");
    EXPECT_FALSE(told(idle)->install);
    ASSERT_TRUE(told_to_install(told_twice)) << "the newer one's word stands";
    EXPECT_EQ(told(told_twice)->install->release, 3U);
}

TEST_F(director_test, tells_anew_who_did_not_come_before_the_instruction_ran_out)
{
    auto const one = runs(1);
    auto const id = started("forced");
    auto const first = told(one).value();
    now_ = first.expires;
    publish(3);  // whose timestamp is fresh again
    look(1s);
    // It was there all the time and did not begin: it is not asked again.
    EXPECT_EQ(told(one)->nonce, first.nonce);
    EXPECT_EQ(wait(store::members_of(database_, id))->at(0).stage, "excused");
}

TEST_F(director_test, lists_all_that_was_ever_signed_when_the_repository_is_replaced)
{
    auto const listed = [this] {
        auto const found = wait(store::signed_targets(database_)).value();
        std::string out = found.complete ? "all:" : "lags:";
        for (auto const& each : found.all) out += ' ' + each.path.substr(each.path.rfind('/') + 1);
        return out;
    };
    EXPECT_EQ(listed(), "lags:");
    look();
    EXPECT_EQ(listed(), "all: probe-1.deb probe-2.deb") << "their SBOMs are no firmware";
    auto const one = wait(store::signed_targets(database_))->all.at(1);
    EXPECT_EQ(one, (store::signed_target{release_2, model, 2, 102,
                                         signing::from_hex(tuf::sha256_hex("probe-2.deb"), 32).value()}));
    publish(3);
    EXPECT_EQ(listed(), "lags: probe-1.deb probe-2.deb");
    auto const leader = std::exchange(director_, nullptr);
    anew();
    look();
    EXPECT_EQ(listed(), "lags: probe-1.deb probe-2.deb") << "the first one leads";
    EXPECT_TRUE(wait(leader->look(now_)));
    EXPECT_EQ(listed(), "all: probe-1.deb probe-2.deb probe-3.deb");
}

TEST_F(director_test, a_repository_that_cannot_be_verified_is_not_listed_and_stops_nothing)
{
    director_ = std::make_unique<director>(database_, director_settings{},
                                           scribe(signing::private_key::load(key()).value()), "no root", files_, 99);
    auto const id = make("lazy");
    look();
    EXPECT_FALSE(wait(store::signed_targets(database_))->complete);
    EXPECT_THAT(at(id).because, HasSubstr("cannot be verified"));
}

TEST_F(director_test, one_registry_at_a_time_leads_and_another_goes_on_where_it_died)
{
    auto const lab = runs(1, 1, true), other = runs(2);
    auto const id = started("lazy");
    commits(lab);
    anew();
    look();
    EXPECT_EQ(at(id).phase, "running") << "the first one leads";
    EXPECT_TRUE(wait(database_.connections().run("delete from leader")));
    look();
    EXPECT_EQ(at(id).phase, "soaking");
    looks(3);
    EXPECT_TRUE(told_to_install(other));
}

TEST_F(director_test, goes_on_although_its_clock_was_set_back)
{
    auto const lab = runs(1, 1, true);
    auto const id = started("lazy");
    commits(lab);
    look(-1h);
    EXPECT_EQ(phase(id), "soaking 0");
}

TEST_F(director_test, who_takes_over_with_a_clock_that_is_behind_is_obeyed)
{
    auto const one = runs(1);
    auto const id = started("forced");
    auto const first = told(one).value();
    EXPECT_TRUE(wait(database_.connections().run("delete from leader")));
    anew();
    EXPECT_TRUE(wait(store::steer_rollout(database_, id, "halt", "no", account())));
    look(-60s);
    EXPECT_EQ(at(id).phase, "halted");
    EXPECT_FALSE(told(one)->install);
    EXPECT_GT(told(one)->issued, first.issued);
}

}  // namespace
}  // namespace tp::registry
