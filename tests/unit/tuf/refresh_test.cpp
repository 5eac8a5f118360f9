// The workflow of the specification, section 5, as a whole: what is fetched and kept, how large it may be, and what
// must still be true when something around fails. The steps have files of their own: refresh_root, _timestamp,
// _snapshot, _targets.
#include "firmware-signing/tuf/refresh.hpp"

#include <gmock/gmock.h>

#include "firmware-signing/tuf/refusal.hpp"
#include "tests/unit/tuf/refresh_fixture.hpp"

namespace tp::tuf {
namespace {

using test::client_world;
using test::repository;
using test::test_key;
using testing::ElementsAre;

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
