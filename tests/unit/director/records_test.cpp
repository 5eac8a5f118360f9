#include "registry/director/records.hpp"

#include <gtest/gtest.h>

namespace tp::registry {
namespace {

using namespace std::chrono_literals;

store::rollout_record sound()
{
    store::rollout_wish const wanted{"forced", "lab,1%,100%", "lab", 30s, 60s, 90s, numbers_of(rollout::limits{}), 9,
                                     ""};
    return {.id = *store::rollout_id::from(1),
            .wanted = wanted,
            .targets = {{"path", "model", 10, std::string(32, 'h'), 7}},
            .created_by = *account_id::from(1),
            .at = {"running", 1, wall_time(2s), wall_time(1s), "why"}};
}

TEST(records, become_definitions)
{
    auto const what = definition_from(sound());
    ASSERT_TRUE(what);
    EXPECT_EQ(what->how, rollout::mode::forced);
    EXPECT_EQ(what->reach, (rollout::waves{0, 100, rollout::whole}));
    EXPECT_EQ(what->soak, 30s);
    EXPECT_EQ(what->back_within, 60s);
    EXPECT_EQ(what->deadline, 90s);
    EXPECT_EQ(what->seed, 9U);
    EXPECT_EQ(what->targets.at(0).release, 7U);
    EXPECT_EQ(what->halt_at, rollout::limits{});
}

TEST(records, that_somebody_spoilt_are_refused)
{
    auto const refused = [](auto&& spoil) {
        auto record = sound();
        spoil(record);
        return !definition_from(record);
    };
    EXPECT_TRUE(refused([](auto& it) { it.wanted.mode = "soon"; }));
    EXPECT_TRUE(refused([](auto& it) { it.wanted.waves = "1%"; }));
    EXPECT_TRUE(refused([](auto& it) { it.wanted.limits.pop_back(); }));
    EXPECT_TRUE(refused([](auto& it) { it.wanted.soak = 0s; }));
    EXPECT_TRUE(refused([](auto& it) { it.targets.clear(); }));
    EXPECT_FALSE(progress_from({"asleep", 0, {}, {}, ""}));
    store::rollout_member const unknown{.probe = *probe_id::from(1), .stage = "asleep"};
    EXPECT_FALSE(member_from(unknown));
}

TEST(records, of_progress_go_both_ways)
{
    auto const at = sound().at;
    EXPECT_EQ(record_of(progress_from(at).value()), at);
    EXPECT_EQ(wish_from("halt"), rollout::wish::halt);
    EXPECT_EQ(wish_from("pause"), rollout::wish::pause);
    EXPECT_EQ(wish_from("go"), rollout::wish::go);
}

TEST(records, of_members_bring_their_reports)
{
    store::rollout_member row{.probe = *probe_id::from(5), .model = "m", .country = "NL", .asn = 64500, .wave = 2};
    row.stage = "begun";
    row.nonce = "nonce";
    row.connected = true;
    row.said = store::reported_state{{.model = "m",
                                      .release = 6,
                                      .standing = 2,
                                      .update_state = 1,
                                      .update_result = 5,
                                      .failed_release = 4,
                                      .cause = "ended",
                                      .instruction = "nonce"},
                                     wall_time(3s)};
    auto const one = member_from(row).value();
    EXPECT_EQ(one.is, rollout::stage::begun);
    EXPECT_EQ(one.said->release, 6U);
    EXPECT_EQ(one.said->state, 1U);
    EXPECT_EQ(one.said->result, 5U);
    EXPECT_EQ(one.said->failed_release, 4U);
    EXPECT_EQ(one.said->nonce, "nonce");
    auto const change = change_of(one);
    EXPECT_EQ(change.stage, "begun");
    EXPECT_EQ(change.nonce, "nonce");
}

TEST(records, tell_steps_in_words)
{
    rollout::waves const reach{0, 100, rollout::whole};
    rollout::progress const waiting{rollout::phase::waiting, 0, {}, {}, ""};
    auto to = [&](rollout::phase next, std::uint32_t wave, std::string because = {}) {
        return words_for(waiting, {next, wave, {}, {}, std::move(because)}, reach);
    };
    EXPECT_EQ(to(rollout::phase::running, 1), "wave 2 of 3 (1%) begins");
    EXPECT_EQ(to(rollout::phase::halted, 1, "4 of 9 went back"), "halted: 4 of 9 went back");
    EXPECT_EQ(to(rollout::phase::paused, 1), "paused");
    EXPECT_EQ(to(rollout::phase::waiting, 0), "");
}

}  // namespace
}  // namespace tp::registry
