#include "base/files.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "temporary_folder.hpp"

namespace tp {
namespace {

unsigned mode_of(std::filesystem::path const& path)
{
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777U : 0U;
}

TEST(files, are_read_up_to_a_limit)
{
    test::temporary_folder const folder;
    std::string const content(100'000, 'x');
    ASSERT_TRUE(write_atomically(folder / "a", content));
    EXPECT_EQ(read_file(folder / "a", content.size()).value(), content);
    EXPECT_EQ(read_file(folder / "a", content.size() - 1).error(), errc::too_large);
    EXPECT_EQ(read_file(folder / "b", 1).error(), boost::system::errc::no_such_file_or_directory);
}

TEST(files, are_replaced_whole_and_leave_nothing_beside)
{
    test::temporary_folder const folder;
    ASSERT_TRUE(write_atomically(folder / "a", "a long first content"));
    ASSERT_TRUE(write_atomically(folder / "a", "short", 0600));
    EXPECT_EQ(read_file(folder / "a", 100).value(), "short");
    EXPECT_EQ(mode_of(folder / "a"), 0600U);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator((folder / "a").parent_path()), {}), 1);
}

TEST(files, that_cannot_be_replaced_stay)
{
    test::temporary_folder const folder;
    std::filesystem::create_directory(folder / "a");
    std::filesystem::create_directory(folder / "a" / "inside");
    EXPECT_TRUE(write_atomically(folder / "a", "x").has_error()) << "a folder is no file";
    EXPECT_TRUE(std::filesystem::exists(folder / "a" / "inside"));
    EXPECT_TRUE(write_atomically(folder / "none" / "a", "x").has_error());
}

TEST(files, that_are_new_replace_nothing)
{
    test::temporary_folder const folder;
    ASSERT_TRUE(write_new(folder / "a", "first", 0600));
    EXPECT_EQ(mode_of(folder / "a"), 0600U);
    ASSERT_TRUE(write_new(folder / "a.new", "another file"));
    EXPECT_EQ(write_new(folder / "a", "second").error(), errc::conflict);
    EXPECT_EQ(read_file(folder / "a", 100).value(), "first");
    EXPECT_EQ(read_file(folder / "a.new", 100).value(), "another file");

    std::filesystem::create_symlink(folder / "nowhere", folder / "link");
    EXPECT_EQ(write_new(folder / "link", "x").error(), errc::conflict);
    EXPECT_FALSE(std::filesystem::exists(folder / "nowhere"));
    EXPECT_EQ(write_new(folder / "none" / "a", "x").error(), boost::system::errc::no_such_file_or_directory);
}

TEST(files, with_secrets_are_for_their_owner_only)
{
    test::temporary_folder const folder;
    ASSERT_TRUE(write_atomically(folder / "secret", "x", 0600));
    EXPECT_EQ(read_secret(folder / "secret", 10).value(), "x");
    for (auto const mode : {0640U, 0604U, 0660U, 0601U}) {
        ASSERT_EQ(::chmod((folder / "secret").c_str(), mode), 0);
        EXPECT_EQ(read_secret(folder / "secret", 10).error(), errc::rejected) << std::oct << mode;
    }
}

}  // namespace
}  // namespace tp
