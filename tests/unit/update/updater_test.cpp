// The way of an instruction to an installed release: at once or in its hour, over sessions and restarts.
#include "probe/update/updater.hpp"

#include <boost/asio/post.hpp>

#include "probe/firmware/changing.hpp"
#include "probe/update/put_off.hpp"
#include "tests/unit/update/updater_fixture.hpp"

namespace tp::update {
namespace {

using namespace std::chrono_literals;
using firmware::cause;
using firmware::slot;
using firmware::update_state;
using proto::file_part;
using proto::instruction;
using test::now;

TEST_F(updater_test, a_forced_release_is_fetched_installed_and_handed_over_to)
{
    options_.told_within = 0ms;
    restart();
    begin_session();
    auto const wish = platform_.wish(17);
    send(wish);
    run_until([this] { return handed_over_ == 1; });  // though nobody says that the platform heard of it
    expect_installed(17);
    std::vector<update_state> states;
    for (auto const& each : told_)
        if (each.nonce == wish.nonce && (states.empty() || states.back() != each.state)) states.push_back(each.state);
    EXPECT_EQ(states, (std::vector{update_state::idle, update_state::downloading, update_state::downloaded,
                                   update_state::updating}));
    EXPECT_EQ(told().release, 17u);
    EXPECT_EQ(told().root_version, 1u);
    EXPECT_TRUE(std::filesystem::is_empty(options_.folder / "downloads")) << "it lies in its slot";
    EXPECT_TRUE(events_.empty());
}

TEST_F(updater_test, without_a_root_it_waits_and_does_nothing_meanwhile)
{
    options_.first_root.clear();
    restart();
    begin_session();
    send(platform_.wish(17));
    constexpr int many = 50;  // a few are the beginning
    int steps = 0;
    io_.restart();
    while (steps < many && io_.run_one_for(100ms) > 0) ++steps;
    EXPECT_LT(steps, many);
    EXPECT_TRUE(requests_.empty());
    expect_nothing_installed();
}

TEST_F(updater_test, the_platform_hears_of_an_update_before_it_happens)
{
    EXPECT_EQ(options_.told_within, 5s);
    options_.told_within = 1h;
    restart();
    begin_session();
    send(platform_.wish(17));
    run_until([this] { return !told_.empty() && told().state == update_state::updating; });
    settle();
    EXPECT_EQ(handed_over_, 0) << "it waits a moment for the report to be kept";
    updater_->all_told();
    expect_installed(17);
}

TEST_F(updater_test, a_lazy_one_waits_for_its_hour_and_then_looks_anew)
{
    ASSERT_TRUE(options_.host.window.add("02:00-05:00"));
    restart();
    begin_session();
    send(platform_.wish(17, instruction::mode::lazy));
    run_until([this] { return load_memory(memory_file(options_.folder)).plan.has_value() && asked_for("timestamp"); });
    settle();
    expect_nothing_installed();
    EXPECT_FALSE(asked_for("targets/m/"));
    EXPECT_EQ(load_memory(memory_file(options_.folder)).plan->at, now + 2h);
    wall_ = now + 2h;
    restart();  // the plan outlasts it; and no test waits for a minute
    requests_.clear();
    begin_session();
    expect_installed(17);
    EXPECT_TRUE(asked_for("metadata/timestamp.json"));
}

TEST_F(updater_test, a_lazy_one_that_does_not_get_through_in_its_window_waits_for_the_next_one)
{
    ASSERT_TRUE(options_.host.window.add("02:00-05:00"));
    options_.plan_every = 1ms;
    wall_ = now + 3h;
    restart();
    int tried = 0;
    bend_ = [&](proto::file_request const& asked, file_part& answer) {
        if (!asked.path.starts_with("targets/m/")) return true;
        ++tried;
        answer = {answer.number, proto::file_status::unavailable, 0, {}};
        return true;
    };
    begin_session();
    send(platform_.wish(17, instruction::mode::lazy));
    run_until([&] { return tried > 1; });
    wall_ = now + 6h;
    run_until([this] {
        auto const plan = load_memory(memory_file(options_.folder)).plan;
        return plan && plan->at == now + 26h;
    });
    settle();
    requests_.clear();
    updater_->session_ended();
    bend_ = nullptr;
    begin_session();
    run_until([this] { return asked_for("timestamp"); });
    settle();
    EXPECT_FALSE(asked_for("targets/m/"));
    expect_nothing_installed();
    wall_ = now + 26h;
    expect_installed(17);
}

TEST_F(updater_test, what_the_host_put_off_waits_but_a_forced_one_does_not)
{
    ASSERT_TRUE(save_put_off(options_.folder, now + 48h));
    begin_session();
    send(platform_.wish(17, instruction::mode::lazy));
    run_until([this] { return load_memory(memory_file(options_.folder)).plan.has_value(); });
    settle();
    expect_nothing_installed();
    send(platform_.wish(17, instruction::mode::forced));
    expect_installed(17);
}

TEST_F(updater_test, a_host_that_wants_no_updates_gets_none)
{
    options_.host.how = host_wishes::mode::off;
    restart();
    begin_session();
    send(platform_.wish(17));
    run_until([this] { return load_memory(memory_file(options_.folder)).plan.has_value(); });
    settle();
    expect_nothing_installed();
    EXPECT_EQ(load_memory(memory_file(options_.folder)).plan->is, begin_plan::kind::declined);
}

TEST_F(updater_test, nothing_is_begun_as_long_as_what_runs_is_on_trial)
{
    committed_ = false;
    begin_session();
    send(platform_.wish(17));
    run_until([this] { return asked_for("timestamp"); });
    settle();
    EXPECT_FALSE(asked_for("targets/m/"));
    committed_ = true;
    expect_installed(17);
}

TEST_F(updater_test, a_session_that_ends_in_the_middle_is_gone_on_with_in_the_next)
{
    std::vector<std::uint64_t> offsets;
    bend_ = [&](proto::file_request const& asked, file_part&) {
        if (!asked.path.starts_with("targets/m/")) return true;
        offsets.push_back(asked.offset);
        if (offsets.size() != 2) return true;
        updater_->session_ended();
        boost::asio::post(io_, [this] { begin_session(); });
        return false;
    };
    begin_session();
    send(platform_.wish(17));
    expect_installed(17);
    EXPECT_EQ(offsets, (std::vector<std::uint64_t>{0, tunnel::piece, tunnel::piece, 2 * tunnel::piece}));
    for (auto const& each : told_) EXPECT_EQ(each.why, cause::none) << "no failure of the update";
}

TEST_F(updater_test, a_restart_in_the_middle_goes_on_where_it_was)
{
    bend_ = [](proto::file_request const& asked, file_part&) {
        return !asked.path.starts_with("targets/m/") || asked.offset == 0;
    };
    begin_session();
    send(platform_.wish(17));
    run_until([this] { return requests_.size() > 1 && requests_.back() == requests_[requests_.size() - 2]; });
    restart();
    std::vector<std::uint64_t> offsets;
    bend_ = [&](proto::file_request const& asked, file_part&) {
        if (asked.path.starts_with("targets/m/")) offsets.push_back(asked.offset);
        return true;
    };
    begin_session();
    expect_installed(17);
    EXPECT_EQ(offsets.front(), tunnel::piece);
}

TEST_F(updater_test, a_halt_ends_a_download_under_way)
{
    bend_ = [&](proto::file_request const& asked, file_part&) {
        if (!asked.path.starts_with("targets/m/")) return true;
        boost::asio::post(io_, [this] { send(platform_.halt()); });
        bend_ = nullptr;
        return false;  // the answer would come later
    };
    begin_session();
    auto const wish = platform_.wish(17);
    send(wish);
    run_until([&] { return !told_.empty() && told().nonce != wish.nonce && !told().nonce.empty(); });
    settle();
    expect_nothing_installed();
    EXPECT_EQ(told().state, update_state::idle);
    EXPECT_TRUE(std::filesystem::is_empty(options_.folder / "downloads")) << "nothing keeps the disk full";
    restart();
    begin_session();
    settle();
    expect_nothing_installed();
    send(platform_.wish(17));
    expect_installed(17);
}

TEST_F(updater_test, what_was_fetched_goes_when_the_instruction_has_expired)
{
    options_.plan_every = 1ms;
    restart();
    bend_ = [](proto::file_request const& asked, file_part& answer) {
        if (asked.path.starts_with("targets/m/") && asked.offset > 0)
            answer = {answer.number, proto::file_status::unavailable, 0, {}};
        return true;
    };
    begin_session();
    auto const wish = platform_.wish(17);
    send(wish);
    auto const downloads = options_.folder / "downloads";
    run_until([&] { return asked_for("targets/m/") && !std::filesystem::is_empty(downloads); });
    settle();
    EXPECT_FALSE(std::filesystem::is_empty(downloads)) << "it is gone on with";
    wall_ = wish.expires;
    run_until([&] { return std::filesystem::is_empty(downloads); });
}

TEST_F(updater_test, a_halt_just_before_the_hand_over_is_obeyed)
{
    begin_session();
    send(platform_.wish(17));
    run_until([this] { return !told_.empty() && told().state == update_state::updating; });
    EXPECT_EQ(machine_.slot(slot::b).is, firmware::standing::ready);
    send(platform_.halt());
    run_until([this] { return told().state == update_state::idle; });
    updater_->all_told();
    run_until([this] { return machine_.slot(slot::b).is == firmware::standing::empty; });
    settle();
    expect_nothing_installed();
    EXPECT_FALSE(std::filesystem::exists(folder_ / "slots" / "b-17"));
    restart();
    begin_session();
    settle();
    expect_nothing_installed();
    send(platform_.wish(17));
    expect_installed(17);
}

TEST_F(updater_test, another_release_just_before_the_hand_over_takes_the_place_of_the_first)
{
    platform_.add_release(18);
    platform_.publish();
    begin_session();
    send(platform_.wish(17));
    run_until([this] { return !told_.empty() && told().state == update_state::updating; });
    send(platform_.wish(18));
    expect_installed(18);
}

TEST_F(updater_test, the_same_release_wanted_again_just_before_the_hand_over_is_handed_over_to)
{
    begin_session();
    send(platform_.wish(17));
    run_until([this] { return !told_.empty() && told().state == update_state::updating; });
    send(platform_.wish(17, instruction::mode::lazy));
    expect_installed(17);
}

TEST_F(updater_test, a_newer_instruction_replaces_one_that_is_being_carried_out)
{
    platform_.add_release(18);
    platform_.publish();
    bend_ = [&](proto::file_request const& asked, file_part&) {
        if (!asked.path.starts_with("targets/m/")) return true;
        bend_ = nullptr;
        boost::asio::post(io_, [this] { send(platform_.wish(18)); });
        return true;
    };
    begin_session();
    send(platform_.wish(17));
    expect_installed(18);
}

TEST_F(updater_test, asks_for_metadata_at_the_beginning_of_each_session)
{
    begin_session();
    run_until([this] { return !in_force_.empty() || asked_for("control"); });
    settle();
    EXPECT_EQ(std::count(requests_.begin(), requests_.end(), "metadata/timestamp.json"), 1);
    updater_->session_ended();
    settle();
    begin_session();
    run_until([this] { return std::count(requests_.begin(), requests_.end(), "metadata/timestamp.json") == 2; });
}

TEST_F(updater_test, without_a_root_or_a_slot_nothing_is_asked_for_or_believed)
{
    options_.first_root.clear();
    restart();
    begin_session();
    send(platform_.wish(17));
    settle();
    EXPECT_TRUE(requests_.empty());
    options_.first_root = platform_.repository.files.at("1.root.json");
    options_.from.reset();
    restart();
    begin_session();
    send(platform_.wish(17));
    run_until([this] { return asked_for("control"); });
    settle();
    expect_nothing_installed();
    EXPECT_FALSE(asked_for("targets/m/"));
}

TEST_F(updater_test, the_release_that_runs_already_is_not_installed_again)
{
    begin_session();
    auto const wish = platform_.wish(16);
    send(wish);
    run_until([&] { return !told_.empty() && told().nonce == wish.nonce; });
    settle();
    expect_nothing_installed();
    EXPECT_EQ(told().why, cause::none);
}

TEST_F(updater_test, a_release_that_failed_here_is_told_of_and_not_tried_again)
{
    begin_session();
    auto const wish = platform_.wish(17);
    send(wish);
    expect_installed(17);
    stop();
    ASSERT_TRUE(firmware::give_up(machine_.slots, slot::b, 17, cause::ended));
    handed_over_ = 0;
    restart();
    begin_session();
    send(wish);
    settle();
    EXPECT_EQ(told().why, cause::ended);
    EXPECT_EQ(told().nonce, wish.nonce);
    EXPECT_EQ(handed_over_, 0);
    send(platform_.wish(17));
    run_until([this] { return told().why == cause::failed_before; });
}

TEST_F(updater_test, a_probe_asleep_through_50_root_rotations_wakes_and_updates)
{
    begin_session();
    run_until([this] { return asked_for("control"); });
    settle();
    updater_->session_ended();
    for (int i = 0; i < 50; ++i) {
        platform_.repository.set_keys("timestamp", {tuf::test::test_key::ed25519()});
        auto fresh = tuf::test::test_key::ed25519();
        auto const old = platform_.repository.signers("root");
        platform_.repository.set_keys("root", {fresh});
        platform_.repository.signers("root").insert(platform_.repository.signers("root").end(), old.begin(), old.end());
        platform_.repository.publish_next("root");
        platform_.repository.signers("root") = {fresh};
    }
    platform_.repository.release({"m.stable"});
    begin_session();
    send(platform_.wish(17));
    expect_installed(17);
    EXPECT_EQ(told().root_version, 51u);
}

TEST_F(updater_test, a_clock_that_was_set_back_makes_nothing_fresh_again)
{
    begin_session();
    run_until([this] { return load_memory(memory_file(options_.folder)).accepted == now; });
    auto wish = platform_.wish(17);
    wish.expires = now - 1h;
    wall_ = now - 24h * 365;
    restart();
    begin_session();
    send(wish);
    run_until([this] { return !events_.empty(); });
    EXPECT_EQ(events_.front(), "instruction_refused: it has expired");
    expect_nothing_installed();
}

TEST_F(updater_test, a_clock_that_lags_behind_does_not_keep_a_lazy_one_from_its_time)
{
    begin_session();
    run_until([this] { return load_memory(memory_file(options_.folder)).accepted == now; });
    wall_ = now - 24h * 365;
    auto wish = platform_.wish(17, instruction::mode::lazy);
    wish.install->not_before = now + 2s;
    send(wish);
    expect_installed(17);
}

TEST_F(updater_test, refused_instructions_are_told_of_once)
{
    begin_session();
    run_until([this] { return asked_for("control"); });
    settle();
    auto wrong = platform_.wish(17);
    wrong.probe = probe_id::from(8).value();
    send(wrong);
    send(wrong);
    settle();
    EXPECT_EQ(events_, std::vector<std::string>{"instruction_refused: it is for another probe"});
    expect_nothing_installed();
}

}  // namespace
}  // namespace tp::update
