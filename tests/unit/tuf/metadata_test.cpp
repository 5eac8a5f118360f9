#include "firmware-signing/tuf/metadata.hpp"

#include <gtest/gtest.h>

#include "firmware-signing/tuf/refusal.hpp"
#include "tests/unit/tuf/repository.hpp"

namespace tp::tuf {
namespace {

using test::js;
using test::repository;
using test::test_key;

template <class Read>
auto read_with(Read read, js const& content)
{
    auto const document = json::document::read(test::written(content));
    return read(document->root());
}

auto root_of(js const& content)
{
    return read_with(read_root, content);
}
auto timestamp_of(js const& content)
{
    return read_with(read_timestamp, content);
}
auto snapshot_of(js const& content)
{
    return read_with(read_snapshot, content);
}
auto targets_of(js const& content)
{
    return read_with(read_targets, content);
}

class TufMetadata : public testing::Test {
protected:
    repository repository_;
    js root_ = repository_.says("root"), timestamp_ = repository_.says("timestamp"),
       snapshot_ = repository_.says("snapshot"), targets_ = repository_.says("targets");
};

TEST_F(TufMetadata, RolesAreReadAsTheyAreWritten)
{
    root_["version"] = 7;
    auto const root = root_of(root_).value();
    EXPECT_EQ(root.version, 7U);
    EXPECT_EQ(root.expires, read_time(test::far).value());
    EXPECT_TRUE(root.consistent_snapshot);
    EXPECT_EQ(root.targets_keys.keys.begin()->first, repository_.signers("targets")[0].id());
    EXPECT_EQ(root.root_keys.keys.begin()->first, repository_.signers("root")[0].id());
    EXPECT_EQ(root.timestamp_keys.keys.begin()->first, repository_.signers("timestamp")[0].id());
    EXPECT_EQ(root.snapshot_keys.keys.begin()->first, repository_.signers("snapshot")[0].id());

    auto& facts = timestamp_["meta"]["snapshot.json"];
    facts["version"] = 9;
    facts["length"] = 0;
    facts["hashes"]["sha256"] = test::sha256("");
    facts["hashes"]["sha512"] = test::sha512("");
    auto const timestamp = timestamp_of(timestamp_).value();
    EXPECT_EQ(timestamp.snapshot.version, 9U);
    EXPECT_EQ(timestamp.snapshot.length, 0U);
    EXPECT_EQ(timestamp.snapshot.hashes->sha512, test::sha512(""));

    snapshot_["meta"]["a/b.json"]["version"] = 3;
    auto const snapshot = snapshot_of(snapshot_).value();
    EXPECT_EQ(snapshot.files.find("a/b.json")->second.version, 3U);
    EXPECT_FALSE(snapshot.files.find("a/b.json")->second.length || snapshot.files.find("a/b.json")->second.hashes);
}

TEST_F(TufMetadata, TargetsAndDelegationsAreReadAsTheyAreWritten)
{
    repository_.add_target("targets", "dir/a", "octets");
    repository_.says("targets")["targets"]["dir/a"]["custom"]["release"] = 12;
    repository_.delegate("targets", "one", {"x/*", "y"}, true);
    auto& other = repository_.delegate("targets", "other", {});
    other.erase("paths");
    other["path_hash_prefixes"] = js::array{"00", "a1"};
    other.erase("terminating");
    auto const targets = targets_of(repository_.says("targets")).value();
    auto const& file = targets.files.find("dir/a")->second;
    EXPECT_EQ(file.length, 6U);
    EXPECT_EQ(file.hashes.sha256, test::sha256("octets"));
    EXPECT_EQ(file.custom, R"({"release":12})");
    ASSERT_EQ(targets.delegations.size(), 2U);
    EXPECT_EQ(targets.delegations[0].name, "one");
    EXPECT_TRUE(targets.delegations[0].terminating);
    EXPECT_EQ(targets.delegations[0].paths.patterns, (std::vector<std::string>{"x/*", "y"}));
    EXPECT_EQ(targets.delegations[0].keys.keys.size(), 1U);
    EXPECT_FALSE(targets.delegations[1].terminating);
    EXPECT_EQ(targets.delegations[1].paths.hash_prefixes, (std::vector<std::string>{"00", "a1"}));
}

TEST_F(TufMetadata, NoRoleIsTakenForAnother)
{
    root_["_type"] = "timestamp";
    EXPECT_EQ(root_of(root_).error(), refusal::wrong_type);
    timestamp_["_type"] = "snapshot";
    EXPECT_EQ(timestamp_of(timestamp_).error(), refusal::wrong_type);
    snapshot_["_type"] = "timestamp";
    EXPECT_EQ(snapshot_of(snapshot_).error(), refusal::wrong_type);
    targets_["_type"] = "Targets";
    EXPECT_EQ(targets_of(targets_).error(), refusal::wrong_type);
}

TEST_F(TufMetadata, TheSpecificationsFirstNumberMustBeOne)
{
    for (auto const* const good : {"1.0.34", "1.0", "1.2.3", "1.99.0"}) {
        timestamp_["spec_version"] = good;
        EXPECT_TRUE(timestamp_of(timestamp_)) << good;
    }
    for (auto const* const bad :
         {"2.0.0", "0.9", "1", "1.", "1..0", "10.0.0", "", "1.0.0.0", "1.0.0-x", "1.a", "1.0.", " 1.0"}) {
        timestamp_["spec_version"] = bad;
        EXPECT_EQ(timestamp_of(timestamp_).error(), refusal::wrong_spec) << bad;
    }
}

TEST_F(TufMetadata, WhatARoleMustSayIsThereAndOfItsType)
{
    auto const each_missing = [](js const& content, auto const& of, std::vector<std::string> const& path) {
        for (js const& instead : {js(), js("text"), js(-1), js(true), js(js::array{1})}) {
            js bent = content;
            js* at = &bent;
            for (auto const& name : path) at = &(*at)[name];
            if (std::holds_alternative<std::nullptr_t>(instead.held)) {
                at = &bent;
                for (std::size_t i = 0; i + 1 < path.size(); ++i) at = &(*at)[path[i]];
                at->erase(path.back());
            } else {
                *at = instead;
            }
            EXPECT_FALSE(of(bent)) << path.back() << " " << test::written(instead);
        }
    };
    for (std::string const name : {"version", "expires", "spec_version", "_type"}) {
        each_missing(root_, root_of, {name});
        each_missing(timestamp_, timestamp_of, {name});
        each_missing(snapshot_, snapshot_of, {name});
        each_missing(targets_, targets_of, {name});
    }
    for (std::string const role : {"root", "timestamp", "snapshot", "targets"}) {
        each_missing(root_, root_of, {"roles", role});
        each_missing(root_, root_of, {"roles", role, "keyids"});
    }
    each_missing(root_, root_of, {"keys"});
    each_missing(timestamp_, timestamp_of, {"meta"});
    each_missing(timestamp_, timestamp_of, {"meta", "snapshot.json"});
    each_missing(snapshot_, snapshot_of, {"meta", "targets.json", "version"});
    each_missing(targets_, targets_of, {"targets"});
    repository_.add_target("targets", "a", "octets");
    repository_.delegate("targets", "one", {"*"});
    auto const& full = repository_.says("targets");
    each_missing(full, targets_of, {"targets", "a", "length"});
    each_missing(full, targets_of, {"targets", "a", "hashes"});
    each_missing(full, targets_of, {"targets", "a", "hashes", "sha256"});
    each_missing(full, targets_of, {"delegations", "keys"});
    each_missing(full, targets_of, {"delegations", "roles"});
}

TEST_F(TufMetadata, VersionsAndThresholdsBeginAtOne)
{
    timestamp_["version"] = 0;
    EXPECT_EQ(timestamp_of(timestamp_).error(), refusal::malformed);
    snapshot_["meta"]["targets.json"]["version"] = 0;
    EXPECT_EQ(snapshot_of(snapshot_).error(), refusal::malformed);
    root_["roles"]["timestamp"]["threshold"] = 0;
    EXPECT_EQ(root_of(root_).error(), refusal::malformed);
    root_["roles"]["timestamp"]["threshold"] = std::int64_t{1} << 40;
    EXPECT_EQ(root_of(root_)->timestamp_keys.threshold, std::uint64_t{1} << 40) << "it can never be met";
    repository_.delegate("targets", "one", {"*"})["threshold"] = 0;
    EXPECT_EQ(targets_of(repository_.says("targets")).error(), refusal::malformed);
}

TEST_F(TufMetadata, UnknownMembersAreNoHindrance)
{
    root_["new"]["a"] = 1;
    root_["roles"]["mirrors"]["keyids"] = js::array();
    root_["roles"]["root"]["note"] = "x";
    EXPECT_TRUE(root_of(root_));
    repository_.delegate("targets", "one", {"*"})["note"] = "x";
    repository_.says("targets")["delegations"]["note"] = js();
    EXPECT_TRUE(targets_of(repository_.says("targets")));
}

TEST_F(TufMetadata, AConsistentSnapshotIsOnlyWhatSaysSo)
{
    root_.erase("consistent_snapshot");
    EXPECT_FALSE(root_of(root_)->consistent_snapshot);
    root_["consistent_snapshot"] = "true";
    EXPECT_EQ(root_of(root_).error(), refusal::malformed);
}

TEST_F(TufMetadata, KeyIdsAreChecked)
{
    auto const stranger = test_key::ed25519();
    root_["keys"]["00"] = stranger.listed();
    EXPECT_EQ(root_of(root_).error(), refusal::wrong_key_id);
    repository_.delegate("targets", "one", {"*"});
    repository_.says("targets")["delegations"]["keys"]["00"] = stranger.listed();
    EXPECT_EQ(targets_of(repository_.says("targets")).error(), refusal::wrong_key_id);
}

TEST_F(TufMetadata, ARoleListsAKeyIdOnce)
{
    auto& ids = root_["roles"]["timestamp"]["keyids"].as_array();
    ids.push_back(ids[0]);
    EXPECT_EQ(root_of(root_).error(), refusal::repeated_key_id);
    auto& others = repository_.delegate("targets", "one", {"*"})["keyids"].as_array();
    others.push_back(others[0]);
    EXPECT_EQ(targets_of(repository_.says("targets")).error(), refusal::repeated_key_id);
}

TEST_F(TufMetadata, AKeyIdWithoutKeyIsNobody)
{
    root_["roles"]["timestamp"]["keyids"].as_array().push_back("00");
    EXPECT_EQ(root_of(root_)->timestamp_keys.keys.size(), 1U);
}

TEST_F(TufMetadata, ARoleHasSoManyKeysAtMost)
{
    auto& ids = root_["roles"]["timestamp"]["keyids"].as_array();
    while (ids.size() < signers::most) ids.push_back(std::to_string(ids.size()));
    EXPECT_TRUE(root_of(root_));
    ids.push_back("one more");
    EXPECT_EQ(root_of(root_).error(), refusal::too_large);
}

TEST_F(TufMetadata, ADelegatedRoleHasNoNameOfTheRoot)
{
    for (std::string const name : {"root", "timestamp", "snapshot", "targets", ""}) {
        repository fresh;
        fresh.delegate("targets", "one", {"*"})["name"] = name;
        EXPECT_EQ(targets_of(fresh.says("targets")).error(), refusal::reserved_name) << name;
    }
    repository_.delegate("targets", "Root", {"*"});
    EXPECT_TRUE(targets_of(repository_.says("targets")));
}

TEST_F(TufMetadata, ADelegatedRolesNameIsTheNameOfAFile)
{
    auto& entry = repository_.delegate("targets", "one", {"*"});
    entry["name"] = std::string(longest_role_name, '/');
    EXPECT_TRUE(targets_of(repository_.says("targets")));
    entry["name"] = std::string(longest_role_name + 1, '/');
    EXPECT_EQ(targets_of(repository_.says("targets")).error(), refusal::too_large);
}

TEST_F(TufMetadata, OneFileDelegatesToARoleOnce)
{
    repository_.delegate("targets", "one", {"*"});
    repository_.delegate("targets", "one", {"*"});
    EXPECT_EQ(targets_of(repository_.says("targets")).error(), refusal::repeated_name);
}

TEST_F(TufMetadata, ARoleIsTrustedWithPathsOrWithHashes)
{
    auto& entry = repository_.delegate("targets", "one", {"*"});
    entry["path_hash_prefixes"] = js::array{"0"};
    EXPECT_EQ(targets_of(repository_.says("targets")).error(), refusal::malformed) << "not with both";
    entry.erase("path_hash_prefixes");
    entry.erase("paths");
    EXPECT_FALSE(targets_of(repository_.says("targets"))->delegations[0].paths.covers("a")) << "with nothing at all";
    entry["paths"] = js::array{1};
    EXPECT_EQ(targets_of(repository_.says("targets")).error(), refusal::malformed);
}

TEST_F(TufMetadata, DelegationsOfOneFileHaveALimit)
{
    repository_.delegate("targets", "one", {"*"});
    auto& roles = repository_.says("targets")["delegations"]["roles"].as_array();
    auto entry = roles[0];
    while (roles.size() < most_delegations) {
        entry["name"] = std::to_string(roles.size());
        roles.push_back(entry);
    }
    EXPECT_TRUE(targets_of(repository_.says("targets")));
    entry["name"] = "one more";
    roles.push_back(entry);
    EXPECT_EQ(targets_of(repository_.says("targets")).error(), refusal::too_large);
}

TEST_F(TufMetadata, ATimestampKnowsTheSnapshotAndNothingElse)
{
    timestamp_["meta"]["targets.json"]["version"] = 1;
    EXPECT_EQ(timestamp_of(timestamp_).error(), refusal::malformed);
}

TEST_F(TufMetadata, ASnapshotListsTheTargets)
{
    snapshot_["meta"]["a.json"] = snapshot_["meta"]["targets.json"];
    snapshot_["meta"].erase("targets.json");
    EXPECT_EQ(snapshot_of(snapshot_).error(), refusal::malformed);
}

TEST_F(TufMetadata, ATargetHasAPath)
{
    repository_.add_target("targets", "", "octets");
    EXPECT_EQ(targets_of(repository_.says("targets")).error(), refusal::malformed);
}

TEST_F(TufMetadata, HashesAreLowerCaseDigitsOfTheRightNumber)
{
    repository_.add_target("targets", "a", "octets");
    auto& content = repository_.says("targets");
    auto& hashes = content["targets"]["a"]["hashes"];
    for (std::string const bad : {"", "00", "zz"}) {
        hashes["sha256"] = bad;
        EXPECT_EQ(targets_of(content).error(), refusal::malformed) << bad;
    }
    hashes["sha256"] = std::string(64, 'A');
    EXPECT_EQ(targets_of(content).error(), refusal::malformed);
    hashes["sha256"] = std::string(64, 'a');
    hashes["sha512"] = std::string(64, 'a');
    EXPECT_EQ(targets_of(content).error(), refusal::malformed);
    hashes.erase("sha512");
    hashes["crc32"] = "12345678";
    EXPECT_TRUE(targets_of(content)->files.find("a")->second.hashes.others) << "the other targets are not to suffer";
    hashes = js::object();
    EXPECT_EQ(targets_of(content).error(), refusal::malformed);
}

TEST_F(TufMetadata, TimesHaveOneForm)
{
    EXPECT_EQ(read_time("1970-01-01T00:00:00Z").value(), sys_seconds());
    EXPECT_EQ(read_time("2028-02-29T23:59:59Z").value().time_since_epoch().count(), 1835481599);
    EXPECT_EQ(read_time("9999-12-31T23:59:59Z").value().time_since_epoch().count(), 253402300799);
    for (std::string_view const bad : {"",
                                       "2030-01-01",
                                       "2030-01-01T00:00:00",
                                       "2030-01-01T00:00:00z",
                                       "2030-01-01 00:00:00Z",
                                       "2030-1-01T00:00:00Z",
                                       "2030-13-01T00:00:00Z",
                                       "2030-00-01T00:00:00Z",
                                       "2030-01-00T00:00:00Z",
                                       "2030-02-29T00:00:00Z",
                                       "2030-04-31T00:00:00Z",
                                       "2030-01-01T24:00:00Z",
                                       "2030-01-01T00:60:00Z",
                                       "2030-01-01T00:00:60Z",
                                       "2030-01-01T00:00:00.0Z",
                                       "2030-01-01T00:00:00+00:00",
                                       "+030-01-01T00:00:00Z",
                                       "2030-01-01T00:00:0 Z",
                                       "20300-01-01T00:00:00Z",
                                       "2030-01-01T00:00:00Zx"}) {
        EXPECT_EQ(read_time(bad).error(), refusal::malformed) << bad;
    }
}

// The file around what is signed.

TEST_F(TufMetadata, AFileHasSignaturesAndSomethingThatIsSigned)
{
    for (std::string_view const bad :
         {R"({})", R"([])", R"({"signed":{}})", R"({"signatures":[]})", R"({"signed":1,"signatures":[]})",
          R"({"signed":{},"signatures":{}})", R"({"signed":{},"signatures":[1]})",
          R"({"signed":{},"signatures":[{"keyid":"a"}]})", R"({"signed":{},"signatures":[{"sig":"a"}]})",
          R"({"signed":{},"signatures":[{"keyid":"a","sig":1}]})"}) {
        EXPECT_EQ(signed_file::read(bad).error(), refusal::malformed) << bad;
    }
    EXPECT_EQ(signed_file::read("").error(), refusal::malformed);
    EXPECT_TRUE(signed_file::read(R"({"signed":{},"signatures":[],"more":1})"));
}

TEST_F(TufMetadata, NoKeyIdSignsTwice)
{
    auto const twice = repository_.sealed(root_, {repository_.signers("root")[0], repository_.signers("root")[0]});
    EXPECT_EQ(signed_file::read(twice).error(), refusal::repeated_signer);
}

TEST_F(TufMetadata, SignaturesHaveALimit)
{
    js file;
    file["signed"] = js::object();
    file["signatures"] = js::array();
    for (std::size_t i = 0; i < signed_file::most_signatures; ++i) {
        js one;
        one["keyid"] = std::to_string(i);
        one["sig"] = "";
        file["signatures"].as_array().push_back(one);
    }
    EXPECT_TRUE(signed_file::read(test::written(file)));
    file["signatures"].as_array().push_back(file["signatures"].as_array()[0]);
    EXPECT_EQ(signed_file::read(test::written(file)).error(), refusal::too_large);
}

class TufThreshold : public testing::Test {
protected:
    signers role(std::vector<test_key> const& keys, std::uint64_t threshold)
    {
        js list = js::object();
        for (auto const& each : keys) list[each.id()] = each.listed();
        auto const document = json::document::read(test::written(list));
        return {read_keys(document->root()).value(), threshold};
    }

    error_code why(std::vector<test_key> const& by, signers const& of)
    {
        auto const enough = signed_file::read(repository_.sealed(content_, by)).value().require(of);
        return enough ? error_code() : enough.error();
    }

    repository repository_;
    js content_ = repository_.says("targets");
    test_key one_ = test_key::ed25519(), two_ = test_key::ecdsa(), three_ = test_key::rsa(),
             stranger_ = test_key::ed25519();
};

TEST_F(TufThreshold, SoManyDifferentKeysOfTheRoleSign)
{
    auto const two_of_three = role({one_, two_, three_}, 2);
    EXPECT_EQ(why({one_, two_}, two_of_three), error_code());
    EXPECT_EQ(why({three_, one_}, two_of_three), error_code());
    EXPECT_EQ(why({one_, two_, three_}, two_of_three), error_code());
    EXPECT_EQ(why({one_}, two_of_three), refusal::too_few_signatures);
    EXPECT_EQ(why({}, two_of_three), refusal::too_few_signatures);
    EXPECT_EQ(why({stranger_, one_}, two_of_three), refusal::too_few_signatures);
    EXPECT_EQ(why({stranger_, one_, two_}, two_of_three), error_code()) << "strangers do no harm";
    EXPECT_EQ(why({one_, two_, three_}, role({one_, two_, three_}, 4)), refusal::too_few_signatures);
    EXPECT_EQ(why({one_}, signers()), refusal::too_few_signatures) << "nobody's role";
}

TEST_F(TufThreshold, OneKeyCountsOnceUnderHoweverManyIds)
{
    auto again = one_;
    again.more["name"] = "another";
    EXPECT_EQ(why({one_, again}, role({one_, again}, 2)), refusal::too_few_signatures);
    EXPECT_EQ(why({one_, again, two_}, role({one_, again, two_}, 2)), error_code());
}

TEST_F(TufThreshold, AWrongSignatureCountsForNothingAndDoesNoHarm)
{
    auto const both = role({one_, two_}, 1);
    auto const spoil = [&](std::string const& with) {
        auto const text = repository_.sealed(content_, {one_, two_});
        auto const good = one_.sign(canonical(content_));  // Ed25519 signs the same way each time
        auto bent = test::written(js(good));               // as it is spelled in the file
        bent = bent.substr(1, bent.size() - 3);
        auto out = text;
        return out.replace(out.find(bent), bent.size(), with);
    };
    for (std::string const& wrong : {std::string(), std::string("zz"), std::string("0"), std::string(128, '0')}) {
        auto const file = signed_file::read(spoil(wrong));
        ASSERT_TRUE(file) << wrong;
        EXPECT_TRUE(file->require(both)) << wrong;
        EXPECT_EQ(file->require(role({one_, two_}, 2)).error(), refusal::too_few_signatures) << wrong;
    }
}

TEST_F(TufThreshold, WhatIsSignedIsAllThatTheContentSaysInWhateverSpelling)
{
    auto const by_one = role({one_}, 1);
    auto const text = repository_.sealed(content_, {one_});
    auto compact = R"({"signatures":[{"keyid":")" + one_.id() + R"(","sig":")" + one_.sign(canonical(content_)) +
                   R"("}],"signed":)" + canonical(content_) + "}";
    EXPECT_TRUE(signed_file::read(text)->require(by_one));
    EXPECT_TRUE(signed_file::read(compact)->require(by_one));
    EXPECT_TRUE(signed_file::read(compact + " \n")->require(by_one));
    auto const at = compact.find("\"signed\":{") + 10;
    EXPECT_EQ(signed_file::read(compact.insert(at, R"("unknown":1,)"))->require(by_one).error(),
              refusal::too_few_signatures)
        << "unknown members are signed as the others are";
}

}  // namespace
}  // namespace tp::tuf
