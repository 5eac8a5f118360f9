// What the updater does not carry out, and what it recovers from by going on.
#include <boost/asio/post.hpp>

#include "firmware-signing/tuf/refusal.hpp"
#include "probe/firmware/folder_lock.hpp"
#include "tests/unit/update/updater_fixture.hpp"

namespace tp::update {
namespace {

using firmware::cause;
using firmware::slot;
using firmware::update_state;
using proto::file_part;
using proto::file_status;
using test::program_of;

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

/// Makes a role's file so many octets long. @pre its version keeps its number of digits.
void pad(tuf::test::repository& in, std::string const& role, std::uint64_t size)
{
    auto& says = in.says(role);
    says["padding"] = std::string();
    says["padding"] = std::string(size - in.sealed(role, says).size(), 'x');
}

/// What a probe that was just made says about a repository in which a role's file is of this size.
error_code refreshed_with(std::string const& role, std::uint64_t size)
{
    tuf::test::repository repository;
    pad(repository, role, size);
    if (role == "root" || role == "targets") repository.publish_next(role);
    repository.publish_next("snapshot");
    repository.publish_next("timestamp");
    auto const file = repository.remote_name(role, 2);
    EXPECT_EQ(repository.files.at(file).size(), size);
    tuf::test::client_world probe(repository);
    return probe.refresh_now(tuf::test::now, updater_options().limits);
}

TEST(probe_limits, are_those_of_small_machines_and_hold_at_their_edges)
{
    struct row {
        std::string role;
        std::uint64_t most;
    };
    for (auto const& [role, most] : {row{"root", 128 * 1024}, row{"timestamp", 16 * 1024}, row{"snapshot", 256 * 1024},
                                     row{"targets", 512 * 1024}}) {
        SCOPED_TRACE(role);
        EXPECT_EQ(refreshed_with(role, most), error_code());
        EXPECT_EQ(refreshed_with(role, most + 1), tuf::refusal::too_large);
    }
}

TEST_F(updater_test, metadata_that_is_too_large_for_a_probe_installs_nothing)
{
    constexpr std::uint64_t most = 256 * 1024;
    pad(platform_.repository, "snapshot", most + 1);
    platform_.publish();
    begin_session();
    send(platform_.wish(17));
    run_until([this] { return asked_for("snapshot.json"); });
    settle();
    expect_nothing_installed();
    EXPECT_FALSE(asked_for("targets/m/"));
    pad(platform_.repository, "snapshot", most);
    platform_.publish();
    expect_installed(17);
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

TEST_F(updater_test, a_refresh_that_looks_like_an_attack_is_told_of_until_one_goes_well)
{
    bool forged = true;
    bend_ = [&](proto::file_request const& asked, file_part& answer) {
        auto& text = answer.octets;
        auto const at = asked.path == "metadata/timestamp.json" ? text.find("version") : text.npos;
        if (forged && at != text.npos) text[at] = 'V';
        return true;
    };
    begin_session();
    run_until([this] { return !told_.empty() && told().suspicious; });
    EXPECT_EQ(told().why, cause::none) << "there is no instruction that it could be held against";
    forged = false;
    run_until([this] { return !told().suspicious; });
    forged = true;
    updater_->session_ended();
    begin_session();
    run_until([this] { return told().suspicious; });
    bend_ = nullptr;
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

TEST_F(updater_test, an_installation_that_fails_does_not_fetch_its_release_again)
{
    auto const fetched = [this] {
        return std::count_if(requests_.begin(), requests_.end(),
                             [](auto const& each) { return each.starts_with("targets/m/"); });
    };
    auto const rounds = [this] { return std::count(requests_.begin(), requests_.end(), "metadata/timestamp.json"); };
    auto held = std::make_optional(firmware::folder_lock::take(machine_.slots.folder()).value());
    begin_session();
    send(platform_.wish(17));
    run_until([&] { return rounds() > 3; });
    auto const once = fetched();
    EXPECT_EQ(once, 3) << "pieces of one release";
    held.reset();
    expect_installed(17);
    EXPECT_EQ(fetched(), once);
}

TEST_F(updater_test, what_lies_in_its_slot_already_is_handed_over_to_without_another_download)
{
    begin_session();
    send(platform_.wish(17));
    run_until([this] { return machine_.slot(slot::b).is == firmware::standing::ready; });
    restart();  // and the same program runs once more
    handed_over_ = 0;
    requests_.clear();
    begin_session();
    expect_installed(17);
    EXPECT_FALSE(asked_for("targets/m/"));
}

TEST_F(updater_test, keys_that_nobody_listed_do_not_have_a_wrong_release_fetched_again)
{
    options_.times.first_pause = options_.times.longest_pause = std::chrono::hours(1);
    options_.times.unknown_key_every = std::chrono::milliseconds(1);
    restart();
    bend_ = [](proto::file_request const& asked, file_part& answer) {
        if (asked.path.starts_with("targets/m/")) answer.octets[0] ^= 1;
        return true;
    };
    begin_session();
    send(platform_.wish(17));
    run_until([this] { return asked_for("targets/m/"); });
    settle();
    auto const stranger = signing::private_key::make().value();
    for (std::size_t i = 1; i <= 2; ++i) {
        requests_.clear();
        updater_->take(platform_.signed_by(stranger, platform_.wish(17)));
        run_until([this] { return asked_for("timestamp"); });
        settle();
        EXPECT_FALSE(asked_for("targets/m/"));
    }
    updater_->session_ended();
    begin_session();
    settle();
    EXPECT_FALSE(asked_for("targets/m/")) << "nor does another session";
    bend_ = nullptr;
    send(platform_.wish(17));
    expect_installed(17);
}

/// Something that can go wrong with an answer.
struct mishap {
    char const* name;
    std::function<bool(proto::file_request const&, file_part&)> bend;
};

std::vector<mishap> mishaps_of_octets()
{
    return {
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
}

TEST_F(updater_test, any_answer_that_goes_wrong_is_recovered_from_by_going_on)
{
    auto const session_ends = [this](proto::file_request const&, file_part&) {
        updater_->session_ended();
        boost::asio::post(io_, [this] { begin_session(); });
        return false;
    };
    auto mishaps = mishaps_of_octets();
    mishaps.push_back({"the session ends", session_ends});
    for (auto const& [name, bend] : mishaps) {
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

}  // namespace
}  // namespace tp::update
