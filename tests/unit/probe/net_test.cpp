#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "probe/measure/net/echo_filter.hpp"
#include "probe/measure/net/kernel_message.hpp"
#include "probe/measure/net/stamping.hpp"
#include "probe/measure/ping/echo.hpp"
#include "probe/measure/socket_address.hpp"
#include "probe/measure/traceroute/filters.hpp"
#include "tests/unit/probe/support.hpp"

namespace tp::probe {
namespace {

/// A socket of the kernel's, closed with its test.
struct descriptor {
    explicit descriptor(int number) : fd(number) {}
    descriptor(descriptor const&) = delete;
    descriptor& operator=(descriptor const&) = delete;
    ~descriptor()
    {
        if (fd >= 0) ::close(fd);
    }
    int fd;
};

void set(int fd, int level, int name, int value)
{
    ASSERT_EQ(::setsockopt(fd, level, name, &value, sizeof value), 0) << name;
}

bool readable(int fd, int events = POLLIN)
{
    constexpr int limit = 5000;  // milliseconds
    pollfd one{fd, static_cast<short>(events), 0};
    return ::poll(&one, 1, limit) == 1;
}

/// Two UDP sockets on loopback, one connected to the other.
struct udp_pair {
    explicit udp_pair(ip_address loopback)
        : sender(::socket(loopback.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM, 0)),
          receiver(::socket(loopback.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM, 0))
    {
        auto const any_port = to_kernel(loopback);
        socket_address at;
        at.length = sizeof at.storage;
        usable = ::bind(receiver.fd, any_port.get(), any_port.length) == 0 &&
                 ::getsockname(receiver.fd, at.get(), &at.length) == 0 &&
                 ::connect(sender.fd, at.get(), at.length) == 0;
    }
    descriptor sender, receiver;
    bool usable = false;
};

TEST(kernel_message, tells_what_the_socket_asked_for_over_v4)
{
    auto const loopback = parse_address("127.0.0.1").value();
    udp_pair pair(loopback);
    ASSERT_TRUE(pair.usable);
    for (int const name : {IP_RECVTTL, IP_RECVTOS, IP_PKTINFO}) set(pair.receiver.fd, SOL_IP, name, 1);
    set(pair.sender.fd, SOL_IP, IP_TTL, 77);
    set(pair.sender.fd, SOL_IP, IP_TOS, 0x28);
    ASSERT_EQ(::send(pair.sender.fd, "hello", 5, 0), 5);
    ASSERT_TRUE(readable(pair.receiver.fd));
    std::array<std::uint8_t, 4> buffer;
    auto const got = receive_message(pair.receiver.fd, buffer);
    EXPECT_FALSE(got.failed);
    EXPECT_EQ(got.length, 4U);
    EXPECT_TRUE(got.truncated);
    EXPECT_EQ(from_kernel(got.from).value(), loopback);
    EXPECT_EQ(got.with.ttl, 77U);
    EXPECT_EQ(got.with.tos, 0x28U);
    EXPECT_EQ(got.with.destination, loopback);
    EXPECT_FALSE(got.with.error);
    EXPECT_TRUE(receive_message(pair.receiver.fd, buffer).nothing());
}

TEST(kernel_message, tells_what_the_socket_asked_for_over_v6)
{
    auto const loopback = parse_address("::1").value();
    udp_pair pair(loopback);
    if (!pair.usable) GTEST_SKIP() << "no ::1";
    for (int const name : {IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS, IPV6_RECVPKTINFO})
        set(pair.receiver.fd, SOL_IPV6, name, 1);
    set(pair.sender.fd, SOL_IPV6, IPV6_UNICAST_HOPS, 66);
    set(pair.sender.fd, SOL_IPV6, IPV6_TCLASS, 0x50);
    ASSERT_EQ(::send(pair.sender.fd, "hello", 5, 0), 5);
    ASSERT_TRUE(readable(pair.receiver.fd));
    std::array<std::uint8_t, 16> buffer;
    auto const got = receive_message(pair.receiver.fd, buffer);
    EXPECT_EQ(got.length, 5U);
    EXPECT_FALSE(got.truncated);
    EXPECT_EQ(got.with.ttl, 66U);
    EXPECT_EQ(got.with.tos, 0x50U);
    EXPECT_EQ(got.with.destination, loopback);
}

TEST(kernel_message, an_icmp_error_says_who_sent_it_and_where_the_packet_was_going)
{
    auto const loopback = parse_address("127.0.0.1").value();
    udp_pair pair(loopback);
    ASSERT_TRUE(pair.usable);
    ::close(std::exchange(pair.receiver.fd, -1));
    set(pair.sender.fd, SOL_IP, IP_RECVERR, 1);
    ASSERT_EQ(::send(pair.sender.fd, "hello", 5, 0), 5);
    ASSERT_TRUE(readable(pair.sender.fd, 0));
    std::array<std::uint8_t, 16> buffer;
    auto const got = receive_message(pair.sender.fd, buffer, MSG_ERRQUEUE);
    ASSERT_TRUE(got.with.error);
    EXPECT_EQ(got.with.error->number, ECONNREFUSED);
    EXPECT_EQ(got.with.error->origin, error_origin::icmp);
    EXPECT_EQ(got.with.error->type, 3U);
    EXPECT_EQ(got.with.error->code, 3U);
    EXPECT_EQ(got.with.offender, loopback);
    EXPECT_EQ(from_kernel(got.from).value(), loopback);
    EXPECT_EQ(got.length, 5U) << "the payload of what was sent";
}

TEST(stamping, gives_each_packet_sent_its_key_and_stamp)
{
    udp_pair pair(parse_address("127.0.0.1").value());
    ASSERT_TRUE(pair.usable);
    if (stamp_packets(pair.sender.fd) != stamping::both) GTEST_SKIP() << "this kernel does not stamp what is sent";
    std::array<std::uint8_t, 16> buffer;
    for (int round = 0; round < 2; ++round) {
        for (std::uint32_t key = 0; key < 3; ++key) {
            auto const before = wall_now();
            ASSERT_EQ(::send(pair.sender.fd, "hello", 5, 0), 5);
            ASSERT_TRUE(readable(pair.sender.fd, 0));
            auto const got = receive_message(pair.sender.fd, buffer, MSG_ERRQUEUE);
            ASSERT_TRUE(got.with.error);
            EXPECT_EQ(got.with.error->origin, error_origin::time_stamp);
            EXPECT_EQ(got.with.error->data, key);
            ASSERT_TRUE(got.with.kernel);
            EXPECT_GE(*got.with.kernel, before);
            EXPECT_LE(*got.with.kernel, wall_now());
        }
        stamp_packets(pair.sender.fd);  // counts from zero again
    }
}

TEST(stamping, names_the_clock_that_can_result)
{
    EXPECT_EQ(best_clock(stamping::both), proto::clock_kind::kernel);
    EXPECT_EQ(best_clock(stamping::receive), proto::clock_kind::kernel_receive);
    EXPECT_EQ(best_clock(stamping::none), proto::clock_kind::user);
}

/// Sends an echo request to loopback with this identifier; the identifiers of the replies that a filtered socket sees.
class echo_filter_test : public testing::TestWithParam<proto::family> {
protected:
    bool v4() const { return GetParam() == proto::family::v4; }
    ip_address loopback() const { return parse_address(v4() ? "127.0.0.1" : "::1").value(); }
    int raw() const
    {
        return ::socket(v4() ? AF_INET : AF_INET6, SOCK_RAW, v4() ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6});
    }

    void send(int fd, std::uint16_t identifier) const
    {
        std::array<std::uint8_t, echo_head> message{};
        write_echo_request(GetParam(), identifier, 1, message);
        auto const to = to_kernel(loopback());
        ASSERT_EQ(::sendto(fd, message.data(), message.size(), 0, to.get(), to.length),
                  static_cast<ssize_t>(message.size()));
    }

    std::vector<std::uint16_t> seen(int fd, std::vector<std::uint16_t> const& known) const
    {
        std::vector<std::uint16_t> out;
        std::array<std::uint8_t, 128> buffer;
        for (;;) {
            auto const got = receive_message(fd, buffer);
            if (got.failed) return out;
            octets_view const octets(buffer.data(), got.length);
            auto const answer = v4() ? read_v4_packet(octets) : read_v6_message(octets);
            if (answer && std::find(known.begin(), known.end(), answer->identifier) != known.end())
                out.push_back(answer->identifier);
        }
    }
};

TEST_P(echo_filter_test, keeps_the_replies_of_the_other_engine_away)
{
    descriptor const sender(raw()), ping(raw()), traceroute(raw()), deaf(raw());
    auto const probe = to_kernel(loopback());
    if (sender.fd < 0 || ::connect(sender.fd, probe.get(), probe.length) != 0) GTEST_SKIP() << "no raw socket";
    keep_own_icmp(ping.fd, GetParam());
    ASSERT_TRUE(filter_icmp(traceroute.fd, GetParam()));
    keep_no_icmp(deaf.fd, GetParam());
    std::vector<std::uint16_t> const ids{0x1234, 0x9234, 0x7fff, 0x8000};
    for (auto const id : ids) send(sender.fd, id);
    ASSERT_TRUE(readable(ping.fd) && readable(traceroute.fd));
    EXPECT_EQ(seen(ping.fd, ids), (std::vector<std::uint16_t>{0x1234, 0x7fff})) << "loopback answers at once";
    EXPECT_EQ(seen(traceroute.fd, ids), (std::vector<std::uint16_t>{0x9234, 0x8000}));
    EXPECT_EQ(seen(deaf.fd, ids), std::vector<std::uint16_t>{}) << "it only sends";
}

INSTANTIATE_TEST_SUITE_P(families, echo_filter_test, testing::Values(proto::family::v4, proto::family::v6),
                         [](auto const& one) { return one.param == proto::family::v4 ? "v4" : "v6"; });

}  // namespace
}  // namespace tp::probe
