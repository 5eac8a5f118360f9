// Section 5.5 of the specification: the snapshot.
#include <gmock/gmock.h>

#include "firmware-signing/tuf/refusal.hpp"
#include "tests/unit/tuf/refresh_fixture.hpp"

namespace tp::tuf {
namespace {

using testing::ElementsAre;

class TufSnapshot : public TufRefreshHashedOrNot {};

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

}  // namespace
}  // namespace tp::tuf
