#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/ssh/keys.hpp"
#include "probe/agent/command_line.hpp"
#include "probe/selftest/checks.hpp"
#include "probe/selftest/open_ports.hpp"
#include "tests/unit/base/temporary_folder.hpp"

namespace tp::probe {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using enum open_port::transport;

std::vector<std::string> texts(std::vector<open_port> const& ports)
{
    std::vector<std::string> out;
    for (auto const& each : ports) out.push_back(text_of(each));
    return out;
}

TEST(open_ports, of_tcp_are_those_that_listen_for_others)
{
    constexpr std::string_view table =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0\n"
        "   1: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1 0\n"
        "   2: 050200C0:C350 010200C0:1D11 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0\n"
        "   3: 050200C0:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4 1 0\n";
    EXPECT_THAT(texts(open_ports_in(table, tcp)), ElementsAre("tcp 0.0.0.0:22", "tcp 192.0.2.5:80"));
    constexpr std::string_view table6 =
        "   0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 0 0\n"
        "   1: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 0 0\n"
        "   2: 0000000000000000FFFF00000100007F:0016 00000000000000000000000000000000:0000 0A 0 0\n"
        "   3: B80D0120000000000000000001000000:01BB 00000000000000000000000000000000:0000 0A 0 0\n";
    EXPECT_THAT(texts(open_ports_in(table6, tcp)), ElementsAre("tcp [::]:22", "tcp [2001:db8::1]:443"));
}

TEST(open_ports, of_udp_are_those_that_are_not_connected)
{
    constexpr std::string_view table =
        "   0: 00000000:0044 00000000:0000 07 00000000:00000000 0\n"
        "   1: 050200C0:C350 010200C0:0035 01 00000000:00000000 0\n"
        "   2: 0100007F:0035 00000000:0000 07 00000000:00000000 0\n";
    EXPECT_THAT(texts(open_ports_in(table, udp)), ElementsAre("udp 0.0.0.0:68"));
}

TEST(open_ports, are_not_found_in_what_is_no_table)
{
    for (std::string_view const table : {"", "\n\n", "x", "0: :  0A", "0: 0:0 0:0 0A", "0: 00000000:FFFFF 0:0 0A",
                                         "0: ZZZZZZZZ:0016 00000000:0000 0A", "0: 000000000:0016 0:0000 0A"})
        EXPECT_THAT(open_ports_in(table, tcp), IsEmpty()) << table;
}

struct device_checks : testing::Test {
    device_checks() { std::filesystem::create_directory(state); }

    tp::test::temporary_folder folder;
    std::filesystem::path const state = folder / "state";
};

TEST_F(device_checks, write_and_read_the_state_folder_and_leave_nothing)
{
    auto const done = check_storage(state, 1);
    EXPECT_TRUE(done.good) << done.text;
    EXPECT_TRUE(std::filesystem::is_empty(state));
    EXPECT_FALSE(check_storage(state, UINT64_MAX).good) << "no room for the spool";
    EXPECT_FALSE(check_storage(state / "absent", 1).good);
}

TEST_F(device_checks, want_a_key_that_others_cannot_read)
{
    auto const file = folder / "key";
    EXPECT_FALSE(check_key(file).good);
    ASSERT_TRUE(ssh::private_key::load_or_make(file));
    EXPECT_TRUE(check_key(file).good);
    for (mode_t const mode : {mode_t{0400}, mode_t{0640}, mode_t{0604}}) {
        ASSERT_EQ(::chmod(file.c_str(), mode), 0);
        EXPECT_FALSE(check_key(file).good) << mode;
    }
    ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
    std::ofstream(file) << "no key";
    EXPECT_FALSE(check_key(file).good);
}

TEST_F(device_checks, hold_the_clock_against_the_servers)
{
    EXPECT_FALSE(check_clock(std::nullopt).good);
    EXPECT_TRUE(check_clock(-1999ms).good);
    EXPECT_FALSE(check_clock(2s).good);
    EXPECT_FALSE(check_clock(-2s).good);
    proto::ntp_packet slow, quick, silent;
    slow.received = quick.received = true;
    slow.round_trip = 200ms;
    slow.offset = 90ms;
    quick.round_trip = 10ms;
    quick.offset = 5ms;
    outcome found;
    found.found = proto::ntp_report{{silent, slow, quick}};
    EXPECT_EQ(clock_offset(found), 5ms);
    found.found = proto::ntp_report{{silent}};
    EXPECT_FALSE(clock_offset(found));
    found.found = proto::ping_report{};
    EXPECT_FALSE(clock_offset(found));
}

TEST_F(device_checks, say_whether_each_type_did_what_it_should)
{
    outcome found;
    found.found = proto::ping_report{48, {{}, {.round_trip = 2ms, .ttl = {}, .size = {}, .source = {}, .error = {}}}};
    EXPECT_TRUE(check_outcome(found).good);
    EXPECT_EQ(check_outcome(found).text, "1 of 2 answered, best 2.000 ms");
    EXPECT_EQ(check_outcome(found).name, "ping");
    found.failed = proto::failure{proto::failure_source::guard, "address not allowed"};
    EXPECT_FALSE(check_outcome(found).good);
    EXPECT_EQ(check_outcome(found).text, "address not allowed");
    for (proto::findings const& nothing :
         {proto::findings(proto::ping_report{48, {{}}}), proto::findings(proto::dns_report{}),
          proto::findings(proto::http_report{}), proto::findings(proto::tls_report{}),
          proto::findings(proto::ntp_report{}),
          proto::findings(proto::traceroute_report{.stopped_by = proto::trace_end::gap_limit})}) {
        found = {};
        found.found = nothing;
        EXPECT_FALSE(check_outcome(found).good) << check_outcome(found).name;
    }
}

TEST(selftest_command, needs_an_anchor_and_takes_ports_that_may_be_open)
{
    auto const read = [](std::vector<std::string_view> words) { return command_line::read(words, wall_now()); };
    auto const line = read({"selftest", "--anchor", "192.0.2.1", "--allow-port", "68", "--allow-port", "22", "--report",
                            "out", "--ntp", "2001:db8::1", "--config", "c"});
    EXPECT_EQ(line.is, command_line::what::selftest);
    EXPECT_EQ(line.tests.anchor, parse_address("192.0.2.1").value());
    EXPECT_EQ(line.tests.ntp, parse_address("2001:db8::1").value());
    EXPECT_THAT(line.tests.allowed_ports, ElementsAre(68, 22));
    EXPECT_EQ(line.tests.report, "out");
    using enum command_line::what;
    EXPECT_EQ(read({"selftest"}).is, wrong);
    EXPECT_EQ(read({"selftest", "--anchor"}).is, wrong);
    EXPECT_EQ(read({"selftest", "--anchor", "a.net"}).is, wrong);
    EXPECT_EQ(read({"selftest", "--anchor", "192.0.2.1", "--allow-port", "x"}).is, wrong);
    EXPECT_EQ(read({"--anchor", "192.0.2.1"}).is, wrong);
    EXPECT_EQ(read({"factory-reset"}).is, factory_reset);
    EXPECT_FALSE(read({"factory-reset"}).sure);
    EXPECT_TRUE(read({"factory-reset", "--yes"}).sure);
    EXPECT_EQ(read({"key", "--yes"}).is, wrong);
    EXPECT_EQ(read({"rotate-key"}).is, rotate_key);
}

}  // namespace
}  // namespace tp::probe
