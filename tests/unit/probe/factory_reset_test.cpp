#include "probe/agent/factory_reset.hpp"

#include <gtest/gtest.h>

#include <cstdio>

#include "tests/unit/slots/model_disk.hpp"

namespace tp::probe {
namespace {

using firmware::test::fault;
using firmware::test::killed;
using firmware::test::leftover;
using firmware::test::model_disk;

constexpr char const* names[] = {"/state/key", "/state/key.next", "/state/boot", "/state/spool/1", "/state/log"};

void fill(model_disk& disk)
{
    for (auto const* const name : names) disk.put(name, std::string("what is in ") + name);
}

bool is_empty(model_disk& disk)
{
    auto const left = disk.list("/state");
    return left && left->empty();
}

std::uint64_t calls_of_a_reset()
{
    model_disk disk;
    fill(disk);
    EXPECT_TRUE(destroy_state(disk, "/state"));
    return disk.calls();
}

TEST(factory_reset, leaves_nothing_and_the_key_is_written_over)
{
    model_disk disk;
    fill(disk);
    auto const key = disk.open("/state/key").value();
    ASSERT_TRUE(destroy_state(disk, "/state"));
    EXPECT_TRUE(is_empty(disk));
    auto const octets = key->read(100'000).value();
    EXPECT_FALSE(octets.empty());
    EXPECT_EQ(octets.find_first_not_of('\0'), octets.npos);
    EXPECT_TRUE(destroy_state(disk, "/state")) << "again";
}

TEST(factory_reset, that_was_cut_off_anywhere_is_finished_by_the_next_one)
{
    std::uint64_t struck = 0, finished = 0;
    for (auto const is : {fault::kill, fault::io_error, fault::no_space, fault::half}) {
        for (std::uint64_t call = 1; call <= calls_of_a_reset(); ++call) {
            SCOPED_TRACE("fault " + std::to_string(static_cast<int>(is)) + " at call " + std::to_string(call));
            model_disk disk;
            fill(disk);
            disk.fail_at(call, is);
            bool done = false;
            try {
                done = destroy_state(disk, "/state").has_value();
            } catch (killed const&) {
            }
            if (!disk.struck()) continue;
            ++struck;
            disk.heal();
            EXPECT_TRUE(!done || is_empty(disk));
            bool const key_stays = disk.content("/state/key").has_value();
            EXPECT_TRUE(!key_stays || disk.content("/state/boot")) << "all but the key is gone";
            EXPECT_TRUE(destroy_state(disk, "/state"));
            EXPECT_TRUE(is_empty(disk));
            if (!HasFailure()) ++finished;
        }
    }
    std::printf("factory reset: finished %ju of %ju\n", std::uintmax_t{finished}, std::uintmax_t{struck});
    EXPECT_EQ(finished, struck);
    EXPECT_GT(struck, 40u);
}

TEST(factory_reset, never_leaves_a_key_beside_an_emptied_folder_after_a_power_cut)
{
    for (std::uint64_t call = 1; call <= calls_of_a_reset(); ++call) {
        for (auto const what : {leftover::nothing, leftover::all, leftover::random}) {
            SCOPED_TRACE("at call " + std::to_string(call));
            model_disk disk;
            fill(disk);
            disk.fail_at(call, fault::kill);
            try {
                static_cast<void>(destroy_state(disk, "/state"));
            } catch (killed const&) {
            }
            disk.heal();
            disk.cut_power(what, call);
            auto const key = disk.content("/state/key");
            bool const whole = key == "what is in /state/key";
            EXPECT_TRUE(!whole || disk.content("/state/boot"));
            EXPECT_TRUE(destroy_state(disk, "/state"));
            EXPECT_TRUE(is_empty(disk));
        }
    }
}

}  // namespace
}  // namespace tp::probe
