#include "tests/bench/some_report.hpp"

#include <chrono>

#include "proto/report.hpp"

namespace tp::bench {

std::string some_report(std::uint64_t varied)
{
    proto::ping_report found{.size = 48, .packets = {}};
    for (std::uint64_t i = 0; i < 3; ++i) {
        proto::ping_packet packet{.round_trip = std::chrono::nanoseconds(20'000'000 + varied * 7919 % 1'000'000 + i)};
        if (i == 0) packet.ttl = 57;
        found.packets.push_back(packet);
    }
    auto const target = parse_address("192.0.2.1").value();
    return proto::encode(proto::report{.software = "0.1.0",
                                       .since_clock_sync = std::chrono::seconds(30),
                                       .target = "192.0.2.1",
                                       .destination = target,
                                       .source = target,
                                       .found = std::move(found)});
}

}  // namespace tp::bench
