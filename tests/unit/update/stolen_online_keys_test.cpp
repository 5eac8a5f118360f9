// What somebody with every online key can make the updater do.
#include "firmware-signing/lines.hpp"
#include "tests/unit/update/updater_fixture.hpp"

namespace tp::update {
namespace {

using namespace std::chrono_literals;
using firmware::cause;
using proto::file_part;
using proto::instruction;
using test::now;

std::string firmware_hash(std::string const& octets)
{
    return signing::from_hex(tuf::test::sha256(octets), 32).value();
}

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

TEST_F(stolen_online_keys, cannot_wear_out_the_disk_with_instructions)
{
    begin_session();
    told_.clear();
    constexpr unsigned many = 3 * instruction_pace::burst;
    for (unsigned i = 0; i < many; ++i) send(platform_.halt());
    EXPECT_EQ(told_.size(), instruction_pace::burst);
    auto const last = platform_.halt();
    send(last);
    run_until([&] { return told().nonce == last.nonce; });
    EXPECT_LE(told_.size(), instruction_pace::burst + 2) << "what came between is not judged at all";
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
