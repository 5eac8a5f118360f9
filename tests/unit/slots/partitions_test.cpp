// Slots that are partitions: here files of a fixed size, as a loop device would show them.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>

#include "base/files.hpp"
#include "probe/firmware/changing.hpp"
#include "probe/firmware/partition_contents.hpp"
#include "probe/firmware/real_disk.hpp"
#include "tests/unit/base/temporary_folder.hpp"
#include "tests/unit/slots/model_disk.hpp"
#include "tests/unit/slots/releases.hpp"

namespace tp::firmware::test {
namespace {

constexpr unsigned most_tries = 3;
constexpr std::size_t head = partition_contents::head_size, size = head + 100;  // octets

class slots_in_partitions : public testing::Test {
protected:
    slots_in_partitions()
    {
        std::filesystem::create_directory(where_.folder);
        for (auto const which : both_slots)
            EXPECT_TRUE(write_atomically(where_.partition(which), std::string(size, '?')));
    }

    cause install(offer what, std::string const& octets)
    {
        what.again = true;
        EXPECT_TRUE(write_atomically(fetched_, octets));
        auto const known = slots_.load();
        return firmware::install(slots_, what, here, known->pointer, [&] { return disk_.open(fetched_); }).why;
    }
    cause install(std::uint64_t release) { return install(offer_of(release), program_of(release)); }
    std::uint64_t start()
    {
        auto const prepared = prepare_start(slots_, most_tries);
        return prepared ? prepared->program.content.release : 0;
    }
    void install_and_commit(std::uint64_t release)
    {
        ASSERT_EQ(install(release), cause::none);
        auto const prepared = prepare_start(slots_, most_tries);
        ASSERT_TRUE(prepared && prepared->trial);
        ASSERT_TRUE(commit(slots_, prepared->which, release));
    }
    std::string octets_of(slot which) { return read_file(where_.partition(which), 1'000'000).value(); }
    /// In its place, as a disk is written.
    void change(slot which, std::size_t at)
    {
        std::fstream in(where_.partition(which), std::ios::binary | std::ios::in | std::ios::out);
        in.seekg(static_cast<std::streamoff>(at));
        auto const was = in.get();
        in.seekp(static_cast<std::streamoff>(at));
        in.put(static_cast<char>(was ^ 1));
        ASSERT_TRUE(in.flush());
    }

    tp::test::temporary_folder root_;
    slot_places where_{root_ / "slots", root_ / "partition-a", root_ / "partition-b"};
    std::filesystem::path fetched_ = root_ / "fetched";
    real_disk disk_;
    slots_on_disk slots_{disk_, where_};
};

TEST_F(slots_in_partitions, hold_what_runs_and_what_comes_next)
{
    install_and_commit(16);
    EXPECT_EQ(install(17), cause::none);
    EXPECT_EQ(std::filesystem::read_symlink(where_.folder / "active"), "a-16") << "until the next start";
    EXPECT_EQ(start(), 17u);
    EXPECT_EQ(std::filesystem::read_symlink(where_.folder / "active"), "b-17");
    EXPECT_EQ(octets_of(slot::b).substr(head, program_of(17).size()), program_of(17));
    EXPECT_EQ(octets_of(slot::a).substr(head, program_of(16).size()), program_of(16));
}

TEST_F(slots_in_partitions, that_hold_anything_else_are_empty)
{
    EXPECT_EQ(start(), 0u);
    auto const known = slots_.load();
    ASSERT_TRUE(known);
    EXPECT_EQ(known->state, slot_state());
}

TEST_F(slots_in_partitions, are_run_from_a_copy_that_nobody_can_change)
{
    install_and_commit(16);
    auto const prepared = prepare_start(slots_, most_tries);
    ASSERT_TRUE(prepared);
    auto const descriptor = prepared->program.file->descriptor();
    change(slot::a, head);
    std::array<char, 200> copy{};
    auto const read = ::pread(descriptor, copy.data(), copy.size(), 0);
    ASSERT_GT(read, 0);
    EXPECT_EQ(std::string(copy.data(), static_cast<std::size_t>(read)), program_of(16));
    EXPECT_EQ(::pwrite(descriptor, "x", 1, 0), -1);
    EXPECT_EQ(::ftruncate(descriptor, 0), -1);
}

TEST_F(slots_in_partitions, of_which_an_octet_was_changed_are_not_started)
{
    install_and_commit(16);
    for (std::size_t const at : {std::size_t{0}, std::size_t{40}, head, head + program_of(17).size() - 1}) {
        SCOPED_TRACE(at);
        ASSERT_EQ(install(17), cause::none);
        change(slot::b, at);
        EXPECT_EQ(start(), 16u);
        EXPECT_EQ(slots_.load()->state.last_failure, (failure{17, cause::damaged}));
    }
}

TEST_F(slots_in_partitions, are_started_whatever_lies_behind_the_program)
{
    install_and_commit(16);
    change(slot::a, head + program_of(16).size());
    EXPECT_EQ(start(), 16u);
}

TEST_F(slots_in_partitions, take_a_program_as_large_as_they_are_and_no_larger)
{
    auto fits = offer_of(17);
    std::string const full(size - head, 'f');
    fits.content.length = full.size();
    fits.content.sha256 = sha256_hex(full);
    model_disk devices;
    slots_on_disk slots(devices, {"/slots", "/dev/a", "/dev/b"});
    devices.put("/slots/.keep", "");
    for (auto const* const device : {"/dev/a", "/dev/b"}) devices.put_device(device, size);
    devices.put("/full", full);
    devices.put("/more", full + '.');
    auto const put = [&](char const* file) {
        return firmware::install(slots, fits, here, std::nullopt, [&] { return devices.open(file); }).why;
    };
    EXPECT_EQ(put("/full"), cause::none);
    fits.content.release = 18;
    fits.content.length = full.size() + 1;
    fits.content.sha256 = sha256_hex(full + '.');
    EXPECT_EQ(put("/more"), cause::no_space);
}

TEST_F(slots_in_partitions, are_known_again_when_the_state_is_lost)
{
    install_and_commit(16);
    ASSERT_EQ(install(17), cause::none);
    std::filesystem::remove(where_.folder / "state.1");
    std::filesystem::remove(where_.folder / "state.2");
    auto const known = slots_.load();
    ASSERT_TRUE(known);
    EXPECT_EQ(known->state.of(slot::a), (slot_record{standing::committed, 16, 0}));
    EXPECT_EQ(known->state.of(slot::b), (slot_record{standing::ready, 17, 0}));
}

TEST_F(slots_in_partitions, that_cannot_be_read_are_not_taken_for_empty_ones)
{
    install_and_commit(16);
    ASSERT_EQ(install(17), cause::none);
    std::filesystem::remove(where_.folder / "state.1");
    std::filesystem::remove(where_.folder / "state.2");
    std::filesystem::rename(where_.partition(slot::b), root_ / "away");
    EXPECT_FALSE(slots_.load()) << "nothing is to be decided and written down by that";
    EXPECT_EQ(start(), 16u) << "but something is to run";
    EXPECT_FALSE(std::filesystem::exists(where_.folder / "state.1"));
    std::filesystem::rename(root_ / "away", where_.partition(slot::b));
    EXPECT_EQ(start(), 17u);
}

TEST_F(slots_in_partitions, of_which_one_is_gone_leave_the_other_one)
{
    install_and_commit(16);
    ASSERT_EQ(install(17), cause::none);
    std::filesystem::remove(where_.partition(slot::b));
    EXPECT_EQ(start(), 16u);
    EXPECT_EQ(slots_.load()->state.of(slot::b).is, standing::ready) << "it may come again: nothing is known of it";
}

}  // namespace
}  // namespace tp::firmware::test
