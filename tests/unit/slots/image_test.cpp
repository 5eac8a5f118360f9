// Which partitions an image is made of.
#include <gtest/gtest.h>

#include "probe/image/partitions.hpp"

namespace tp::image {
namespace {

TEST(image_disk, is_the_one_with_all_three_partitions)
{
    auto const found = find_image({{"/dev/vda1", "trigpoint-data", "vda"},
                                   {"/dev/vdb3", "trigpoint-data", "vdb"},
                                   {"/dev/vdb1", "trigpoint-a", "vdb"},
                                   {"/dev/vdb2", "trigpoint-b", "vdb"},
                                   {"/dev/vdb4", "home", "vdb"}});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->slot_a, "/dev/vdb1");
    EXPECT_EQ(found->slot_b, "/dev/vdb2");
    EXPECT_EQ(found->data, "/dev/vdb3");
}

TEST(image_disk, is_never_put_together_of_two)
{
    EXPECT_FALSE(find_image({{"/dev/vda1", "trigpoint-a", "vda"},
                             {"/dev/vda2", "trigpoint-b", "vda"},
                             {"/dev/vdb3", "trigpoint-data", "vdb"}}));
    EXPECT_FALSE(find_image({}));
}

TEST(image_disk, is_always_the_same_of_two_whole_ones)
{
    std::vector<partition> all;
    for (std::string const disk : {"vdb", "vda"})
        for (std::string const part : {"a", "b", "data"}) {
            all.push_back({"/dev/" + disk + part, "trigpoint-" + part, disk});
        }
    EXPECT_EQ(find_image(all)->data, "/dev/vdadata");
}

TEST(image_disk, is_found_by_what_the_kernel_says_of_devices)
{
    std::string const said = "MAJOR=259\nDEVNAME=nvme0n1p1\nDEVTYPE=partition\nPARTN=1\nPARTNAME=trigpoint-a\n";
    EXPECT_EQ(value_in(said, "DEVNAME"), "nvme0n1p1");
    EXPECT_EQ(value_in(said, "PARTNAME"), "trigpoint-a");
    EXPECT_EQ(value_in(said, "PART"), "");
    EXPECT_EQ(value_in("", "DEVNAME"), "");
}

}  // namespace
}  // namespace tp::image
