// What officers tell all probes, and who may give instructions.
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

}  // namespace
}  // namespace tp::update
