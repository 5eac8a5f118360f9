// The updater against a repository, a director and a controller that a test bends.
#include "probe/update/updater.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "base/coroutine.hpp"
#include "base/files.hpp"
#include "firmware-signing/lines.hpp"
#include "probe/firmware/changing.hpp"
#include "probe/update/put_off.hpp"
#include "tests/unit/base/temporary_folder.hpp"
#include "tests/unit/update/world.hpp"

namespace tp::update {
namespace {

using namespace std::chrono_literals;
using firmware::cause;
using firmware::slot;
using firmware::standing;
using firmware::update_state;
using proto::file_part;
using proto::file_status;
using proto::instruction;
using test::now;
using test::program_of;

std::string firmware_hash(std::string const& octets)
{
    return signing::from_hex(tuf::test::sha256(octets), 32).value();
}

class updater_test : public testing::Test {
protected:
    static constexpr auto patience = 60s;

    updater_test()
    {
        options_.folder = folder_ / "updates";
        options_.first_root = platform_.repository.files.at("1.root.json");
        options_.from = firmware::own_slot{machine_.slots.folder(), {slot::a, 16}};
        options_.times = {.after_welcome = 0ms, .every = 1h, .first_pause = 1ms, .longest_pause = 2ms};
        options_.built = {};
        options_.host.jitter = 0s;
        options_.host.utc_offset = 0min;
        restart();
    }
    ~updater_test() override { stop(); }

    /// The program ends, and is started again.
    void restart()
    {
        stop();
        ended_ = false;
        updater_ = std::make_unique<updater>(
            io_.get_executor(), options_,
            updater_seams{
                .wall = [this] { return wall_; },
                .on_news = [this] { asio::post(io_, [this] { serve(); }); },
                .tell = [this](update_report what) { told_.push_back(std::move(what)); },
                .report = [this](std::string kind, std::string text) { events_.push_back(kind + ": " + text); },
                .committed = [this] { return committed_; },
                .hand_over = [this] { ++handed_over_; },
                .use_control = [this](control::content which,
                                      std::optional<std::string_view> octets) { return use(which, octets); }});
        asio::co_spawn(io_, updater_->run(),
                       asio::bind_cancellation_slot(stop_.slot(), [this](std::exception_ptr thrown) {
                           ended_ = true;
                           expect_cancelled(thrown);
                       }));
    }
    void stop()
    {
        if (!updater_) return;
        updater_->session_ended();
        stop_.emit(asio::cancellation_type::terminal);
        run_until([this] { return ended_; });
        updater_.reset();
    }
    void run_until(std::function<bool()> const& condition)
    {
        auto const end = std::chrono::steady_clock::now() + patience;
        io_.restart();
        while (!condition() && std::chrono::steady_clock::now() < end) io_.run_one_for(50ms);
        ASSERT_TRUE(condition());
    }
    /// Until nothing more can be done without a clock going on, or what is tried again and again was tried often
    /// enough.
    void settle()
    {
        constexpr int often = 500;
        io_.restart();
        for (int i = 0; i < often && io_.run_one_for(30ms) > 0; ++i) {
        }
    }

    result<void> use(control::content which, std::optional<std::string_view> octets)
    {
        auto const name = std::string(control::name_of(which));
        if (!octets)
            in_force_.erase(name);
        else if (auto const good = control::check(which, *octets); !good)
            return good.error();
        else
            in_force_[name] = *octets;
        return {};
    }

    /// The controller: answers what is asked for, unless the test has something else in mind.
    void serve()
    {
        while (auto const asked = updater_ ? updater_->take_request() : std::nullopt) {
            requests_.push_back(asked->path);
            auto answer = platform_.answer(*asked);
            if (bend_ && !bend_(*asked, answer)) return;
            updater_->take(std::move(answer));
        }
    }
    void begin_session() { updater_->session_began(test::us); }
    void send(instruction const& what) { updater_->take(platform_.order(what)); }
    bool asked_for(std::string_view part) const
    {
        return std::any_of(requests_.begin(), requests_.end(),
                           [&](auto const& each) { return each.find(part) != each.npos; });
    }
    update_report const& told() const { return told_.back(); }
    /// Begins a session in which this is wanted, and waits until it was refused for a cause.
    void expect_refused(instruction const& what, cause why)
    {
        begin_session();
        send(what);
        run_until([&] { return !told_.empty() && told().why == why && told().nonce == what.nonce; });
        expect_nothing_installed();
    }
    void expect_nothing_installed()
    {
        EXPECT_EQ(handed_over_, 0);
        EXPECT_EQ(machine_.slot(slot::b).is, standing::empty);
        EXPECT_EQ(machine_.program_in(slot::a), program_of(16));
    }
    void expect_installed(std::uint64_t release)
    {
        run_until([this] { return handed_over_ == 1; });
        EXPECT_EQ(machine_.slot(slot::b), (firmware::slot_record{standing::ready, release, 0}));
        EXPECT_EQ(machine_.program_in(slot::b), program_of(release));
    }

    tp::test::temporary_folder folder_;
    asio::io_context io_{1};
    test::platform platform_;
    test::machine machine_{folder_ / "slots"};
    updater_options options_;
    wall_time wall_ = now;
    bool committed_ = true, ended_ = false;
    int handed_over_ = 0;
    std::vector<update_report> told_;
    std::vector<std::string> events_, requests_;
    std::map<std::string, std::string> in_force_;
    /// False: there is no answer. It may change the one there is.
    std::function<bool(proto::file_request const&, file_part&)> bend_;
    asio::cancellation_signal stop_;
    std::unique_ptr<updater> updater_;
};

// ---- what goes well

TEST_F(updater_test, a_forced_release_is_fetched_installed_and_handed_over_to)
{
    begin_session();
    auto const wish = platform_.wish(17);
    send(wish);
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

TEST_F(updater_test, the_platform_hears_of_an_update_before_it_happens)
{
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
        asio::post(io_, [this] { begin_session(); });
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
        asio::post(io_, [this] { send(platform_.halt()); });
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
    restart();
    begin_session();
    settle();
    expect_nothing_installed();
    send(platform_.wish(17));
    expect_installed(17);
}

TEST_F(updater_test, a_newer_instruction_replaces_one_that_is_being_carried_out)
{
    platform_.add_release(18);
    platform_.publish();
    bend_ = [&](proto::file_request const& asked, file_part&) {
        if (!asked.path.starts_with("targets/m/")) return true;
        bend_ = nullptr;
        asio::post(io_, [this] { send(platform_.wish(18)); });
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

// ---- what cannot be carried out

TEST_F(updater_test, what_offline_keys_did_not_sign_so_is_not_installed)
{
    auto missing = platform_.wish(17);
    missing.install->target = "m/stable/probe-99";
    auto other_hash = platform_.wish(17);
    other_hash.install->sha256[0] ^= 1;
    expect_refused(missing, cause::no_such_target);
    expect_refused(other_hash, cause::other_target);
}

TEST_F(updater_test, what_is_not_for_this_machine_or_cannot_follow_is_not_installed)
{
    platform_.add_release(20, {.from = 17});
    platform_.add_release(21, {.hardware = {"r9"}});
    platform_.publish();
    expect_refused(platform_.wish(20), cause::too_far);
    expect_refused(platform_.wish(21), cause::wrong_revision);
}

TEST_F(updater_test, octets_that_are_not_those_that_were_signed_are_fetched_again)
{
    int wrong = 0;
    bend_ = [&](proto::file_request const& asked, file_part& answer) {
        if (asked.path.starts_with("targets/m/") && ++wrong <= 2) answer.octets[0] ^= 1;
        return true;
    };
    begin_session();
    send(platform_.wish(17));
    expect_installed(17);
}

TEST_F(updater_test, a_controller_whose_store_is_away_is_asked_again)
{
    int away = 0;
    bend_ = [&](proto::file_request const&, file_part& answer) {
        if (++away <= 8) answer = {answer.number, file_status::unavailable, 0, {}};
        return true;
    };
    begin_session();
    send(platform_.wish(17));
    expect_installed(17);
}

TEST_F(updater_test, any_answer_that_goes_wrong_is_recovered_from_by_going_on)
{
    struct row {
        char const* name;
        std::function<bool(proto::file_request const&, file_part&)> bend;
    };
    auto const session_ends = [this](proto::file_request const&, file_part&) {
        updater_->session_ended();
        asio::post(io_, [this] { begin_session(); });
        return false;
    };
    std::vector<row> const rows{
        {"the session ends", session_ends},
        {"nobody knows",
         [](auto const&, file_part& answer) {
             answer = {answer.number, file_status::unavailable, 0, {}};
             return true;
         }},
        {"it is said to be absent",
         [](auto const&, file_part& answer) {
             answer = {answer.number, file_status::absent, 0, {}};
             return true;
         }},
        {"other octets",
         [](auto const&, file_part& answer) {
             if (!answer.octets.empty()) answer.octets.back() ^= 1;
             return true;
         }},
        {"fewer octets",
         [](auto const&, file_part& answer) {
             answer.octets.resize(answer.octets.size() / 2);
             answer.size = answer.octets.size();
             return true;
         }},
        {"nothing",
         [](auto const&, file_part& answer) {
             answer.octets.clear();
             return true;
         }},
        {"another length",
         [](auto const&, file_part& answer) {
             answer.size += 1'000;
             return true;
         }},
    };
    for (auto const& [name, bend] : rows) {
        std::size_t tried = 0, recovered = 0;
        for (std::size_t at = 1;; ++at) {
            SCOPED_TRACE(std::string(name) + " at answer " + std::to_string(at));
            stop();
            std::filesystem::remove_all(folder_ / "slots");
            std::filesystem::remove_all(options_.folder);
            test::machine const fresh(folder_ / "slots");
            std::size_t answers = 0;
            handed_over_ = 0;
            told_.clear();
            bend_ = [&](proto::file_request const& asked, file_part& answer) {
                return ++answers == at ? bend(asked, answer) : true;
            };
            restart();
            begin_session();
            send(platform_.wish(17));
            run_until([this] {
                if (!told_.empty() && told().state == update_state::updating) updater_->all_told();
                return handed_over_ == 1;
            });
            if (answers < at) break;
            ++tried;
            EXPECT_EQ(machine_.program_in(slot::b), program_of(17));
            if (!HasFailure()) ++recovered;
        }
        std::printf("%s: recovered from %zu of %zu\n", name, recovered, tried);
        EXPECT_EQ(recovered, tried);
        EXPECT_GT(tried, 7u);
    }
}

// ---- what officers tell all probes

TEST_F(updater_test, what_officers_tell_all_probes_is_put_to_use_kept_and_taken_back)
{
    platform_.set_control("opt-out", "192.0.2.0/24\n");
    platform_.publish();
    begin_session();
    run_until([this] { return in_force_.contains("opt-out"); });
    settle();
    in_force_.clear();
    restart();
    EXPECT_EQ(in_force_["opt-out"], "192.0.2.0/24\n") << "before any session";
    platform_.repository.says("control")["targets"].erase("control/opt-out");
    platform_.publish();
    begin_session();
    run_until([this] { return !in_force_.contains("opt-out"); });
    restart();
    EXPECT_FALSE(in_force_.contains("opt-out"));
}

TEST_F(updater_test, a_content_that_is_not_what_its_name_promises_leaves_the_old_one_in_force)
{
    platform_.set_control("opt-out", "192.0.2.0/24\n");
    platform_.publish();
    begin_session();
    run_until([this] { return in_force_.contains("opt-out"); });
    settle();
    platform_.set_control("opt-out", "nonsense\n");
    platform_.set_control("special-purpose", "198.51.100.0/24\n");
    platform_.publish();
    updater_->session_ended();
    begin_session();
    run_until([this] { return in_force_.contains("special-purpose"); });
    settle();
    EXPECT_EQ(in_force_["opt-out"], "192.0.2.0/24\n");
}

TEST_F(updater_test, a_directors_key_that_officers_list_no_more_has_no_say)
{
    auto const fresh = signing::private_key::make().value();
    ASSERT_TRUE(save_put_off(options_.folder, now + 48h));
    begin_session();
    auto const old = platform_.wish(17, instruction::mode::lazy);
    send(old);
    run_until([&] { return !told_.empty() && told().nonce == old.nonce; });
    settle();
    platform_.set_control("director", test::director_keys({&fresh}));
    platform_.publish();
    updater_->session_ended();
    begin_session();
    run_until([this] { return told().nonce.empty(); });
    settle();
    expect_nothing_installed();
    updater_->take(platform_.signed_by(fresh, platform_.wish(17)));
    expect_installed(17);
}

TEST_F(updater_test, a_new_key_of_the_director_is_looked_for_when_it_signs)
{
    auto const fresh = signing::private_key::make().value();
    platform_.set_control("director", test::director_keys({&fresh, &platform_.director}));
    platform_.publish();
    begin_session();
    updater_->take(platform_.signed_by(fresh, platform_.wish(17)));  // nothing is known yet
    expect_installed(17);
}

// ---- with stolen keys

/// A controller in the hands of somebody who has every key that is online: the director's, the snapshot's and the
/// timestamp's.
class stolen_online_keys : public updater_test {
protected:
    stolen_online_keys()
    {
        platform_.set_control("opt-out", opted_out_);
        platform_.set_control("special-purpose", special_);
        platform_.publish();
        begin_session();
        run_until([this] { return in_force_.size() == 2; });
        settle();
        updater_->session_ended();
    }
    /// What the thief makes of a role's file is signed by a key of his own, and listed by snapshot and timestamp.
    void forge(std::string const& role)
    {
        auto& signers = platform_.repository.signers(role);
        auto const officers = std::exchange(signers, {tuf::test::test_key::ed25519()});
        platform_.repository.publish_next(role);
        signers = officers;
        platform_.repository.publish_next("snapshot");
        platform_.repository.publish_next("timestamp");
    }
    void expect_in_force_as_before()
    {
        EXPECT_EQ(in_force_,
                  (std::map<std::string, std::string>{{"opt-out", opted_out_}, {"special-purpose", special_}}));
        restart();
        EXPECT_EQ(in_force_.size(), 2u) << "also after a restart";
    }
    /// The thief gives orders, and waits for long enough that the updater has tried again and again.
    void give(instruction const& what)
    {
        begin_session();
        send(what);
        run_until([&] { return !events_.empty() || (!told_.empty() && told().why != cause::none); });
        settle();
    }

    std::string const opted_out_ = "192.0.2.0/24\n", special_ = "198.51.100.0/24\n";
    std::string const evil_ = "evil octets";
};

TEST_F(stolen_online_keys, cannot_install_what_offline_keys_did_not_sign)
{
    auto wish = platform_.wish(17);
    wish.install->sha256 = firmware_hash(evil_);
    wish.install->length = evil_.size();
    give(wish);
    EXPECT_EQ(told().why, cause::other_target);
    expect_nothing_installed();
}

TEST_F(stolen_online_keys, cannot_install_octets_of_their_own_under_a_signed_name)
{
    bend_ = [](proto::file_request const& asked, file_part& answer) {
        if (!asked.path.starts_with("targets/m/")) return true;
        answer.octets.assign(answer.octets.size(), 'e');
        return true;
    };
    give(platform_.wish(17));
    EXPECT_EQ(told().why, cause::wrong_hash);
    expect_nothing_installed();
}

TEST_F(stolen_online_keys, cannot_install_by_metadata_that_they_sign_themselves)
{
    platform_.add_release(19, {}, evil_);
    forge("m.stable");
    auto wish = platform_.wish(19);
    wish.install->sha256 = firmware_hash(evil_);
    wish.install->length = evil_.size();
    give(wish);
    EXPECT_EQ(told().why, cause::not_believed);
    expect_nothing_installed();
}

TEST_F(stolen_online_keys, cannot_install_by_naming_themselves_in_targets_or_root)
{
    for (std::string const role : {"targets", "root"}) {
        forge(role);
        told_.clear();
        give(platform_.wish(17));
        expect_nothing_installed();
    }
}

TEST_F(stolen_online_keys, cannot_downgrade)
{
    platform_.add_release(15);
    platform_.publish();  // by officers, long ago: what is published stays so
    give(platform_.wish(15));
    EXPECT_EQ(told().why, cause::older_than_known);
    expect_nothing_installed();
}

TEST_F(stolen_online_keys, cannot_bring_back_what_officers_said_before)
{
    platform_.set_control("opt-out", "192.0.2.0/25\n");
    platform_.publish();
    begin_session();
    run_until([this] { return in_force_["opt-out"] == "192.0.2.0/25\n"; });
    settle();
    updater_->session_ended();
    // A snapshot of its own, fresh and with a higher version, that lists the older file of the role.
    platform_.repository.says("snapshot")["meta"]["control.json"]["version"] = 2;
    platform_.repository.publish_next("snapshot");
    platform_.repository.publish_next("timestamp");
    told_.clear();
    give(platform_.wish(17));
    EXPECT_EQ(told().why, cause::not_believed);
    EXPECT_EQ(in_force_["opt-out"], "192.0.2.0/25\n");
    expect_nothing_installed();
}

TEST_F(stolen_online_keys, cannot_cross_models)
{
    auto other_model = platform_.wish(18);
    other_model.install->model = "x";
    other_model.install->target = "x/stable/probe-18";
    give(other_model);
    EXPECT_EQ(events_, std::vector<std::string>{"instruction_refused: it is for another model"});
    auto in_our_name = platform_.wish(18);
    in_our_name.install->target = "x/stable/probe-18";
    send(in_our_name);
    run_until([this] { return told().why == cause::other_target; });
    expect_nothing_installed();
}

TEST_F(stolen_online_keys, cannot_redirect)
{
    platform_.set_control("hosts",
                          "registry evil.example:1\nregistry-key ssh-ed25519 "
                          "AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");
    forge("control");
    begin_session();
    run_until([this] { return asked_for("control.json"); });
    settle();
    expect_in_force_as_before();
}

TEST_F(stolen_online_keys, cannot_widen_targets)
{
    platform_.set_control("anchors", "anchor evil.example 1 203.0.113.1\n");
    platform_.repository.says("control")["targets"].erase("control/opt-out");
    forge("control");
    begin_session();
    settle();
    updater_->session_ended();
    platform_.repository.says("snapshot")["meta"].erase("control.json");  // nor by leaving the role out
    platform_.repository.publish_next("snapshot");
    platform_.repository.publish_next("timestamp");
    begin_session();
    settle();
    expect_in_force_as_before();
}

TEST_F(stolen_online_keys, cannot_name_another_director)
{
    auto const thief = signing::private_key::make().value();
    platform_.set_control("director", test::director_keys({&thief}));
    forge("control");
    begin_session();
    updater_->take(platform_.signed_by(thief, platform_.wish(17)));
    settle();
    expect_nothing_installed();
}

TEST_F(stolen_online_keys, can_choose_among_current_releases_and_be_got_rid_of)
{
    auto far = platform_.wish(17, instruction::mode::lazy);
    far.issued = now + 24h * 3'650;
    far.expires = far.issued + 1h;
    far.install->not_before = far.install->deadline = far.issued;
    begin_session();
    send(far);
    run_until([&] { return !told_.empty() && told().nonce == far.nonce; });
    settle();
    auto const fresh = signing::private_key::make().value();
    platform_.set_control("director", test::director_keys({&fresh}));
    platform_.publish();
    updater_->session_ended();
    begin_session();
    run_until([this] { return told().nonce.empty(); });
    updater_->take(platform_.signed_by(fresh, platform_.wish(17)));
    expect_installed(17);
}

}  // namespace
}  // namespace tp::update
