// What was packaged comes into the slots before the first start, wherever a power cut ended that.
#include "probe/image/first_start.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/files.hpp"
#include "probe/firmware/changing.hpp"
#include "probe/firmware/real_disk.hpp"
#include "tests/unit/base/temporary_folder.hpp"
#include "tests/unit/slots/releases.hpp"

namespace tp::firmware::test {
namespace {

class first_start : public testing::Test {
protected:
    first_start()
    {
        std::filesystem::create_directory(folder_);
        EXPECT_TRUE(write_atomically(packaged_, program_of(1)));
    }

    cause install()
    {
        auto what = offer_of(1);
        what.again = true;
        return firmware::install(slots_, what, here, std::nullopt, [&] { return disk_.open(packaged_); }).why;
    }
    /// Whether the service would install before it starts: its own line, with another program to do it.
    bool service_installs()
    {
        auto const unit = read_file(TP_SERVICE, 64 * 1024).value();
        constexpr std::string_view before = "\nExecStartPre=-/bin/sh -c '";
        auto const begin = unit.find(before) + before.size();
        auto line = unit.substr(begin, unit.find("'\n", begin) - begin);
        auto const program = line.find("/usr/bin/trigpoint-supervisor");
        if (program == line.npos) return false;
        auto const asked = root_ / "asked";
        std::filesystem::remove(asked);
        line = line.substr(0, program) + "touch '" + asked.string() + "' # " + line.substr(program);
        auto const script = root_ / "script";
        EXPECT_TRUE(write_atomically(script, line + '\n'));
        auto const done = std::system(("SLOTS='" + folder_.string() + "' /bin/sh '" + script.string() + "'").c_str());
        EXPECT_EQ(done, 0);
        return std::filesystem::exists(asked);
    }
    void expect_installation_and_start()
    {
        EXPECT_FALSE(image::was_started(folder_));
        EXPECT_TRUE(service_installs());
        ASSERT_EQ(install(), cause::none);
        auto const started = prepare_start(slots_, 3);
        ASSERT_TRUE(started);
        EXPECT_EQ(started->program.content.release, 1u);
    }

    tp::test::temporary_folder root_;
    std::filesystem::path folder_ = root_ / "slots", packaged_ = root_ / "packaged";
    real_disk disk_;
    slots_on_disk slots_{disk_, folder_};
};

TEST_F(first_start, comes_after_an_installation_that_was_cut_before_its_folder_was_whole)
{
    slot_state empty;
    ASSERT_TRUE(slots_.save(empty));
    std::filesystem::create_directory(folder_ / "a-1.new");
    ASSERT_FALSE(prepare_start(slots_, 3)) << "there is nothing that could be started";
    expect_installation_and_start();
}

TEST_F(first_start, comes_after_an_installation_that_was_cut_before_the_state_said_so)
{
    ASSERT_EQ(install(), cause::none);
    slot_state empty;
    empty.generation = 10;
    ASSERT_TRUE(slots_.save(empty));
    ASSERT_FALSE(prepare_start(slots_, 3));
    expect_installation_and_start();
}

TEST_F(first_start, is_not_lost_by_installing_once_more)
{
    ASSERT_EQ(install(), cause::none);
    auto const before = slots_.load()->state;
    expect_installation_and_start();
    EXPECT_EQ(before.of(slot::a), (slot_record{standing::ready, 1, 0}));
}

TEST_F(first_start, is_the_last_time_that_what_was_packaged_is_asked_for)
{
    expect_installation_and_start();
    EXPECT_TRUE(image::was_started(folder_));
    EXPECT_FALSE(service_installs());
}

TEST_F(first_start, leaves_what_is_there_when_only_the_link_is_missing)
{
    ASSERT_EQ(install(), cause::none);
    ASSERT_TRUE(commit(slots_, slot::a, 1));
    auto const before = slots_.load()->state;
    ASSERT_EQ(install(), cause::none);
    EXPECT_EQ(slots_.load()->state, before) << "it is here";
    EXPECT_TRUE(write_atomically(root_ / "17", program_of(17)));
    ASSERT_EQ(firmware::install(slots_, offer_of(17), here, std::nullopt, [&] { return disk_.open(root_ / "17"); }).why,
              cause::none);
    ASSERT_TRUE(commit(slots_, slot::b, 17));
    auto const later = slots_.load()->state;
    EXPECT_EQ(install(), cause::older_than_known);
    EXPECT_EQ(slots_.load()->state, later);
}

}  // namespace
}  // namespace tp::firmware::test
