// All that is signed of targets, whoever would have the last word in a search.
#include "firmware-signing/tuf/target_walk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware-signing/tuf/refusal.hpp"
#include "tests/unit/tuf/repository.hpp"

namespace tp::tuf {
namespace {

using test::client_world;
using test::repository;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class TufWalk : public testing::Test {
protected:
    /// What is found: "PATH OCTETS".
    std::vector<std::string> found(limits const& with = {})
    {
        client_world client(repository_);
        EXPECT_EQ(client.refresh_now(), error_code());
        client.requests.clear();
        target_walk machine(client.found, with);
        auto const why = client.run(machine);
        refused_ = why ? why->why : error_code();
        requests_ = client.requests;
        std::vector<std::string> out;
        for (auto const& [path, facts] : machine.found()) out.push_back(path + ' ' + std::to_string(facts.length));
        return out;
    }

    repository repository_;
    error_code refused_;
    std::vector<std::string> requests_;
};

TEST_F(TufWalk, FindsWhatEveryRoleSays)
{
    repository_.add_target("targets", "top", "1");
    repository_.delegate("targets", "A", {"a/*", "a/*/*"});
    repository_.delegate("A", "B", {"a/b/*"});
    repository_.delegate("targets", "C", {"c/*"});
    repository_.add_target("A", "a/x", "22");
    repository_.add_target("B", "a/b/x", "333");
    repository_.add_target("C", "c/x", "4444");
    repository_.release({"A", "B", "C", "targets"});
    EXPECT_THAT(found(), UnorderedElementsAre("top 1", "a/x 2", "a/b/x 3", "c/x 4"));
    EXPECT_EQ(refused_, error_code());
    EXPECT_THAT(requests_, ElementsAre("2.A.json", "2.B.json", "2.C.json"));
}

TEST_F(TufWalk, EveryRoleOnTheWayCoversTheTarget)
{
    repository_.delegate("targets", "A", {"a/*"});
    repository_.delegate("A", "B", {"*", "*/*"});
    repository_.add_target("A", "b/x", "no");
    repository_.add_target("B", "a/x", "yes");
    repository_.add_target("B", "b/x", "no");
    repository_.release({"A", "B", "targets"});
    EXPECT_THAT(found(), ElementsAre("a/x 3"));
}

TEST_F(TufWalk, AllRolesThatMaySignATargetCount)
{
    repository_.delegate("targets", "A", {"*"}, true);
    repository_.delegate("targets", "B", {"*"});
    repository_.add_target("A", "x", "1");
    repository_.add_target("B", "x", "22");
    repository_.release({"A", "B", "targets"});
    EXPECT_THAT(found(), UnorderedElementsAre("x 1", "x 2"));
}

TEST_F(TufWalk, WhatHasExpiredWasSignedAllTheSame)
{
    repository_.delegate("targets", "A", {"*"});
    repository_.says("A")["expires"] = test::expired;
    repository_.add_target("A", "x", "1");
    repository_.release({"A", "targets"});
    EXPECT_THAT(found(), ElementsAre("x 1"));
}

TEST_F(TufWalk, ARoleThatIsNotPublishedYetHasSaidNothing)
{
    repository_.add_target("targets", "x", "1");
    repository_.delegate("targets", "A", {"*"});
    repository_.says("snapshot")["meta"].erase("A.json");
    repository_.release({"targets"});
    EXPECT_THAT(found(), ElementsAre("x 1"));
    EXPECT_EQ(refused_, error_code());
}

TEST_F(TufWalk, WhoDelegatesNamesWhoSigns)
{
    repository_.delegate("targets", "A", {"*"});
    repository_.add_target("A", "x", "1");
    repository_.signers("A") = repository_.signers("targets");
    repository_.release({"A", "targets"});
    EXPECT_THAT(found(), IsEmpty());
    EXPECT_EQ(refused_, refusal::too_few_signatures);
}

TEST_F(TufWalk, AFileThatIsMissingEndsIt)
{
    repository_.delegate("targets", "A", {"*"});
    repository_.release({"A", "targets"});
    repository_.files.erase("2.A.json");
    found();
    EXPECT_EQ(refused_, errc::not_found);
}

TEST_F(TufWalk, RolesThatDelegateToEachOtherAreNoEndlessWay)
{
    repository_.delegate("targets", "A", {"*"});
    repository_.delegate("A", "B", {"*"});
    repository_.delegate("B", "A", {"*"});
    repository_.delegate("B", "B", {"*"});
    repository_.add_target("B", "x", "1");
    repository_.release({"A", "B", "targets"});
    EXPECT_THAT(found(), testing::Each("x 1"));
    EXPECT_EQ(refused_, error_code());
}

// Limits: each holds at its edge.

TEST_F(TufWalk, SoManyVisitsAreMadeAtMost)
{
    constexpr std::size_t fans = 31, leaves = 32;
    static_assert(fans + fans * leaves + 1 == target_walk::most_visits);
    std::vector<std::string> touched{"targets"};
    for (std::size_t i = 0; i < fans; ++i) {
        auto const fan = touched.emplace_back("fan" + std::to_string(i));
        repository_.delegate("targets", fan, {"*"});
        for (std::size_t j = 0; j < leaves; ++j) repository_.delegate(fan, "leaf" + std::to_string(j), {"*"});
    }
    repository_.delegate("targets", "leaf0", {"*"});
    repository_.release(touched);
    found();
    EXPECT_EQ(refused_, error_code());
    EXPECT_EQ(requests_.size(), target_walk::most_visits);
    repository_.delegate("targets", "leaf1", {"*"});
    repository_.release({"targets"});
    found();
    EXPECT_EQ(refused_, refusal::too_many_roles);
    EXPECT_EQ(requests_.size(), target_walk::most_visits);
}

TEST_F(TufWalk, SoManyTargetsAreFoundAtMost)
{
    constexpr std::size_t ways = 40, of_each = 1'000;  // a role is heard once for each that delegates to it
    static_assert(ways * of_each == target_walk::most_targets);
    std::vector<std::string> touched{"targets", "many"};
    for (std::size_t i = 0; i < ways; ++i) {
        auto const way = touched.emplace_back("way" + std::to_string(i));
        repository_.delegate("targets", way, {"*"});
        repository_.delegate(way, "many", {"*"});
    }
    for (std::size_t i = 0; i < of_each; ++i) repository_.add_target("many", std::to_string(i), "1");
    repository_.release(touched);
    EXPECT_EQ(found().size(), target_walk::most_targets);
    EXPECT_EQ(refused_, error_code());
    repository_.add_target("targets", "top", "1");
    repository_.release({"targets"});
    EXPECT_EQ(found().size(), target_walk::most_targets);
    EXPECT_EQ(refused_, refusal::too_large);
}

TEST_F(TufWalk, AFileHasALimitWhetherItsLengthIsStatedOrNot)
{
    repository_.delegate("targets", "A", {"*"});
    for (bool const stated : {false, true}) {
        repository_.hashes = stated;
        repository_.release({"A", "targets"});
        auto const file = stated ? "3.A.json" : "2.A.json";
        limits with;
        with.targets = repository_.files.at(file).size();
        found(with);
        EXPECT_EQ(refused_, error_code());
        with.targets -= 1;
        found(with);
        EXPECT_EQ(refused_, refusal::too_large);
        EXPECT_EQ(requests_.empty(), stated) << "what is stated to be too large is not fetched";
    }
}

}  // namespace
}  // namespace tp::tuf
