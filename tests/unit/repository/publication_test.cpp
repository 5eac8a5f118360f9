#include "firmware-signing/repository/publication.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware-signing/tuf/checks.hpp"
#include "tests/unit/repository/officers.hpp"

namespace tp::repository {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::vector<std::string> names(publication const& of)
{
    std::vector<std::string> out;
    for (auto const& each : of.writes) out.push_back(each.name);
    return out;
}

std::string version_of(shelf const& in, std::string const& role)
{
    auto const found = judge(in.files, in.now);
    if (found.complaint) return *found.complaint;
    if (role == "timestamp") return std::to_string(found.timestamp.version);
    if (role == "snapshot") return std::to_string(found.snapshot.version);
    return std::to_string(found.snapshot.files.at(role + ".json").version);
}

TEST(publication, first_one_is_whole)
{
    shelf const made;
    auto const found = judge(made.files, made.now);
    EXPECT_EQ(found.complaint.value_or(""), "");
    auto const targets = all_targets(found);
    ASSERT_EQ(targets.size(), 2U);
    EXPECT_EQ(
        targets.at("deb-amd64/stable/probe-1.deb").custom,
        R"({"channel":"stable","floor":1,"from":0,"hardware":[],"kind":"firmware","model":"deb-amd64","release":1,)"
        R"("sbom":{"path":"deb-amd64/stable/probe-1.deb.cdx.json","sha256":")" +
            some_release(1).sbom.sha256 + R"("}})");
    EXPECT_EQ(targets.at("deb-amd64/stable/probe-1.deb.cdx.json").custom, R"({"kind":"sbom"})");
}

TEST(publication, of_a_release_ends_with_the_timestamp)
{
    shelf made;
    auto const next = signed_by(made.next_release(some_release(2)), {"ann", "eve"});
    EXPECT_THAT(names(made.plan_for({next})),
                ElementsAre("2.deb-amd64.stable.json", "2.snapshot.json", "timestamp.json"));
    EXPECT_EQ(made.publish({next}), "");
    EXPECT_EQ(version_of(made, "deb-amd64.stable"), "2");
}

TEST(publication, needs_as_many_officers_as_the_threshold_says)
{
    shelf made;
    auto const fresh = made.next_release(some_release(2));
    EXPECT_THAT(made.publish({fresh}), HasSubstr("too few"));
    EXPECT_THAT(made.publish({signed_by(fresh, {"ann"})}), HasSubstr("too few"));
    EXPECT_THAT(made.publish({signed_by(fresh, {"ann", "joe"})}), HasSubstr("too few")) << "who is no holder here";
    EXPECT_EQ(version_of(made, "deb-amd64.stable"), "1");
}

TEST(publication, takes_the_next_version_only)
{
    shelf made;
    auto const second = signed_by(made.next_release(some_release(2)), {"ann", "eve"});
    auto const other_second = signed_by(made.next_release(some_release(3)), {"ann", "eve"});
    ASSERT_EQ(made.publish({second}), "");
    EXPECT_THAT(made.publish({other_second}), HasSubstr("is there already, and another one"));
    EXPECT_EQ(made.publish({second}), "") << "again";
    EXPECT_THAT(made.told, ElementsAre("everything is there already"));
    auto content = std::get<release_content>(made.next_release(some_release(3)).says());
    content.version = 4;
    EXPECT_THAT(made.publish({signed_by(draft(content), {"ann", "eve"})}),
                HasSubstr("after version 2 comes version 3"));
}

TEST(publication, takes_no_release_below_the_newest)
{
    shelf made;
    ASSERT_EQ(made.publish({signed_by(made.next_release(some_release(5, 3)), {"ann", "eve"})}), "");
    auto content = std::get<release_content>(made.next_release(some_release(6, 3)).says());
    content.releases = {some_release(1), some_release(4), some_release(5, 3)};
    auto const slipped_in = signed_by(draft(content), {"ann", "eve"});
    EXPECT_THAT(made.publish({slipped_in}), HasSubstr("release 4 is not known, and not above release 5"));
}

TEST(publication, of_an_unknown_channel_is_refused)
{
    shelf made;
    auto const other = prepare_releases({"deb-arm64", "stable", some_release(1), {}}, nullptr, made.now);
    EXPECT_THAT(made.publish({signed_by(*other.made, {"ann", "bob"})}), HasSubstr("targets know no such role"));
}

TEST(publication, of_control_targets_needs_a_role_that_targets_know)
{
    using control::content;
    shelf made;
    auto const first = made.next_control({{some_control(content::hosts), some_control(content::director)}, {}});
    EXPECT_THAT(made.publish({signed_by(first, {"ann", "bob"})}), HasSubstr("targets know no such role"));
    made.wish.control = role_holders{{"ann", "bob", "eve"}, 2};
    auto const targets = signed_by(made.next_targets(made.wish), {"ann", "bob"});
    EXPECT_THAT(made.publish({targets, signed_by(first, {"ann"})}), HasSubstr("too few"));
    ASSERT_EQ(made.publish({targets, signed_by(first, {"bob", "eve"})}), "");
    auto const all = all_targets(judge(made.files, made.now));
    EXPECT_EQ(all.at("control/hosts").length, 10U);
    EXPECT_EQ(all.size(), 4U);

    auto const next =
        made.next_control({{some_control(content::hosts, 20), some_control(content::opt_out)}, {content::director}});
    ASSERT_EQ(made.publish({signed_by(next, {"ann", "eve"})}), "");
    auto const later = all_targets(judge(made.files, made.now));
    EXPECT_EQ(later.at("control/hosts").length, 20U);
    EXPECT_TRUE(later.contains("control/opt-out"));
    EXPECT_FALSE(later.contains("control/director"));
    auto const gone = prepare_control({{}, {content::director}}, &std::get<control_content>(next.says()), made.now);
    EXPECT_THAT(gone.complaint.value_or(""), HasSubstr("director is not there"));
}

TEST(publication, that_stopped_anywhere_is_gone_on_with_by_the_same_one)
{
    shelf const before;
    auto const next = signed_by(before.next_release(some_release(2)), {"ann", "eve"});
    auto const writes = before.plan_for({next}).writes;
    for (std::size_t done = 0; done <= writes.size(); ++done) {
        auto stopped = before;
        for (std::size_t i = 0; i < done; ++i) stopped.files[writes[i].name] = writes[i].octets;
        EXPECT_EQ(version_of(stopped, "deb-amd64.stable"), done == writes.size() ? "2" : "1");
        EXPECT_EQ(stopped.publish({next}), "");
        EXPECT_EQ(version_of(stopped, "deb-amd64.stable"), "2");
    }
}

TEST(publication, waits_for_online_keys_that_lie_elsewhere)
{
    shelf made;
    auto const next = signed_by(made.next_release(some_release(2)), {"ann", "eve"});
    EXPECT_EQ(made.publish({next}, {}), "");
    EXPECT_THAT(made.told, ElementsAre("a new snapshot waits for its key"));
    EXPECT_EQ(version_of(made, "deb-amd64.stable"), "1");
    EXPECT_EQ(made.publish({}, {{key_of("snapshot")}, {}}), "");
    EXPECT_THAT(made.told, ElementsAre("a new timestamp waits for its key"));
    EXPECT_EQ(version_of(made, "deb-amd64.stable"), "1");
    EXPECT_EQ(made.publish({}, {{}, {key_of("timestamp")}}), "");
    EXPECT_EQ(version_of(made, "deb-amd64.stable"), "2");
}

TEST(publication, with_wrong_online_keys_is_refused)
{
    shelf made;
    EXPECT_THAT(made.publish({signed_by(made.next_release(some_release(2)), {"ann", "eve"})},
                             {{key_of("timestamp")}, {key_of("timestamp")}}),
                StartsWith("2.snapshot.json: "));
    EXPECT_THAT(made.publish({signed_by(made.next_release(some_release(2)), {"ann", "eve"})}, {{key_of("ann")}, {}}),
                StartsWith("2.snapshot.json: "));
}

TEST(renewal, happens_when_half_a_life_is_over)
{
    shelf made;
    EXPECT_THAT(names(made.plan_for({})), IsEmpty());
    made.now += 12h - 1s;
    EXPECT_THAT(names(made.plan_for({})), IsEmpty());
    made.now += 1s;
    EXPECT_THAT(names(made.plan_for({})), ElementsAre("timestamp.json"));
    made.now = some_day + 84h;
    EXPECT_THAT(names(made.plan_for({})), ElementsAre("2.snapshot.json", "timestamp.json"));
    made.now = some_day + 30 * 24h;
    EXPECT_EQ(made.publish({}), "");
    EXPECT_EQ(version_of(made, "timestamp"), "2");
}

TEST(renewal, of_the_timestamp_does_not_wait_for_a_snapshot_that_waits)
{
    shelf made;
    ASSERT_EQ(made.publish({signed_by(made.next_release(some_release(2)), {"ann", "eve"})}, {}), "");
    made.now += 20h;
    ASSERT_EQ(made.publish({}, {{}, {key_of("timestamp")}}), "");
    EXPECT_THAT(made.told, ElementsAre("a new snapshot waits for its key"));
    EXPECT_EQ(version_of(made, "timestamp"), "2");
    EXPECT_EQ(version_of(made, "deb-amd64.stable"), "1");
}

TEST(renewal, goes_on_when_a_channel_has_expired)
{
    shelf made;
    made.wish.channels.push_back({"hw1", "beta", {{"ann"}, 1}});
    auto const lasting =
        prepare_releases({"hw1", "beta", some_release(3), {}, std::chrono::days(30)}, nullptr, made.now);
    auto const targets = signed_by(made.next_targets(made.wish), {"ann", "bob"});
    ASSERT_EQ(made.publish({targets, signed_by(*lasting.made, {"ann"})}), "");
    made.now += 40 * 24h;
    EXPECT_EQ(made.publish({signed_by(made.next_release(some_release(2)), {"ann", "eve"})}), "");
    EXPECT_THAT(made.told, ElementsAre("1.hw1.beta.json has expired: a next version must be signed"));
    EXPECT_THAT(judge(made.files, made.now).expired, ElementsAre("hw1.beta"));
    EXPECT_EQ(version_of(made, "deb-amd64.stable"), "2");
}

TEST(publication, of_what_has_expired_is_refused)
{
    shelf made;
    auto const late = signed_by(made.next_release(some_release(2)), {"ann", "eve"});
    auto const late_root = signed_by(made.next_root(made.wish), {"ann", "bob", "eve"});
    made.now += 179 * 24h;
    auto const targets = signed_by(made.next_targets(made.wish), {"ann", "bob"});
    made.now += 24h;
    EXPECT_THAT(made.publish({targets, late}), HasSubstr("2.deb-amd64.stable.json: "));
    made.now += 185 * 24h;
    EXPECT_THAT(made.publish({late_root}), StartsWith("2.root.json: "));
}

TEST(publication, of_two_roots_at_once_is_refused)
{
    shelf made;
    auto const one = signed_by(made.next_root(made.wish), {"ann", "bob", "eve"});
    made.now += 1s;
    auto const other = signed_by(made.next_root(made.wish), {"ann", "bob", "eve"});
    EXPECT_EQ(made.publish({one, other}), "two new roots at once");
}

TEST(publication, begins_with_first_versions)
{
    shelf const other;
    shelf bare;
    bare.files.clear();
    EXPECT_EQ(bare.publish({}), "there is no root yet, and none among the drafts");
    auto root = std::get<root_content>(bare.next_root(bare.wish).says());
    root.version = 2;
    EXPECT_THAT(bare.publish({signed_by(draft(root), {"ann", "bob", "eve"})}),
                HasSubstr("the first root is version 1"));
    root.version = 1;
    auto const first = signed_by(draft(root), {"ann", "bob", "eve"});
    auto const second = signed_by(other.next_targets(bare.wish), {"ann", "bob"});
    EXPECT_THAT(bare.publish({first, second}), HasSubstr("the first one is version 1"));
    EXPECT_EQ(bare.publish({first}), "");
    EXPECT_THAT(bare.told, ElementsAre(HasSubstr("there are no targets yet")));
}

TEST(publication, judges_content_that_somebody_signed_without_reading)
{
    shelf made;
    auto bad = std::get<release_content>(made.next_release(some_release(2)).says());
    bad.releases.back().floor = 9;
    EXPECT_THAT(made.publish({signed_by(draft(bad), {"ann", "eve"})}), HasSubstr("floor is above it"));
    auto root = std::get<root_content>(made.next_root(made.wish).says());
    root.timestamp.names = {"ann"};
    EXPECT_THAT(made.publish({signed_by(draft(root), {"ann", "bob", "eve"})}), HasSubstr("those are online"));
}

TEST(rotation, of_root_keys_takes_the_old_and_the_new)
{
    shelf made;
    add_holder(made.wish, "kim");
    made.wish.root = {{"ann", "bob", "kim"}, 3};
    auto const next = made.next_root(made.wish);
    EXPECT_NE(made.publish({signed_by(next, {"ann", "bob", "kim"})}), "") << "two of the old";
    EXPECT_NE(made.publish({signed_by(next, {"ann", "bob", "joe"})}), "") << "two of the new";
    EXPECT_EQ(made.publish({signed_by(next, {"ann", "bob", "joe", "kim"})}), "");
    EXPECT_EQ(judge(made.files, made.now).root.version, 2U);
}

TEST(rotation, of_online_keys_is_never_seen_half_done_when_both_keys_sign)
{
    shelf made;
    add_holder(made.wish, "new-timestamp");
    add_holder(made.wish, "new-snapshot");
    made.wish.timestamp.names = {"new-timestamp"};
    made.wish.snapshot.names = {"new-snapshot"};
    auto const next = signed_by(made.next_root(made.wish), {"ann", "bob", "eve"});
    online_keys const both{{key_of("snapshot"), key_of("new-snapshot")},
                           {key_of("timestamp"), key_of("new-timestamp")}};
    EXPECT_THAT(names(made.plan_for({next}, both)), ElementsAre("2.snapshot.json", "timestamp.json", "2.root.json"));
    auto halves = made;
    EXPECT_EQ(halves.publish({next}, both), "");
    EXPECT_THAT(halves.told, IsEmpty());
    EXPECT_EQ(version_of(halves, "timestamp"), "2");

    online_keys const fresh{{key_of("new-snapshot")}, {key_of("new-timestamp")}};
    EXPECT_EQ(made.publish({next}, fresh), "") << "the old keys are lost or stolen";
    EXPECT_THAT(made.told, ElementsAre(HasSubstr("the new root is seen before the timestamp")));
    EXPECT_EQ(version_of(made, "timestamp"), "2");
}

TEST(rotation, of_online_keys_without_them_is_refused)
{
    shelf made;
    add_holder(made.wish, "new-timestamp");
    made.wish.timestamp.names = {"new-timestamp"};
    auto const next = signed_by(made.next_root(made.wish), {"ann", "bob", "eve"});
    EXPECT_NE(made.publish({next}), "");
    EXPECT_THAT(made.publish({next}, {}), HasSubstr("clients would refuse"));
}

TEST(rotation, of_targets_keys_takes_targets_that_the_new_root_trusts)
{
    shelf made;
    made.wish.targets = {{"dan", "joe"}, 2};
    auto const root = signed_by(made.next_root(made.wish), {"ann", "bob", "eve"});
    EXPECT_THAT(made.publish({root}), HasSubstr("1.targets.json: "));
    auto const targets = signed_by(made.next_targets(made.wish), {"ann", "bob", "dan", "joe"});
    EXPECT_EQ(made.publish({root, targets}), "");
    EXPECT_THAT(made.told, IsEmpty());
}

TEST(rotation, of_release_keys_takes_releases_that_the_new_holders_signed)
{
    shelf made;
    add_holder(made.wish, "kim");
    made.wish.channels.front().signers = {{"joe", "kim"}, 2};
    auto const targets = signed_by(made.next_targets(made.wish), {"ann", "bob"});
    EXPECT_THAT(made.publish({targets}), HasSubstr("1.deb-amd64.stable.json: "));
    auto const again = signed_by(made.next_releases({"deb-amd64", "stable", {}, {}}), {"joe", "kim"});
    EXPECT_EQ(made.publish({targets, again}), "");
    EXPECT_EQ(version_of(made, "deb-amd64.stable"), "2");
}

TEST(rotation, keeps_a_channel_that_went_on_the_list)
{
    shelf made;
    made.wish.channels.clear();
    ASSERT_EQ(made.publish({signed_by(made.next_targets(made.wish), {"ann", "bob"})}), "");
    EXPECT_EQ(version_of(made, "deb-amd64.stable"), "1") << "clients refuse a snapshot from which a role has gone";
}

TEST(judgement, finds_what_was_changed)
{
    shelf const made;
    for (auto const& [name, octets] : made.files) {
        auto without = made.files;
        without.erase(name);
        EXPECT_TRUE(judge(without, made.now).complaint) << name;
        auto changed = made.files;
        auto& bad = changed.at(name);
        bad[bad.find("\"version\":1")] = '\'';
        EXPECT_TRUE(judge(changed, made.now).complaint) << name;
    }
    auto root = std::get<root_content>(draft::read(made.files.at("1.root.json")).value().says());
    root.version = 2;
    auto renamed = made.files;
    renamed["1.root.json"] = signed_by(draft(root), {"ann", "bob", "eve"}).octets();
    EXPECT_THAT(judge(renamed, made.now).complaint.value_or(""), StartsWith("1.root.json: "));
    EXPECT_THAT(judge(made.files, made.now + 24h).complaint.value_or(""), HasSubstr("timestamp.json"));
}

}  // namespace
}  // namespace tp::repository
