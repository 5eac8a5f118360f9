#include "probe/measure/ping/run.hpp"

#include <gtest/gtest.h>

#include "probe/measure/ping/demux.hpp"
#include "tests/unit/probe/support.hpp"

namespace tp::probe {
namespace {

auto const t0 = start_of_test;
auto const target = parse_address("192.0.2.1").value();
auto const other = parse_address("192.0.2.99").value();

ping_run three_packets()
{
    return ping_run({.packets = 3, .size = 48, .packet_interval = 1000ms}, target, t0.steady);
}

ping_run::answer at(std::chrono::nanoseconds passed, ip_address from = target)
{
    return {{t0.steady + passed, t0.wall + passed}, from, 57, 48};
}

void send(ping_run& run, std::chrono::nanoseconds passed)
{
    auto const packet = run.due(t0.steady + passed);
    ASSERT_TRUE(packet);
    run.sent(t0.steady + passed);
    run.sent_stamp(*packet, t0.wall + passed + 10us);
}

TEST(ping_run, sends_by_the_interval_and_ends_a_second_after_the_last)
{
    auto run = three_packets();
    send(run, 0s);
    EXPECT_FALSE(run.due(t0.steady + 999ms));
    EXPECT_EQ(run.next_event(), t0.steady + 1s);
    send(run, 1s);
    send(run, 2s);
    EXPECT_FALSE(run.due(t0.steady + 3s));
    EXPECT_EQ(run.next_event(), t0.steady + 3s);
    EXPECT_FALSE(run.done(t0.steady + 2999ms));
    EXPECT_TRUE(run.done(t0.steady + 3s));
}

TEST(ping_run, tells_answered_lost_late_and_doubled_packets_apart)
{
    auto run = three_packets();
    send(run, 0s);
    send(run, 1s);
    run.reply(1, at(1s + 20ms));
    run.reply(1, at(1s + 21ms));
    run.reply(1, at(1s + 22ms));
    send(run, 2s);
    run.reply(0, at(2s + 500ms));  // late, but while the run was on
    auto const report = run.report();
    ASSERT_EQ(report.packets.size(), 3U);
    EXPECT_EQ(report.packets[0].round_trip, 2500ms - 10us);
    EXPECT_TRUE(report.packets[0].late);
    EXPECT_FALSE(report.packets[1].late);
    EXPECT_EQ(report.packets[1].round_trip, 20ms - 10us);
    EXPECT_EQ(report.packets[1].duplicates, 2U);
    EXPECT_EQ(report.packets[1].ttl, 57U);
    EXPECT_EQ(report.packets[2], proto::ping_packet{});
    EXPECT_EQ(run.clock(), proto::clock_kind::kernel);
    EXPECT_EQ(report.size, 48U);
}

TEST(ping_run, ends_soon_after_every_packet_has_its_answer)
{
    auto run = three_packets();
    send(run, 0s);
    run.reply(0, at(20ms));
    send(run, 1s);
    run.error(1, "host unreachable", other, t0.steady + 1s + 20ms);
    send(run, 2s);
    EXPECT_EQ(run.next_event(), t0.steady + 3s);
    run.reply(2, at(2s + 20ms));
    EXPECT_EQ(run.next_event(), t0.steady + 2s + 20ms + ping_run::duplicate_wait);
    run.reply(2, at(2s + 25ms));
    EXPECT_TRUE(run.done(run.next_event()));
    EXPECT_EQ(run.report().packets[2].duplicates, 1U);
}

TEST(ping_run, names_other_sources_and_sizes_only)
{
    auto run = three_packets();
    send(run, 0s);
    send(run, 1s);
    run.reply(0, at(1ms));
    auto odd = at(1s + 1ms, other);
    odd.size = 40;
    run.reply(1, odd);
    auto const report = run.report();
    EXPECT_EQ(report.packets[0].source, std::nullopt);
    EXPECT_EQ(report.packets[0].size, std::nullopt);
    EXPECT_EQ(report.packets[1].source, other);
    EXPECT_EQ(report.packets[1].size, 40U);
}

TEST(ping_run, keeps_the_first_error_and_prefers_a_reply)
{
    auto run = three_packets();
    send(run, 0s);
    send(run, 1s);
    run.error(0, "host unreachable", other, t0.steady + 1ms);
    run.error(0, "ttl exceeded", target, t0.steady + 1ms);
    run.error(1, "admin prohibited", other, t0.steady + 1s);
    run.reply(1, at(1s + 5ms));
    auto const report = run.report();
    EXPECT_EQ(report.packets[0].error, "host unreachable");
    EXPECT_EQ(report.packets[0].source, other);
    EXPECT_EQ(report.packets[1].error, "");
    EXPECT_TRUE(report.packets[1].round_trip);
}

TEST(ping_run, ignores_answers_to_what_was_not_sent)
{
    auto run = three_packets();
    run.reply(0, at(1ms));
    run.error(0, "host unreachable", other, t0.steady + 1ms);
    run.sent_stamp(0, t0.wall);
    run.reply(77, at(1ms));
    run.not_sent("sendto failed: No buffer space available", t0.steady);
    run.reply(0, at(2ms));
    EXPECT_EQ(run.report().packets[0].error, "sendto failed: No buffer space available");
    EXPECT_EQ(run.report().packets[0].round_trip, std::nullopt);
}

TEST(ping_run, a_run_of_which_nothing_could_be_sent_ends_at_once)
{
    auto run = ping_run({.packets = 2, .packet_interval = 2ms}, target, t0.steady);
    run.not_sent("sendto failed", t0.steady);
    run.not_sent("sendto failed", t0.steady + 2ms);
    EXPECT_TRUE(run.done(t0.steady + 2ms));
}

TEST(ping_run, a_stalled_process_does_not_send_the_rest_in_a_burst)
{
    auto run = three_packets();
    send(run, 0s);
    send(run, 1h);
    EXPECT_FALSE(run.due(t0.steady + 1h + 1ms));
    EXPECT_EQ(run.next_event(), t0.steady + 1h + 1s);
}

TEST(ping_run, waits_for_the_guard_but_not_for_ever)
{
    auto run = three_packets();
    EXPECT_TRUE(run.hold(t0.steady + 300ms));
    EXPECT_FALSE(run.due(t0.steady + 299ms));
    send(run, 300ms);
    EXPECT_EQ(run.next_event(), t0.steady + 1s);
    EXPECT_FALSE(run.hold(t0.steady + 1s + ping_run::longest_delay + 1ms));
    EXPECT_EQ(run.report().packets[1].error, "too many packets");
}

TEST(round_trip, is_by_the_kernel_only_when_both_stamps_are_there_and_plausible)
{
    stamp const sent{t0.steady, t0.wall + 1ms};
    auto const with = [](std::chrono::nanoseconds user, std::optional<std::chrono::nanoseconds> kernel) {
        stamp out{t0.steady + user, {}};
        if (kernel) out.kernel = t0.wall + *kernel;
        return out;
    };
    EXPECT_EQ(between(sent, with(12ms, 11ms)).length, 10ms);
    EXPECT_EQ(between(sent, with(12ms, 11ms)).clock, proto::clock_kind::kernel);
    EXPECT_EQ(between(sent, with(12ms, {})).length, 12ms);
    EXPECT_EQ(between(sent, with(12ms, {})).clock, proto::clock_kind::user);
    EXPECT_EQ(between(sent, with(12ms, -5s)).length, 12ms) << "the wall clock went back";
    EXPECT_EQ(between(sent, with(12ms, 5s)).length, 12ms) << "the wall clock went forward";
    EXPECT_EQ(between({t0.steady, {}}, with(12ms, 11ms)).length, 12ms);
}

TEST(round_trip, uses_the_kernels_receipt_where_the_sending_has_no_stamp)
{
    stamp const sent{t0.steady, {}};
    auto const read_at = t0 + 12ms;
    auto const got = [&](wall_time kernel) {
        return between(sent, stamp_of_receipt(read_at.steady, read_at.wall, kernel));
    };
    EXPECT_EQ(got(t0.wall + 11ms).length, 11ms);
    EXPECT_EQ(got(t0.wall + 11ms).clock, proto::clock_kind::kernel_receive);
    EXPECT_EQ(got(read_at.wall).length, 12ms);
    EXPECT_EQ(got(read_at.wall + 1ns).clock, proto::clock_kind::user)
        << "a stamp of the future: the clock was set back";
    EXPECT_EQ(got(t0.wall - 1ns).clock, proto::clock_kind::user) << "received before it was sent: set forward";
    EXPECT_EQ(between(sent, stamp_of_receipt(read_at.steady, read_at.wall, {})).clock, proto::clock_kind::user);
}

TEST(round_trip, a_clock_that_is_set_while_the_packet_is_on_its_way_costs_the_senders_stamp_only)
{
    stamp const sent{t0.steady, t0.wall + 1ms};
    auto const step = 1h;
    auto const received = stamp_of_receipt(t0.steady + 12ms, t0.wall + step + 12ms, t0.wall + step + 11ms);
    EXPECT_EQ(between(sent, received).length, 11ms);
    EXPECT_EQ(between(sent, received).clock, proto::clock_kind::kernel_receive);
}

TEST(demux, finds_whose_a_packet_is_until_it_is_forgotten)
{
    demux raw(true);
    auto const one = raw.take(0x1111, {1, 0}), two = raw.take(0x2222, {2, 5});
    ASSERT_TRUE(one && two);
    EXPECT_EQ(raw.find(one->identifier, one->sequence), (demux::owner{1, 0}));
    EXPECT_EQ(raw.find(two->identifier, two->sequence), (demux::owner{2, 5}));
    EXPECT_FALSE(raw.find(0x3333, one->sequence));
    raw.forget(*one);
    EXPECT_FALSE(raw.find(one->identifier, one->sequence));
}

TEST(demux, a_ping_socket_has_one_identifier_and_so_65536_names)
{
    demux shared(false);
    auto const one = shared.take(0x1111, {1, 0});
    EXPECT_EQ(shared.find(0x9999, one->sequence), (demux::owner{1, 0}));
    for (unsigned i = 1; i < 65'536; ++i) ASSERT_TRUE(shared.take(0, {2, i}));
    EXPECT_FALSE(shared.take(0, {3, 0}));
    shared.forget(*one);
    EXPECT_TRUE(shared.take(0, {3, 0}));
}

TEST(demux, stamps_are_found_by_their_key_only)
{
    demux raw(true);
    EXPECT_FALSE(raw.find_sent(0));
    raw.sent(5, {1, 2});
    EXPECT_EQ(raw.find_sent(5), (demux::owner{1, 2}));
    EXPECT_FALSE(raw.find_sent(5 + 1024));
    raw.sent(5 + 1024, {3, 4});
    EXPECT_FALSE(raw.find_sent(5));
}

}  // namespace
}  // namespace tp::probe
