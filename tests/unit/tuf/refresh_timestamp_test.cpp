// Section 5.4 of the specification: the timestamp.
#include <gmock/gmock.h>

#include "firmware-signing/tuf/refusal.hpp"
#include "tests/unit/tuf/refresh_fixture.hpp"

namespace tp::tuf {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

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

}  // namespace
}  // namespace tp::tuf
