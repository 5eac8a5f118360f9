// Section 5.6 of the specification: the targets.
#include <gmock/gmock.h>

#include "firmware-signing/tuf/refusal.hpp"
#include "tests/unit/tuf/refresh_fixture.hpp"

namespace tp::tuf {
namespace {

using test::test_key;
using testing::ElementsAre;

class TufTargets : public TufRefreshHashedOrNot {};

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

}  // namespace
}  // namespace tp::tuf
