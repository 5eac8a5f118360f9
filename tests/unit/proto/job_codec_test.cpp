#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/proto/samples.hpp"

namespace tp::proto {
namespace {

using namespace samples;

TEST(job_codec, brings_back_what_was_written)
{
    auto one_off = some_job();
    one_off.af = family::v4;
    one_off.address.reset();
    one_off.when = {.start = at(3)};
    for (auto const& value : {some_job(), one_off}) EXPECT_EQ(decode_job(encode(value)).value(), value);
}

TEST(job_codec, takes_the_limits_themselves)
{
    auto value = some_job(INT32_MAX);
    value.target.assign(job::longest_target, 'a');
    value.when.interval = timetable::longest_interval;
    value.when.spread = timetable::longest_interval;
    value.options = ping_options{.packets = 16, .size = 2048, .packet_interval = 30s};
    EXPECT_EQ(decode_job(encode(value)).value(), value);
    value.when.interval = timetable::shortest_interval;
    value.options = ping_options{.packets = 1, .size = 1, .packet_interval = 2ms};
    EXPECT_EQ(decode_job(encode(value)).value(), value);
}

TEST(job_codec, refuses_what_breaks_a_promise)
{
    using enum errc;
    struct row {
        std::string_view name;
        std::function<void(v1::Job&)> change;
        errc expected;
    };
    for (auto const& [name, change, expected] : {
             row{"no measurement", [](auto& j) { j.clear_measurement(); }, malformed},
             row{"negative measurement", [](auto& j) { j.set_measurement(-1); }, malformed},
             row{"no family", [](auto& j) { j.clear_af(); }, malformed},
             row{"another family", [](auto& j) { j.set_af(static_cast<v1::AddressFamily>(5)); }, malformed},
             row{"no target", [](auto& j) { j.clear_target(); }, malformed},
             row{"long target", [](auto& j) { j.set_target(std::string(254, 'a')); }, too_large},
             row{"NUL in the target", [](auto& j) { j.set_target(std::string("a\0b", 3)); }, malformed},
             row{"latin-1 target", [](auto& j) { j.set_target("caf\xe9.example"); }, malformed},
             row{"address of the other family", [](auto& j) { j.set_address("abcd"); }, malformed},
             row{"five octets of address", [](auto& j) { j.set_address("abcde"); }, malformed},
             row{"no timetable", [](auto& j) { j.clear_when(); }, malformed},
             row{"negative interval", [](auto& j) { j.mutable_when()->set_interval_ms(-1); }, malformed},
             row{"rare", [](auto& j) { j.mutable_when()->set_interval_ms(366LL * 86'400'000); }, malformed},
             row{"interval out of bounds", [](auto& j) { j.mutable_when()->set_interval_ms(INT64_MAX); }, malformed},
             row{"negative spread", [](auto& j) { j.mutable_when()->set_spread_ms(INT64_MIN); }, malformed},
             row{"wide spread", [](auto& j) { j.mutable_when()->set_spread_ms(366LL * 86'400'000); }, malformed},
             row{"no packets", [](auto& j) { j.mutable_ping()->set_packets(0); }, malformed},
             row{"many packets", [](auto& j) { j.mutable_ping()->set_packets(17); }, malformed},
             row{"no size", [](auto& j) { j.mutable_ping()->set_size(0); }, malformed},
             row{"large", [](auto& j) { j.mutable_ping()->set_size(2049); }, malformed},
             row{"fast", [](auto& j) { j.mutable_ping()->set_packet_interval_ms(1); }, malformed},
             row{"slow", [](auto& j) { j.mutable_ping()->set_packet_interval_ms(30'001); }, malformed},
             row{"absurd pace", [](auto& j) { j.mutable_ping()->set_packet_interval_ms(INT64_MIN); }, malformed},
         }) {
        SCOPED_TRACE(name);
        auto message = wire<v1::Job>(encode(some_job()));
        change(message);
        auto const read = decode_job(message.SerializeAsString());
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error(), expected);
    }
}

TEST(job_codec, sends_nobody_to_other_ports_of_the_probes_resolvers)
{
    auto const reads = [](bool own, dns_transport transport, std::uint16_t port) {
        auto value = some_job();
        value.options = dns_options{
            .query_argument = "example.org", .use_probe_resolver = own, .transport = transport, .port = port};
        return decode_job(encode(value)).has_value();
    };
    using enum dns_transport;
    for (auto const transport : {udp, tcp, tls}) {
        EXPECT_TRUE(reads(true, transport, 0));
        EXPECT_EQ(reads(true, transport, 53), transport != tls);
        EXPECT_EQ(reads(true, transport, 853), transport == tls);
        EXPECT_FALSE(reads(true, transport, 8080));
        EXPECT_TRUE(reads(false, transport, 8080));
    }
}

TEST(job_codec, moves_absurd_times_to_the_limits)
{
    auto message = wire<v1::Job>(encode(some_job()));
    message.mutable_when()->set_start_ns(INT64_MIN);
    message.mutable_when()->set_stop_ns(INT64_MAX);
    auto const read = decode_job(message.SerializeAsString());
    EXPECT_EQ(to_unix_seconds(read->when.start), 0);
    EXPECT_EQ(to_unix_seconds(*read->when.stop), 7'258'118'400);  // 2200-01-01
}

TEST(job_codec, ignores_later_fields_and_names_a_later_kind)
{
    EXPECT_EQ(decode_job(encode(some_job()) + later_fields()).value(), some_job());

    auto message = wire<v1::Job>(encode(some_job()));
    message.clear_options();
    EXPECT_EQ(decode_job(message.SerializeAsString() + octets_field(9, "a later kind")).error(), errc::unsupported);
    EXPECT_EQ(decode_job("").error(), errc::malformed);
    EXPECT_EQ(decode_job(encode(some_job()) + octets_field(99, std::string(largest_frame, 'x'))).error(),
              errc::too_large);
}

}  // namespace
}  // namespace tp::proto
