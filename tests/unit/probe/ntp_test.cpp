#include <gtest/gtest.h>

#include "probe/measure/ntp/packet.hpp"
#include "probe/measure/ntp/run.hpp"
#include "probe/measure/ntp/servers.hpp"
#include "tests/unit/probe/support.hpp"

namespace tp::probe {
namespace {

auto const t0 = start_of_test;  // 2023-11-14 22:13:20 UTC
constexpr proto::ntp_time t0_as_ntp = (1'700'000'000ULL + 2'208'988'800ULL) << 32;
auto const server = parse_address("192.0.2.123").value();

TEST(ntp_packet, a_request_tells_nothing_but_a_number)
{
    auto const request = ntp_request(0x0123456789abcdef);
    EXPECT_EQ(request[0], 0x23) << "leap 0, version 4, mode 3";
    for (std::size_t i = 1; i < 40; ++i) EXPECT_EQ(request[i], 0) << i;
    for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(request[40 + i], 0x01 + 0x22 * i) << i;
}

TEST(ntp_packet, reads_every_field)
{
    std::array<std::uint8_t, ntp_header_size + 4> octets{};  // with the beginning of an extension field
    octets[0] = 0b11'011'100;
    octets[1] = 16;
    octets[2] = 6;
    octets[3] = static_cast<std::uint8_t>(-23);
    for (std::uint8_t i = 4; i < ntp_header_size; ++i) octets[i] = i;
    auto const got = read_ntp(octets).value();
    EXPECT_EQ(got.leap, 3U);
    EXPECT_EQ(got.version, 3U);
    EXPECT_EQ(got.mode, 4U);
    EXPECT_EQ(got.stratum, 16U);
    EXPECT_EQ(got.poll, 6);
    EXPECT_EQ(got.precision, -23);
    EXPECT_EQ(got.root_delay, 0x04050607U);
    EXPECT_EQ(got.root_dispersion, 0x08090a0bU);
    EXPECT_EQ(got.reference_id, 0x0c0d0e0fU);
    EXPECT_EQ(got.reference, 0x1011121314151617U);
    EXPECT_EQ(got.origin, 0x18191a1b1c1d1e1fU);
    EXPECT_EQ(got.receive, 0x2021222324252627U);
    EXPECT_EQ(got.transmit, 0x28292a2b2c2d2e2fU);
    EXPECT_EQ(read_ntp(std::span(octets).first(ntp_header_size - 1)).error(), errc::malformed);
}

TEST(ntp_packet, names_kisses)
{
    auto const code = [](unsigned stratum, std::uint32_t id) {
        return kiss_code({.stratum = stratum, .reference_id = id});
    };
    EXPECT_EQ(code(0, 0x52415445), "RATE");
    EXPECT_EQ(code(1, 0x52415445), "");
    EXPECT_EQ(code(0, 0), "");
    EXPECT_EQ(code(0, 0x52417f45), "");
}

TEST(ntp_time, counts_from_1900_and_begins_again_in_2036)
{
    EXPECT_EQ(to_ntp(t0.wall), t0_as_ntp);
    EXPECT_EQ(to_ntp(t0.wall + 500ms), t0_as_ntp | 0x80000000);
    EXPECT_EQ(to_ntp(t0.wall - 500ms), t0_as_ntp - 0x80000000);
    auto const era_1 = from_unix_seconds(2'085'978'496);  // 2036-02-07 06:28:16 UTC
    EXPECT_EQ(to_ntp(era_1), 0U);
    EXPECT_EQ(to_ntp(era_1 - 1s), 0xffffffffULL << 32);
}

TEST(ntp_time, differences_are_signed_and_cross_eras)
{
    EXPECT_EQ(ntp_difference(t0_as_ntp + (3ULL << 32), t0_as_ntp), 3s);
    EXPECT_EQ(ntp_difference(t0_as_ntp, t0_as_ntp + (3ULL << 32)), -3s);
    EXPECT_EQ(ntp_difference(t0_as_ntp, t0_as_ntp + 0x80000000), -500ms);
    EXPECT_EQ(ntp_difference(1ULL << 32, 0xffffffffULL << 32), 2s);
    EXPECT_EQ(ntp_difference(0xffffffffULL << 32, 1ULL << 32), -2s);
    for (auto const apart : {1ns, 999'999'999ns, -1ns, 1h + 1ns})
        EXPECT_NEAR(static_cast<double>((ntp_difference(to_ntp(t0.wall + apart), to_ntp(t0.wall)) - apart).count()), 0,
                    1)
            << "a timestamp's unit is a quarter of a nanosecond";
}

TEST(ntp_time, offset_and_round_trip_have_the_right_sign_and_size)
{
    struct row {
        std::chrono::nanoseconds ahead, there, at_server, back;
    };
    for (auto const& [ahead, there, at_server, back] :
         {row{0s, 10ms, 1ms, 10ms}, row{5s, 10ms, 1ms, 10ms}, row{-5s, 10ms, 1ms, 10ms}, row{200us, 3ms, 0s, 3ms},
          row{-20 * 8760h, 10ms, 1ms, 10ms}, row{40 * 8760h, 10ms, 1ms, 10ms}}) {
        auto const received_there = t0.wall + there + ahead;
        auto const left_there = received_there + at_server;
        auto const back_here = t0.wall + there + at_server + back;
        auto const got = ntp_compare(t0.wall, to_ntp(received_there), to_ntp(left_there), back_here);
        EXPECT_NEAR(static_cast<double>((got.offset - ahead).count()), 0, 2) << ahead.count();
        EXPECT_NEAR(static_cast<double>((got.round_trip - there - back).count()), 0, 2) << ahead.count();
    }
    auto const lopsided = ntp_compare(t0.wall, to_ntp(t0.wall + 30ms), to_ntp(t0.wall + 30ms), t0.wall + 40ms);
    EXPECT_NEAR(static_cast<double>((lopsided.offset - 10ms).count()), 0, 2) << "half the difference of the two ways";
}

ntp_header answer_to(proto::ntp_time request, std::chrono::nanoseconds ahead = 0s)
{
    ntp_header out{.version = 4, .mode = ntp_header::server_mode, .stratum = 2, .origin = request};
    out.receive = to_ntp(t0.wall + 10ms + ahead);
    out.transmit = to_ntp(t0.wall + 11ms + ahead);
    return out;
}

stamp at(std::chrono::nanoseconds passed)
{
    return stamp_of_receipt(t0.steady + passed + 5us, t0.wall + passed + 5us, t0.wall + passed);
}

ntp_run three_packets()
{
    return ntp_run({.packets = 3, .timeout = 1000ms}, t0.steady);
}

ntp_run::taken reply(ntp_run& run, ntp_header const& got, std::chrono::nanoseconds passed)
{
    return run.reply(got, at(passed), t0.wall + passed + 5us);
}

TEST(ntp_run, measures_with_the_kernels_stamps)
{
    auto run = three_packets();
    ASSERT_TRUE(run.due(t0.steady));
    run.sent(77, t0.steady);
    EXPECT_FALSE(run.due(t0.steady + 1ms)) << "one after the other";
    EXPECT_EQ(run.next_event(), t0.steady + 1s);
    run.sent_stamp(t0.wall + 2us);
    EXPECT_EQ(reply(run, answer_to(77, 5s), 21ms), ntp_run::taken::yes);
    ASSERT_EQ(run.report().packets.size(), 1U);
    auto const& got = run.report().packets[0];
    EXPECT_TRUE(got.received);
    EXPECT_EQ(got.origin, to_ntp(t0.wall + 2us)) << "when it went, not the random number in it";
    EXPECT_EQ(got.final, to_ntp(t0.wall + 21ms));
    EXPECT_NEAR(static_cast<double>((got.offset - (5s - 1us)).count()), 0, 2);
    EXPECT_NEAR(static_cast<double>((got.round_trip - (20ms - 2us)).count()), 0, 2);
    EXPECT_EQ(run.clock(), proto::clock_kind::kernel);
    EXPECT_TRUE(run.due(t0.steady + 22ms));
}

TEST(ntp_run, measures_without_stamps_and_says_so)
{
    auto run = three_packets();
    run.sent(77, t0.steady);
    run.reply(answer_to(77, -5s), {t0.steady + 21ms, {}}, t0.wall + 21ms);
    auto const& got = run.report().packets.at(0);
    EXPECT_EQ(got.origin, to_ntp(t0.wall));
    EXPECT_NEAR(static_cast<double>((got.offset + 5s).count()), 0, 2);
    EXPECT_EQ(run.clock(), proto::clock_kind::user);
}

TEST(ntp_run, silence_is_an_empty_packet)
{
    auto run = three_packets();
    run.sent(77, t0.steady);
    run.pass(t0.steady + 999ms);
    EXPECT_TRUE(run.report().packets.empty());
    run.pass(t0.steady + 1s);
    ASSERT_EQ(run.report().packets.size(), 1U);
    EXPECT_EQ(run.report().packets[0], proto::ntp_packet{});
    EXPECT_EQ(reply(run, answer_to(77), 1001ms), ntp_run::taken::ignored) << "too late";
}

TEST(ntp_run, ignores_and_counts_what_does_not_answer_the_packet_on_its_way)
{
    auto run = three_packets();
    EXPECT_EQ(reply(run, answer_to(0), 1ms), ntp_run::taken::ignored) << "nothing was asked";
    run.sent(77, t0.steady);
    EXPECT_EQ(reply(run, answer_to(78), 1ms), ntp_run::taken::ignored) << "a guess";
    auto client = answer_to(77);
    client.mode = 3;
    EXPECT_EQ(reply(run, client, 1ms), ntp_run::taken::ignored);
    auto empty = answer_to(77);
    empty.transmit = 0;
    EXPECT_EQ(reply(run, empty, 1ms), ntp_run::taken::ignored);
    run.ignore();
    EXPECT_EQ(reply(run, answer_to(77), 20ms), ntp_run::taken::yes);
    EXPECT_EQ(reply(run, answer_to(77), 21ms), ntp_run::taken::ignored) << "a second time";
    EXPECT_EQ(run.mismatched(), 6U);
    EXPECT_EQ(run.report().packets.size(), 1U);
}

TEST(ntp_run, a_kiss_is_an_error_with_the_servers_header)
{
    auto run = three_packets();
    run.sent(77, t0.steady);
    auto kiss = answer_to(77);
    kiss.stratum = 0;
    kiss.leap = 3;
    kiss.reference_id = 0x52415445;
    kiss.transmit = 0;
    EXPECT_EQ(reply(run, kiss, 20ms), ntp_run::taken::kiss);
    auto const& got = run.report().packets.at(0);
    EXPECT_EQ(got.error, "kiss-o'-death RATE");
    EXPECT_TRUE(got.received);
    EXPECT_EQ(got.reference_id, 0x52415445U);
    EXPECT_EQ(got.offset, 0ns);
    run.stop();
    EXPECT_TRUE(run.done());
}

TEST(ntp_run, errors_end_the_waiting_for_their_packet_only)
{
    auto run = three_packets();
    run.error("port unreachable");
    EXPECT_TRUE(run.report().packets.empty()) << "nothing was on its way";
    run.sent(77, t0.steady);
    run.error("port unreachable");
    run.not_sent("sendto failed: Operation not permitted");
    ASSERT_EQ(run.report().packets.size(), 2U);
    EXPECT_EQ(run.report().packets[0].error, "port unreachable");
    EXPECT_FALSE(run.done());
    EXPECT_TRUE(run.due(t0.steady + 1ms));
}

TEST(ntp_run, waits_for_its_turn_but_not_for_ever)
{
    auto run = three_packets();
    run.hold(t0.steady + 2s);
    EXPECT_FALSE(run.due(t0.steady + 1s));
    EXPECT_TRUE(run.due(t0.steady + 2s));
    run.hold(t0.steady + ntp_run::longest_delay + 1s);
    EXPECT_EQ(run.report().packets.at(0).error, "too many packets");
}

TEST(ntp_run, a_clock_that_is_set_between_question_and_answer_spoils_neither)
{
    auto run = three_packets();
    run.sent(77, t0.steady);
    run.sent_stamp(t0.wall - 1h);  // then the clock was set forward by an hour
    reply(run, answer_to(77, 5s), 21ms);
    auto const& got = run.report().packets.at(0);
    EXPECT_NEAR(static_cast<double>((got.offset - 5s).count()), 0, 1000);
    EXPECT_NEAR(static_cast<double>((got.round_trip - 20ms).count()), 0, 1000);
    EXPECT_EQ(run.clock(), proto::clock_kind::kernel_receive);
}

TEST(ntp_servers, are_asked_every_two_seconds_at_most_over_all_runs)
{
    ntp_servers all;
    EXPECT_TRUE(all.ask(server, t0.steady).now);
    auto const second = all.ask(server, t0.steady + 1ms);
    EXPECT_FALSE(second.now);
    EXPECT_EQ(second.when, t0.steady + 2s);
    EXPECT_EQ(second.kiss, "");
    EXPECT_TRUE(all.ask(parse_address("192.0.2.124").value(), t0.steady + 1ms).now) << "another server";
    EXPECT_TRUE(all.ask(server, t0.steady + 2s).now);
}

TEST(ntp_servers, many_packets_go_at_the_average_that_servers_accept)
{
    ntp_servers all;
    auto now = t0.steady;
    constexpr int packets = 100;
    for (int i = 0; i < packets; ++i) {
        while (!all.ask(server, now).now) now = all.ask(server, now).when;
        if (i == 7) {
            EXPECT_EQ(now, t0.steady + 14s) << "a run of eight is not slowed down";
        }
    }
    EXPECT_GE(now - t0.steady, (packets - ntp_servers::burst - 2) * ntp_servers::average_spacing);
    EXPECT_LE(now - t0.steady, packets * ntp_servers::average_spacing);
}

TEST(ntp_servers, that_refuse_are_left_alone_for_a_while)
{
    ntp_servers all;
    EXPECT_FALSE(all.kissed(server, "INIT", t0.steady)) << "only tells its state";
    EXPECT_TRUE(all.kissed(server, "RATE", t0.steady));
    auto const asked = all.ask(server, t0.steady + 1s);
    EXPECT_FALSE(asked.now);
    EXPECT_EQ(asked.kiss, "RATE");
    EXPECT_EQ(asked.when, t0.steady + 15min);
    EXPECT_TRUE(all.ask(server, asked.when).now);
    EXPECT_TRUE(all.kissed(server, "RATE", asked.when));
    EXPECT_EQ(all.ask(server, asked.when).when, asked.when + 30min) << "longer, the second time";
    for (auto const* const code : {"DENY", "RSTR"}) {
        EXPECT_TRUE(all.kissed(server, code, t0.steady));
        EXPECT_EQ(all.ask(server, t0.steady).when, t0.steady + 24h);
    }
}

TEST(ntp_servers, only_so_many_are_remembered)
{
    ntp_servers all;
    all.kissed(server, "DENY", t0.steady);
    for (unsigned i = 0; i < 2 * ntp_servers::most_servers; ++i)
        all.ask(boost::asio::ip::address_v4(0x0a000000 + i), t0.steady + std::chrono::milliseconds(i));
    EXPECT_EQ(all.size(), ntp_servers::most_servers);
    EXPECT_EQ(all.ask(server, t0.steady + 1h).kiss, "DENY") << "what was refused is remembered longest";
}

}  // namespace
}  // namespace tp::probe
