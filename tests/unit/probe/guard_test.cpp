#include "probe/guard/guard.hpp"

#include <gtest/gtest.h>

#include "tests/unit/probe/support.hpp"

namespace tp::probe {
namespace {

using kind = verdict::kind;
auto const t0 = start_of_test.steady;

packet to(ip_address const& address)
{
    return {proto::result_kind::ping, address, 84};
}

proto::job every(std::chrono::seconds interval, unsigned size = 48)
{
    auto job = ping_job(1, {start_of_test.wall, {}, interval, 0s});
    std::get<proto::ping_options>(job.options).size = size;
    return job;
}

TEST(guard, refuses_jobs_beyond_the_hosts_caps)
{
    guard const asked({.jobs_at_once = 2, .shortest_interval = 60s, .largest_size = 1000}, target_policy{}, t0);
    EXPECT_TRUE(asked.may_run(every(60s), 1));
    EXPECT_TRUE(asked.may_run(ping_job(1, {start_of_test.wall, {}, {}, 0s}), 1));
    EXPECT_EQ(asked.may_run(every(60s), 2).said, "too many measurements at once");
    EXPECT_EQ(asked.may_run(every(59s), 0).said, "interval not allowed");
    EXPECT_EQ(asked.may_run(every(60s, 1001), 0).said, "size not allowed");
}

TEST(guard, words_a_refused_target_as_atlas_does_and_keeps_the_reason_for_the_host)
{
    guard asked({}, target_policy{}, t0);
    auto const refused = asked.may_send(to(parse_address("192.168.1.1").value()), t0);
    EXPECT_EQ(refused.is, kind::refuse);
    EXPECT_EQ(refused.said, "address not allowed");
    EXPECT_EQ(refused.why, "private use, RFC 1918");
}

TEST(guard, spends_a_budget_of_packets_and_says_when_to_ask_again)
{
    guard asked({.packets_per_second = 10}, target_policy{}, t0);
    auto const target = parse_address("8.8.8.8").value();
    for (int i = 0; i < 10; ++i) EXPECT_EQ(asked.may_send(to(target), t0).is, kind::allow) << i;
    auto const later = asked.may_send(to(target), t0);
    ASSERT_EQ(later.is, kind::later);
    EXPECT_GT(later.when, t0 + 99ms);
    EXPECT_LT(later.when, t0 + 101ms);
    EXPECT_EQ(asked.may_send(to(target), later.when).is, kind::allow);
    EXPECT_EQ(asked.may_send(to(target), later.when).is, kind::later);

    auto const idle = t0 + 1h;  // the budget does not grow beyond a second's worth
    for (int i = 0; i < 10; ++i) EXPECT_EQ(asked.may_send(to(target), idle).is, kind::allow) << i;
    EXPECT_EQ(asked.may_send(to(target), idle).is, kind::later);
}

TEST(guard, until_it_is_known_how_the_network_translates_ipv6_waits_and_then_is_refused)
{
    target_policy policy({ip_prefix::parse("2a00:1::/32").value()});
    policy.set_near_hops({parse_address("2a00:2::1").value()});
    guard asked({}, std::move(policy), t0);
    auto const target = parse_address("2a00:3::c0a8:101").value(), v4 = parse_address("8.8.8.8").value();
    auto const listed = parse_address("2a00:1::1").value(), router = parse_address("2a00:2::1").value();
    EXPECT_EQ(asked.may_send(to(target), t0).is, kind::allow);

    asked.targets().set_translation_state(translation_state::awaited);
    auto const waits = asked.may_send(to(target), t0);
    EXPECT_EQ(waits.is, kind::later);
    EXPECT_EQ(waits.when, t0 + 250ms);
    EXPECT_TRUE(asked.may_target(target)) << "its run may begin";
    for (auto const& other : {v4, listed, router}) EXPECT_EQ(asked.may_send(to(other), t0).is, kind::allow);
    EXPECT_EQ(asked.may_send(to(parse_address("fd00::1").value()), t0).is, kind::refuse) << "whatever the answer";

    asked.targets().set_translation_state(translation_state::unknown);
    EXPECT_EQ(asked.may_send(to(target), t0).why, "it is not known yet how this network translates to IPv4");
    EXPECT_EQ(asked.may_target(target).said, "address not allowed");
    for (auto const& other : {v4, listed, router}) EXPECT_EQ(asked.may_send(to(other), t0).is, kind::allow);

    asked.targets().set_translation_state(translation_state::known);
    EXPECT_EQ(asked.may_send(to(target), t0).is, kind::allow);
}

TEST(guard, a_refused_packet_costs_no_budget)
{
    guard asked({.packets_per_second = 1}, target_policy{}, t0);
    EXPECT_EQ(asked.may_send(to(parse_address("127.0.0.1").value()), t0).is, kind::refuse);
    EXPECT_EQ(asked.may_send(to(parse_address("8.8.8.8").value()), t0).is, kind::allow);
}

TEST(guard, lets_http_go_to_anchors_only)
{
    guard asked({}, target_policy{}, t0);
    auto const there = parse_address("8.8.8.8").value(), elsewhere = parse_address("8.8.4.4").value();
    EXPECT_EQ(asked.may_fetch(there, 80).why, "not an anchor") << "no list, no anchor";
    anchors list;
    list.add({there, parse_address("10.0.0.1").value()}, {80});
    asked.set_anchors(list);
    EXPECT_TRUE(asked.may_fetch(there, 80));
    EXPECT_FALSE(asked.may_fetch(there, 443));
    EXPECT_FALSE(asked.may_fetch(elsewhere, 80));
    EXPECT_EQ(asked.may_fetch(parse_address("10.0.0.1").value(), 80).why, "private use, RFC 1918");
}

TEST(anchors, have_their_own_ports_at_their_own_addresses)
{
    anchors list;
    auto const one = parse_address("192.0.2.1").value(), other = parse_address("192.0.2.2").value();
    auto const v6 = parse_address("2001:db8::1").value();
    list.add({one, v6}, {80, 443});
    list.add({other}, {8080});
    list.add({one}, {8081});
    EXPECT_EQ(list.size(), 3U);
    for (unsigned const port : {80U, 443U, 8080U, 8081U, 0U, 65'535U}) {
        auto const number = static_cast<std::uint16_t>(port);
        EXPECT_EQ(list.have(one, number), port == 80 || port == 443 || port == 8081) << port;
        EXPECT_EQ(list.have(v6, number), port == 80 || port == 443) << port;
        EXPECT_EQ(list.have(other, number), port == 8080) << port;
    }
    for (auto const* elsewhere : {"192.0.2.3", "::ffff:192.0.2.1", "c000:201::", "2001:db8::2"})
        EXPECT_FALSE(list.have(parse_address(elsewhere).value(), 80)) << elsewhere;
    auto zoned = v6.to_v6();
    zoned.scope_id(1);
    EXPECT_FALSE(list.have(zoned, 80));
    EXPECT_FALSE(anchors().have(one, 80));
}

proto::job of_type(proto::options told)
{
    auto job = ping_job(1, {start_of_test.wall, {}, {}, 0s});
    job.options = std::move(told);
    return job;
}

TEST(guard, counts_options_headers_among_the_octets_that_a_user_chose)
{
    guard const asked({.largest_size = 1000}, target_policy{}, t0);
    auto job =
        of_type(proto::traceroute_options{.size = 100, .destination_option_size = 400, .hop_by_hop_option_size = 500});
    job.af = proto::family::v6;
    EXPECT_TRUE(asked.may_run(job, 0));
    std::get<proto::traceroute_options>(job.options).hop_by_hop_option_size = 501;
    EXPECT_EQ(asked.may_run(job, 0).said, "size not allowed");
    job.af = proto::family::v4;
    EXPECT_TRUE(asked.may_run(job, 0)) << "which has no such headers";
}

TEST(guard, counts_every_fragment_as_a_packet)
{
    guard asked({.packets_per_second = 4}, target_policy{}, t0);
    auto const ping = [](std::size_t octets) {
        return packet{proto::result_kind::ping, parse_address("8.8.8.8").value(), octets};
    };
    EXPECT_TRUE(asked.may_send(ping(3001), t0));
    EXPECT_TRUE(asked.may_send(ping(1500), t0));
    EXPECT_EQ(asked.may_send(ping(1), t0).is, kind::later);
    EXPECT_TRUE(asked.may_send(ping(7500), t0 + 1h)) << "more than a burst goes, too";
}

TEST(guard, lets_the_probes_own_resolvers_be_asked_at_their_usual_port_only)
{
    guard const asked({}, target_policy{}, t0);
    using enum proto::dns_transport;
    for (auto const transport : {udp, tcp, tls}) {
        auto const ask = [&](bool own, std::uint16_t port) {
            return asked.may_run(
                of_type(proto::dns_options{.use_probe_resolver = own, .transport = transport, .port = port}), 0);
        };
        EXPECT_TRUE(ask(true, 0));
        EXPECT_TRUE(ask(true, transport == tls ? 853 : 53));
        EXPECT_EQ(ask(true, transport == tls ? 53 : 853).said, "port not allowed");
        EXPECT_EQ(ask(true, 80).said, "port not allowed");
        EXPECT_TRUE(ask(false, 8080)) << "of a target that a user named";
    }
}

TEST(guard, near_hops_are_for_the_platforms_own_ping_and_traceroute_but_not_tcp)
{
    using enum proto::trace_protocol;
    auto const trace = [](proto::trace_protocol by) { return proto::traceroute_options{.protocol = by}; };
    struct row {
        proto::options told;
        bool may;
    };
    for (auto const& [told, may] : {
             row{proto::ping_options{}, true},
             row{trace(icmp), true},
             row{trace(udp), true},
             row{trace(tcp), false},
             row{proto::dns_options{}, false},
             row{proto::http_options{}, false},
             row{proto::tls_options{}, false},
             row{proto::ntp_options{}, false},
         }) {
        auto job = of_type(told);
        EXPECT_EQ(guard::may_name_near_hop(job).is == kind::allow, may) << told.index();
        job.measurement = msm(1'000'000);
        EXPECT_EQ(guard::may_name_near_hop(job).is == kind::allow, may) << told.index();
        job.measurement = msm(1'000'001);
        EXPECT_EQ(guard::may_name_near_hop(job).said, "address not allowed") << told.index();
    }
}

packet of(proto::result_kind type, std::size_t octets)
{
    return {type, parse_address("8.8.8.8").value(), octets};
}

TEST(guard, each_type_has_its_own_limits_within_those_of_all)
{
    caps limits{.packets_per_second = 5, .jobs_at_once = 10};
    limits.of(proto::result_kind::dns).packets_per_second = 2;
    limits.of(proto::result_kind::dns).jobs_at_once = 1;
    limits.of(proto::result_kind::ntp).allowed = false;
    guard asked(limits, target_policy{}, t0);
    EXPECT_EQ(asked.may_run(of_type(proto::ntp_options{}), 0).said, "type of measurement not allowed");
    EXPECT_TRUE(asked.may_run(of_type(proto::dns_options{}), 5));
    asked.began(proto::result_kind::dns);
    EXPECT_EQ(asked.may_run(of_type(proto::dns_options{}), 5).why, "limit is 1 of type dns");
    EXPECT_TRUE(asked.may_run(of_type(proto::ping_options{}), 5));
    asked.ended(proto::result_kind::dns);
    EXPECT_TRUE(asked.may_run(of_type(proto::dns_options{}), 5));

    auto const query = of(proto::result_kind::dns, 60), ping = of(proto::result_kind::ping, 60);
    EXPECT_TRUE(asked.may_send(query, t0));
    EXPECT_TRUE(asked.may_send(query, t0));
    EXPECT_EQ(asked.may_send(query, t0).is, kind::later);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(asked.may_send(ping, t0)) << "what waited took nothing";
    EXPECT_EQ(asked.may_send(ping, t0).is, kind::later);
}

TEST(guard, a_look_up_costs_packets_bits_and_the_days_octets)
{
    auto const ping = proto::result_kind::ping;
    guard asked({.packets_per_second = 3}, target_policy{}, t0);
    EXPECT_TRUE(asked.may_look_up(ping, t0));
    EXPECT_EQ(asked.may_look_up(ping, t0).is, kind::later) << "one packet is left";
    EXPECT_TRUE(asked.may_send(of(ping, 60), t0));
    EXPECT_EQ(asked.may_send(of(ping, 60), t0).is, kind::later);

    guard slow({.bits_per_second = look_up_cost::octets * 8}, target_policy{}, t0);
    EXPECT_TRUE(slow.may_look_up(ping, t0));
    EXPECT_GT(slow.may_send(of(ping, 60), t0).when, t0);

    guard poor({.bytes_per_day = 2 * look_up_cost::octets + 1}, target_policy{}, t0);
    EXPECT_TRUE(poor.may_look_up(ping, t0));
    EXPECT_TRUE(poor.may_look_up(ping, t0));
    EXPECT_EQ(poor.may_look_up(ping, t0).said, "the day's bytes are used up");
    EXPECT_EQ(poor.day().used().octets, 2 * look_up_cost::octets);
}

TEST(guard, lets_streams_take_in_what_is_paid_for)
{
    caps limits{.bits_per_second = 8000, .bytes_per_day = 3000};
    limits.of(proto::result_kind::tls).bits_per_second = 4000;
    guard asked(limits, target_policy{}, t0);
    using enum proto::result_kind;
    EXPECT_TRUE(asked.may_receive(tls, t0));
    asked.received(tls, 1000, t0);
    EXPECT_TRUE(asked.may_receive(dns, t0));
    auto const later = asked.may_receive(tls, t0);
    ASSERT_EQ(later.is, kind::later);
    EXPECT_GT(later.when, t0 + 999ms);
    EXPECT_LT(later.when, t0 + 1001ms);
    EXPECT_TRUE(asked.may_receive(tls, later.when));
    EXPECT_TRUE(asked.may_receive(tls, later.when)) << "asking costs nothing";
    asked.received(dns, 2000, t0 + 1h);
    EXPECT_EQ(asked.may_receive(dns, t0 + 2h).said, "the day's bytes are used up");
}

TEST(guard, counts_bits_that_went_and_bits_that_came)
{
    guard asked({.bits_per_second = 8000}, target_policy{}, t0);
    EXPECT_TRUE(asked.may_send(of(proto::result_kind::ping, 500), t0));
    asked.received(proto::result_kind::ping, 500, t0);
    auto const later = asked.may_send(of(proto::result_kind::ping, 500), t0);
    ASSERT_EQ(later.is, kind::later);
    EXPECT_GE(later.when, t0 + 500ms);
    EXPECT_TRUE(asked.may_send(of(proto::result_kind::ping, 500), later.when));
    EXPECT_TRUE(asked.may_send(of(proto::result_kind::ping, 5000), t0 + 1h)) << "a packet larger than a burst goes too";
    EXPECT_GE(asked.may_send(of(proto::result_kind::ping, 100), t0 + 1h).when, t0 + 1h + 4s);
}

TEST(guard, a_days_octets_end_runs_and_packets_until_the_next_day)
{
    guard asked({.bytes_per_day = 1000}, target_policy{}, t0);
    asked.look(local_moment{100, 0});
    EXPECT_TRUE(asked.may_send(of(proto::result_kind::ping, 600), t0));
    EXPECT_EQ(asked.may_send(of(proto::result_kind::ping, 401), t0).said, "the day's bytes are used up");
    EXPECT_TRUE(asked.may_run(of_type(proto::ping_options{}), 0)) << "there is some left";
    asked.received(proto::result_kind::ping, 5000, t0);
    EXPECT_EQ(asked.may_send(of(proto::result_kind::ping, 1), t0).is, kind::refuse);
    EXPECT_EQ(asked.may_run(of_type(proto::ping_options{}), 0).why, "limit is 1000 a day");
    asked.look(local_moment{101, 0});
    EXPECT_TRUE(asked.may_send(of(proto::result_kind::ping, 600), t0));
}

TEST(guard, in_quiet_hours_nothing_begins_and_nothing_goes_on)
{
    caps limits;
    ASSERT_TRUE(limits.quiet.add("23:00-06:30"));
    guard asked(limits, target_policy{}, t0);
    EXPECT_EQ(asked.may_run(of_type(proto::ping_options{}), 0).why, "the clock is not set");
    asked.look(local_moment{100, 22 * 60 + 59});
    EXPECT_TRUE(asked.may_run(of_type(proto::ping_options{}), 0));
    EXPECT_TRUE(asked.may_send(of(proto::result_kind::ping, 60), t0));
    asked.look(local_moment{100, 23 * 60});
    EXPECT_EQ(asked.may_run(of_type(proto::ping_options{}), 0).said, "quiet hours");
    EXPECT_EQ(asked.may_send(of(proto::result_kind::ping, 60), t0).why, "23:00-06:30");
    asked.look(local_moment{101, 6 * 60 + 30});
    EXPECT_TRUE(asked.may_send(of(proto::result_kind::ping, 60), t0));
}

TEST(guard, the_platform_lowers_and_takes_back_but_never_raises)
{
    guard asked({.packets_per_second = 10, .shortest_interval = 10s}, target_policy{}, t0);
    proto::cap_limits wish;
    wish.packets_per_second = 1;
    wish.shortest_interval = 60s;
    wish.refused_kinds = {proto::result_kind::http};
    asked.set_platform_limits(wish, t0);
    EXPECT_TRUE(asked.may_send(of(proto::result_kind::ping, 60), t0));
    EXPECT_EQ(asked.may_send(of(proto::result_kind::ping, 60), t0).is, kind::later);
    EXPECT_EQ(asked.may_run(every(59s), 0).said, "interval not allowed");
    EXPECT_EQ(asked.may_run(of_type(proto::http_options{}), 0).said, "type of measurement not allowed");

    wish = {};
    wish.packets_per_second = 1'000'000;
    wish.shortest_interval = 1s;
    asked.set_platform_limits(wish, t0);
    auto const rested = t0 + 1min;
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(asked.may_send(of(proto::result_kind::ping, 60), rested));
    EXPECT_EQ(asked.may_send(of(proto::result_kind::ping, 60), rested).is, kind::later);
    EXPECT_EQ(asked.may_run(every(9s), 0).why, "shortest is 10 s");
    EXPECT_TRUE(asked.may_run(of_type(proto::http_options{}), 0));
}

TEST(guard, bodies_have_a_limit_of_their_own)
{
    guard const asked({.http_body_bytes = 20'000}, target_policy{}, t0);
    proto::http_options told;
    EXPECT_TRUE(asked.may_run(of_type(told), 0));
    auto const body = [&](proto::options const& options) {
        return std::get<proto::http_options>(asked.bounded(of_type(options)).options).max_bytes_read;
    };
    EXPECT_EQ(body(told), proto::http_options::usual_body_bytes) << "what it does not say, the guard does";
    told.max_bytes_read = 20'000;
    EXPECT_TRUE(asked.may_run(of_type(told), 0));
    EXPECT_EQ(body(told), 20'000U);
    told.max_bytes_read = 20'001;
    EXPECT_EQ(asked.may_run(of_type(told), 0).said, "size not allowed");
}

TEST(guard, what_the_probe_itself_chose_is_exempt_and_only_for_its_purpose)
{
    guard asked({}, target_policy{}, t0);
    auto const resolver = parse_address("192.168.1.53").value(), hop = parse_address("192.168.1.1").value();
    asked.targets().set_resolvers({resolver, parse_address("127.0.0.53").value()});
    asked.targets().set_near_hops({hop});
    using enum proto::result_kind;
    EXPECT_TRUE(asked.may_reach(dns, resolver));
    EXPECT_TRUE(asked.may_send({dns, parse_address("127.0.0.53").value(), 60}, t0));
    EXPECT_TRUE(asked.may_send({ping, hop, 60}, t0));
    EXPECT_TRUE(asked.may_send({traceroute, hop, 60}, t0));
    for (auto const type : {ping, traceroute, http, tls, ntp}) EXPECT_FALSE(asked.may_reach(type, resolver));
    for (auto const type : {dns, http, tls, ntp}) EXPECT_FALSE(asked.may_reach(type, hop));
    EXPECT_FALSE(asked.may_reach(dns, parse_address("192.168.1.54").value()));
    EXPECT_FALSE(asked.may_target(resolver)) << "somebody else chose it";
    EXPECT_FALSE(asked.may_target(hop));
    anchors list;
    list.add({hop, resolver}, {80});
    asked.set_anchors(list);
    EXPECT_FALSE(asked.may_fetch(hop, 80));
    EXPECT_FALSE(asked.may_fetch(resolver, 80));
}

}  // namespace
}  // namespace tp::probe
