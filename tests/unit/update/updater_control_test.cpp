// What officers tell all probes, and who may give instructions.
#include "base/files.hpp"
#include "probe/update/put_off.hpp"
#include "tests/unit/update/updater_fixture.hpp"

namespace tp::update {
namespace {

using namespace std::chrono_literals;
using proto::instruction;
using test::now;

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
    in_force_.clear();
    restart();
    EXPECT_EQ(in_force_["opt-out"], "192.0.2.0/24\n") << "also after a restart";
    EXPECT_EQ(in_force_["special-purpose"], "198.51.100.0/24\n");
}

TEST_F(updater_test, a_restart_before_new_contents_are_remembered_leaves_the_old_ones_in_force)
{
    platform_.set_control("opt-out", "192.0.2.0/24\n");
    platform_.publish();
    begin_session();
    run_until([this] { return in_force_.contains("opt-out"); });
    settle();
    platform_.set_control("opt-out", "192.0.2.0/25\n");
    platform_.set_control("special-purpose", "198.51.100.0/24\n");
    platform_.publish();
    updater_->session_ended();
    bend_ = [](proto::file_request const& asked, proto::file_part&) {
        return asked.path.find("special-purpose") == asked.path.npos;  // which comes after it
    };
    begin_session();
    run_until([this] { return in_force_["opt-out"] == "192.0.2.0/25\n"; });
    in_force_.clear();
    restart();
    EXPECT_EQ(in_force_["opt-out"], "192.0.2.0/24\n");
    bend_ = nullptr;
    begin_session();
    run_until([this] { return in_force_.contains("special-purpose"); });
    EXPECT_EQ(in_force_["opt-out"], "192.0.2.0/25\n");
}

TEST_F(updater_test, contents_that_an_earlier_program_left_are_in_force_and_stay_until_they_are_replaced)
{
    auto const folder = options_.folder / "control";
    auto const former = folder / "control%2Fopt-out";
    platform_.set_control("opt-out", "192.0.2.0/24\n");
    platform_.publish();
    begin_session();
    run_until([this] { return in_force_.contains("opt-out"); });
    settle();
    auto const hash = load_memory(memory_file(options_.folder)).control.at("opt-out");
    std::filesystem::rename(folder / hash / former.filename(), former);
    std::filesystem::remove(folder / hash);
    write_atomically(folder / ".0123.part", "a beginning").value();
    in_force_.clear();
    restart();
    EXPECT_EQ(in_force_["opt-out"], "192.0.2.0/24\n");
    begin_session();
    run_until([&] { return !std::filesystem::exists(folder / ".0123.part"); });
    settle();
    restart();
    EXPECT_EQ(in_force_["opt-out"], "192.0.2.0/24\n");
    platform_.set_control("opt-out", "192.0.2.0/25\n");
    platform_.publish();
    begin_session();
    run_until([&] { return !std::filesystem::exists(former); });
    restart();
    EXPECT_EQ(in_force_["opt-out"], "192.0.2.0/25\n");
    EXPECT_FALSE(std::filesystem::exists(folder / hash));
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

TEST_F(updater_test, an_unlisted_key_that_signs_during_a_download_holds_nothing_up)
{
    options_.times.unknown_key_every = 1ms;
    restart();
    auto const stranger = signing::private_key::make().value();
    bend_ = [&](proto::file_request const& asked, proto::file_part&) {
        if (!asked.path.starts_with("targets/m/") || asked.offset == 0) return true;
        bend_ = nullptr;
        updater_->take(platform_.signed_by(stranger, platform_.wish(17)));
        return true;
    };
    begin_session();
    send(platform_.wish(17));
    expect_installed(17);
    EXPECT_EQ(events_, std::vector<std::string>{"instruction_refused: the officers list no such key for the director"});
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

}  // namespace
}  // namespace tp::update
