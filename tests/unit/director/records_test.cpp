#include "registry/director/records.hpp"

#include <gtest/gtest.h>

#include <tuple>
#include <utility>

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

/// Nothing in it is as in one that nobody filled in.
rollout::definition said_in_full()
{
    return {.targets = {{"model", "path", 10, std::string(32, 'h'), 7}},
            .how = rollout::mode::forced,
            .reach = {0, 250, rollout::whole},
            .lab_tag = "lab-first",
            .soak = 30s,
            .back_within = 60s,
            .deadline = 90s,
            .halt_at = {.failed = 11,
                        .silent = 12,
                        .few_failed = 13,
                        .few_silent = 14,
                        .success = 15,
                        .rate_lost = 16,
                        .round_trip = 17},
            .seed = 9};
}

store::rollout_record record_with(rollout::definition const& what)
{
    auto out = sound();
    out.wanted = record_of(what, "because");
    out.targets.clear();
    for (auto const& each : what.targets)
        out.targets.push_back({each.path, each.model, each.length, each.sha256, each.release});
    return out;
}

// All fields of each type. One that is new does not compile before it stands here; then said_in_full() has to say it.
auto fields_of(rollout::definition const& all)
{
    auto const& [targets, how, reach, lab_tag, soak, back_within, deadline, halt_at, seed] = all;
    return std::tie(targets, how, reach, lab_tag, soak, back_within, deadline, halt_at, seed);
}
auto fields_of(rollout::limits const& all)
{
    auto const& [failed, silent, few_failed, few_silent, success, rate_lost, round_trip] = all;
    return std::tie(failed, silent, few_failed, few_silent, success, rate_lost, round_trip);
}
auto fields_of(rollout::target const& all)
{
    auto const& [model, path, length, sha256, release] = all;
    return std::tie(model, path, length, sha256, release);
}
auto fields_of(store::rollout_wish const& all)
{
    auto const& [mode, waves, lab_tag, soak, back_within, deadline, limits, seed, reason] = all;
    return std::tie(mode, waves, lab_tag, soak, back_within, deadline, limits, seed, reason);
}

/// No field of it is as nobody said it.
template <class T>
bool is_said_in_full(T const& what)
{
    T const unsaid{};
    auto const ours = fields_of(what), others = fields_of(unsaid);
    return [&]<std::size_t... At>(std::index_sequence<At...>)
    {
        return ((std::get<At>(ours) != std::get<At>(others)) && ...);
    }
    (std::make_index_sequence<std::tuple_size_v<decltype(fields_of(what))>>());
}

TEST(records, keep_every_field_of_a_definition)
{
    auto const what = said_in_full();
    ASSERT_TRUE(is_said_in_full(what));
    ASSERT_TRUE(is_said_in_full(what.halt_at));
    ASSERT_TRUE(is_said_in_full(what.targets.at(0)));
    auto const record = record_with(what);
    EXPECT_TRUE(is_said_in_full(record.wanted));
    EXPECT_EQ(record.wanted.reason, "because");
    auto const again = definition_from(record);
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, what);
}

TEST(records, keep_how_it_goes_in_both_words)
{
    for (auto const how : {rollout::mode::lazy, rollout::mode::forced}) {
        auto what = said_in_full();
        what.how = how;
        EXPECT_EQ(definition_from(record_with(what)).value(), what);
    }
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
