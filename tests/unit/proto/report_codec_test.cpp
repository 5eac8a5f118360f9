#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/proto/samples.hpp"

namespace tp::proto {
namespace {

using namespace samples;

TEST(report_codec, brings_back_what_was_written)
{
    auto plain = some_report();
    plain.since_clock_sync = -1s;
    plain.af = family::v6;
    plain.destination.reset();
    plain.source.reset();
    plain.resolve_time.reset();
    plain.failed.reset();
    plain.found = ping_report{};
    auto zeros = some_report();
    zeros.since_clock_sync = 0s;
    zeros.resolve_time = 0ns;
    zeros.found = ping_report{.size = 0, .packets = {{.round_trip = 0ns, .ttl = 0, .size = 0}}};
    for (auto const& value : {some_report(), plain, zeros}) EXPECT_EQ(decode_report(encode(value)).value(), value);
}

TEST(report_codec, brings_back_what_dns_found)
{
    dns_exchange answered{.server = parse_address("192.0.2.53").value(),
                          .source = parse_address("192.0.2.1").value(),
                          .port = 853,
                          .at = at(1'700'000'000'000'000'001),
                          .retries = 2,
                          .query = std::string("\0\xff", 2),
                          .answer = std::string(4096, '\x80'),
                          .answer_head = {},
                          .answer_size = 4096,
                          .round_trip = 1234567ns,
                          .ttl = 57,
                          .connect_time = 23ns,
                          .tls_version = "TLSv1.3",
                          .cookie_mismatch = true,
                          .wrong_ids = 3};
    dns_exchange failed{.server = parse_address("2001:db8::53").value(),
                        .answer_head = std::string(dns_exchange::head_length, '\1'),
                        .error_name = "timeout",
                        .error_text = "5000"};
    auto report = some_report();
    report.found = dns_report{.transport = dns_transport::tls, .by_resolvers = true, .exchanges = {answered, failed}};
    EXPECT_EQ(decode_report(encode(report)).value(), report);
}

TEST(report_codec, keeps_the_beginning_of_a_dns_answer_so_that_older_peers_read_its_header)
{
    auto report = some_report();
    report.found = dns_report{.exchanges = std::vector<dns_exchange>(1)};
    auto& head = std::get<dns_report>(report.found).exchanges[0].answer_head;
    head = std::string(dns_exchange::head_length, 'h') + std::string(500, 'f');
    EXPECT_EQ(head.size(), dns_exchange::longest_head);
    EXPECT_EQ(decode_report(encode(report)).value(), report);
    auto const message = wire<v1::Report>(encode(report));
    EXPECT_EQ(message.dns().exchanges(0).answer_head(), std::string(dns_exchange::head_length, 'h'));
    head.push_back('f');
    EXPECT_EQ(decode_report(encode(report)).error(), errc::too_large);
}

TEST(report_codec, refuses_what_breaks_a_promise)
{
    using enum errc;
    struct row {
        std::string_view name;
        std::function<void(v1::Report&)> change;
        errc expected;
    };
    auto const packet = [](v1::Report& r) { return r.mutable_ping()->mutable_packets(0); };
    for (auto const& [name, change, expected] : {
             row{"no family", [](auto& r) { r.clear_af(); }, malformed},
             row{"long target", [](auto& r) { r.set_target(std::string(254, 'a')); }, too_large},
             row{"long software", [](auto& r) { r.set_software(std::string(1025, 'a')); }, too_large},
             row{"odd destination", [](auto& r) { r.set_destination("abc"); }, malformed},
             row{"odd sender", [](auto& r) { r.set_seen_from("abcdefgh"); }, malformed},
             row{"negative sync", [](auto& r) { r.set_since_clock_sync_ms(-1); }, malformed},
             row{"negative resolving", [](auto& r) { r.set_resolve_time_ns(-1); }, malformed},
             row{"unknown fault", [](auto& r) { r.mutable_failed()->set_source(v1::FailureSource(6)); }, malformed},
             row{"nobody's fault", [](auto& r) { r.mutable_failed()->clear_source(); }, malformed},
             row{"large", [](auto& r) { r.mutable_ping()->set_size(65'536); }, malformed},
             row{"negative trip", [&](auto& r) { packet(r)->set_round_trip_ns(-1); }, malformed},
             row{"endless trip", [&](auto& r) { packet(r)->set_round_trip_ns(INT64_MAX); }, malformed},
             row{"high TTL", [&](auto& r) { packet(r)->set_ttl(256); }, malformed},
             row{"large reply", [&](auto& r) { packet(r)->set_size(65'536); }, malformed},
             row{"long error", [&](auto& r) { packet(r)->set_error(std::string(1025, 'e')); }, too_large},
         }) {
        SCOPED_TRACE(name);
        auto message = wire<v1::Report>(encode(some_report()));
        change(message);
        auto const read = decode_report(message.SerializeAsString());
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error(), expected);
    }
}

TEST(report_codec, counts_packets_and_octets)
{
    auto value = some_report();
    auto& packets = std::get<ping_report>(value.found).packets;
    packets.resize(ping_report::most_packets);
    EXPECT_TRUE(decode_report(encode(value)));
    packets.resize(ping_report::most_packets + 1);
    EXPECT_EQ(decode_report(encode(value)).error(), errc::too_large);

    auto const padded = encode(some_report()) + octets_field(99, std::string(largest_report, 'x'));
    EXPECT_EQ(decode_report(padded).error(), errc::too_large);
}

TEST(report_codec, makes_texts_from_elsewhere_readable)
{
    auto value = some_report();
    value.failed->text = std::string("bad \xff\xc0\xaf \xed\xa0\x80 \0 caf\xc3\xa9 \xf0\x9f\x93\xa1 \xe2\x82", 27);
    EXPECT_EQ(decode_report(encode(value))->failed->text, "bad ??? ??? ? caf\xc3\xa9 \xf0\x9f\x93\xa1 ??");

    // Cut between characters, not within one.
    value.failed->text = std::string(longest_text - 1, 'a') + "\xc3\xa9";
    EXPECT_EQ(decode_report(encode(value))->failed->text, std::string(longest_text - 1, 'a'));
}

TEST(report_codec, ignores_later_fields_and_names_a_later_kind)
{
    EXPECT_EQ(decode_report(encode(some_report()) + later_fields()).value(), some_report());
    auto message = wire<v1::Report>(encode(some_report()));
    message.clear_found();
    EXPECT_EQ(decode_report(message.SerializeAsString() + octets_field(9, "a later kind")).error(), errc::unsupported);
    EXPECT_EQ(decode_report("").error(), errc::malformed);
}

TEST(with_seen_from, sets_the_address_and_nothing_else)
{
    for (auto const* const text : {"198.51.100.4", "2001:db8::4"}) {
        auto expected = some_report();
        expected.seen_from = address(text);
        auto const given = with_seen_from(encode(some_report()), address(text));
        EXPECT_EQ(decode_report(given).value(), expected);
        EXPECT_LE(given.size(), encode(some_report()).size() + 19);
    }
}

TEST(with_seen_from, replaces_an_earlier_address)
{
    auto before = some_report();
    before.seen_from = address("2001:db8::bad");
    auto expected = some_report();
    expected.seen_from = address("198.51.100.4");
    auto const once = with_seen_from(encode(before), address("198.51.100.4"));
    EXPECT_EQ(decode_report(once).value(), expected);
    EXPECT_EQ(with_seen_from(once, address("198.51.100.4")), once);
}

TEST(with_seen_from, keeps_later_fields)
{
    auto const given = with_seen_from(encode(some_report()) + later_fields(), address("198.51.100.4"));
    EXPECT_NE(given.find("later"), given.npos);
    EXPECT_TRUE(decode_report(given)->seen_from.has_value());
}

TEST(with_seen_from, cannot_be_swallowed_by_a_report_that_ends_early)
{
    auto forged = some_report();
    forged.seen_from = address("192.0.2.66");
    auto const octets = encode(forged);
    auto const appended = with_seen_from("", address("198.51.100.4"));
    auto const header_of_one_more_field = varint(99 << 3 | 2) + varint(appended.size());
    auto const start_of_group = varint(99 << 3 | 3);
    for (auto const& tail : {header_of_one_more_field, start_of_group, std::string("\x80"), varint(99 << 3 | 1)}) {
        auto const read = decode_report(with_seen_from(octets + tail, address("198.51.100.4")));
        EXPECT_EQ(read->seen_from, address("198.51.100.4"));
    }
}

TEST(with_seen_from, leaves_room_for_the_largest_report)
{
    auto octets = encode(some_report());
    auto const header = octets_field(99, std::string(largest_report / 2, 'x')).size() - largest_report / 2;
    octets += octets_field(99, std::string(largest_report - octets.size() - header, 'x'));
    ASSERT_EQ(octets.size(), largest_report);
    EXPECT_TRUE(decode_report(with_seen_from(octets, address("2001:db8::4"))));
}

}  // namespace
}  // namespace tp::proto
