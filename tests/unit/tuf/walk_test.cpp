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
    std::vector<std::string> found()
    {
        client_world client(repository_);
        EXPECT_EQ(client.refresh_now(), error_code());
        client.requests.clear();
        target_walk machine(client.found);
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

}  // namespace
}  // namespace tp::tuf
