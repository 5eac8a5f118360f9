// Sections 5.2 and 5.3 of the specification: the root in hand, and the chain of roots that leads to the newest one.
#include <gmock/gmock.h>

#include "firmware-signing/tuf/refusal.hpp"
#include "tests/unit/tuf/refresh_fixture.hpp"

namespace tp::tuf {
namespace {

using test::client_world;
using test::test_key;
using testing::ElementsAre;
using testing::IsEmpty;

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

}  // namespace
}  // namespace tp::tuf
