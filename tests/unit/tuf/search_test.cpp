// Section 5.6.7 of the specification: who is asked about a target, in which order, and who has the last word.
#include "firmware-signing/tuf/target_search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware-signing/tuf/names.hpp"
#include "firmware-signing/tuf/refusal.hpp"
#include "tests/unit/tuf/repository.hpp"

namespace tp::tuf {
namespace {

using test::client_world;
using test::js;
using test::repository;
using test::test_key;
using testing::ElementsAre;
using testing::IsEmpty;

class TufSearch : public testing::Test {
protected:
    /// "targets>A", "A>C!" (terminating), with the pattern "*" or one of their own.
    void build(std::vector<std::string> const& graph, std::string const& pattern = "*")
    {
        for (auto const& edge : graph) {
            auto const arrow = edge.find('>');
            auto to = edge.substr(arrow + 1);
            bool const terminating = to.ends_with('!');
            if (terminating) to.pop_back();
            repository_.delegate(edge.substr(0, arrow), to, {pattern}, terminating);
            touched_.insert(edge.substr(0, arrow));
        }
    }

    void release()
    {
        touched_.insert("targets");
        repository_.release({touched_.begin(), touched_.end()});
    }

    /// The roles that are fetched on the way to a target that nobody has.
    std::vector<std::string> visited(std::vector<std::string> const& graph)
    {
        repository_ = repository();
        touched_.clear();
        build(graph);
        release();
        client_world client(repository_);
        EXPECT_EQ(client.search_for("missing"), refusal::no_such_target);
        std::vector<std::string> out;
        for (auto const& each : client.requests) {
            auto const dot = each.find('.');
            out.push_back(each.substr(dot + 1, each.rfind('.') - dot - 1));
        }
        return out;
    }

    repository repository_;
    std::set<std::string> touched_;
};

TEST_F(TufSearch, ATargetOfTheTopLevelNeedsNoOther)
{
    repository_.add_target("targets", "file", "octets");
    build({"targets>A"});
    release();
    client_world client(repository_);
    EXPECT_EQ(client.search_for("file"), error_code());
    EXPECT_EQ(client.target.length, 6U);
    EXPECT_THAT(client.requests, IsEmpty());
    EXPECT_EQ(client.search_for("File"), refusal::no_such_target);
}

TEST_F(TufSearch, RolesAreVisitedInOrderDepthFirst)
{
    EXPECT_THAT(visited({}), IsEmpty());
    EXPECT_THAT(visited({"targets>A"}), ElementsAre("A"));
    EXPECT_THAT(visited({"targets>A", "targets>B"}), ElementsAre("A", "B"));
    EXPECT_THAT(visited({"targets>B", "targets>A"}), ElementsAre("B", "A"));
    EXPECT_THAT(visited({"targets>A", "targets>B", "B>C"}), ElementsAre("A", "B", "C"));
    EXPECT_THAT(visited({"targets>A", "targets>B", "A>C", "A>D"}), ElementsAre("A", "C", "D", "B"));
    EXPECT_THAT(visited({"targets>A", "targets>B", "A>C", "C>D"}), ElementsAre("A", "C", "D", "B"));
}

TEST_F(TufSearch, ATerminatingDelegationHasTheLastWord)
{
    EXPECT_THAT(visited({"targets>A!", "targets>B"}), ElementsAre("A"));
    EXPECT_THAT(visited({"targets>A", "targets>B", "A>C!", "A>D"}), ElementsAre("A", "C"));
    EXPECT_THAT(visited({"targets>A", "targets>B", "A>C!", "C>D"}), ElementsAre("A", "C", "D"));
    EXPECT_THAT(visited({"targets>A", "targets>B!", "targets>C", "A>D"}), ElementsAre("A", "D", "B"));
}

TEST_F(TufSearch, ATerminatingDelegationThatDoesNotCoverTheTargetEndsNothing)
{
    repository_.delegate("targets", "A", {"*.py"}, true);
    build({"targets>B"});
    release();
    client_world client(repository_);
    EXPECT_EQ(client.search_for("missing"), refusal::no_such_target);
    EXPECT_THAT(client.requests, ElementsAre("1.B.json"));
}

TEST_F(TufSearch, ARoleIsVisitedOnce)
{
    EXPECT_THAT(visited({"targets>A", "targets>B", "B>C", "C>D", "D>B"}), ElementsAre("A", "B", "C", "D"));
    EXPECT_THAT(visited({"targets>A", "targets>B", "B>C", "A>C"}), ElementsAre("A", "C", "B"));
    EXPECT_THAT(visited({"targets>A", "A>A"}), ElementsAre("A"));
}

TEST_F(TufSearch, EveryRoleOnTheWayCoversTheTarget)
{
    repository_.delegate("targets", "A", {"*.doc", "*.md"});
    repository_.delegate("targets", "B", {"releases/*/*"});
    repository_.delegate("B", "C", {"releases/x/*"});
    repository_.delegate("B", "D", {"releases/y/*.zip"});
    repository_.delegate("A", "E", {"*"});
    repository_.add_target("A", "README.md", "by A");
    repository_.add_target("C", "releases/x/x_v1", "by C");
    repository_.add_target("D", "releases/y/y_v1.zip", "by D");
    repository_.add_target("D", "releases/z/z_v1.zip", "by D");
    repository_.add_target("E", "code.py", "by E");
    repository_.release({"A", "B", "C", "D", "E", "targets"});
    struct row {
        std::string path;
        error_code expected;
        std::vector<std::string> requests;
    };
    for (auto const& [path, expected, requests] : {
             row{"README.md", {}, {"2.A.json"}},
             row{"releases/x/x_v1", {}, {"2.B.json", "2.C.json"}},
             row{"releases/y/y_v1.zip", {}, {"2.B.json", "2.D.json"}},
             row{"releases/z/z_v1.zip", refusal::no_such_target, {"2.B.json"}},
             row{"code.py", refusal::no_such_target, {}},
         }) {
        SCOPED_TRACE(path);
        client_world client(repository_);
        EXPECT_EQ(client.search_for(path), expected);
        EXPECT_EQ(client.requests, requests);
    }
}

TEST_F(TufSearch, HashesOfPathsDelegateToo)
{
    auto& entry = repository_.delegate("targets", "A", {});
    entry.erase("paths");
    entry["path_hash_prefixes"] = js::array{test::sha256("file").substr(0, 2)};
    repository_.add_target("A", "file", "octets");
    repository_.release({"A", "targets"});
    client_world client(repository_);
    EXPECT_EQ(client.search_for("file"), error_code());
    EXPECT_EQ(client.search_for("another file"), refusal::no_such_target);
    EXPECT_THAT(client.requests, IsEmpty());
}

TEST_F(TufSearch, TheFirstRoleThatHasTheTargetIsBelieved)
{
    build({"targets>A", "targets>B"});
    repository_.add_target("A", "file", "by A");
    repository_.add_target("B", "file", "by B, and longer");
    repository_.release({"A", "B", "targets"});
    client_world client(repository_);
    EXPECT_EQ(client.search_for("file"), error_code());
    EXPECT_EQ(client.target.hashes.sha256, test::sha256("by A"));
    EXPECT_THAT(client.requests, ElementsAre("2.A.json"));
}

TEST_F(TufSearch, SoManyRolesAreVisitedAtMost)
{
    limits with;
    with.roles = 3;
    std::vector<std::string> graph;
    for (int i = 0; i < 3; ++i) graph.push_back("targets>role" + std::to_string(i));
    build(graph);
    repository_.add_target("role2", "last", "octets");
    release();
    repository_.release({"role2"});
    client_world client(repository_);
    EXPECT_EQ(client.search_for("last", test::now, with), error_code());
    EXPECT_EQ(client.search_for("missing", test::now, with), refusal::no_such_target);
    with.roles = 2;
    EXPECT_EQ(client.search_for("last", test::now, with), refusal::too_many_roles);
}

TEST_F(TufSearch, DelegatedMetadataIsSignedByWhomTheDelegationNames)
{
    build({"targets>A"});
    repository_.add_target("A", "file", "octets");
    repository_.signers("A") = repository_.signers("targets");
    repository_.release({"A", "targets"});
    client_world client(repository_);
    EXPECT_EQ(client.search_for("file"), refusal::too_few_signatures);
    EXPECT_EQ(client.failed_file, "2.A.json");
    EXPECT_FALSE(client.kept.contains("A.json"));
}

TEST_F(TufSearch, EachDelegationIsJudgedByItsOwnKeys)
{
    // Two roles delegate to C, with different keys; C is stored as the one that came first wants it.
    build({"targets>A", "targets>B"});
    repository_.delegate("A", "C", {"a"});
    auto const stranger = test_key::ed25519();
    auto& entry = repository_.delegate("B", "C", {"b"});
    repository_.says("B")["delegations"]["keys"][stranger.id()] = stranger.listed();
    entry["keyids"] = js::array{stranger.id()};
    repository_.add_target("C", "a", "octets");
    repository_.add_target("C", "b", "octets");
    repository_.release({"A", "B", "C", "targets"});
    client_world client(repository_);
    EXPECT_EQ(client.search_for("a"), error_code());
    EXPECT_EQ(client.search_for("b"), refusal::too_few_signatures);
}

TEST_F(TufSearch, DelegatedMetadataHasTheListedVersionAndHash)
{
    build({"targets>A"});
    release();
    repository_.says("snapshot")["meta"]["A.json"]["version"] = 2;
    repository_.files["2.A.json"] = repository_.files["1.A.json"];
    repository_.release({});
    client_world client(repository_);
    EXPECT_EQ(client.search_for("file"), refusal::wrong_version);
    repository_.says("snapshot")["meta"]["A.json"]["hashes"]["sha256"] = test::sha256("another");
    repository_.release({});
    EXPECT_EQ(client.search_for("file"), refusal::wrong_hash);
    EXPECT_FALSE(client.kept.contains("A.json"));
}

TEST_F(TufSearch, DelegatedMetadataExpires)
{
    build({"targets>A"});
    repository_.add_target("A", "file", "octets");
    repository_.says("A")["expires"] = "2026-06-16T00:00:00Z";
    repository_.release({"A", "targets"});
    client_world client(repository_);
    EXPECT_EQ(client.search_for("file"), error_code());
    auto const tomorrow = test::now + std::chrono::hours(24);
    EXPECT_EQ(client.search_for("file", tomorrow), refusal::expired) << "the stored one";
    client.kept.erase("A.json");
    EXPECT_EQ(client.search_for("file", tomorrow), refusal::expired) << "the published one";
    EXPECT_FALSE(client.kept.contains("A.json"));
    repository_.says("A")["expires"] = test::far;
    repository_.release({"A"});
    EXPECT_EQ(client.search_for("file", tomorrow), error_code());
}

TEST_F(TufSearch, ARoleThatTheSnapshotDoesNotListEndsTheSearch)
{
    build({"targets>A", "targets>B"});
    repository_.says("snapshot")["meta"].erase("A.json");
    release();
    client_world client(repository_);
    EXPECT_EQ(client.search_for("file"), refusal::unlisted_role);
    EXPECT_THAT(client.requests, IsEmpty());
}

TEST_F(TufSearch, ARoleThatIsMissingEndsTheSearch)
{
    build({"targets>A", "targets>B"});
    repository_.add_target("B", "file", "octets");
    repository_.release({"B", "targets"});
    repository_.files.erase("1.A.json");
    client_world client(repository_);
    EXPECT_EQ(client.search_for("file"), errc::not_found) << "what A would have said comes before what B says";
    EXPECT_THAT(client.requests, ElementsAre("1.A.json"));
}

TEST_F(TufSearch, StoredRolesServeAgain)
{
    build({"targets>A"});
    repository_.add_target("A", "file", "octets");
    repository_.release({"A", "targets"});
    client_world client(repository_);
    EXPECT_EQ(client.search_for("file"), error_code());
    EXPECT_THAT(client.requests, ElementsAre("2.A.json"));
    EXPECT_EQ(client.kept["A.json"], repository_.files["2.A.json"]);
    EXPECT_EQ(client.search_for("file"), error_code());
    EXPECT_THAT(client.requests, IsEmpty());
    repository_.release({"A"});
    EXPECT_EQ(client.search_for("file"), error_code());
    EXPECT_THAT(client.requests, ElementsAre("3.A.json"));
}

TEST_F(TufSearch, UnusualRoleNamesStayInTheFolder)
{
    for (std::string const name : {"?", "#", "/delegatedrole", "../delegatedrole"}) {
        repository repository;
        repository.delegate("targets", name, {"*"});
        auto const file = file_of(name);
        repository.release({name, "targets"});
        repository.files["2." + file] = repository.files["2." + name + ".json"];
        client_world client(repository);
        EXPECT_EQ(client.search_for("missing"), refusal::no_such_target) << name;
        EXPECT_THAT(client.requests, ElementsAre("2." + file));
        EXPECT_TRUE(client.kept.contains(file));
        EXPECT_EQ(client.kept.size(), 5U);
    }
}

TEST_F(TufSearch, AFileThatIsTooLargeEndsTheSearch)
{
    build({"targets>A"});
    release();
    limits with;
    with.targets = repository_.files["1.A.json"].size();
    if (with.targets < repository_.files["2.targets.json"].size()) {
        repository_.says("A")["padding"] = std::string(repository_.files["2.targets.json"].size(), 'x');
        repository_.release({"A"});
        with.targets = repository_.files["2.A.json"].size();
    }
    client_world client(repository_);
    EXPECT_EQ(client.search_for("missing", test::now, with), refusal::no_such_target);
    client.kept.erase("A.json");
    with.targets -= 1;
    EXPECT_EQ(client.search_for("missing", test::now, with), refusal::too_large);
}

}  // namespace
}  // namespace tp::tuf
