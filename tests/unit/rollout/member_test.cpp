#include "registry/rollout/member.hpp"

#include <gtest/gtest.h>

#include "tests/unit/rollout/samples.hpp"

namespace tp::registry::rollout {
namespace {

using namespace std::chrono_literals;

report says(std::uint64_t release, unsigned standing)
{
    return {.model = "sw-x86_64", .release = release, .standing = standing, .cause = {}, .nonce = {}, .at = start};
}

report updates(unsigned state, unsigned result)
{
    auto out = says(6, 2);
    out.state = state;
    out.result = result;
    out.nonce = "ours";
    return out;
}

report went_back(std::uint64_t from)
{
    auto out = says(6, 2);
    out.failed_release = from;
    out.cause = "ended";
    return out;
}

report held_up(std::string cause)
{
    auto out = updates(0, 4);
    out.failed_release = 7;
    out.cause = std::move(cause);
    return out;
}

TEST(member, stands_where_its_report_says)
{
    struct row {
        char const* name;
        stage before;
        report said;
        stage after;
    };
    auto foreign = updates(1, 0);
    foreign.nonce = "another";
    row const rows[] = {
        {"nothing new", stage::sent, says(6, 2), stage::sent},
        {"downloads", stage::sent, updates(1, 0), stage::begun},
        {"another instruction's download", stage::sent, foreign, stage::sent},
        {"installs", stage::begun, updates(3, 0), stage::begun},
        {"on trial", stage::begun, says(7, 1), stage::back},
        {"committed", stage::back, says(7, 2), stage::done},
        {"committed, and nothing was heard between", stage::sent, says(7, 2), stage::done},
        {"went back", stage::back, went_back(7), stage::failed},
        {"went back from another one", stage::begun, went_back(5), stage::begun},
        {"could not install", stage::begun, updates(0, 5), stage::failed},
        {"found nobody who had it", stage::begun, held_up("not-reached"), stage::begun},
        {"got it too slowly", stage::begun, held_up("too-slow"), stage::begun},
        {"found the signatures expired", stage::sent, held_up("expired"), stage::begun},
        {"got what nobody had signed", stage::begun, held_up("not-believed"), stage::failed},
        {"had it after all", stage::begun, says(7, 2), stage::done},
        {"runs what failed, for there is nothing else", stage::back, says(7, 3), stage::failed},
        {"has a newer one", stage::sent, says(8, 2), stage::excused},
        {"came back after all", stage::silent, says(7, 2), stage::done},
        {"came back, and had gone back", stage::silent, went_back(7), stage::failed},
        {"was withdrawn while it fetched", stage::withdrawn, updates(1, 0), stage::withdrawn},
        {"was withdrawn and went back", stage::withdrawn, went_back(7), stage::failed},
        {"was withdrawn too late", stage::withdrawn, says(7, 2), stage::done},
        {"what ended stays", stage::failed, says(7, 2), stage::failed},
        {"what ended well stays", stage::done, went_back(7), stage::done},
        {"not yet told", stage::planned, says(6, 2), stage::planned},
    };
    for (auto const& [name, before, said, after] : rows) {
        SCOPED_TRACE(name);
        auto one = some(1, 0, before);
        one.nonce = "ours";
        one.said = said;
        auto const now = looked_at(one, release_7(), lazily(), start + 1s);
        EXPECT_EQ(name_of(now.is), name_of(after));
        EXPECT_EQ(now.since, before == after ? start : start + 1s);
    }
}

TEST(member, that_failed_says_why)
{
    auto one = some(1, 0, stage::begun);
    one.said = went_back(7);
    EXPECT_EQ(looked_at(one, release_7(), lazily(), start).cause, "ended");
    one.nonce = "ours";
    one.said = updates(0, 5);
    EXPECT_EQ(looked_at(one, release_7(), lazily(), start).cause, "update result 5: Integrity check failure");
}

TEST(member, that_began_and_is_gone_for_too_long_is_silent)
{
    auto const what = lazily();
    for (auto const is : {stage::begun, stage::back}) {
        auto one = some(1, 0, is);
        one.connected = false;
        one.status_since = start + 10min;
        EXPECT_EQ(looked_at(one, release_7(), what, start + 10min + what.back_within).is, is);
        EXPECT_EQ(looked_at(one, release_7(), what, start + 10min + what.back_within + 1s).is, stage::silent);
        one.connected = true;
        EXPECT_EQ(looked_at(one, release_7(), what, start + 10min + what.back_within + 1s).is, is);
    }
}

TEST(member, that_fetches_for_ever_is_silent_and_one_that_does_not_begin_is_excused)
{
    auto const what = lazily();
    auto const late = start + what.deadline + what.back_within;
    auto const at = [&](stage is, wall_time now, bool connected) {
        auto one = some(1, 0, is);
        one.connected = connected;
        return looked_at(one, release_7(), what, now).is;
    };
    EXPECT_EQ(at(stage::begun, late, true), stage::begun);
    EXPECT_EQ(at(stage::begun, late + 1s, true), stage::silent);
    EXPECT_EQ(at(stage::sent, late, true), stage::sent);
    EXPECT_EQ(at(stage::sent, late + 1s, true), stage::excused);
    EXPECT_EQ(at(stage::sent, late + 1s, false), stage::sent);  // it may come yet
    EXPECT_EQ(at(stage::planned, late + 1s, true), stage::planned);
}

TEST(member, keeps_its_silence_while_only_old_words_are_known)
{
    auto one = some(1, 0, stage::silent);
    one.nonce = "ours";
    one.said = updates(3, 0);
    one.connected = false;
    EXPECT_EQ(looked_at(one, release_7(), lazily(), start + 1s).is, stage::silent);
    one.connected = true;
    one.status_since = start;
    EXPECT_EQ(looked_at(one, release_7(), lazily(), start + 1s).is, stage::begun);
}

TEST(member, stages_have_names)
{
    for (auto const each : every_stage) EXPECT_EQ(stage_named(name_of(each)), each);
    EXPECT_EQ(stage_named("elsewhere"), std::nullopt);
}

}  // namespace
}  // namespace tp::registry::rollout
