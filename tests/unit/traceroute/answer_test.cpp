#include "probe/measure/traceroute/answer.hpp"

#include <gtest/gtest.h>

#include "probe/measure/traceroute/extension.hpp"
#include "probe/measure/traceroute/hearing.hpp"
#include "probe/measure/traceroute/octets.hpp"
#include "tests/unit/traceroute/internet.hpp"

namespace tp::probe {
namespace {

using proto::trace_error;
using proto::trace_protocol;
using kind = trace_answer::kind;
using says = heard::says;

trace_answer error_of(kind is, unsigned code, std::string const& quoted_destination = "192.0.2.1")
{
    trace_answer out;
    out.is = is;
    out.code = code;
    out.quote.ttl = 1;
    out.quote.tos = 0;
    out.quote.destination = parse_address(quoted_destination).value();
    return out;
}

receipt from(std::string const& address)
{
    return {.at = {}, .from = parse_address(address).value(), .ttl = 63, .tos = 0};
}

TEST(hear, knows_every_code_of_unreachable)
{
    using enum trace_error;
    struct row {
        char const* to;
        unsigned code;
        trace_protocol protocol;
        says what;
        trace_error error;
        unsigned error_code;
    };
    constexpr auto icmp = trace_protocol::icmp, udp = trace_protocol::udp, tcp = trace_protocol::tcp;
    constexpr auto v4 = "192.0.2.1", v6 = "2001:db8::1";
    for (auto const& [to, code, protocol, what, error, error_code] :
         {row{v4, 0, udp, says::unreachable, network, 0}, row{v4, 1, icmp, says::unreachable, host, 0},
          row{v4, 2, tcp, says::unreachable, protocol, 0}, row{v4, 3, udp, says::reached, none, 0},
          row{v4, 3, tcp, says::reached, none, 0}, row{v4, 3, icmp, says::unreachable, port, 0},
          row{v4, 5, udp, says::unreachable, other, 5}, row{v4, 9, udp, says::unreachable, other, 9},
          row{v4, 10, udp, says::unreachable, other, 10}, row{v4, 13, udp, says::unreachable, prohibited, 0},
          row{v6, 0, udp, says::unreachable, network, 0}, row{v6, 1, udp, says::unreachable, prohibited, 0},
          row{v6, 2, udp, says::unreachable, beyond_scope, 0}, row{v6, 3, udp, says::unreachable, host, 0},
          row{v6, 4, udp, says::reached, none, 0}, row{v6, 4, icmp, says::unreachable, port, 0},
          row{v6, 5, tcp, says::unreachable, other, 5}, row{v6, 6, tcp, says::unreachable, other, 6}}) {
        SCOPED_TRACE(std::string(to) + " " + std::to_string(code));
        auto const plan = plan_for({.protocol = protocol}, to, 1);
        auto const got = hear(plan, error_of(kind::unreachable, code, to), from(to));
        EXPECT_EQ(got.what, what);
        EXPECT_EQ(got.reply.error, error);
        EXPECT_EQ(got.reply.error_code, error_code);
    }
}

TEST(hear, goes_on_after_what_is_no_end)
{
    auto const plan = plan_for({}, "192.0.2.1", 1);
    EXPECT_EQ(hear(plan, error_of(kind::time_exceeded, 0), from("192.0.2.9")).what, says::go_on);
    EXPECT_EQ(hear(plan, error_of(kind::too_big, 4), from("192.0.2.9")).what, says::go_on);
    auto const reassembly = hear(plan, error_of(kind::time_exceeded, 1), from("192.0.2.9"));
    EXPECT_EQ(reassembly.what, says::go_on);
    EXPECT_EQ(reassembly.reply.error_code, 1U);
    EXPECT_EQ(hear(plan, error_of(kind::problem, 0), from("192.0.2.9")).what, says::unreachable);
}

TEST(hear, tells_only_what_differs_from_what_was_sent)
{
    auto const plan = plan_for({}, "192.0.2.1", 1);
    auto usual = hear(plan, error_of(kind::time_exceeded, 0), from("192.0.2.9")).reply;
    EXPECT_EQ(usual, (proto::trace_reply{.from = parse_address("192.0.2.9").value(), .ttl = 63}));
    auto odd = error_of(kind::time_exceeded, 0, "10.0.0.1");
    odd.quote.ttl = 0;
    odd.quote.tos = 8;
    auto by = from("192.0.2.9");
    by.tos = 0xc0;
    auto const reply = hear(plan, odd, by).reply;
    EXPECT_EQ(reply.quoted_ttl, 0U);
    EXPECT_EQ(reply.quoted_tos, 8U);
    EXPECT_EQ(reply.tos, 0xc0U);
    EXPECT_EQ(reply.quoted_destination, parse_address("10.0.0.1").value());
}

TEST(naming, believes_only_answers_to_us)
{
    auto const plan = plan_for({.protocol = trace_protocol::icmp}, "192.0.2.1", 1);
    trace_answer reply;
    reply.is = kind::echo_reply;
    reply.sequence = icmp_sequence_of(plan, 5);
    auto const target = parse_address("192.0.2.1").value(), other = parse_address("192.0.2.2").value();
    ASSERT_TRUE(naming_of(plan, reply, target));
    EXPECT_EQ(naming_of(plan, reply, target)->number, 5U);
    EXPECT_FALSE(naming_of(plan, reply, other)) << "from somebody else, without our secret";
    reply.secret = plan.secret;
    EXPECT_TRUE(naming_of(plan, reply, other)) << "a target that answers from another of its addresses";
    reply.sequence ^= 0x8000;
    EXPECT_FALSE(naming_of(plan, reply, target)) << "the nonce is another run's";
    EXPECT_FALSE(naming_of(plan, reply, parse_address("2001:db8::1").value()));

    auto const by_udp = plan_for({.protocol = trace_protocol::udp}, "192.0.2.1", 1);
    trace_answer datagram;
    datagram.is = kind::udp;
    ASSERT_TRUE(naming_of(by_udp, datagram, target));
    EXPECT_FALSE(naming_of(by_udp, datagram, target)->number) << "a datagram does not say to which packet";
    EXPECT_FALSE(naming_of(by_udp, datagram, other));
    EXPECT_FALSE(naming_of(plan, datagram, target)) << "that run sends no UDP";
}

octet_string labels(std::vector<std::uint32_t> const& entries, unsigned version = 2)
{
    octet_string out(8 + 4 * entries.size());
    out[0] = static_cast<std::uint8_t>(version << 4);
    put16(out, 4, static_cast<std::uint16_t>(4 + 4 * entries.size()));
    out[6] = out[7] = 1;
    for (std::size_t i = 0; i < entries.size(); ++i) put32(out, 8 + 4 * i, entries[i]);
    return out;
}

octet_string with_checksum(octet_string structure)
{
    word_sum sum;
    sum.add(structure);
    put16(structure, 2, sum.checksum());
    return structure;
}

TEST(extension, holds_mpls_labels)
{
    auto const got = read_extension(with_checksum(labels({0x12345a01, 0x000013ff})), true);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->version, 2U);
    EXPECT_TRUE(got->rfc4884);
    ASSERT_EQ(got->objects.size(), 1U);
    ASSERT_EQ(got->objects[0].labels.size(), 2U);
    EXPECT_EQ(got->objects[0].labels[0],
              (proto::mpls_label{.label = 0x12345, .experimental = 5, .bottom = false, .ttl = 1}));
    EXPECT_EQ(got->objects[0].labels[1],
              (proto::mpls_label{.label = 1, .experimental = 1, .bottom = true, .ttl = 255}));
}

TEST(extension, is_believed_with_its_checksum_or_where_it_was_announced)
{
    EXPECT_TRUE(read_extension(labels({0x100}), true)) << "zero: none was sent";
    EXPECT_FALSE(read_extension(labels({0x100}), false));
    EXPECT_FALSE(read_extension(labels({0x100}, 3), true));
    auto wrong = with_checksum(labels({0x100}));
    wrong[9] ^= 1;
    EXPECT_FALSE(read_extension(wrong, true));
    EXPECT_FALSE(read_extension(octet_string(3), true));
}

TEST(extension, keeps_objects_of_other_classes_and_stops_at_a_broken_one)
{
    octet_string structure{0x20, 0, 0, 0, 0, 8, 2, 5, 1, 2, 3, 4, 0, 3, 9, 9};
    auto const got = read_extension(with_checksum(structure), true);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->objects, (std::vector<proto::icmp_object>{{.object_class = 2, .type = 5, .labels = {}}}));
}

TEST(answer, is_nothing_if_cut_short_or_not_to_us)
{
    internet net({{{{.address = "192.0.2.9"}}}}, {.address = "192.0.2.1"});
    octet_string packet(20 + 8 + 48);
    packet[0] = 0x45;
    packet[8] = 1;
    packet[9] = 17;
    auto const whole = net.send({}, packet).at(0).packet;
    EXPECT_TRUE(read_v4_answer(whole));
    for (std::size_t size = 0; size < 20 + 8 + 20 + 8; ++size)
        EXPECT_FALSE(read_v4_answer(octets_view(whole).first(size))) << size;
    auto broken = whole;
    broken[30] ^= 1;
    EXPECT_FALSE(read_v4_answer(broken)) << "checksum";
    auto of_gre = packet;
    of_gre[9] = 47;
    EXPECT_FALSE(read_v4_answer(net.send({}, of_gre).at(0).packet));
}

TEST(answer, tells_a_syn_of_somebody_else_from_an_answer)
{
    octet_string segment(20);
    segment[12] = 0x50;
    for (auto const& [flags, is_one] :
         {std::pair{0x02, false}, {0x10, false}, {0x12, true}, {0x14, true}, {0x04, true}}) {
        segment[13] = static_cast<std::uint8_t>(flags);
        EXPECT_EQ(read_v6_answer(trace_protocol::tcp, segment).has_value(), is_one) << flags;
    }
    segment[12] = 0xf0;
    EXPECT_FALSE(read_v6_answer(trace_protocol::tcp, segment)) << "its head would be longer than it is";
}

}  // namespace
}  // namespace tp::probe
