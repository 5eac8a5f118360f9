#include "proto/planned_rate.hpp"

#include <gtest/gtest.h>

namespace tp::proto {
namespace {

using namespace std::chrono_literals;

double rate_of(options chosen, std::optional<std::chrono::seconds> interval, std::chrono::seconds spread = 0s)
{
    job told{.measurement = *measurement_id::from(1), .target = "192.0.2.7", .options = std::move(chosen)};
    told.when.interval = interval;
    told.when.spread = spread;
    return packets_per_second(told);
}

TEST(planned_rate, of_what_repeats_is_its_packets_over_its_interval)
{
    EXPECT_DOUBLE_EQ(rate_of(ping_options{.packets = 6}, 60s), 0.1);
    EXPECT_DOUBLE_EQ(rate_of(ntp_options{.packets = 3}, 60s), 0.05);
    EXPECT_DOUBLE_EQ(rate_of(traceroute_options{.packets = 3, .first_hop = 3, .max_hops = 12}, 300s), 0.1);
    EXPECT_DOUBLE_EQ(rate_of(dns_options{.retry = 2}, 60s), 0.05);
}

TEST(planned_rate, of_a_one_off_is_spread_over_its_run)
{
    EXPECT_DOUBLE_EQ(rate_of(ping_options{.packets = 3}, {}), 0.3);
    EXPECT_DOUBLE_EQ(rate_of(ping_options{.packets = 10, .packet_interval = 2s}, {}), 0.5);
    EXPECT_DOUBLE_EQ(rate_of(ping_options{.packets = 3, .packet_interval = 1s}, {}, 57s), 0.05);
}

TEST(planned_rate, counts_something_for_every_type)
{
    for (options const& each : {options(ping_options{}), options(traceroute_options{}), options(dns_options{}),
                                options(dns_options{.transport = dns_transport::tls}), options(http_options{}),
                                options(tls_options{}), options(ntp_options{})}) {
        EXPECT_GT(rate_of(each, 60s), 0);
        EXPECT_GT(rate_of(each, {}), 0);
    }
    // From back to front: none.
    EXPECT_DOUBLE_EQ(rate_of(traceroute_options{.packets = 3, .first_hop = 9, .max_hops = 3}, 30s), 0.1);
}

}  // namespace
}  // namespace tp::proto
