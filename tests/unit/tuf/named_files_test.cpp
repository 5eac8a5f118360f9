// Which files a repository must keep, because clients may ask for them.
#include "firmware-signing/tuf/named_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware-signing/tuf/digest.hpp"
#include "firmware-signing/tuf/refusal.hpp"
#include "tests/unit/tuf/repository.hpp"

namespace tp::tuf {
namespace {

using test::repository;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class TufNamedFiles : public testing::Test {
protected:
    std::string timestamp() const { return repository_.files.at("timestamp.json"); }

    /// Runs a machine to its end, from the files of the repository.
    file_names found(named_files machine)
    {
        asked_.clear();
        refused_ = {};
        while (auto const* const wanted = std::get_if<download>(&machine.next())) {
            asked_.push_back(wanted->file);
            auto const file = repository_.files.find(wanted->file);
            machine.answer(file == repository_.files.end() ? result<std::string>(errc::not_found) : file->second);
        }
        if (auto const* const why = std::get_if<failed>(&machine.next())) refused_ = *why;
        return machine.found();
    }
    file_names found(std::vector<std::string> before = {})
    {
        return found(named_files(timestamp(), std::move(before)));
    }
    /// A release of "targets" in which there is this file alone.
    void publish_only(std::string const& path, std::string const& octets)
    {
        repository_.says("targets")["targets"] = test::js::object();
        repository_.add_target("targets", path, octets);
        repository_.release({"targets"});
    }
    static std::string hashed(std::string const& octets, std::string const& name)
    {
        return sha256_hex(octets) + '.' + name;
    }

    repository repository_;
    std::vector<std::string> asked_;
    failed refused_;
};

TEST_F(TufNamedFiles, AsksForSnapshotAndRolesAndNamesWhatTheyDescribe)
{
    named_files machine(timestamp(), {});
    ASSERT_EQ(std::get<download>(machine.next()).file, "1.snapshot.json");
    EXPECT_EQ(std::get<download>(machine.next()).most, limits{}.snapshot);
    machine.answer(repository_.files.at("1.snapshot.json"));
    ASSERT_EQ(std::get<download>(machine.next()).file, "1.targets.json");
    EXPECT_EQ(std::get<download>(machine.next()).most, limits{}.targets);
    machine.answer(repository_.files.at("1.targets.json"));
    ASSERT_TRUE(std::holds_alternative<finished>(machine.next()));
    EXPECT_THAT(machine.found().metadata, ElementsAre("1.snapshot.json", "1.targets.json"));
    EXPECT_THAT(machine.found().targets, IsEmpty());
}

TEST_F(TufNamedFiles, FollowsEveryRoleOfTheSnapshotWhoeverDelegatesToIt)
{
    repository_.delegate("targets", "A", {"a/*"});
    repository_.delegate("A", "B", {"a/b/*"});
    repository_.add_target("A", "a/x", "22");
    repository_.add_target("B", "a/b/x", "333");
    repository_.release({"A", "B", "targets"});
    auto const names = found();
    EXPECT_THAT(names.metadata, UnorderedElementsAre("2.snapshot.json", "2.targets.json", "2.A.json", "2.B.json"));
    EXPECT_THAT(names.targets,
                UnorderedElementsAre("a/x", "a/" + hashed("22", "x"), "a/b/x", "a/b/" + hashed("333", "x")));
}

TEST_F(TufNamedFiles, NamesATargetByEachHashThatAClientMayChoose)
{
    repository_.add_target("targets", "dir/x", "1");
    repository_.says("targets")["targets"]["dir/x"]["hashes"]["sha512"] = std::string(128, 'a');
    repository_.release({"targets"});
    EXPECT_THAT(found().targets,
                UnorderedElementsAre("dir/x", "dir/" + hashed("1", "x"), "dir/" + std::string(128, 'a') + ".x"));
}

TEST_F(TufNamedFiles, WhatWasReplacedIsNotNamedAnyMore)
{
    publish_only("x", "old");
    publish_only("y", "new");
    auto const names = found();
    EXPECT_THAT(names.metadata, ElementsAre("3.snapshot.json", "3.targets.json"));
    EXPECT_THAT(names.targets, UnorderedElementsAre("y", hashed("new", "y")));
}

TEST_F(TufNamedFiles, WhatAnEarlierTimestampNamedIsNamedToo)
{
    publish_only("x", "old");
    auto const before = timestamp();
    publish_only("y", "new");
    auto const names = found({before});
    EXPECT_THAT(names.metadata,
                UnorderedElementsAre("2.snapshot.json", "2.targets.json", "3.snapshot.json", "3.targets.json"));
    EXPECT_THAT(names.targets, UnorderedElementsAre("x", hashed("old", "x"), "y", hashed("new", "y")));
    EXPECT_THAT(asked_, ElementsAre("3.snapshot.json", "3.targets.json", "2.snapshot.json", "2.targets.json"));
}

TEST_F(TufNamedFiles, AFileIsAskedForOnceThoughManyTimestampsNameIt)
{
    publish_only("x", "1");
    std::vector<std::string> before;
    for (int i = 0; i < 3; ++i) {
        before.push_back(timestamp());
        repository_.publish_next("timestamp");
    }
    EXPECT_EQ(found(before).metadata.size(), 2U);
    EXPECT_THAT(asked_, ElementsAre("2.snapshot.json", "2.targets.json"));
}

TEST_F(TufNamedFiles, WhatIsInForceMustBeWholeAndReadable)
{
    publish_only("x", "1");
    auto const whole = repository_.files;
    for (std::string const file : {"2.snapshot.json", "2.targets.json"}) {
        repository_.files.erase(file);
        found();
        EXPECT_EQ(refused_.file, file);
        EXPECT_EQ(refused_.why, errc::not_found);
        repository_.files[file] = "{}";
        found();
        EXPECT_EQ(refused_.file, file);
        EXPECT_EQ(refused_.why, refusal::malformed);
        repository_.files[file] = whole.at("1" + file.substr(1));
        found();
        EXPECT_EQ(refused_.file, file);
        EXPECT_EQ(refused_.why, refusal::wrong_version);
        repository_.files = whole;
    }
    found(named_files("{}", {timestamp()}));
    EXPECT_EQ(refused_.file, "timestamp.json");
    EXPECT_EQ(refused_.why, refusal::malformed);
}

TEST_F(TufNamedFiles, WhatWasReplacedCountsAsFarAsItIsThere)
{
    publish_only("x", "old");
    repository_.delegate("targets", "A", {"a/*"});
    repository_.release({"targets"});
    auto const before = timestamp();
    publish_only("y", "new");
    repository_.files.erase("1.A.json");
    repository_.says("snapshot")["meta"].erase("A.json");
    repository_.release({"targets"});
    auto const names = found({"no timestamp", before});
    EXPECT_EQ(refused_.why, error_code());
    EXPECT_TRUE(names.targets.contains("x")) << "its other roles are there";
    repository_.files.erase("3.snapshot.json");
    EXPECT_FALSE(found({before}).targets.contains("x")) << "no client gets further";
    EXPECT_EQ(refused_.why, error_code());
}

// Limits: each holds at its edge.

TEST_F(TufNamedFiles, SoManyNamesAreFoundAtMost)
{
    constexpr std::size_t of_each = 16'666;  // targets of a role, each with a plain name and one with its hash
    static_assert(3 * 2 * of_each + 4 == named_files::most_names, "and a snapshot and three roles");
    repository_.delegate("targets", "A", {"*"});
    repository_.delegate("targets", "B", {"*"});
    for (std::string const role : {"targets", "A", "B"})
        for (std::size_t i = 0; i < of_each; ++i) repository_.add_target(role, role + std::to_string(i), "1");
    repository_.release({"A", "B", "targets"});
    auto const names = found();
    EXPECT_EQ(refused_.why, error_code());
    EXPECT_EQ(names.metadata.size() + names.targets.size(), named_files::most_names);
    repository_.delegate("targets", "C", {"*"});
    repository_.release({"targets"});
    found();
    EXPECT_EQ(refused_.why, refusal::too_large) << "the file of one more role";
}

TEST_F(TufNamedFiles, EveryFileHasALimit)
{
    struct row {
        std::string file;
        std::uint64_t limits::*limit;
    };
    for (auto const& [file, limit] :
         {row{"1.snapshot.json", &limits::snapshot}, row{"1.targets.json", &limits::targets}}) {
        SCOPED_TRACE(file);
        limits with;
        with.*limit = repository_.files.at(file).size();
        found(named_files(timestamp(), {}, with));
        EXPECT_EQ(refused_.why, error_code());
        with.*limit -= 1;
        found(named_files(timestamp(), {}, with));
        EXPECT_EQ(refused_.file, file);
        EXPECT_EQ(refused_.why, refusal::too_large);
    }
}

}  // namespace
}  // namespace tp::tuf
