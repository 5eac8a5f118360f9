#include "probe/measure/traceroute/packet.hpp"

#include <gtest/gtest.h>

#include "probe/measure/traceroute/answer.hpp"
#include "probe/measure/traceroute/octets.hpp"
#include "tests/unit/traceroute/internet.hpp"

namespace tp::probe {
namespace {

using proto::trace_protocol;

constexpr trace_protocol protocols[] = {trace_protocol::icmp, trace_protocol::udp, trace_protocol::tcp};
constexpr char const* targets[] = {"192.0.2.1", "2001:db8::1"};

octet_string written(trace_plan const& plan, trace_packet const& what)
{
    octet_string out(largest_trace_packet);
    out.resize(write_packet(plan, what, out));
    return out;
}

std::size_t head_of(trace_plan const& plan)
{
    return plan.v4() ? 20 : 40;
}

/// The sum that a receiver makes: 0 if the checksum is right.
std::uint16_t check(trace_plan const& plan, octet_string const& packet, std::size_t head)
{
    word_sum sum;
    auto const message = octets_view(packet).subspan(head);
    if (!plan.v4() || plan.protocol != trace_protocol::icmp) {
        sum.add(octets_view(packet).subspan(plan.v4() ? 12 : 8, plan.v4() ? 8 : 32));
        sum.add(message.size() + (plan.protocol == trace_protocol::icmp  ? 58
                                  : plan.protocol == trace_protocol::udp ? 17
                                                                         : 6));
    }
    sum.add(message);
    return sum.checksum();
}

/// What a router quotes, read back.
std::optional<trace_answer> quoted(trace_plan const& plan, octet_string const& packet, std::size_t least)
{
    octet_string message(8);
    message[0] = plan.v4() ? 11 : 3;
    auto const size = std::min(packet.size(), least);
    message.insert(message.end(), packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size));
    return read_icmp_answer(plan.v4() ? proto::family::v4 : proto::family::v6, message);
}

TEST(trace_packet, has_right_checksums_whatever_it_holds)
{
    for (auto const* to : targets)
        for (auto const protocol : protocols)
            for (unsigned const paris : {0U, 1U, 64U})
                for (unsigned const size : {2U, 3U, 9U, 10U, 48U, 1400U, 2048U}) {
                    SCOPED_TRACE(std::string(to) + " " + std::to_string(static_cast<int>(protocol)) + " paris " +
                                 std::to_string(paris) + " size " + std::to_string(size));
                    auto const plan = plan_for({.protocol = protocol, .size = size}, to, paris);
                    auto const packet = written(plan, {.number = 4079, .hop = 7, .size = size});
                    EXPECT_EQ(packet.size(), packet_octets(plan, size));
                    EXPECT_EQ(check(plan, packet, head_of(plan)), 0);
                    word_sum header;
                    header.add(octets_view(packet).first(20));
                    if (plan.v4()) {
                        EXPECT_EQ(header.checksum(), 0);
                    }
                    EXPECT_EQ(packet[plan.v4() ? 8 : 7], 7);
                }
}

TEST(trace_packet, of_a_paris_run_holds_every_field_that_balancers_look_at)
{
    for (auto const* to : targets)
        for (auto const protocol : protocols) {
            SCOPED_TRACE(std::string(to) + " " + std::to_string(static_cast<int>(protocol)));
            auto const plan = plan_for({.protocol = protocol}, to, 5);
            auto const first = written(plan, {.number = 0, .hop = 1, .size = 48});
            for (unsigned const number : {1U, 2U, 500U, 4079U}) {
                auto const other = written(plan, {.number = number, .hop = number % 255, .size = 48});
                EXPECT_EQ(get32(first, head_of(plan)), get32(other, head_of(plan)));
                if (!plan.v4()) {
                    EXPECT_EQ(get32(first, 0), get32(other, 0)) << "class and flow label";
                }
                if (plan.v4()) {
                    EXPECT_EQ(first[1], other[1]);
                }
            }
        }
}

TEST(trace_packet, of_another_flow_differs_in_the_first_32_bits)
{
    for (auto const protocol : protocols) {
        auto const one = plan_for({.protocol = protocol}, "192.0.2.1", 1);
        auto const two = plan_for({.protocol = protocol}, "192.0.2.1", 2);
        EXPECT_NE(get32(written(one, {.size = 48}), 20), get32(written(two, {.size = 48}), 20));
    }
}

TEST(trace_packet, goes_to_the_port_asked_for_over_tcp_and_from_33434_on_over_udp)
{
    auto const port = [](trace_protocol protocol, unsigned paris, unsigned number) {
        auto const plan = plan_for({.protocol = protocol, .port = 80}, "192.0.2.1", paris);
        return get16(written(plan, {.number = number, .size = 48}), head_of(plan) + 2);
    };
    EXPECT_EQ(port(trace_protocol::tcp, 1, 0), 80);
    EXPECT_EQ(port(trace_protocol::tcp, 0, 9), 80);
    EXPECT_EQ(port(trace_protocol::udp, 1, 0), 33'434);
    EXPECT_EQ(port(trace_protocol::udp, 16, 9), 33'449);
    EXPECT_EQ(port(trace_protocol::udp, 0, 0), 33'434);
    EXPECT_EQ(port(trace_protocol::udp, 0, 4079), 37'513);
}

TEST(trace_packet, of_a_classic_run_moves_them)
{
    for (auto const* to : targets)
        for (auto const protocol : {trace_protocol::icmp, trace_protocol::udp}) {
            auto const plan = plan_for({.protocol = protocol, .paris = 0}, to, 0);
            auto const one = written(plan, {.number = 1, .size = 48}), two = written(plan, {.number = 2, .size = 48});
            EXPECT_NE(get32(one, head_of(plan)), get32(two, head_of(plan)));
            if (!plan.v4()) {
                EXPECT_NE(get32(one, 0), get32(two, 0));
            }
        }
}

TEST(trace_packet, is_known_again_by_the_eight_octets_that_every_router_quotes)
{
    for (auto const* to : targets)
        for (auto const protocol : protocols)
            for (unsigned const paris : {0U, 1U, 64U})
                for (unsigned const number : {0U, 1U, 17U, 4079U}) {
                    SCOPED_TRACE(std::string(to) + " " + std::to_string(static_cast<int>(protocol)) + " paris " +
                                 std::to_string(paris) + " number " + std::to_string(number));
                    auto const plan = plan_for({.protocol = protocol}, to, paris);
                    auto const packet = written(plan, {.number = number, .size = 48});
                    auto const answer = quoted(plan, packet, head_of(plan) + 8);
                    ASSERT_TRUE(answer);
                    EXPECT_EQ(number_of(plan, answer->quote), number);
                }
}

TEST(trace_packet, of_another_run_is_not_taken_for_ours)
{
    for (auto const protocol : {trace_protocol::icmp, trace_protocol::udp, trace_protocol::tcp}) {
        auto const plan = plan_for({.protocol = protocol}, "192.0.2.1", 1);
        auto other = plan;
        other.nonce = static_cast<std::uint8_t>(plan.nonce + 1);
        auto const answer = quoted(plan, written(other, {.number = 3, .size = 48}), 28);
        ASSERT_TRUE(answer);
        EXPECT_EQ(number_of(plan, answer->quote), std::nullopt);
    }
}

TEST(trace_packet, carries_options_headers_of_the_sizes_asked_for)
{
    struct row {
        unsigned hop_by_hop, destination, hop_by_hop_octets, destination_octets;
    };
    for (auto const& [hop_by_hop, destination, first, second] :
         {row{0, 0, 0, 0}, row{1, 0, 8, 0}, row{6, 7, 8, 16}, row{0, 1024, 0, 1032}, row{2046, 300, 2048, 304},
          row{2047, 300, 2048, 304}, row{2048, 1024, 2048, 1032}}) {
        SCOPED_TRACE(hop_by_hop);
        auto const plan = plan_for({.protocol = trace_protocol::udp,
                                    .destination_option_size = destination,
                                    .hop_by_hop_option_size = hop_by_hop},
                                   "2001:db8::1", 1);
        auto const packet = written(plan, {.number = 9, .size = 48});
        EXPECT_EQ(packet.size(), 40U + first + second + 8 + 48);
        EXPECT_EQ(get16(packet, 4), packet.size() - 40);
        auto const answer = quoted(plan, packet, packet.size());
        ASSERT_TRUE(answer);
        EXPECT_EQ(number_of(plan, answer->quote), 9U);
        EXPECT_EQ(answer->quote.hop_by_hop_size, first ? std::optional(first - 2) : std::nullopt);
        EXPECT_EQ(answer->quote.destination_option_size, second ? std::optional(second - 2) : std::nullopt);
    }
}

/// Puts fragments together again.
octet_string rejoin(std::vector<octet_string> const& parts, std::size_t head)
{
    octet_string out;
    for (auto const& one : parts) {
        bool const v4 = one[0] >> 4 == 4;
        auto const offset = v4 ? (get16(one, 6) & 0x1fffU) * 8U : get16(one, head - 6) & 0xfff8U;
        if (out.size() < offset + one.size() - head) out.resize(offset + one.size() - head);
        std::copy(one.begin() + static_cast<std::ptrdiff_t>(head), one.end(),
                  out.begin() + static_cast<std::ptrdiff_t>(offset));
    }
    return out;
}

TEST(trace_packet, comes_in_fragments_where_it_is_too_long)
{
    for (auto const* to : targets) {
        auto const plan = plan_for({.protocol = trace_protocol::udp}, to, 1);
        auto const packet = written(plan, {.number = 9, .size = 2048});
        auto const parts = fragments_of(packet, 600, 42);
        ASSERT_GT(parts.size(), 3U);
        for (auto const& one : parts) EXPECT_LE(one.size(), 600U);
        auto const whole = rejoin(parts, plan.v4() ? 20 : 48);
        EXPECT_TRUE(std::equal(whole.begin(), whole.end(), packet.begin() + (plan.v4() ? 20 : 40), packet.end()));
    }
}

TEST(trace_packet, is_at_least_as_long_as_paris_needs)
{
    EXPECT_EQ(least_size({.protocol = trace_protocol::icmp, .paris = 16}), 2U);
    EXPECT_EQ(least_size({.protocol = trace_protocol::udp, .paris = 1}), 2U);
    EXPECT_EQ(least_size({.protocol = trace_protocol::tcp, .paris = 16}), 0U);
    EXPECT_EQ(least_size({.protocol = trace_protocol::udp, .paris = 0}), 0U);
}

}  // namespace
}  // namespace tp::probe
