#include "probe/measure/ping/echo.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace tp::probe {
namespace {

using bytes = std::vector<std::uint8_t>;

bytes with_checksum(bytes message)
{
    message[2] = message[3] = 0;
    auto const sum = internet_checksum(message);
    message[2] = static_cast<std::uint8_t>(sum >> 8);
    message[3] = static_cast<std::uint8_t>(sum);
    return message;
}

bytes operator+(bytes a, bytes const& b)
{
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

/// 192.0.2.9 -> 192.0.2.1, protocol ICMP.
bytes v4_header(std::uint8_t protocol = 1, std::uint8_t fragment = 0, std::uint8_t words = 5)
{
    bytes out{static_cast<std::uint8_t>(0x40 | words),
              0,
              0,
              60,
              0,
              0,
              0,
              fragment,
              57,
              protocol,
              0,
              0,
              192,
              0,
              2,
              9,
              192,
              0,
              2,
              1};
    out.resize(words * 4U);
    return out;
}

bytes v6_header(std::uint8_t next = 58)
{
    bytes out{0x60, 0, 0, 0, 0, 16, next, 64};
    out.resize(40);
    out[8] = 0x20;
    out[24] = 0x20;
    out[25] = 0x01;
    out[39] = 0x42;
    return out;
}

bytes const v4_reply = with_checksum({0, 0, 0, 0, 0x12, 0x34, 0, 7, 'p', 'a', 'y'});
bytes const v4_request = with_checksum({8, 0, 0, 0, 0x12, 0x34, 0, 7, 'p', 'a', 'y'});
bytes const v6_reply{129, 0, 0, 0, 0x12, 0x34, 0, 7, 'p', 'a', 'y'};
bytes const v6_request{128, 0, 0, 0, 0x12, 0x34, 0, 7, 'p', 'a', 'y'};

bytes v4_error_message(std::uint8_t type, std::uint8_t code, bytes const& quoted)
{
    return v4_header() + with_checksum(bytes{type, code, 0, 0, 0, 0, 0, 0} + quoted);
}

TEST(echo, checksum_is_that_of_rfc_1071)
{
    EXPECT_EQ(internet_checksum(bytes{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7}), 0x220d);
    EXPECT_EQ(internet_checksum(bytes{}), 0xffff);
    EXPECT_EQ(internet_checksum(bytes{0xff}), 0x00ff);
}

TEST(echo, requests_are_written_as_the_rfcs_say)
{
    bytes message(12, 0);
    message[8] = 0xab;
    write_echo_request(proto::family::v4, 0x1234, 0x0007, message);
    EXPECT_EQ((bytes{message.begin(), message.begin() + 2}), (bytes{8, 0}));
    EXPECT_EQ((bytes{message.begin() + 4, message.end()}), (bytes{0x12, 0x34, 0, 7, 0xab, 0, 0, 0}));
    EXPECT_EQ(internet_checksum(message), 0);
    write_echo_request(proto::family::v6, 0x1234, 0x0007, message);
    EXPECT_EQ(message[0], 128);
}

TEST(echo, replies_are_read)
{
    auto const plain = v4_header() + v4_reply, with_options = v4_header(1, 0, 8) + v4_reply;
    for (auto const& answer :
         {read_v4_packet(plain), read_v4_packet(with_options), read_v4_message(v4_reply), read_v6_message(v6_reply)}) {
        ASSERT_TRUE(answer);
        EXPECT_TRUE(answer->reply);
        EXPECT_EQ(answer->identifier, 0x1234);
        EXPECT_EQ(answer->sequence, 7);
        EXPECT_EQ((bytes{answer->payload.begin(), answer->payload.end()}), (bytes{'p', 'a', 'y'}));
    }
}

TEST(echo, errors_that_quote_a_request_are_read)
{
    auto const v4 = v4_error_message(3, 1, v4_header() + v4_request);
    auto const answer = read_v4_packet(v4);
    ASSERT_TRUE(answer);
    EXPECT_FALSE(answer->reply);
    EXPECT_EQ(answer->error, "host unreachable");
    EXPECT_EQ(answer->sequence, 7);
    EXPECT_EQ(answer->quoted_destination->to_string(), "192.0.2.1");

    auto const six = bytes{3, 0, 0, 0, 0, 0, 0, 0} + v6_header() + v6_request;
    auto const other = read_v6_message(six);
    ASSERT_TRUE(other);
    EXPECT_EQ(other->error, "ttl exceeded");
    EXPECT_EQ(other->identifier, 0x1234);
    EXPECT_EQ(other->quoted_destination->to_string(), "2001::42");

    auto const fragmented = bytes{1, 0, 0, 0, 0, 0, 0, 0} + v6_header(44) + bytes{58, 0, 0, 1, 0, 0, 0, 9} + v6_request;
    EXPECT_TRUE(read_v6_message(fragmented));
}

TEST(echo, no_truncation_is_read_beyond_its_end)
{
    auto const v4 = v4_error_message(11, 0, v4_header() + v4_request);
    auto const v6 = bytes{1, 3, 0, 0, 0, 0, 0, 0} + v6_header() + v6_request;
    // Copies of the exact size, so that the sanitizer sees every octet read too far.
    for (std::size_t length = 0; length < v4.size(); ++length)
        EXPECT_FALSE(read_v4_packet(bytes(v4.begin(), v4.begin() + static_cast<long>(length)))) << length;
    for (std::size_t length = 0; length < v6.size(); ++length) {
        auto const cut = bytes(v6.begin(), v6.begin() + static_cast<long>(length));
        EXPECT_EQ(read_v6_message(cut).has_value(), length >= 8 + 40 + 8) << length;
    }
    for (std::size_t length = 0; length < 8; ++length) {
        EXPECT_FALSE(read_v4_message(bytes(v4_reply.begin(), v4_reply.begin() + static_cast<long>(length))));
        EXPECT_FALSE(read_v6_message(bytes(v6_reply.begin(), v6_reply.begin() + static_cast<long>(length))));
    }
}

TEST(echo, foreign_and_damaged_packets_are_ignored)
{
    auto damaged = v4_reply;
    damaged.back() = static_cast<std::uint8_t>(damaged.back() ^ 1);
    struct row {
        char const* name;
        bytes packet;
    };
    for (auto const& [name, packet] : std::vector<row>{
             {"wrong checksum", v4_header() + damaged},
             {"another protocol", v4_header(17) + v4_reply},
             {"later fragment", v4_header(1, 8) + v4_reply},
             {"header shorter than a header", v4_header(1, 0, 5) + bytes{}},
             {"impossible header length", bytes{0x44} + bytes(40)},
             {"IPv6 in a v4 socket", v6_header() + v6_reply},
             {"a request", v4_header() + v4_request},
             {"a reply with a code", v4_header() + with_checksum({0, 1, 0, 0, 0x12, 0x34, 0, 7})},
             {"a timestamp reply", v4_header() + with_checksum({14, 0, 0, 0, 0x12, 0x34, 0, 7})},
             {"an error quoting UDP", v4_error_message(3, 3, v4_header(17) + v4_request)},
             {"an error quoting a reply", v4_error_message(3, 3, v4_header() + v4_reply)},
             {"an error quoting nothing", v4_error_message(3, 3, {})},
             {"an error quoting a later fragment", v4_error_message(3, 3, v4_header(1, 8) + v4_request)},
         }) {
        EXPECT_FALSE(read_v4_packet(packet)) << name;
    }
    for (auto const& [name, message] : std::vector<row>{
             {"a request", v6_request},
             {"a reply with a code", {129, 1, 0, 0, 0, 0, 0, 0}},
             {"neighbour advertisement", bytes(64, 136)},
             {"an error quoting UDP", bytes{1, 4, 0, 0, 0, 0, 0, 0} + v6_header(17) + v6_request},
             {"an error quoting a reply", bytes{1, 4, 0, 0, 0, 0, 0, 0} + v6_header() + v6_reply},
             {"an error quoting IPv4", bytes{1, 4, 0, 0, 0, 0, 0, 0} + v4_header() + bytes(40)},
             {"a later fragment",
              bytes{1, 0, 0, 0, 0, 0, 0, 0} + v6_header(44) + bytes{58, 0, 0, 9, 0, 0, 0, 9} + v6_request},
         }) {
        EXPECT_FALSE(read_v6_message(message)) << name;
    }
}

TEST(echo, errors_have_words)
{
    EXPECT_EQ(v4_error(3, 0), "network unreachable");
    EXPECT_EQ(v4_error(3, 4), "packet too big");
    EXPECT_EQ(v4_error(3, 9), "admin prohibited");
    EXPECT_EQ(v4_error(3, 13), "admin prohibited");
    EXPECT_EQ(v4_error(3, 99), "icmp error 3/99");
    EXPECT_EQ(v4_error(11, 0), "ttl exceeded");
    EXPECT_EQ(v4_error(11, 1), "reassembly time exceeded");
    EXPECT_EQ(v6_error(1, 0), "network unreachable");
    EXPECT_EQ(v6_error(1, 1), "admin prohibited");
    EXPECT_EQ(v6_error(1, 3), "host unreachable");
    EXPECT_EQ(v6_error(2, 0), "packet too big");
    EXPECT_EQ(v6_error(3, 0), "ttl exceeded");
    EXPECT_EQ(v6_error(1, 77), "icmp error 1/77");
}

}  // namespace
}  // namespace tp::probe
