#include "api/cli/repository_files.hpp"

#include <gmock/gmock.h>

#include "base/files.hpp"
#include "tests/unit/base/temporary_folder.hpp"

namespace tp::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class repository_files_test : public testing::Test {
protected:
    void write(std::string const& path, std::string const& octets)
    {
        auto const file = folder_ / path.c_str();
        std::filesystem::create_directories(file.parent_path());
        ASSERT_TRUE(write_atomically(file, octets));
    }
    test::temporary_folder folder_;
};

std::vector<std::string> paths(std::vector<repository_file> const& all)
{
    std::vector<std::string> out;
    for (auto const& each : all) out.push_back(each.path);
    return out;
}

TEST_F(repository_files_test, come_in_the_order_of_publication_and_hidden_ones_do_not)
{
    for (auto const* path :
         {"metadata/timestamp.json", "metadata/1.root.json", "metadata/2.root.json", "metadata/1.snapshot.json",
          "metadata/1.targets.json", "metadata/1.a.stable.json", "targets/a/stable/h.program", "targets/z", ".lock",
          "targets/.growing/h", "metadata/.timestamp.json.new", "readme"})
        write(path, "x");
    EXPECT_THAT(paths(repository_files(folder_ / ".").value()),
                ElementsAre("targets/a/stable/h.program", "targets/z", "metadata/1.a.stable.json",
                            "metadata/1.targets.json", "metadata/1.snapshot.json", "metadata/1.root.json",
                            "metadata/2.root.json", "metadata/timestamp.json"));
}

TEST_F(repository_files_test, are_told_with_size_and_hash)
{
    write("metadata/timestamp.json", "abc");
    write("targets/large", std::string(200'000, 'x'));
    auto const all = repository_files(folder_ / ".").value();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].size, 200'000U);
    EXPECT_EQ(all[1], (repository_file{"metadata/timestamp.json", 3,
                                       "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}));
}

TEST_F(repository_files_test, are_of_a_repository_or_none)
{
    EXPECT_EQ(repository_files(folder_ / ".").error(), errc::not_found);
    EXPECT_EQ(repository_files(folder_ / "nowhere").error(), errc::not_found);
}

TEST(repository_files, that_are_there_with_the_same_hash_are_not_missing)
{
    std::vector<repository_file> const all{{"targets/a", 1, "aa"}, {"targets/b", 1, "bb"}, {"targets/c", 1, "cc"}};
    EXPECT_THAT(paths(missing(all, {{"targets/a", "aa"}, {"targets/b", "other"}})),
                ElementsAre("targets/b", "targets/c"));
    EXPECT_THAT(missing(all, {{"targets/a", "aa"}, {"targets/b", "bb"}, {"targets/c", "cc"}}), IsEmpty());
}

TEST(repository_files, that_were_replaced_are_not_needed_but_all_roots_are)
{
    tuf::file_names named;
    named.metadata = {"2.snapshot.json", "2.targets.json"};
    named.targets = {"a/h2.program"};
    std::vector<repository_file> all;
    for (auto const* path : {"targets/a/h1.program", "targets/a/h2.program", "metadata/1.targets.json",
                             "metadata/2.targets.json", "metadata/1.snapshot.json", "metadata/2.snapshot.json",
                             "metadata/1.root.json", "metadata/2.root.json", "metadata/timestamp.json"})
        all.push_back({path, 1, "aa"});
    EXPECT_THAT(paths(needed(std::move(all), named)),
                ElementsAre("targets/a/h2.program", "metadata/2.targets.json", "metadata/2.snapshot.json",
                            "metadata/1.root.json", "metadata/2.root.json", "metadata/timestamp.json"));
}

TEST_F(repository_files_test, name_what_the_timestamp_leads_to_or_the_file_that_is_wrong)
{
    auto const said = [](std::string const& type, std::string const& more) {
        return R"({"signatures": [], "signed": {"_type": ")" + type +
               R"(", "expires": "2030-01-01T00:00:00Z", "spec_version": "1.0.34", "version": 1, )" + more + "}}";
    };
    std::string wrong;
    EXPECT_FALSE(names_in(folder_ / ".", wrong));
    write("metadata/timestamp.json", said("timestamp", R"("meta": {"snapshot.json": {"version": 1}})"));
    write("metadata/1.snapshot.json", said("snapshot", R"("meta": {"targets.json": {"version": 1}})"));
    EXPECT_FALSE(names_in(folder_ / ".", wrong));
    EXPECT_EQ(wrong, "1.targets.json");
    write("metadata/1.targets.json", said("targets", R"("targets": {})"));
    auto const named = names_in(folder_ / ".", wrong);
    ASSERT_TRUE(named) << named.error().message();
    EXPECT_THAT(named->metadata, ElementsAre("1.snapshot.json", "1.targets.json"));
    write("metadata/timestamp.json", "{}");
    EXPECT_FALSE(names_in(folder_ / ".", wrong));
    EXPECT_EQ(wrong, "timestamp.json");
}

}  // namespace
}  // namespace tp::cli
