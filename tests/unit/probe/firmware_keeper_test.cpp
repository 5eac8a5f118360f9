// The agent's part in updates: what it reports, and when it commits.
#include "probe/agent/firmware_keeper.hpp"

#include <gtest/gtest.h>

#include "base/files.hpp"
#include "probe/firmware/changing.hpp"
#include "probe/firmware/folder_lock.hpp"
#include "probe/firmware/sha256.hpp"
#include "tests/unit/base/temporary_folder.hpp"

namespace tp::probe {
namespace {

using namespace std::chrono_literals;

constexpr auto soak = 600s;
constexpr wall_time now_on_the_wall{};

class firmware_keeper_test : public testing::Test {
protected:
    firmware_keeper_test()
    {
        std::filesystem::create_directory(folder_);
        put(16);
        EXPECT_TRUE(firmware::commit(slots_, firmware::slot::a, 16));
        put(17);
    }
    void put(std::uint64_t release)
    {
        std::string const octets = "release " + std::to_string(release);
        EXPECT_TRUE(write_atomically(root_ / "program", octets));
        firmware::offer what;
        what.content = {"firmware", "m", release, 10, octets.size(), firmware::sha256_hex(octets)};
        auto const done =
            firmware::install(slots_, what, {"m", {}}, std::nullopt, [&] { return disk_.open(root_ / "program"); });
        EXPECT_EQ(done.why, firmware::cause::none);
        EXPECT_TRUE(firmware::prepare_start(slots_, 3));
    }
    firmware_keeper keeper(std::optional<own_slot> from)
    {
        return firmware_keeper(std::move(from), soak, begin_,
                               {[this](std::function<void(bool)> done) {
                                    ++checks_;
                                    done(well_);
                                },
                                [this] { ++news_; }});
    }
    own_slot trial() const { return {folder_, {firmware::slot::b, 17}}; }
    firmware::standing standing() { return slots_.load()->state.of(firmware::slot::b).is; }

    tp::test::temporary_folder root_;
    std::filesystem::path folder_ = root_ / "slots";
    firmware::real_disk disk_;
    firmware::slots_on_disk slots_{disk_, folder_};
    steady_time begin_{1h};
    bool well_ = true;
    int checks_ = 0, news_ = 0;
};

TEST_F(firmware_keeper_test, commits_what_has_a_session_measured_was_reported_and_ran_long_enough)
{
    auto on_trial = keeper(trial());
    on_trial.session_began();
    auto const report = on_trial.take_report(now_on_the_wall);
    ASSERT_TRUE(report);
    on_trial.look(begin_ + soak);
    EXPECT_EQ(standing(), firmware::standing::ready) << "not reported";
    on_trial.taken(report->number);
    on_trial.look(begin_ + soak - 1ns);
    EXPECT_EQ(standing(), firmware::standing::ready) << "not long enough";
    on_trial.look(begin_ + soak);
    EXPECT_EQ(standing(), firmware::standing::committed);
    EXPECT_EQ(news_, 1) << "the platform hears of it";
    auto const last = on_trial.take_report(now_on_the_wall);
    EXPECT_EQ(last->from->standing, 2u);
    EXPECT_EQ(last->started, proto::boot_reason::first_try) << "it was not started since";
    EXPECT_EQ(on_trial.take_report(now_on_the_wall), std::nullopt);
}

TEST_F(firmware_keeper_test, commits_nothing_without_a_session_or_a_measurement)
{
    auto on_trial = keeper(trial());
    on_trial.session_began();
    on_trial.taken(on_trial.take_report(now_on_the_wall)->number);
    on_trial.session_ended();
    on_trial.look(begin_ + soak);
    EXPECT_EQ(standing(), firmware::standing::ready);

    well_ = false;
    auto sick = keeper(trial());
    sick.session_began();
    sick.taken(sick.take_report(now_on_the_wall)->number);
    sick.look(begin_ + soak);
    sick.look(begin_ + soak + 1s);
    EXPECT_EQ(standing(), firmware::standing::ready);
    EXPECT_EQ(checks_, 2) << "asked now and then, not at each look";
    well_ = true;
    sick.look(begin_ + soak + firmware_keeper::check_every);
    EXPECT_EQ(standing(), firmware::standing::committed);
}

TEST_F(firmware_keeper_test, believes_the_answer_to_its_last_report_only)
{
    auto on_trial = keeper(trial());
    on_trial.taken(0);
    on_trial.session_began();
    auto const first = on_trial.take_report(now_on_the_wall)->number;
    on_trial.session_ended();
    on_trial.session_began();
    EXPECT_NE(on_trial.take_report(now_on_the_wall)->number, first);
    on_trial.taken(first);
    on_trial.look(begin_ + soak);
    EXPECT_EQ(standing(), firmware::standing::ready);
}

TEST_F(firmware_keeper_test, reports_again_in_the_same_session_until_it_is_answered)
{
    auto on_trial = keeper(trial());
    on_trial.session_began();
    auto const first = on_trial.take_report(now_on_the_wall)->number;
    on_trial.look(begin_);
    on_trial.look(begin_ + firmware_keeper::first_pause - 1ns);
    EXPECT_FALSE(on_trial.take_report(now_on_the_wall));
    on_trial.look(begin_ + firmware_keeper::first_pause);
    EXPECT_EQ(news_, 1);
    auto const second = on_trial.take_report(now_on_the_wall);
    ASSERT_TRUE(second);
    EXPECT_GT(second->number, first);
    on_trial.look(begin_ + 100s);
    on_trial.look(begin_ + 100s + 2 * firmware_keeper::first_pause - 1ns);
    EXPECT_FALSE(on_trial.take_report(now_on_the_wall)) << "it waits longer each time";
    on_trial.taken(second->number);
    on_trial.look(begin_ + soak);
    EXPECT_EQ(standing(), firmware::standing::committed);

    on_trial.taken(on_trial.take_report(now_on_the_wall)->number);
    on_trial.look(begin_ + 24h);
    EXPECT_FALSE(on_trial.take_report(now_on_the_wall)) << "what was answered is not said again";
}

TEST_F(firmware_keeper_test, reports_that_it_committed_until_it_is_answered)
{
    auto on_trial = keeper(trial());
    on_trial.session_began();
    on_trial.taken(on_trial.take_report(now_on_the_wall)->number);
    on_trial.look(begin_ + soak);
    ASSERT_TRUE(on_trial.take_report(now_on_the_wall)) << "the answer is lost";
    unsigned sent = 0;
    for (auto now = begin_ + soak; now < begin_ + soak + 1h; now += 1s) {
        on_trial.look(now);
        sent += on_trial.take_report(now_on_the_wall) ? 1 : 0;
    }
    EXPECT_GE(sent, 5u);
    EXPECT_LE(sent, 10u) << "a controller keeps only so many an hour";
    on_trial.session_ended();
    on_trial.look(begin_ + 24h);
    EXPECT_FALSE(on_trial.take_report(now_on_the_wall));
}

TEST_F(firmware_keeper_test, tries_again_when_the_disk_said_no)
{
    auto on_trial = keeper(trial());
    on_trial.session_began();
    on_trial.taken(on_trial.take_report(now_on_the_wall)->number);
    {
        auto const held = firmware::folder_lock::take(folder_);
        on_trial.look(begin_ + soak);
        EXPECT_EQ(standing(), firmware::standing::ready);
    }
    on_trial.look(begin_ + soak + 1s);
    EXPECT_EQ(standing(), firmware::standing::ready);
    on_trial.look(begin_ + soak + firmware_keeper::commit_again);
    EXPECT_EQ(standing(), firmware::standing::committed);
}

TEST_F(firmware_keeper_test, says_what_runs_and_what_failed)
{
    own_slot const earlier{folder_, {firmware::slot::a, 16}};
    EXPECT_FALSE(firmware::steps_in_for_later(earlier));
    ASSERT_TRUE(firmware::give_up(slots_, firmware::slot::b, 17, firmware::cause::not_committed));
    EXPECT_TRUE(firmware::steps_in_for_later(earlier));
    EXPECT_FALSE(firmware::steps_in_for_later(trial()));
    EXPECT_FALSE(firmware::steps_in_for_later({root_ / "nowhere", {firmware::slot::a, 16}}));
    auto back = keeper(own_slot{folder_, {firmware::slot::a, 16}});
    EXPECT_TRUE(back.committed());
    EXPECT_FALSE(back.take_report(now_on_the_wall)) << "nobody is there to hear it";
    back.session_began();
    auto const report = back.take_report(now_on_the_wall);
    ASSERT_TRUE(report && report->from);
    EXPECT_EQ(report->from->release, 16u);
    EXPECT_EQ(report->from->name, "a");
    EXPECT_EQ(report->from->model, "m");
    EXPECT_EQ(report->from->target, "firmware");
    EXPECT_EQ(report->from->floor, 10u);
    EXPECT_EQ(report->from->highest, 16u);
    EXPECT_EQ(report->last_failure, (proto::version_report::failure{17, "not-committed"}));
    EXPECT_EQ(report->update_state, 0u);
    EXPECT_EQ(report->update_result, 8u) << "update failed";
    back.look(begin_ + soak);
    EXPECT_EQ(checks_, 0) << "there is nothing to commit";
}

TEST_F(firmware_keeper_test, says_why_the_program_was_started_and_what_is_installed)
{
    static_assert(firmware::manifest::largest <= proto::version_report::largest_program);
    auto const report_of = [this](own_slot from) {
        auto one = keeper(std::move(from));
        one.session_began();
        return one.take_report(now_on_the_wall).value();
    };
    auto const first = report_of(trial());
    EXPECT_EQ(first.started, proto::boot_reason::first_try);
    ASSERT_TRUE(first.from);
    EXPECT_EQ(first.from->length, std::string("release 17").size());
    EXPECT_EQ(first.attack, proto::attack_sign::none);
    EXPECT_EQ(report_of({folder_, {firmware::slot::a, 16}}).started, proto::boot_reason::committed);
    EXPECT_EQ(report_of({folder_, {firmware::slot::a, 15}}).started, proto::boot_reason::not_told) << "not there";
    EXPECT_TRUE(firmware::prepare_start(slots_, 3));
    EXPECT_EQ(report_of(trial()).started, proto::boot_reason::further_try);
    ASSERT_TRUE(firmware::give_up(slots_, firmware::slot::b, 17, firmware::cause::ended));
    EXPECT_EQ(report_of({folder_, {firmware::slot::a, 16}}).started, proto::boot_reason::stepped_in);
    EXPECT_EQ(report_of(trial()).started, proto::boot_reason::last_resort);
}

TEST_F(firmware_keeper_test, says_whether_the_last_update_looks_like_an_attack)
{
    using proto::attack_sign;
    auto runs = keeper(own_slot{folder_, {firmware::slot::a, 16}});
    runs.session_began();
    auto const told = [&](update::update_report what) {
        runs.tell(std::move(what));
        return runs.take_report(now_on_the_wall)->attack;
    };
    EXPECT_EQ(told({}), attack_sign::none);
    EXPECT_EQ(told({.suspicious = true}), attack_sign::seen);
    EXPECT_EQ(told({.release = 18}), attack_sign::none);
    EXPECT_EQ(told({.why = firmware::cause::wrong_hash, .release = 18}), attack_sign::seen);
    EXPECT_EQ(told({.why = firmware::cause::not_reached, .release = 18}), attack_sign::none);
    EXPECT_EQ(told({.why = firmware::cause::other_target, .release = 16}), attack_sign::none)
        << "it runs: that is long over";
}

TEST_F(firmware_keeper_test, says_how_far_the_directors_instruction_has_come)
{
    using firmware::update_result;
    using firmware::update_state;
    std::string const nonce(16, 'n');
    auto runs = keeper(own_slot{folder_, {firmware::slot::a, 16}});
    update::update_report said{.release = 18, .nonce = nonce, .root_version = 3};
    runs.tell(said);
    EXPECT_EQ(news_, 0) << "nobody is there to hear it";
    runs.session_began();
    auto report = runs.take_report(now_on_the_wall);
    EXPECT_EQ(report->instruction, nonce);
    EXPECT_EQ(report->root_version, 3u);
    EXPECT_EQ(report->update_result, 0u) << "initial: it has not begun";
    EXPECT_FALSE(runs.all_told());
    runs.taken(report->number);
    EXPECT_TRUE(runs.all_told());

    said.state = update_state::downloading;
    runs.tell(said);
    runs.tell(said);
    EXPECT_EQ(news_, 1) << "at each change";
    EXPECT_FALSE(runs.all_told());
    EXPECT_EQ(runs.take_report(now_on_the_wall)->update_state, 1u);

    said.state = update_state::idle;
    said.result = update_result::integrity_failed;
    said.why = firmware::cause::other_target;
    runs.tell(said);
    report = runs.take_report(now_on_the_wall);
    EXPECT_EQ(report->update_result, 5u);
    EXPECT_EQ(report->last_failure, (proto::version_report::failure{18, "other-target"}));
}

TEST_F(firmware_keeper_test, a_release_that_was_wanted_and_works_succeeded)
{
    auto runs = keeper(trial());
    runs.tell({.release = 17, .nonce = std::string(16, 'n')});
    runs.session_began();
    auto const report = runs.take_report(now_on_the_wall);
    EXPECT_EQ(report->update_state, 3u) << "on trial";
    runs.taken(report->number);
    runs.look(begin_ + soak);
    auto const last = runs.take_report(now_on_the_wall);
    EXPECT_EQ(last->update_state, 0u);
    EXPECT_EQ(last->update_result, 1u);
    EXPECT_EQ(last->instruction, std::string(16, 'n'));
}

TEST_F(firmware_keeper_test, outside_of_slots_has_nothing_to_say)
{
    auto packaged = keeper(std::nullopt);
    packaged.session_began();
    EXPECT_FALSE(packaged.take_report(now_on_the_wall));
    packaged.look(begin_ + soak);
    EXPECT_EQ(checks_, 0);
}

}  // namespace
}  // namespace tp::probe
