// Slots on a real disk, and damaged ones.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "base/files.hpp"
#include "probe/firmware/changing.hpp"
#include "probe/firmware/folder_lock.hpp"
#include "probe/firmware/real_disk.hpp"
#include "tests/unit/base/temporary_folder.hpp"
#include "tests/unit/slots/releases.hpp"

namespace tp::firmware::test {
namespace {

constexpr unsigned most_tries = 3;

class slots_on_disk : public testing::Test {
protected:
    slots_on_disk()
    {
        std::filesystem::create_directory(folder_);
        std::filesystem::create_directory(fetched_);
    }

    cause install(offer const& what, std::string const& octets)
    {
        auto const file = fetched_ / "program";
        EXPECT_TRUE(write_atomically(file, octets));
        auto const known = slots_.load();
        EXPECT_TRUE(known);
        return firmware::install(slots_, what, here, known->pointer, [&] { return disk_.open(file); }).why;
    }
    cause install(std::uint64_t release, std::uint64_t floor = 0)
    {
        return install(offer_of(release, floor), program_of(release));
    }
    std::uint64_t start()
    {
        auto const prepared = prepare_start(slots_, most_tries);
        return prepared ? prepared->program.content.release : 0;
    }
    void install_and_commit(std::uint64_t release, std::uint64_t floor = 0)
    {
        ASSERT_EQ(install(release, floor), cause::none);
        auto const prepared = prepare_start(slots_, most_tries);
        ASSERT_TRUE(prepared);
        ASSERT_TRUE(prepared->trial);
        ASSERT_TRUE(commit(slots_, prepared->which, release));
    }
    void damage(std::filesystem::path const& file)
    {
        auto octets = read_file(file, 1'000'000).value();
        octets.back() = static_cast<char>(octets.back() ^ 1);
        ASSERT_TRUE(write_atomically(file, octets));
    }
    std::vector<std::string> names()
    {
        auto out = disk_.list(folder_).value();
        std::sort(out.begin(), out.end());
        return out;
    }
    std::string active() { return std::filesystem::read_symlink(folder_ / "active").string(); }

    tp::test::temporary_folder root_;
    std::filesystem::path folder_ = root_ / "slots", fetched_ = root_ / "fetched";
    real_disk disk_;
    firmware::slots_on_disk slots_{disk_, folder_};
};

TEST_F(slots_on_disk, hold_what_runs_and_what_comes_next)
{
    install_and_commit(16);
    EXPECT_EQ(active(), "a-16");
    EXPECT_EQ(install(17), cause::none);
    EXPECT_EQ(active(), "a-16") << "until the next start";
    EXPECT_EQ(start(), 17u);
    EXPECT_EQ(active(), "b-17");
    EXPECT_EQ(read_file(folder_ / "active" / "program", 1'000'000).value(), program_of(17));
    struct stat status {};
    ASSERT_EQ(::stat((folder_ / "active" / "program").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777u, 0755u);
}

TEST_F(slots_on_disk, are_not_looked_for_among_too_many_other_things)
{
    constexpr int most = 1'000;
    auto const crowd = root_ / "crowd";
    ASSERT_TRUE(disk_.make_folder(crowd));
    for (int i = 0; i < most; ++i) ASSERT_TRUE(disk_.make_link("nowhere", crowd / std::to_string(i)));
    EXPECT_EQ(disk_.list(crowd).value().size(), std::size_t{most});
    ASSERT_TRUE(disk_.make_link("nowhere", crowd / "more"));
    EXPECT_EQ(disk_.list(crowd).error(), errc::too_large);
}

TEST_F(slots_on_disk, go_back_by_themselves_and_say_why)
{
    install_and_commit(16);
    EXPECT_EQ(install(17), cause::none);
    for (unsigned i = 0; i < most_tries; ++i) EXPECT_EQ(start(), 17u);
    EXPECT_EQ(start(), 16u);
    EXPECT_EQ(active(), "a-16");
    EXPECT_EQ(slots_.load()->state.last_failure, (failure{17, cause::ended}));
    EXPECT_EQ(install(17), cause::failed_before);
    EXPECT_EQ(install(18), cause::none);
    EXPECT_EQ(start(), 18u);
}

TEST_F(slots_on_disk, never_go_below_the_floor_again)
{
    install_and_commit(16);
    install_and_commit(17, 17);
    damage(slots_.contents().program(slot::b, 17));
    EXPECT_EQ(start(), 0u) << "nothing rather than 16";
    EXPECT_EQ(install(16), cause::below_floor);
}

TEST_F(slots_on_disk, take_nothing_but_what_was_signed)
{
    install_and_commit(16);
    auto wrong = program_of(17);
    wrong.back() = 'x';
    EXPECT_EQ(install(offer_of(17), wrong), cause::wrong_hash);
    EXPECT_EQ(install(offer_of(17), program_of(17) + 'x'), cause::wrong_length);
    EXPECT_EQ(install(offer_of(17), program_of(17).substr(1)), cause::wrong_length);
    EXPECT_EQ(names(), (std::vector<std::string>{"a-16", "active", "state.1", "state.2"}))
        << "nothing keeps the disk full";
    EXPECT_EQ(start(), 16u);
    EXPECT_EQ(install(17), cause::none);
    EXPECT_EQ(start(), 17u);
}

TEST_F(slots_on_disk, tell_want_of_space_and_of_memory_from_other_failures)
{
    struct row {
        int number;
        cause is;
    };
    for (auto const& [number, is] : {row{ENOSPC, cause::no_space}, row{EDQUOT, cause::no_space},
                                     row{ENOMEM, cause::no_memory}, row{EIO, cause::disk}}) {
        auto const source = [failing = number]() -> result<std::unique_ptr<readable>> {
            return error_code(failing, boost::system::system_category());
        };
        EXPECT_EQ(firmware::install(slots_, offer_of(17), here, std::nullopt, source).why, is) << number;
    }
}

TEST_F(slots_on_disk, take_one_content_for_a_release)
{
    install_and_commit(16);
    EXPECT_EQ(install(16), cause::none) << "it is there";
    auto other = offer_of(16);
    other.content.sha256 = sha256_hex("other");
    EXPECT_EQ(install(other, "other"), cause::other_content);
}

TEST_F(slots_on_disk, replace_what_was_damaged_before_it_was_tried)
{
    install_and_commit(16);
    EXPECT_EQ(install(17), cause::none);
    damage(slots_.contents().program(slot::b, 17));
    EXPECT_EQ(install(17), cause::none);
    EXPECT_EQ(start(), 17u);
}

TEST_F(slots_on_disk, go_back_from_a_trial_that_was_damaged)
{
    install_and_commit(16);
    EXPECT_EQ(install(17), cause::none);
    damage(folder_ / "b-17" / "manifest");
    EXPECT_EQ(start(), 16u);
    EXPECT_EQ(slots_.load()->state.last_failure, (failure{17, cause::damaged}));
}

TEST_F(slots_on_disk, outlast_the_loss_of_either_copy_of_the_state)
{
    install_and_commit(16, 12);
    for (auto const* const copy : {"state.1", "state.2"}) {
        damage(folder_ / copy);
        auto const known = slots_.load();
        ASSERT_TRUE(known);
        EXPECT_EQ(known->state.floor, 12u);
        EXPECT_FALSE(known->settled);
        EXPECT_EQ(start(), 16u);
        EXPECT_TRUE(slots_.load()->settled) << "a start writes the other one anew";
    }
}

TEST_F(slots_on_disk, are_known_again_without_any_state)
{
    install_and_commit(16, 12);
    install_and_commit(17, 14);
    damage(folder_ / "state.1");
    std::filesystem::remove(folder_ / "state.2");
    auto const known = slots_.load();
    ASSERT_TRUE(known);
    EXPECT_EQ(known->state.floor, 14u);
    EXPECT_EQ(known->state.of(slot::b), (slot_record{standing::ready, 17, 0})) << "it has to show anew that it works";
    EXPECT_EQ(known->state.of(slot::a), (slot_record{standing::committed, 16, 0}));
    for (unsigned i = 0; i < most_tries; ++i) EXPECT_EQ(start(), 17u);
    EXPECT_EQ(start(), 16u);
}

TEST_F(slots_on_disk, that_are_known_again_do_not_take_what_failed_or_waits_for_what_works)
{
    for (bool const failed : {true, false}) {
        SCOPED_TRACE(failed ? "failed" : "waits");
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directory(folder_);
        install_and_commit(16, 12);
        EXPECT_EQ(install(17, 17), cause::none);
        if (failed) {
            EXPECT_EQ(start(), 17u);
            ASSERT_TRUE(give_up(slots_, slot::b, 17, cause::ended));
            EXPECT_EQ(start(), 16u);
        }
        std::filesystem::remove(folder_ / "state.1");
        std::filesystem::remove(folder_ / "state.2");
        auto const known = slots_.load();
        ASSERT_TRUE(known);
        EXPECT_EQ(known->state.of(slot::a), (slot_record{standing::committed, 16, 0}));
        EXPECT_EQ(known->state.of(slot::b), (slot_record{standing::ready, 17, 0}));
        EXPECT_EQ(known->state.highest, 16u);
        EXPECT_EQ(known->state.floor, 12u);
        for (unsigned i = 0; i < most_tries; ++i) EXPECT_EQ(start(), 17u);
        EXPECT_EQ(start(), 16u);
        EXPECT_EQ(install(18), cause::none);
    }
}

TEST_F(slots_on_disk, commit_what_lies_there_and_nothing_else)
{
    install_and_commit(16);
    EXPECT_TRUE(commit(slots_, slot::a, 16)) << "again";
    EXPECT_EQ(commit(slots_, slot::a, 17).error(), errc::conflict);
    EXPECT_EQ(commit(slots_, slot::b, 17).error(), errc::conflict);
    EXPECT_EQ(install(17), cause::none);
    EXPECT_TRUE(give_up(slots_, slot::a, 16, cause::not_committed)) << "not on trial: nothing happens";
    EXPECT_EQ(slots_.load()->state.of(slot::a).is, standing::committed);
    EXPECT_TRUE(give_up(slots_, slot::b, 17, cause::not_committed));
    EXPECT_EQ(start(), 16u);
}

TEST_F(slots_on_disk, give_back_what_was_not_tried_yet_and_nothing_else)
{
    install_and_commit(16);
    EXPECT_EQ(install(17), cause::none);
    EXPECT_TRUE(withdraw(slots_, slot::b, 18)) << "not there: nothing happens";
    EXPECT_TRUE(withdraw(slots_, slot::a, 16)) << "committed";
    EXPECT_EQ(slots_.load()->state.of(slot::b), (slot_record{standing::ready, 17, 0}));
    EXPECT_TRUE(withdraw(slots_, slot::b, 17));
    EXPECT_EQ(slots_.load()->state.of(slot::b), slot_record());
    EXPECT_FALSE(slots_.load()->state.last_failure) << "it may come again";
    EXPECT_EQ(names(), (std::vector<std::string>{"a-16", "active", "state.1", "state.2"}));
    EXPECT_EQ(start(), 16u);
    EXPECT_EQ(install(17), cause::none);
    EXPECT_EQ(start(), 17u);
    EXPECT_TRUE(withdraw(slots_, slot::b, 17));
    EXPECT_EQ(slots_.load()->state.of(slot::b), (slot_record{standing::ready, 17, 1})) << "it is on trial";
}

TEST_F(slots_on_disk, are_changed_by_one_at_a_time)
{
    auto held = folder_lock::take(folder_);
    ASSERT_TRUE(held);
    EXPECT_EQ(folder_lock::take(folder_, std::chrono::milliseconds(1)).error(), errc::unavailable);
    {
        auto const gone = std::move(*held);
    }
    EXPECT_TRUE(folder_lock::take(folder_));
    EXPECT_FALSE(folder_lock::take(folder_ / "none"));
}

}  // namespace
}  // namespace tp::firmware::test
