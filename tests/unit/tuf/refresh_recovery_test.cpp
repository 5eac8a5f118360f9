// Section 5.3.11 of the specification: recovery from versions far ahead, by new keys.
#include <gmock/gmock.h>

#include "firmware-signing/tuf/refusal.hpp"
#include "tests/unit/tuf/refresh_fixture.hpp"

namespace tp::tuf {
namespace {

using test::client_world;
using test::repository;
using test::test_key;
using testing::ElementsAre;

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

}  // namespace
}  // namespace tp::tuf
