#include "probe/firmware/own_slot.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace tp::firmware {
namespace {

/// As a program that is started with it has it.
class environment {
public:
    explicit environment(std::vector<std::string> settings) : settings_(std::move(settings))
    {
        for (auto& one : settings_) ::putenv(one.data());
    }
    environment(environment const&) = delete;
    environment& operator=(environment const&) = delete;
    ~environment()
    {
        for (auto const& one : settings_) ::unsetenv(one.substr(0, one.find('=')).c_str());
    }

private:
    std::vector<std::string> settings_;
};

TEST(own_slot, is_what_the_supervisor_said)
{
    environment const here(environment_of({slot_places("/slots"), {slot::b, 17}}));
    auto const own = own_slot_from_environment();
    ASSERT_TRUE(own);
    EXPECT_EQ(own->where.folder, "/slots");
    EXPECT_FALSE(own->where.partitions);
    EXPECT_EQ(own->place.which, slot::b);
    EXPECT_EQ(own->place.release, 17u);
}

TEST(own_slot, of_an_image_is_a_partition)
{
    environment const here(environment_of({{"/slots", "/dev/a", "/dev/b"}, {slot::a, 1}}));
    auto const own = own_slot_from_environment();
    ASSERT_TRUE(own && own->where.partitions);
    EXPECT_EQ(own->where.folder, "/slots");
    EXPECT_EQ(own->where.partition(slot::a), "/dev/a");
    EXPECT_EQ(own->where.partition(slot::b), "/dev/b");
}

TEST(own_slot, is_none_without_a_supervisor)
{
    EXPECT_FALSE(own_slot_from_environment());
    environment const half({"TRIGPOINT_SLOTS=/slots", "TRIGPOINT_SLOT=c-17"});
    EXPECT_FALSE(own_slot_from_environment());
}

TEST(own_slot, is_not_handed_on_to_another_program)
{
    for (auto const& one : environment_of({{"/slots", "/dev/a", "/dev/b"}, {slot::a, 1}}))
        EXPECT_TRUE(is_of_own_slot(one)) << one;
    EXPECT_FALSE(is_of_own_slot("TRIGPOINT_PROGRAMS=/usr/bin"));
    EXPECT_FALSE(is_of_own_slot("PATH=/TRIGPOINT_SLOT="));
}

}  // namespace
}  // namespace tp::firmware
