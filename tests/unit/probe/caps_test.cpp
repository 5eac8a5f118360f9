// The parts of the guard's caps, each with a clock of the test's own.
#include <gtest/gtest.h>

#include "probe/agent/caps_text.hpp"
#include "probe/guard/bucket.hpp"
#include "probe/guard/caps.hpp"
#include "probe/guard/day_budget.hpp"
#include "probe/guard/local_time.hpp"
#include "probe/guard/quiet_hours.hpp"
#include "tests/unit/probe/support.hpp"

namespace tp::probe {
namespace {

auto const t0 = start_of_test.steady;

TEST(bucket, gives_a_second_in_one_burst_and_then_the_rate)
{
    bucket one(10, t0);
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(one.ready(1, t0), t0);
        one.take(1, t0);
    }
    auto const next = one.ready(1, t0);
    EXPECT_GT(next, t0 + 99ms);
    EXPECT_LT(next, t0 + 101ms);
    EXPECT_EQ(one.ready(1, next), next);
    EXPECT_GT(one.ready(10, next), t0 + 900ms);
    EXPECT_EQ(one.ready(10, t0 + 1h), t0 + 1h);
    one.take(10, t0 + 1h);
    EXPECT_EQ(one.ready(0.5, t0), one.ready(0.5, t0 + 1h) - 1h) << "a clock that was read earlier fills nothing";
}

TEST(bucket, what_is_larger_than_a_burst_goes_when_it_is_full_and_is_paid_for_later)
{
    bucket one(100, t0);
    EXPECT_EQ(one.ready(250, t0), t0);
    one.take(250, t0);
    EXPECT_GE(one.ready(1, t0), t0 + 1510ms);
    EXPECT_LE(one.ready(1, t0), t0 + 1511ms);
}

TEST(bucket, a_debt_has_an_end)
{
    bucket one(100, t0);
    one.take(1e12, t0);
    EXPECT_LE(one.ready(1, t0), t0 + 61s);
}

TEST(bucket, without_a_rate_everything_goes)
{
    bucket one(std::nullopt, t0);
    one.take(1e12, t0);
    EXPECT_EQ(one.ready(1e12, t0), t0);
    one.set_rate(1, t0 + 1s);
    EXPECT_EQ(one.ready(1, t0 + 1s), t0 + 1s);
    one.take(1, t0 + 1s);
    EXPECT_GT(one.ready(1, t0 + 1s), t0 + 1s);
    one.set_rate(std::nullopt, t0 + 1s);
    EXPECT_EQ(one.ready(1, t0 + 1s), t0 + 1s);
}

TEST(bucket, a_lower_rate_holds_at_once)
{
    bucket one(100, t0);
    one.set_rate(2, t0);
    one.take(2, t0);
    EXPECT_GT(one.ready(1, t0), t0 + 499ms);
    EXPECT_LT(one.ready(1, t0), t0 + 501ms);
}

TEST(day_budget, counts_until_a_later_day_begins)
{
    day_budget day({100, 500});
    day.look(100);
    day.spend(10);
    EXPECT_EQ(day.used(), (day_budget::account{100, 510}));
    EXPECT_EQ(day.unkept(), 10U);
    day.kept();
    EXPECT_FALSE(day.changed());
    day.look(101);
    EXPECT_EQ(day.used(), (day_budget::account{101, 0}));
    EXPECT_TRUE(day.changed());
    day.spend(7);
    EXPECT_EQ(day.unkept(), 7U);
}

TEST(day_budget, a_clock_that_is_not_set_or_set_back_gives_nothing_twice)
{
    day_budget day({100, 500});
    day.look(std::nullopt);
    day.spend(1);
    EXPECT_EQ(day.used(), (day_budget::account{100, 501})) << "counted to the last known day";
    day.look(100);
    EXPECT_EQ(day.used().octets, 501U);
    day.look(99);
    EXPECT_EQ(day.used(), (day_budget::account{99, 501})) << "or a wrong day in the far future would never end";
    day.look(100);
    EXPECT_EQ(day.used(), (day_budget::account{100, 501})) << "nor is it another day then";
    day.look(101);
    EXPECT_EQ(day.used(), (day_budget::account{101, 0}));
}

TEST(day_budget, a_clock_that_is_ahead_at_each_start_gives_nothing_twice)
{
    day_budget day({100, 500});
    for (std::uint64_t start = 0; start < 3; ++start) {
        day.look(105);
        EXPECT_EQ(day.used(), (day_budget::account{105, 0}));
        day.spend(7);
        day = day_budget(day.used(), day.latest());
        day.look(100);
        EXPECT_EQ(day.used(), (day_budget::account{100, 500 + start}));
        day.spend(1);
    }
    day.look(0);
    day.look(100);
    EXPECT_EQ(day.used(), (day_budget::account{100, 503})) << "nor does one that goes from ahead to behind";
    day.look(101);
    EXPECT_EQ(day.used(), (day_budget::account{101, 0}));
}

TEST(day_budget, a_machine_that_starts_with_an_old_date_each_time_has_one_account_a_day)
{
    day_budget::account used{100, 500}, latest;
    for (std::uint64_t start = 0; start < 3; ++start) {
        day_budget day(used, latest);
        day.look(90);
        day.spend(1);
        EXPECT_EQ(day.used(), (day_budget::account{90, 501 + start}));
        day_budget again(day.used(), day.latest());  // it crashes before it has the time
        again.look(91);
        EXPECT_EQ(again.used().octets, 0U);
        again.look(100);
        EXPECT_EQ(again.used(), (day_budget::account{100, 500 + start}));
        again.spend(1);
        used = again.used();
        latest = again.latest();
    }
}

TEST(day_budget, a_wrong_day_in_the_far_future_costs_later_days_nothing)
{
    day_budget day({40'000, 500});
    day.look(100);
    EXPECT_EQ(day.used().octets, 500U);
    day_budget again(day.used(), day.latest());
    again.look(101);
    EXPECT_EQ(again.used(), (day_budget::account{101, 0}));
    again.spend(7);
    again.look(40'000);
    EXPECT_EQ(again.used(), (day_budget::account{40'000, 500}));
}

quiet_hours quiet(std::initializer_list<std::string_view> ranges)
{
    quiet_hours out;
    for (auto const text : ranges) EXPECT_TRUE(out.add(text)) << text;
    return out;
}

TEST(quiet_hours, hold_from_their_first_minute_up_to_their_last)
{
    auto const hours = quiet({"23:00-06:30", "12:00-13:00"});
    struct row {
        unsigned hour, minute;
        bool held;
    };
    for (auto const& [hour, minute, held] : {
             row{22, 59, false},
             row{23, 0, true},
             row{23, 59, true},
             row{0, 0, true},
             row{6, 29, true},
             row{6, 30, false},
             row{11, 59, false},
             row{12, 0, true},
             row{12, 59, true},
             row{13, 0, false},
         }) {
        EXPECT_EQ(hours.hold(local_moment{19'000, hour * 60 + minute}), held) << hour << ':' << minute;
    }
    EXPECT_EQ(hours.text(), "23:00-06:30, 12:00-13:00");
}

TEST(quiet_hours, the_whole_day_and_none)
{
    for (unsigned minute = 0; minute < 1440; ++minute) {
        EXPECT_TRUE(quiet({"00:00-24:00"}).hold(local_moment{0, minute}));
        EXPECT_FALSE(quiet_hours{}.hold(local_moment{0, minute}));
    }
    EXPECT_TRUE(quiet({"22:00-24:00"}).hold(local_moment{0, 1439}));
    EXPECT_FALSE(quiet({"22:00-24:00"}).hold(local_moment{0, 0}));
}

TEST(quiet_hours, a_clock_that_is_not_set_is_quiet_if_there_are_quiet_hours)
{
    EXPECT_TRUE(quiet({"12:00-13:00"}).hold(std::nullopt));
    EXPECT_FALSE(quiet_hours{}.hold(std::nullopt));
}

TEST(quiet_hours, what_is_no_range_is_refused)
{
    for (auto const* text : {"", "-", "23:00", "23:00-", "-06:00", "23:00-23:00", "24:00-01:00", "25:00-01:00",
                             "23:60-01:00", "23:00-24:01", "3:00-4:00", "23.00-06.00", "23:00-06:00 ", " 23:00-06:00",
                             "23:00--6:00", "ab:cd-ef:gh", "23:00-06:00-07:00"}) {
        EXPECT_EQ(quiet_hours{}.add(text).error(), errc::malformed) << text;
    }
    quiet_hours many;
    for (std::size_t i = 0; i < quiet_hours::most_ranges; ++i) EXPECT_TRUE(many.add("01:00-02:00"));
    EXPECT_EQ(many.add("01:00-02:00").error(), errc::too_large);
}

TEST(local_time, follows_the_offset)
{
    auto const at = from_unix_seconds(1'700'000'000);  // 2023-11-14 22:13:20 UTC
    EXPECT_EQ(local_time(at, 0min), (local_moment{19'675, 22 * 60 + 13}));
    EXPECT_EQ(local_time(at, 120min), (local_moment{19'676, 13}));
    EXPECT_EQ(local_time(at, -330min), (local_moment{19'675, 16 * 60 + 43}));
    EXPECT_EQ(local_time(from_unix_seconds(5), 0min), std::nullopt) << "nobody set this clock";
}

TEST(local_time, follows_the_systems_zone_through_summer_time)
{
    auto const* const before = ::getenv("TZ");
    auto const kept = std::optional<std::string>(before ? std::optional<std::string>(before) : std::nullopt);
    ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);  // needs no file
    auto const minute_at = [](std::int64_t seconds) { return local_time(from_unix_seconds(seconds), {})->minute; };
    EXPECT_EQ(minute_at(1'711'846'799), 60U + 59) << "2024-03-31 01:59 CET, the last minute of winter";
    EXPECT_EQ(minute_at(1'711'846'800), 3U * 60) << "03:00 CEST: there was no 02:00";
    EXPECT_EQ(minute_at(1'729'987'200 + 0), 2U * 60) << "2024-10-27 02:00 CEST";
    EXPECT_EQ(minute_at(1'729'987'200 + 3600), 2U * 60) << "and 02:00 again, CET";
    if (kept)
        ::setenv("TZ", kept->c_str(), 1);
    else
        ::unsetenv("TZ");
    ::tzset();
}

TEST(local_time, offsets_are_read_strictly)
{
    EXPECT_EQ(parse_utc_offset("+02:00").value(), 120min);
    EXPECT_EQ(parse_utc_offset("-05:30").value(), -330min);
    EXPECT_EQ(parse_utc_offset("+00:00").value(), 0min);
    EXPECT_EQ(parse_utc_offset("+14:00").value(), 840min);
    EXPECT_EQ(parse_utc_offset("+14:01").error(), errc::out_of_range);
    for (auto const* text : {"", "02:00", "+2:00", "+0200", "+02:60", "+02:0", "+ab:cd", "CET", "+02:00 "})
        EXPECT_EQ(parse_utc_offset(text).error(), errc::malformed) << text;
}

TEST(caps, the_platform_can_lower_and_never_raise)
{
    auto host = caps::home();
    host.bytes_per_day = std::nullopt;
    proto::cap_limits wish;
    wish.packets_per_second = 50;
    wish.jobs_at_once = 100'000;
    wish.bits_per_second = 5'000'000'000;
    wish.bytes_per_day = 1000;
    wish.shortest_interval = 60s;
    wish.refused_kinds = {proto::result_kind::http};
    auto const got = lowered(host, wish);
    EXPECT_EQ(got.packets_per_second, 50U);
    EXPECT_EQ(got.jobs_at_once, host.jobs_at_once);
    EXPECT_EQ(got.bits_per_second, host.bits_per_second);
    EXPECT_EQ(got.bytes_per_day, 1000U);
    EXPECT_EQ(got.shortest_interval, 60s);
    EXPECT_FALSE(got.of(proto::result_kind::http).allowed);
    EXPECT_TRUE(got.of(proto::result_kind::ping).allowed);
    EXPECT_EQ(lowered(host, {}), host);

    host.shortest_interval = 120s;
    host.of(proto::result_kind::ping).allowed = false;
    EXPECT_EQ(lowered(host, wish).shortest_interval, 120s);
    EXPECT_FALSE(lowered(host, wish).of(proto::result_kind::ping).allowed);
}

TEST(caps, a_type_that_only_a_later_platform_knows_is_no_matter)
{
    proto::cap_limits wish;
    for (int const kind : {0, 7, 32'767}) wish.refused_kinds.push_back(static_cast<proto::result_kind>(kind));
    EXPECT_EQ(lowered(caps::home(), wish), caps::home());
    wish.refused_kinds.push_back(proto::result_kind::ntp);
    EXPECT_FALSE(lowered(caps::home(), wish).of(proto::result_kind::ntp).allowed);
}

TEST(caps_text, shows_what_holds_whose_it_is_and_what_today_has_used)
{
    auto host = caps::home();
    ASSERT_TRUE(host.quiet.add("23:00-06:30"));
    host.of(proto::result_kind::ntp).allowed = false;
    proto::cap_limits wish;
    wish.packets_per_second = 50;
    wish.refused_kinds = {proto::result_kind::http};
    kept_day const day{{19'675, 1234}, from_unix_seconds(1'700'000'000)};
    EXPECT_EQ(caps_text(host, wish, day, local_moment{19'675, 1380}),
              "packets per second                 50               lowered by the platform\n"
              "bits per second                    1000000\n"
              "bytes a day                        200000000\n"
              "  used today                       1234             as of 2023-11-14T22:13:20Z\n"
              "jobs at once                       500\n"
              "shortest interval, seconds         1\n"
              "largest payload, bytes             2048\n"
              "largest HTTP body, bytes           10240\n"
              "quiet hours                        23:00-06:30      now\n"
              "ping                               allowed\n"
              "traceroute                         allowed\n"
              "dns                                allowed\n"
              "http                               not allowed      refused by the platform\n"
              "tls                                allowed\n"
              "ntp                                not allowed\n");
    auto const next_day = caps_text(host, {}, day, local_moment{19'676, 600});
    EXPECT_NE(next_day.find("used today                       0  "), std::string::npos) << next_day;
    EXPECT_NE(next_day.find("23:00-06:30      not now"), std::string::npos) << next_day;
    EXPECT_NE(next_day.find("jobs at once                     4\n"), std::string::npos) << "of HTTP\n" << next_day;
}

}  // namespace
}  // namespace tp::probe
