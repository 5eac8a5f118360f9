// The workflow of the specification, section 5: each row of it, and what must still be true when a step fails.
#include "firmware-signing/tuf/refresh.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware-signing/tuf/refusal.hpp"
#include "tests/unit/tuf/repository.hpp"

namespace tp::tuf {
namespace {

using test::client_world;
using test::repository;
using test::test_key;
using testing::ElementsAre;
using testing::IsEmpty;

class TufRefresh : public testing::Test {
protected:
    std::vector<std::string> kept_names() const
    {
        std::vector<std::string> out;
        for (auto const& [name, octets] : client_.kept) out.push_back(name);
        return out;
    }

    /// After a failure the repository does right again, and the next update works.
    void expect_recovery() { EXPECT_EQ(client_.refresh_now(), error_code()); }

    repository repository_;
    client_world client_{repository_};
};

TEST_F(TufRefresh, FetchesTheFourRolesInOrderAndKeepsWhatItReceived)
{
    EXPECT_EQ(client_.refresh_now(), error_code());
    EXPECT_THAT(client_.requests, ElementsAre("2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json"));
    EXPECT_THAT(client_.changes, ElementsAre("save timestamp.json", "save snapshot.json", "save targets.json"));
    EXPECT_EQ(client_.kept["timestamp.json"], repository_.files["timestamp.json"]);
    EXPECT_EQ(client_.kept["snapshot.json"], repository_.files["1.snapshot.json"]);
    EXPECT_EQ(client_.kept["targets.json"], repository_.files["1.targets.json"]);
}

TEST_F(TufRefresh, FetchesNothingThatItHas)
{
    client_.refresh_now();
    client_.requests.clear();
    EXPECT_EQ(client_.refresh_now(), error_code());
    EXPECT_THAT(client_.requests, ElementsAre("2.root.json", "timestamp.json"));
    repository_.publish_next("timestamp");
    client_.requests.clear();
    EXPECT_EQ(client_.refresh_now(), error_code());
    EXPECT_THAT(client_.requests, ElementsAre("2.root.json", "timestamp.json"));
    repository_.publish_next("snapshot");
    repository_.publish_next("timestamp");
    client_.requests.clear();
    EXPECT_EQ(client_.refresh_now(), error_code());
    EXPECT_THAT(client_.requests, ElementsAre("2.root.json", "timestamp.json", "2.snapshot.json"));
}

TEST_F(TufRefresh, NamesCarryNoVersionsWithoutConsistentSnapshots)
{
    repository const plain(false);
    client_world client(plain);
    EXPECT_EQ(client.refresh_now(), error_code());
    EXPECT_THAT(client.requests, ElementsAre("2.root.json", "timestamp.json", "snapshot.json", "targets.json"));
}

// 5.2: the root in hand.

TEST_F(TufRefresh, AsksNobodyWithoutARootThatIsSignedAsItSays)
{
    client_.kept["root.json"] = repository_.sealed(repository_.says("root"), {test_key::ed25519()});
    EXPECT_EQ(client_.refresh_now(), refusal::too_few_signatures);
    client_.kept["root.json"] = "{}";
    EXPECT_EQ(client_.refresh_now(), refusal::malformed);
    client_.kept["root.json"] = repository_.files["timestamp.json"];
    EXPECT_EQ(client_.refresh_now(), refusal::wrong_type);
    client_.kept.clear();
    EXPECT_EQ(client_.refresh_now(), refusal::no_trusted_root);
    EXPECT_THAT(client_.requests, IsEmpty());
}

TEST_F(TufRefresh, TheRootInHandMayHaveExpiredIfThereIsANewerOne)
{
    repository_.says("root")["expires"] = test::expired;
    repository_.publish("root");
    client_world client(repository_);
    EXPECT_EQ(client.refresh_now(), refusal::expired);
    EXPECT_THAT(client.requests, ElementsAre("2.root.json"));
    repository_.says("root")["expires"] = test::later;
    repository_.publish_next("root");
    EXPECT_EQ(client.refresh_now(), error_code());
}

// 5.3: the chain of roots.

TEST_F(TufRefresh, FollowsTheRootsOneByOneAndKeepsEachAtOnce)
{
    for (int i = 0; i < 3; ++i) {
        auto const old = repository_.signers("root")[0];
        auto const fresh = test_key::ed25519();
        repository_.set_keys("root", {fresh});
        repository_.signers("root") = {old, fresh};
        repository_.publish_next("root");
        repository_.signers("root") = {fresh};
    }
    EXPECT_EQ(client_.refresh_now(), error_code());
    EXPECT_THAT(client_.requests, ElementsAre("2.root.json", "3.root.json", "4.root.json", "5.root.json",
                                              "timestamp.json", "1.snapshot.json", "1.targets.json"));
    EXPECT_THAT(client_.changes, ElementsAre("save root.json", "save root.json", "save root.json",
                                             "save timestamp.json", "save snapshot.json", "save targets.json"));
    EXPECT_EQ(client_.kept["root.json"], repository_.files["4.root.json"]);
}

TEST_F(TufRefresh, ANewRootIsSignedByTheOldOnesKeys)
{
    auto const fresh = test_key::ed25519();
    repository_.set_keys("root", {fresh});
    repository_.publish_next("root");
    EXPECT_EQ(client_.refresh_now(), refusal::not_signed_by_predecessor);
    EXPECT_EQ(client_.failed_file, "2.root.json");
    EXPECT_EQ(client_.kept_version("root.json"), 1);
}

TEST_F(TufRefresh, ANewRootIsSignedByItsOwnKeys)
{
    auto const old = repository_.signers("root")[0];
    repository_.set_keys("root", {test_key::ed25519()});
    repository_.signers("root") = {old};
    repository_.publish_next("root");
    EXPECT_EQ(client_.refresh_now(), refusal::too_few_signatures);
    EXPECT_EQ(client_.kept_version("root.json"), 1);
}

TEST_F(TufRefresh, BothThresholdsCount)
{
    auto const a = repository_.signers("root")[0], b = test_key::ed25519(), c = test_key::ed25519();
    repository_.set_keys("root", {a, b, c}, 2);
    repository_.signers("root") = {a};
    repository_.publish_next("root");
    EXPECT_EQ(client_.refresh_now(), refusal::too_few_signatures) << "the new threshold is two";
    repository_.signers("root") = {a, b};
    repository_.publish("root");
    EXPECT_EQ(client_.refresh_now(), error_code());
    repository_.set_keys("root", {b, c}, 1);
    repository_.signers("root") = {c};
    repository_.publish_next("root");
    EXPECT_EQ(client_.refresh_now(), refusal::not_signed_by_predecessor) << "the old threshold is two";
    repository_.signers("root") = {b, c};
    repository_.publish("root");
    EXPECT_EQ(client_.refresh_now(), error_code());
}

TEST_F(TufRefresh, ANewRootHasTheNextVersion)
{
    for (int const version : {1, 3}) {
        repository_.says("root")["version"] = version;
        repository_.files["2.root.json"] = repository_.sealed("root", repository_.says("root"));
        EXPECT_EQ(client_.refresh_now(), refusal::wrong_version) << version;
    }
    EXPECT_EQ(client_.kept_version("root.json"), 1);
    repository_.files.erase("2.root.json");
    expect_recovery();
}

TEST_F(TufRefresh, ARootBetweenMayHaveExpiredTheLastOneMayNot)
{
    repository_.says("root")["expires"] = test::expired;
    repository_.publish_next("root");
    EXPECT_EQ(client_.refresh_now(), refusal::expired);
    EXPECT_EQ(client_.kept_version("root.json"), 2) << "it was trusted all the same";
    EXPECT_THAT(client_.requests, ElementsAre("2.root.json", "3.root.json")) << "and nothing beyond";
    repository_.says("root")["expires"] = test::later;
    repository_.publish_next("root");
    EXPECT_EQ(client_.refresh_now(), error_code());
}

TEST_F(TufRefresh, OnlyTheAnswerThatThereIsNoneEndsTheChain)
{
    repository_.publish_next("root");
    client_.outages["2.root.json"] = errc::timed_out;
    EXPECT_EQ(client_.refresh_now(), errc::timed_out);
    EXPECT_THAT(client_.requests, ElementsAre("2.root.json"));
    client_.outages.clear();
    expect_recovery();
    EXPECT_EQ(client_.kept_version("root.json"), 2);
}

TEST_F(TufRefresh, SoManyRotationsAtOnceAndTheNextUpdateGoesOn)
{
    for (int i = 0; i < 5; ++i) repository_.publish_next("root");
    limits with;
    with.rotations = 3;
    EXPECT_EQ(client_.refresh_now(test::now, with), error_code());
    EXPECT_EQ(client_.kept_version("root.json"), 4);
    EXPECT_EQ(client_.requests[3], "timestamp.json") << "the fourth is not asked for";
    EXPECT_EQ(client_.refresh_now(test::now, with), error_code());
    EXPECT_EQ(client_.kept_version("root.json"), 6);
}

TEST_F(TufRefresh, AProbeThatSleptThroughFiftyRotationsWakes)
{
    for (int i = 0; i < 50; ++i) {
        auto const old = repository_.signers("root")[0], fresh = test_key::ed25519();
        repository_.set_keys("root", {fresh});
        for (std::string const role : {"timestamp", "snapshot", "targets"})
            repository_.set_keys(role, {test_key::ed25519()});
        repository_.signers("root") = {old, fresh};
        repository_.publish_next("root");
        repository_.signers("root") = {fresh};
    }
    repository_.release({"targets"});
    EXPECT_EQ(client_.refresh_now(), error_code());
    EXPECT_EQ(client_.kept_version("root.json"), 51);
}

TEST_F(TufRefresh, TwoOfFiveRootKeysLostAreReplacedByTheOtherThree)
{
    std::vector<test_key> five, fresh;
    for (int i = 0; i < 5; ++i) five.push_back(test_key::ed25519());
    auto const first = repository_.signers("root")[0];
    repository_.set_keys("root", five, 3);
    repository_.signers("root") = {first, five[0], five[1], five[2]};
    repository_.publish_next("root");
    EXPECT_EQ(client_.refresh_now(), error_code());
    fresh = {five[0], five[1], five[2], test_key::ed25519(), test_key::ed25519()};
    repository_.set_keys("root", fresh, 3);
    repository_.signers("root") = {five[0], five[1], five[2]};
    repository_.publish_next("root");
    EXPECT_EQ(client_.refresh_now(), error_code());
    EXPECT_EQ(client_.kept_version("root.json"), 3);
}

// 5.3.11: recovery from versions far ahead.

TEST_F(TufRefresh, ATimestampFarAheadIsForgottenWithItsKey)
{
    repository_.says("timestamp")["version"] = 99;
    repository_.publish_next("timestamp");
    EXPECT_EQ(client_.refresh_now(), error_code());
    repository_.says("timestamp")["version"] = 1;
    repository_.publish("timestamp");
    EXPECT_EQ(client_.refresh_now(), refusal::older_than_known);
    repository_.set_keys("timestamp", {test_key::ed25519()});
    repository_.publish_next("root");
    repository_.publish("timestamp");
    client_.changes.clear();
    EXPECT_EQ(client_.refresh_now(), error_code());
    EXPECT_EQ(client_.kept_version("timestamp.json"), 1);
    EXPECT_THAT(client_.changes, ElementsAre("save root.json", "forget snapshot.json", "forget timestamp.json",
                                             "save timestamp.json", "save snapshot.json"));
}

TEST_F(TufRefresh, ASnapshotFarAheadIsForgottenWithItsKey)
{
    repository_.says("snapshot")["version"] = 99;
    repository_.release({});
    EXPECT_EQ(client_.refresh_now(), error_code());
    repository_.says("snapshot")["version"] = 1;
    repository_.set_keys("snapshot", {test_key::ed25519()});
    repository_.publish("snapshot");
    repository_.publish_next("timestamp");
    EXPECT_EQ(client_.refresh_now(), refusal::older_snapshot);
    repository_.publish_next("root");
    client_.changes.clear();
    EXPECT_EQ(client_.refresh_now(), error_code());
    EXPECT_EQ(client_.kept_version("snapshot.json"), 1);
    EXPECT_THAT(client_.changes, ElementsAre("save root.json", "forget timestamp.json", "forget snapshot.json",
                                             "save timestamp.json", "save snapshot.json"));
}

TEST_F(TufRefresh, RolesFarAheadAreForgottenWithTheSnapshotsKey)
{
    repository_.delegate("targets", "gone", {"*"});
    repository_.says("targets")["version"] = 99;
    repository_.release({"targets"});
    EXPECT_EQ(client_.refresh_now(), error_code());
    EXPECT_EQ(client_.kept_version("targets.json"), 100);
    repository_.set_keys("snapshot", {test_key::ed25519()});
    repository_.publish_next("root");
    repository_.says("targets")["version"] = 1;
    repository_.says("snapshot")["meta"].erase("gone.json");
    repository_.release({"targets"});
    EXPECT_EQ(client_.refresh_now(), error_code());
    EXPECT_EQ(client_.kept_version("targets.json"), 2);
}

TEST_F(TufRefresh, RecoveryThatIsCutOffAnywhereIsDoneByTheNextUpdate)
{
    for (std::string const rotated : {"timestamp", "snapshot"}) {
        for (std::size_t cut = 1; cut <= 6; ++cut) {
            SCOPED_TRACE(rotated + " " + std::to_string(cut));
            repository repository;
            client_world client(repository);
            for (std::string const role : {"targets", "snapshot", "timestamp"}) repository.says(role)["version"] = 99;
            repository.release({"targets"});
            EXPECT_EQ(client.refresh_now(), error_code());
            repository.set_keys(rotated, {test_key::ed25519()});
            if (rotated == "timestamp") repository.says("timestamp")["version"] = 1;
            repository.says("snapshot")["version"] = 1;
            repository.says("targets")["version"] = 1;
            repository.release({"targets"});
            repository.publish_next("root");
            client.stop_after = client.changes.size() + cut;
            client.refresh_now();
            client.stopped = false;
            client.stop_after.reset();
            EXPECT_EQ(client.refresh_now(), error_code());
            EXPECT_EQ(client.kept_version("snapshot.json"), 2);
            EXPECT_EQ(client.kept_version("targets.json"), 2);
        }
    }
}

TEST_F(TufRefresh, NothingIsForgottenWhileTheKeysStay)
{
    repository_.says("timestamp")["version"] = 9;
    repository_.publish_next("timestamp");
    client_.refresh_now();
    repository_.set_keys("targets", {test_key::ed25519()});
    repository_.publish_next("root");
    repository_.release({"targets"});
    repository_.says("timestamp")["version"] = 2;
    repository_.publish("timestamp");
    client_.changes.clear();
    EXPECT_EQ(client_.refresh_now(), refusal::older_than_known);
    EXPECT_THAT(client_.changes, ElementsAre("save root.json"));
}

// 5.4: the timestamp.

TEST_F(TufRefresh, ATimestampIsSignedByItsRole)
{
    repository_.signers("timestamp") = repository_.signers("snapshot");
    repository_.publish_next("timestamp");
    EXPECT_EQ(client_.refresh_now(), refusal::too_few_signatures);
    EXPECT_THAT(kept_names(), ElementsAre("root.json"));
}

TEST_F(TufRefresh, ATimestampIsATimestamp)
{
    auto content = repository_.says("timestamp");
    content["_type"] = "snapshot";
    repository_.files["timestamp.json"] = repository_.sealed("timestamp", content);
    EXPECT_EQ(client_.refresh_now(), refusal::wrong_type);
}

TEST_F(TufRefresh, ATimestampIsNotOlderThanTheKnownOne)
{
    repository_.publish_next("timestamp");
    client_.refresh_now();
    repository_.says("timestamp")["version"] = 1;
    repository_.publish("timestamp");
    EXPECT_EQ(client_.refresh_now(), refusal::older_than_known);
    EXPECT_EQ(client_.kept_version("timestamp.json"), 2);
}

TEST_F(TufRefresh, ATimestampOfTheKnownVersionChangesNothing)
{
    client_.refresh_now();
    auto const before = client_.kept;
    repository_.says("timestamp")["meta"]["snapshot.json"]["version"] = 100;
    repository_.publish("timestamp");
    client_.changes.clear();
    EXPECT_EQ(client_.refresh_now(), error_code());
    EXPECT_THAT(client_.changes, IsEmpty());
    EXPECT_EQ(client_.kept, before);
}

TEST_F(TufRefresh, ATimestampNamesNoOlderSnapshotThanTheKnownOne)
{
    repository_.release({});
    client_.refresh_now();
    repository_.says("timestamp")["meta"]["snapshot.json"]["version"] = 1;
    repository_.publish_next("timestamp");
    EXPECT_EQ(client_.refresh_now(), refusal::older_snapshot);
    EXPECT_EQ(client_.kept_version("timestamp.json"), 2);
    EXPECT_EQ(client_.requests.back(), "timestamp.json");
}

TEST_F(TufRefresh, AnExpiredTimestampIsNotKept)
{
    client_.refresh_now();
    repository_.says("timestamp")["expires"] = test::expired;
    repository_.publish_next("timestamp");
    EXPECT_EQ(client_.refresh_now(), refusal::expired);
    EXPECT_EQ(client_.kept_version("timestamp.json"), 1);
    repository_.says("timestamp")["expires"] = test::later;
    repository_.publish_next("timestamp");
    EXPECT_EQ(client_.refresh_now(), error_code());
}

TEST_F(TufRefresh, ATimestampThatIsHeldBackExpires)
{
    client_.refresh_now();
    repository_.says("timestamp")["expires"] = "2026-06-16T00:00:00Z";
    repository_.publish_next("timestamp");
    EXPECT_EQ(client_.refresh_now(), error_code());
    EXPECT_EQ(client_.refresh_now(test::now + std::chrono::hours(24)), refusal::expired) << "the same one again";
    repository_.says("timestamp")["expires"] = test::far;
    repository_.publish_next("timestamp");
    EXPECT_EQ(client_.refresh_now(test::now + std::chrono::hours(24)), error_code())
        << "an expired one is still compared with";
}

TEST_F(TufRefresh, AnExpiredTimestampStillGuardsAgainstOlderOnes)
{
    repository_.says("timestamp")["expires"] = "2026-06-16T00:00:00Z";
    repository_.publish_next("timestamp");
    client_.refresh_now();
    repository_.says("timestamp")["expires"] = test::far;
    repository_.says("timestamp")["version"] = 1;
    repository_.publish("timestamp");
    EXPECT_EQ(client_.refresh_now(test::now + std::chrono::hours(48)), refusal::older_than_known);
}

TEST_F(TufRefresh, ATimestampMustBeThere)
{
    repository_.files.erase("timestamp.json");
    EXPECT_EQ(client_.refresh_now(), errc::not_found);
    EXPECT_EQ(client_.failed_file, "timestamp.json");
}

// 5.5: the snapshot.

class TufSnapshot : public TufRefresh, public testing::WithParamInterface<bool> {
protected:
    TufSnapshot() { repository_.hashes = GetParam(); }
};

INSTANTIATE_TEST_SUITE_P(WithoutAndWithHashes, TufSnapshot, testing::Bool());

TEST_P(TufSnapshot, IsSignedByItsRole)
{
    repository_.signers("snapshot") = repository_.signers("timestamp");
    repository_.release({});
    EXPECT_EQ(client_.refresh_now(), refusal::too_few_signatures);
    EXPECT_THAT(kept_names(), ElementsAre("root.json", "timestamp.json"));
}

TEST_P(TufSnapshot, HasTheVersionThatTheTimestampNames)
{
    repository_.release({});
    auto content = repository_.says("snapshot");
    content["version"] = 3;
    repository_.files["2.snapshot.json"] = repository_.sealed("snapshot", content);
    EXPECT_EQ(client_.refresh_now(), GetParam() ? refusal::wrong_hash : refusal::wrong_version);
    content["version"] = 1;
    repository_.files["2.snapshot.json"] = repository_.sealed("snapshot", content);
    EXPECT_EQ(client_.refresh_now(), GetParam() ? refusal::wrong_hash : refusal::wrong_version);
    EXPECT_THAT(kept_names(), ElementsAre("root.json", "timestamp.json"));
}

TEST_P(TufSnapshot, ListsNoRoleWithALowerVersion)
{
    repository_.delegate("targets", "one", {"*"});
    repository_.publish_next("one");
    repository_.release({"targets"});
    EXPECT_EQ(client_.refresh_now(), error_code());
    repository_.says("snapshot")["meta"]["one.json"]["version"] = 1;
    repository_.release({});
    EXPECT_EQ(client_.refresh_now(), refusal::older_role);
    repository_.says("snapshot")["meta"]["one.json"]["version"] = 2;
    repository_.says("snapshot")["meta"]["targets.json"]["version"] = 1;
    repository_.release({});
    EXPECT_EQ(client_.refresh_now(), refusal::older_role);
    EXPECT_EQ(client_.kept_version("snapshot.json"), 2);
}

TEST_P(TufSnapshot, ListsEveryRoleThatItListed)
{
    repository_.delegate("targets", "one", {"*"});
    repository_.release({"targets"});
    EXPECT_EQ(client_.refresh_now(), error_code());
    repository_.says("snapshot")["meta"].erase("one.json");
    repository_.release({});
    EXPECT_EQ(client_.refresh_now(), refusal::vanished_role);
    EXPECT_EQ(client_.kept_version("snapshot.json"), 2);
}

TEST_P(TufSnapshot, IsNotKeptWhenItHasExpired)
{
    client_.refresh_now();
    repository_.says("snapshot")["expires"] = test::expired;
    repository_.release({});
    EXPECT_EQ(client_.refresh_now(), refusal::expired);
    EXPECT_EQ(client_.kept_version("snapshot.json"), 1);
    EXPECT_EQ(client_.kept_version("timestamp.json"), 2);
    repository_.says("snapshot")["expires"] = test::later;
    repository_.release({});
    EXPECT_EQ(client_.refresh_now(), error_code());
}

TEST_P(TufSnapshot, StoredGuardsAgainstOlderRolesAfterItsTime)
{
    repository_.says("snapshot")["expires"] = "2026-06-16T00:00:00Z";
    repository_.release({"targets"});
    EXPECT_EQ(client_.refresh_now(), error_code());
    repository_.says("snapshot")["expires"] = test::far;
    repository_.says("targets")["version"] = 1;
    repository_.publish("targets");
    repository_.release({});
    EXPECT_EQ(client_.refresh_now(test::now + std::chrono::hours(48)), refusal::older_role);
}

TEST_P(TufSnapshot, StoredExpiresToo)
{
    repository_.says("snapshot")["expires"] = "2026-06-16T00:00:00Z";
    repository_.release({});
    EXPECT_EQ(client_.refresh_now(), error_code());
    EXPECT_EQ(client_.refresh_now(test::now + std::chrono::hours(24)), refusal::expired);
}

TEST_P(TufSnapshot, IsASnapshot)
{
    auto content = repository_.says("snapshot");
    content["_type"] = "targets";
    repository_.says("snapshot") = content;
    repository_.release({});
    EXPECT_EQ(client_.refresh_now(), refusal::wrong_type);
}

TEST_P(TufSnapshot, ThatIsMissingFailsAndTheTimestampStays)
{
    client_.refresh_now();
    repository_.release({});
    auto const octets = repository_.files["2.snapshot.json"];
    repository_.files.erase("2.snapshot.json");
    EXPECT_EQ(client_.refresh_now(), errc::not_found);
    EXPECT_EQ(client_.requests.back(), "2.snapshot.json");
    EXPECT_EQ(client_.kept_version("timestamp.json"), 2);
    repository_.files["2.snapshot.json"] = octets;
    expect_recovery();
    EXPECT_EQ(client_.kept_version("snapshot.json"), 2) << "although the timestamp was known already";
}

TEST_F(TufRefresh, ASnapshotIsNotOlderThanTheStoredOneEvenWithoutATimestamp)
{
    repository_.release({});
    client_.refresh_now();
    client_.kept.erase("timestamp.json");
    repository_.says("snapshot")["version"] = 1;
    repository_.publish("snapshot");
    repository_.publish("timestamp");
    EXPECT_EQ(client_.refresh_now(), refusal::older_than_known);
}

TEST_F(TufRefresh, ASnapshotIsTheOneThatTheTimestampHashes)
{
    repository_.hashes = true;
    repository_.release({});
    auto& hash = repository_.says("timestamp")["meta"]["snapshot.json"]["hashes"];
    auto const right = hash["sha256"];
    hash["sha256"] = test::sha256("mixed and matched");
    repository_.publish_next("timestamp");
    EXPECT_EQ(client_.refresh_now(), refusal::wrong_hash);
    hash["sha256"] = right;
    hash["sha512"] = test::sha512("every hash counts");
    repository_.publish_next("timestamp");
    EXPECT_EQ(client_.refresh_now(), refusal::wrong_hash);
    hash.erase("sha512");
    hash["blake2b-256"] = "00";
    repository_.publish_next("timestamp");
    EXPECT_EQ(client_.refresh_now(), refusal::unknown_hash);
    hash.erase("blake2b-256");
    repository_.publish_next("timestamp");
    EXPECT_EQ(client_.refresh_now(), error_code());
}

TEST_F(TufRefresh, ASnapshotIsAsLongAsTheTimestampSays)
{
    auto const size = static_cast<std::int64_t>(repository_.files["1.snapshot.json"].size());
    for (auto const off : {-1, 1}) {
        repository_.says("timestamp")["meta"]["snapshot.json"]["length"] = size + off;
        repository_.publish_next("timestamp");
        EXPECT_EQ(client_.refresh_now(), off < 0 ? refusal::too_large : refusal::wrong_length);
    }
    repository_.says("timestamp")["meta"]["snapshot.json"]["length"] = size;
    repository_.publish_next("timestamp");
    EXPECT_EQ(client_.refresh_now(), error_code());
}

// 5.6: the targets.

class TufTargets : public TufSnapshot {};

INSTANTIATE_TEST_SUITE_P(WithoutAndWithHashes, TufTargets, testing::Bool());

TEST_P(TufTargets, AreSignedByTheirRole)
{
    repository_.signers("targets") = repository_.signers("snapshot");
    repository_.release({"targets"});
    EXPECT_EQ(client_.refresh_now(), refusal::too_few_signatures);
    EXPECT_THAT(kept_names(), ElementsAre("root.json", "snapshot.json", "timestamp.json"));
}

TEST_P(TufTargets, HaveTheVersionThatTheSnapshotLists)
{
    for (int const version : {1, 3}) {
        repository_.says("targets")["version"] = 2;
        repository_.publish("targets");
        auto content = repository_.says("targets");
        content["version"] = version;
        repository_.files["2.targets.json"] = repository_.sealed("targets", content);
        repository_.release({});
        EXPECT_EQ(client_.refresh_now(), GetParam() ? refusal::wrong_hash : refusal::wrong_version);
    }
    EXPECT_THAT(kept_names(), ElementsAre("root.json", "snapshot.json", "timestamp.json"));
}

TEST_P(TufTargets, AreNotKeptWhenTheyHaveExpired)
{
    client_.refresh_now();
    repository_.says("targets")["expires"] = test::expired;
    repository_.release({"targets"});
    EXPECT_EQ(client_.refresh_now(), refusal::expired);
    EXPECT_EQ(client_.kept_version("targets.json"), 1);
    EXPECT_EQ(client_.kept_version("snapshot.json"), 2);
    repository_.says("targets")["expires"] = test::later;
    repository_.release({"targets"});
    EXPECT_EQ(client_.refresh_now(), error_code());
}

TEST_P(TufTargets, StoredExpireToo)
{
    repository_.says("targets")["expires"] = "2026-06-16T00:00:00Z";
    repository_.release({"targets"});
    EXPECT_EQ(client_.refresh_now(), error_code());
    EXPECT_EQ(client_.refresh_now(test::now + std::chrono::hours(24)), refusal::expired);
}

TEST_P(TufTargets, AreTargets)
{
    repository_.says("targets")["_type"] = "snapshot";
    repository_.release({"targets"});
    EXPECT_EQ(client_.refresh_now(), refusal::wrong_type);
}

TEST_P(TufTargets, StoredServeOnlyWhileTheirKeysAreTrusted)
{
    client_.refresh_now();
    repository_.set_keys("targets", {test_key::ed25519()});
    repository_.publish_next("root");
    EXPECT_EQ(client_.refresh_now(), refusal::too_few_signatures) << "neither the stored nor the published ones";
    repository_.release({"targets"});
    EXPECT_EQ(client_.refresh_now(), error_code());
}

TEST_P(TufTargets, ThatAreMissingFailAndTheSnapshotStays)
{
    client_.refresh_now();
    repository_.release({"targets"});
    auto const octets = repository_.files["2.targets.json"];
    repository_.files.erase("2.targets.json");
    EXPECT_EQ(client_.refresh_now(), errc::not_found);
    EXPECT_EQ(client_.requests.back(), "2.targets.json");
    EXPECT_EQ(client_.kept_version("snapshot.json"), 2);
    EXPECT_EQ(client_.kept_version("targets.json"), 1);
    repository_.files["2.targets.json"] = octets;
    expect_recovery();
}

TEST_F(TufRefresh, TargetsAreTheOnesThatTheSnapshotHashes)
{
    repository_.hashes = true;
    repository_.release({"targets"});
    repository_.says("snapshot")["meta"]["targets.json"]["hashes"]["sha256"] = test::sha256("mixed and matched");
    repository_.release({});
    EXPECT_EQ(client_.refresh_now(), refusal::wrong_hash);
    EXPECT_EQ(client_.kept_version("snapshot.json"), 3);
    EXPECT_EQ(client_.kept_version("targets.json"), 0);
}

// Sizes: each limit holds at its edge.

TEST_F(TufRefresh, EveryFileHasALimit)
{
    struct row {
        std::string file;
        std::uint64_t limits::*limit;
    };
    repository_.says("root")["padding"] = "so that it is larger than the first one, which is read with the same limit";
    repository_.publish_next("root");
    for (auto const& [file, limit] :
         {row{"2.root.json", &limits::root}, row{"timestamp.json", &limits::timestamp},
          row{"1.snapshot.json", &limits::snapshot}, row{"1.targets.json", &limits::targets}}) {
        SCOPED_TRACE(file);
        limits with;
        with.*limit = repository_.files[file].size();
        client_world exact(repository_);
        EXPECT_EQ(exact.refresh_now(test::now, with), error_code());
        with.*limit -= 1;
        client_world tight(repository_);
        EXPECT_EQ(tight.refresh_now(test::now, with), refusal::too_large);
        EXPECT_EQ(tight.failed_file, file);
    }
}

TEST_F(TufRefresh, TheLimitsAreThoseOfTheReferenceClients)
{
    limits const with;
    EXPECT_EQ(with.root, 512'000U);
    EXPECT_EQ(with.timestamp, 16'384U);
    EXPECT_EQ(with.snapshot, 2'000'000U);
    EXPECT_EQ(with.targets, 5'000'000U);
    EXPECT_EQ(with.rotations, 256U);
    EXPECT_EQ(with.roles, 32U);
}

TEST_F(TufRefresh, MetadataThatStatesMoreThanALimitIsNotFetched)
{
    limits with;
    with.targets = 1'000;
    with.snapshot = 2'000;
    repository_.says("snapshot")["meta"]["targets.json"]["length"] = 1'001;
    repository_.release({});
    EXPECT_EQ(client_.refresh_now(test::now, with), refusal::too_large);
    EXPECT_EQ(client_.requests.back(), "2.snapshot.json");
    repository_.says("timestamp")["meta"]["snapshot.json"]["length"] = 2'001;
    repository_.publish_next("timestamp");
    client_world other(repository_);
    EXPECT_EQ(other.refresh_now(test::now, with), refusal::too_large);
    EXPECT_EQ(other.requests.back(), "timestamp.json");
}

TEST_F(TufRefresh, DeepNestingInALargeFileIsRefused)
{
    repository_.files["1.targets.json"] = std::string(limits().targets, '[');
    EXPECT_EQ(client_.refresh_now(), refusal::too_deep);
}

// Failures of what is around: nothing is lost, and a plain retry does it.

TEST_F(TufRefresh, AChangeThatFailsAnywhereLeavesAStateFromWhichTheNextUpdateWorks)
{
    std::size_t failures = 0;
    for (std::size_t which = 1;; ++which) {
        repository repository;
        client_world client(repository);
        EXPECT_EQ(client.refresh_now(), error_code());
        for (int i = 0; i < 2; ++i) repository.publish_next("root");
        repository.set_keys("timestamp", {test_key::ed25519()});
        repository.publish_next("root");
        repository.release({"targets"});
        std::size_t count = 0;
        client.on_change = [&](std::string const&) {
            return ++count == which ? make_error_code(errc::unavailable) : error_code();
        };
        auto const why = client.refresh_now();
        if (count < which) break;
        ++failures;
        EXPECT_EQ(why, errc::unavailable);
        client.on_change = nullptr;
        EXPECT_EQ(client.refresh_now(), error_code()) << which;
        EXPECT_EQ(client.kept_version("root.json"), 4);
        EXPECT_EQ(client.kept_version("targets.json"), 2);
    }
    EXPECT_EQ(failures, 8U);  // three roots, two to forget, timestamp, snapshot, targets
}

TEST_F(TufRefresh, APowerCutAfterAnyChangeLeavesAStateFromWhichTheNextUpdateWorks)
{
    for (std::size_t cut = 1; cut <= 5; ++cut) {
        SCOPED_TRACE(cut);
        repository repository;
        client_world client(repository);
        EXPECT_EQ(client.refresh_now(), error_code());
        for (int i = 0; i < 2; ++i) repository.publish_next("root");
        repository.release({"targets"});
        client.stop_after = client.changes.size() + cut;
        client.refresh_now();
        EXPECT_TRUE(client.stopped);
        client.stopped = false;
        client.stop_after.reset();
        EXPECT_EQ(client.refresh_now(), error_code());
        EXPECT_EQ(client.kept_version("targets.json"), 2);
    }
}

TEST_F(TufRefresh, AFileThatCannotBeReadIsNotTakenForOneThatIsNotThere)
{
    client_.refresh_now();
    for (std::string const file : {"root.json", "timestamp.json", "snapshot.json"}) {
        client_.on_load = [&](std::string const& name) {
            return name == file ? make_error_code(errc::unavailable) : error_code();
        };
        EXPECT_EQ(client_.refresh_now(), errc::unavailable) << file;
        EXPECT_EQ(client_.failed_file, file);
    }
}

TEST_F(TufRefresh, StoredFilesThatAreNoMetadataAreFetchedAgain)
{
    for (std::string const file : {"timestamp.json", "snapshot.json", "targets.json"}) {
        client_.refresh_now();
        client_.kept[file] = "{";
        EXPECT_EQ(client_.refresh_now(), error_code()) << file;
        EXPECT_NE(client_.kept[file], "{");
    }
}

TEST_F(TufRefresh, OnlineKeysAloneCannotChangeWhatIsInstalled)
{
    repository_.add_target("targets", "firmware", "good");
    repository_.release({"targets"});
    client_.refresh_now();
    auto const before = client_.kept["targets.json"];
    // Whoever has the keys of snapshot and timestamp publishes targets of their own, or older ones.
    repository_.signers("targets") = {repository_.signers("snapshot")[0], repository_.signers("timestamp")[0]};
    repository_.add_target("targets", "firmware", "bad");
    repository_.release({"targets"});
    EXPECT_EQ(client_.refresh_now(), refusal::too_few_signatures);
    repository_.says("snapshot")["meta"]["targets.json"]["version"] = 1;
    repository_.release({});
    EXPECT_EQ(client_.refresh_now(), refusal::older_role);
    EXPECT_EQ(client_.kept["targets.json"], before);
}

}  // namespace
}  // namespace tp::tuf
