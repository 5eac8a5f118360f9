#include "firmware-signing/repository/folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/files.hpp"
#include "firmware-signing/tuf/digest.hpp"
#include "tests/unit/base/temporary_folder.hpp"

namespace tp::repository {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class repository_folder_test : public testing::Test {
protected:
    repository_folder_test()
    {
        facts_.length = 6;
        facts_.hashes.sha256 = tuf::sha256_hex("octets");
    }

    fs::path brought(std::string const& content) const
    {
        auto const file = here_ / ("brought-" + std::to_string(content.size()) + content);
        std::ofstream(file) << content;
        return file;
    }

    /// A sparse file of so many octets, which are all 0; facts_ are its own from now on.
    fs::path zeros(std::size_t length)
    {
        auto const file = here_ / ("zeros-" + std::to_string(length));
        std::ofstream(file) << "";
        fs::resize_file(file, length);
        facts_.length = length;
        facts_.hashes.sha256 = tuf::sha256_hex(std::string(length, '\0'));
        return file;
    }

    test::temporary_folder here_;
    tuf::target_file facts_;
    repository_folder folder_{here_ / "repository"};
};

TEST_F(repository_folder_test, that_is_not_there_is_empty)
{
    auto const loaded = folder_.load();
    EXPECT_FALSE(loaded.complaint);
    EXPECT_TRUE(loaded.files.empty());
}

TEST_F(repository_folder_test, keeps_metadata_and_is_written_by_one_at_a_time)
{
    auto const alone = folder_.begin_writing();
    ASSERT_TRUE(alone);
    EXPECT_EQ(repository_folder(folder_).begin_writing().error(), errc::unavailable);
    EXPECT_FALSE(folder_.write({{"1.root.json", "a"}, {"timestamp.json", "b"}, {"timestamp.json", "c"}}));
    std::ofstream(here_ / "repository/metadata/timestamp.json.new") << "half";
    EXPECT_EQ(folder_.load().files, (metadata_files{{"1.root.json", "a"}, {"timestamp.json", "c"}}));
}

TEST_F(repository_folder_test, holds_so_many_files_of_metadata_at_most)
{
    auto const alone = folder_.begin_writing();
    auto const metadata = here_ / "repository/metadata";
    for (std::size_t i = 0; i < most_files; ++i) std::ofstream(metadata / (std::to_string(i) + ".json"));
    auto const full = folder_.load();
    EXPECT_EQ(full.complaint.value_or(""), "");
    EXPECT_EQ(full.files.size(), most_files);
    std::ofstream const another(metadata / "more.json");
    EXPECT_THAT(folder_.load().complaint.value_or(""), HasSubstr("too many files"));
}

TEST_F(repository_folder_test, reads_a_target_only_if_it_is_right)
{
    auto const alone = folder_.begin_writing();
    EXPECT_FALSE(folder_.read_target("control/hosts", facts_));
    ASSERT_EQ(folder_.put_target("control/hosts", facts_, {brought("octets")}).value_or(""), "");
    EXPECT_EQ(folder_.read_target("control/hosts", facts_).value(), "octets");
    std::ofstream(here_ / "repository/targets/control" / (*facts_.hashes.sha256 + ".hosts")) << "octet!";
    EXPECT_EQ(folder_.read_target("control/hosts", facts_).error(), errc::rejected);
}

TEST_F(repository_folder_test, takes_a_target_only_if_it_is_right)
{
    auto const alone = folder_.begin_writing();
    auto const wrong = brought("octet!"), long_one = brought("octets!"), right = brought("octets");
    EXPECT_THAT(folder_.put_target("m/c/file", facts_, {wrong, long_one}).value_or(""), HasSubstr("m/c/file: bring"));
    EXPECT_EQ(folder_.put_target("m/c/file", facts_, {wrong, right}).value_or(""), "");
    auto const there = here_ / "repository/targets/m/c" / (*facts_.hashes.sha256 + ".file");
    EXPECT_EQ(read_file(there, 100).value(), "octets");
    EXPECT_EQ(folder_.put_target("m/c/file", facts_, {}).value_or(""), "") << "it is there";
    std::ofstream(there) << "octet!";
    EXPECT_TRUE(folder_.complaint_about_target("m/c/file", facts_));
    EXPECT_TRUE(folder_.put_target("m/c/file", facts_, {}));
    EXPECT_EQ(folder_.put_target("m/c/file", facts_, {right}).value_or(""), "");
}

TEST_F(repository_folder_test, takes_the_largest_target_that_the_platform_brings)
{
    auto const alone = folder_.begin_writing();
    auto const largest = zeros(largest_target);
    EXPECT_EQ(folder_.put_target("m/c/file", facts_, {largest}).value_or(""), "");
    EXPECT_EQ(folder_.complaint_about_target("m/c/file", facts_).value_or(""), "");
    auto const octets = folder_.read_target("m/c/file", facts_);
    ASSERT_TRUE(octets);
    EXPECT_EQ(octets->size(), largest_target);
}

TEST_F(repository_folder_test, takes_no_target_that_is_larger_than_what_the_platform_brings)
{
    auto const alone = folder_.begin_writing();
    auto const larger = zeros(largest_target + 1);
    auto const too_large = HasSubstr("m/c/file has 67108865 octets, and the platform");
    EXPECT_THAT(folder_.put_target("m/c/file", facts_, {larger}).value_or(""), too_large);
    auto const there = here_ / "repository/targets/m/c" / (*facts_.hashes.sha256 + ".file");
    EXPECT_FALSE(fs::exists(there));
    fs::create_directories(there.parent_path());
    fs::rename(larger, there);
    EXPECT_THAT(folder_.put_target("m/c/file", facts_, {}).value_or(""), too_large) << "though it is there";
    EXPECT_THAT(folder_.complaint_about_target("m/c/file", facts_).value_or(""), too_large);
    EXPECT_EQ(folder_.read_target("m/c/file", facts_).error(), errc::too_large);
}

}  // namespace
}  // namespace tp::repository
