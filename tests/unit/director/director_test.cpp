#include "registry/director/director.hpp"

#include <gmock/gmock.h>

#include "firmware-signing/lines.hpp"
#include "firmware-signing/tuf/digest.hpp"
#include "proto/instruction.hpp"
#include "registry/director/stored_files.hpp"
#include "store/firmware_files.hpp"
#include "store/pool.hpp"
#include "store/signed_targets.hpp"
#include "tests/unit/repository/officers.hpp"
#include "tests/unit/store/fixture.hpp"

namespace tp::registry {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr auto model = "deb-amd64";
constexpr auto release_2 = "deb-amd64/stable/probe-2.deb";

/// A repository in the database, some probes that run release 1, and a clock of its own.
class director_test : public store::store_test {
protected:
    director_test()
    {
        publish(2);
        second_ = wait(store::create_account(database_, "second@example.net", store::role::admin)).value();
        where_ = controller();
        anew();
    }

    /// Another registry.
    void anew()
    {
        director_ = std::make_unique<director>(database_, director_settings{},
                                               scribe(signing::private_key::load(key()).value()),
                                               officers_.files.at("1.root.json"), files_, ++seed_);
    }
    std::filesystem::path key()
    {
        auto const file = std::filesystem::temp_directory_path() / ("director-" + std::to_string(::getpid()) + ".pem");
        if (!std::filesystem::exists(file)) {
            EXPECT_TRUE(signing::private_key::make()->save(file));
        }
        return file;
    }
    ~director_test() override { std::filesystem::remove(key()); }

    void publish(std::uint64_t release)
    {
        using repository::signed_by;
        EXPECT_EQ(
            officers_.publish({signed_by(officers_.next_release(repository::some_release(release)), {"ann", "eve"})}),
            "");
        for (auto const& [name, octets] : officers_.files) {
            auto hash = signing::from_hex(tuf::sha256_hex(octets), 32).value();
            EXPECT_TRUE(wait(
                store::put_firmware_part(database_, {"metadata/" + name, octets.size(), std::move(hash), 0, octets})));
        }
    }
    void look(std::chrono::seconds later = 31s)
    {
        now_ += later;
        EXPECT_TRUE(wait(director_->look(now_)));
    }
    void looks(int count, std::chrono::seconds apart = 31s)
    {
        for (int i = 0; i < count; ++i) look(apart);
    }

    store::rollout_id make(std::string mode, std::string path = release_2, std::string waves = "lab,100%")
    {
        store::rollout_wish wanted{
            std::move(mode), std::move(waves), "lab", 60s, 600s, 3600s, rollout::numbers_of(rollout::limits{}), 1,
            "because"};
        return wait(store::create_rollout(database_, std::move(wanted), {std::move(path)}, account())).value();
    }
    void approve(store::rollout_id id, account_id by) { EXPECT_TRUE(wait(store::approve_rollout(database_, id, by))); }
    store::rollout_id started(std::string mode, std::string path = release_2)
    {
        auto const id = make(mode, std::move(path));
        look();
        approve(id, account());
        if (mode == "forced") approve(id, second_);
        look();
        return id;
    }
    store::rollout_progress at(store::rollout_id id) { return wait(store::find_rollout(database_, id))->at; }
    std::string phase(store::rollout_id id) { return at(id).phase + ' ' + std::to_string(at(id).wave); }

    /// Connected, and running this release.
    probe_id runs(unsigned number, std::uint64_t release = 1, bool lab = false)
    {
        auto const id = probe(number);
        EXPECT_TRUE(wait(store::session_opened(database_, id, where_, *parse_address("192.0.2.9"), "1", {})));
        if (lab) {
            EXPECT_TRUE(wait(store::change_probe(database_, id, {.user_tags = std::vector<std::string>{"lab"}})));
        }
        says(id, {.model = model, .release = release, .standing = 2});
        return id;
    }
    void says(probe_id id, store::firmware_state what)
    {
        EXPECT_TRUE(wait(store::record_version_report(database_, id, now_, "report", std::move(what))));
    }
    void commits(probe_id id, std::uint64_t release = 2)
    {
        says(id, {.model = model, .release = release, .standing = 2});
    }
    void goes_back(probe_id id)
    {
        says(id, {.model = model, .release = 1, .standing = 2, .failed_release = 2, .cause = "ended"});
    }
    std::optional<store::kept_instruction> kept(probe_id id)
    {
        auto found = wait(store::newer_instructions(database_, {{id, {}}})).value();
        return found.empty() ? std::nullopt : std::optional(found.front());
    }
    std::optional<proto::instruction> told(probe_id id)
    {
        auto const found = kept(id);
        return found ? std::optional(proto::decode_instruction(found->octets).value()) : std::nullopt;
    }
    bool told_to_install(probe_id id) { return told(id) && told(id)->install; }

    repository::shelf officers_;
    stored_files files_{database_};
    wall_time now_ = repository::some_day;
    account_id second_ = *account_id::from(1);
    controller_id where_ = *controller_id::from(1);
    std::uint64_t seed_ = 0;
    std::unique_ptr<director> director_;
};

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
    EXPECT_TRUE(wait(store::steer_rollout(database_, id, "halt", "no", account())));
    look(1s);
    EXPECT_EQ(at(id).phase, "halted");
    EXPECT_FALSE(told(other)->install);
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

}  // namespace
}  // namespace tp::registry
