#include "registry/watch/gather.hpp"

#include <gtest/gtest.h>

#include "registry/watch/pings.hpp"

namespace tp::registry {
namespace {

using namespace std::chrono_literals;

class gather : public ::testing::Test {
protected:
    store::seen_session session(wall_time opened, std::optional<wall_time> closed, std::string reason = "")
    {
        return {.probe = probe_,
                .controller = *controller_id::from(3),
                .address = *parse_address("192.0.2.9"),
                .asn = 64500,
                .country = "NL",
                .opened = opened,
                .closed = closed,
                .reason = std::move(reason),
                .boot_count = 7};
    }
    detect::probe_hour hour(round_rows const& rows)
    {
        auto all = hours_of(detect::hour_time(42h), span_, rows);
        EXPECT_EQ(all.size(), 1U);
        return all.begin()->second;
    }

    probe_id probe_ = *probe_id::from(1);
    wall_time from_ = from_unix_seconds(1'800'000'000);
    store::time_span span_{from_, from_ + 60s};
};

TEST_F(gather, a_round_in_session_is_an_hour_in_session)
{
    auto const seen = hour({.sessions = {session(from_ - 5s, {})}, .deliveries = {}, .refusals = {}, .runs = {}});
    EXPECT_EQ(seen.hour, detect::hour_time(42h));
    EXPECT_EQ(seen.connected, 1h);
    EXPECT_EQ(seen.controller, *controller_id::from(3));
    EXPECT_EQ(seen.as, static_cast<detect::as_number>(64500));
    EXPECT_EQ(seen.country.text(), "NL");
    EXPECT_TRUE(seen.logins.empty()) << "it logged in before";
    EXPECT_EQ(seen.disconnects, 0U);
}

TEST_F(gather, sessions_that_began_and_ended_are_logins_and_disconnects)
{
    auto ours = session(from_ + 20s, from_ + 30s, "the controller was restarted");
    ours.by_platform = true;
    round_rows const rows{
        .sessions = {session(from_ - 5s, from_ + 10s, "malformed frame: x"), ours, session(from_ + 40s, from_ + 70s)},
        .deliveries = {},
        .refusals = {{probe_, 5, 2}},
        .runs = {}};
    auto const seen = hour(rows);
    EXPECT_EQ(seen.connected, 40min);
    ASSERT_EQ(seen.logins.size(), 2U);
    EXPECT_EQ(seen.logins[0].boot_count, 7U);
    EXPECT_EQ(seen.disconnects, 1U) << "one was ours, and one ended later";
    EXPECT_EQ(seen.malformed_frames, 3U) << "a session for one, and two reports that nobody can read";
    EXPECT_EQ(seen.deliveries.not_its_own, 5U);
}

TEST_F(gather, a_session_that_still_answered_is_a_rival_of_the_login_after_it)
{
    auto aside = session(from_ - 5s, from_ + 20s, "another session took its place");
    auto const silent =
        hour({.sessions = {aside, session(from_ + 20s, {})}, .deliveries = {}, .refusals = {}, .runs = {}});
    ASSERT_EQ(silent.logins.size(), 1U);
    EXPECT_FALSE(silent.logins[0].displaced);
    aside.still_answered = true;
    aside.address = *parse_address("198.51.100.1");
    auto const both =
        hour({.sessions = {aside, session(from_ + 20s, {})}, .deliveries = {}, .refusals = {}, .runs = {}});
    ASSERT_TRUE(both.logins.at(0).displaced);
    EXPECT_TRUE(both.logins[0].displaced->answering);
    EXPECT_EQ(both.logins[0].displaced->from, aside.address);
}

TEST_F(gather, who_was_not_in_session_has_no_hour)
{
    round_rows const rows{.sessions = {}, .deliveries = {{probe_, 5, 0, 50, 1s}}, .refusals = {}, .runs = {}};
    EXPECT_TRUE(hours_of(detect::hour_time(42h), span_, rows).empty());
}

TEST_F(gather, a_schedule_asks_for_what_lies_between_its_least_and_its_most)
{
    store::planned_runs const planned{probe_, 58, 61};
    for (auto const& [arrived, expected] : {std::pair{60U, 60U}, {58U, 58U}, {20U, 58U}, {90U, 61U}}) {
        EXPECT_EQ(expected_of(arrived, planned), expected);
        auto const seen = hour({.sessions = {session(from_, {})},
                                .deliveries = {{probe_, arrived, 1, 50, 1s}},
                                .refusals = {},
                                .runs = {planned}});
        EXPECT_EQ(seen.deliveries.arrived, arrived);
        EXPECT_EQ(seen.deliveries.expected, expected);
        EXPECT_EQ(seen.deliveries.sequence_conflicts, 1U);
    }
}

TEST_F(gather, a_program_is_told_as_of_the_host_or_as_signed)
{
    auto const told = [&](std::string target, bool committed, std::uint64_t failed) {
        round_rows rows{.sessions = {session(from_, {})}, .deliveries = {}, .refusals = {}, .runs = {}};
        std::string const hash(32, '\x07');
        rows.programs = {{probe_, from_, "m", std::move(target), 7, hash, committed, failed}};
        return hour(rows).reports.at(0);
    };
    auto const whole = told("m/stable/7", true, 0);
    EXPECT_EQ(whole.at, from_);
    EXPECT_EQ(whole.model, "m");
    EXPECT_EQ(whole.release, 7U);
    EXPECT_EQ(whole.digest, (detect::sha256{7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
                                            7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7}));
    EXPECT_TRUE(whole.signature_valid && whole.nonce_fresh && whole.from_repository && whole.settled);
    EXPECT_TRUE(told("m/stable/7", true, 6).settled);
    EXPECT_FALSE(told("m/stable/7", false, 0).settled) << "on trial";
    EXPECT_FALSE(told("m/stable/7", true, 8).settled) << "a higher one failed";
    for (auto const* const target : {"host/7", ""}) {
        EXPECT_FALSE(told(target, true, 0).from_repository);
        EXPECT_FALSE(told(target, true, 0).settled);
    }
}

TEST_F(gather, a_list_that_lags_is_as_good_as_none)
{
    store::signed_list list{true, {{"m/stable/7", "m", 7, 100, std::string(32, '\0')}}};
    auto const whole = catalogue_of(list);
    ASSERT_EQ(whole.images.size(), 1U);
    EXPECT_EQ(whole.images[0].release, 7U);
    EXPECT_EQ(whole.images[0].model, "m");
    EXPECT_EQ(whole.images[0].digest, detect::sha256{});
    EXPECT_FALSE(whole.all_report) << "who runs from no slot says nothing";
    EXPECT_EQ(whole.floor, 0U);
    list.complete = false;
    EXPECT_TRUE(catalogue_of(list).images.empty());
}

TEST_F(gather, a_clock_is_off_by_what_cannot_be_explained)
{
    EXPECT_EQ(clock_from(2s).offset.count(), 0) << "the run took a while";
    EXPECT_EQ(clock_from(59s).offset.count(), 0);
    EXPECT_FLOAT_EQ(clock_from(-90s).offset.count(), 90'000) << "stored before it was taken: ahead";
    EXPECT_FLOAT_EQ(clock_from(120s).offset.count(), -60'000);
}

TEST_F(gather, pings_of_an_anchor_tell_round_trips)
{
    store::anchor_site const anchor{.id = *store::anchor_id::from(9),
                                    .name = "a.example",
                                    .addresses = {*parse_address("192.0.2.7")},
                                    .latitude = 52,
                                    .longitude = 5,
                                    .as_v4 = 64501};
    proto::job by_name{.measurement = *measurement_id::from(5), .target = "A.Example"};
    proto::job by_address{.measurement = *measurement_id::from(6), .target = "192.0.2.7"};
    proto::job elsewhere{.measurement = *measurement_id::from(7), .target = "192.0.2.8"};
    proto::job other{.measurement = *measurement_id::from(8), .target = "a.example", .options = proto::ntp_options{}};
    auto const targets = targets_among({by_name, by_address, elsewhere, other}, {anchor});
    ASSERT_EQ(targets.size(), 2U);
    EXPECT_EQ(targets[0].measurement, by_name.measurement);
    EXPECT_EQ(targets[0].site, 9);
    EXPECT_EQ(targets[1].as, static_cast<detect::as_number>(64501));

    proto::report report;
    report.since_clock_sync = 60s;
    report.found = proto::ping_report{.packets = {{.round_trip = 30ms}, {.round_trip = 20ms}, {}}};
    ping_hours pings(by_name.measurement);
    pings.add({.measurement = by_name.measurement,
               .probe = probe_,
               .timestamp = from_,
               .stored_at = from_,
               .payload = proto::encode(report)});
    pings.add({.measurement = by_name.measurement,
               .probe = probe_,
               .timestamp = from_,
               .stored_at = from_,
               .payload = "no report"});
    auto all =
        hours_of(detect::hour_time(42h), span_,
                 {.sessions = {session(from_, {})}, .deliveries = {{probe_, 1, 0, 5, 1s}}, .refusals = {}, .runs = {}});
    pings.give_to(all);
    auto const& seen = all.at(probe_);
    ASSERT_EQ(seen.targets.size(), 1U);
    EXPECT_EQ(seen.targets[0].packets, (detect::tally{2, 3}));
    EXPECT_FLOAT_EQ(seen.targets[0].least.count(), 20);
    EXPECT_TRUE(seen.clock->synchronised);
}

}  // namespace
}  // namespace tp::registry
