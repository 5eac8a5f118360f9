#pragma once

#include <string>
#include <string_view>

#include "base/ip_prefix.hpp"
#include "proto/codec.hpp"
#include "proto/messages.hpp"
#include "proto/trigpoint.pb.h"

/// Filled messages for the tests, and octets as a later version would write them.
namespace tp::proto::samples {

namespace v1 = ::trigpoint::v1;
using namespace std::chrono_literals;

inline constexpr std::string_view host_key = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

inline ip_address address(std::string_view text)
{
    return parse_address(text).value();
}

inline wall_time at(std::int64_t nanoseconds)
{
    return wall_time(std::chrono::nanoseconds(nanoseconds));
}

inline std::string varint(std::uint64_t value)
{
    std::string out;
    for (; value >= 0x80; value >>= 7) out += static_cast<char>(0x80 | (value & 0x7f));
    return out + static_cast<char>(value);
}

/// One field as protobuf writes it: a number, or counted octets.
inline std::string number_field(unsigned field, std::uint64_t value)
{
    return varint(field << 3) + varint(value);
}
inline std::string octets_field(unsigned field, std::string_view octets)
{
    return varint(field << 3 | 2) + varint(octets.size()) + std::string(octets);
}

/// Fields of a later version, of every form: what an older peer has to ignore.
inline std::string later_fields()
{
    return number_field(90, 1) + octets_field(91, "later") + varint(92 << 3 | 1) + std::string(8, 'x') +
           varint(93 << 3 | 5) + std::string(4, 'x');
}

inline software some_software()
{
    return {.version = "0.1.0", .capabilities = {"ping", "ping6"}};
}

inline registry_hello some_registry_hello()
{
    return {.versions = {1, 3},
            .runs = some_software(),
            .boot_count = 7,
            .claim_code = "TP-1234",
            .clock = at(1'700'000'000'123'456'789),
            .local_v4 = address("192.0.2.7"),
            .local_v6 = address("2001:db8::7")};
}

inline assignment some_assignment()
{
    controller_place const place{.name = "c1",
                                 .addresses = {"192.0.2.1:7441", "[2001:db8::1]:7441"},
                                 .host_keys = {ssh::public_key::parse(host_key).value()}};
    return {
        .version = 1, .probe = *probe_id::from(42), .controllers = {place, place}, .lease = 24h, .ask_again_after = 6h};
}

inline controller_hello some_controller_hello()
{
    return {.versions = {1, 1},
            .runs = some_software(),
            .probe = *probe_id::from(42),
            .boot_count = 7,
            .clock = at(1'700'000'000'000'000'001),
            .holds = {{"anchors", UINT64_MAX}}};
}

inline job some_job(std::int64_t measurement = 1001)
{
    return {.measurement = *measurement_id::from(measurement),
            .af = family::v6,
            .target = "example.org",
            .address = address("2001:db8::53"),
            .when = {.start = at(1'700'000'000'000'000'000),
                     .stop = at(1'800'000'000'000'000'000),
                     .interval = 240s,
                     .spread = 60s},
            .options = ping_options{.packets = 5, .size = 64, .packet_interval = 250ms, .include_probe_id = true}};
}

inline report some_report()
{
    ping_packet const answered{.round_trip = 12'345'678ns,
                               .ttl = 57,
                               .size = 40,
                               .source = address("192.0.2.9"),
                               .error = {},
                               .duplicates = 2};
    ping_packet const unanswered{.round_trip = {}, .ttl = {}, .size = {}, .source = {}, .error = "host unreachable"};
    return {.software = "0.1.0",
            .since_clock_sync = 17s,
            .af = family::v4,
            .target = "example.org",
            .destination = address("192.0.2.1"),
            .source = address("10.0.0.2"),
            .resolve_time = 1'234'567ns,
            .failed = failure{.source = failure_source::resolver, .text = "dns resolution failed: no answer"},
            .seen_from = {},
            .found = ping_report{.size = 48, .packets = {answered, unanswered}}};
}

inline result_batch some_batch()
{
    return {.number = 9,
            .results = {{.measurement = *measurement_id::from(1001),
                         .timestamp = at(1'700'000'000'000'000'000),
                         .sequence = 7ULL << 32 | 3,
                         .kind = result_kind::ping,
                         .report = encode(some_report())}}};
}

inline events some_events()
{
    return {.list = {{.at = at(5), .kind = "spool_dropped", .text = "12 results"}}};
}

/// The wire message that these octets hold, to be changed by a test.
template <class Message>
Message wire(std::string const& octets)
{
    Message message;
    if (!message.ParseFromString(octets)) throw std::logic_error("the sample is no message");
    return message;
}

}  // namespace tp::proto::samples
