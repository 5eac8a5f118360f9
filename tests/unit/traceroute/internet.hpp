#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "probe/measure/traceroute/run.hpp"

/// A simulated Internet: one path of routers to one target, which answers packets octet by octet as routers would.
namespace tp::probe {

using namespace std::chrono_literals;
using octet_string = std::vector<std::uint8_t>;

/// By what a router spreads packets over the branches behind it.
enum class balance {
    none,
    addresses,      // and the IPv6 flow label: Linux, fib_multipath_hash_policy 0
    ports,          // addresses, protocol, ports: policy 1
    first_32_bits,  // behind the IP header: hardware
    packets         // each packet another way
};

struct router {
    std::string address;
    std::chrono::microseconds round_trip{1000};
    std::function<bool(unsigned)> answers = [](unsigned) { return true; };  // to the how many-th packet that dies here
    std::function<std::chrono::microseconds(unsigned)> extra = [](unsigned) { return 0us; };
    unsigned copies = 1;                    // of each answer
    std::vector<proto::mpls_label> labels;  // RFC 4950
    bool length_field = true;               // else the structure stands behind 128 octet_string unannounced
    std::size_t quotes = 1000;              // octet_string of the packet, at most
    std::optional<unsigned> rejects;        // everything that is to go on: the code of "unreachable"
    unsigned mtu = 0;                       // of the link behind it; 0: any
    std::uint8_t tos = 0, quoted_ttl = 1;   // of its answers; what it leaves of the TTL
    std::string rewrites;                   // the destination that it quotes, if not empty (NAT)
    bool spoils_checksum = false;           // quotes another UDP checksum
};

struct stage {
    std::vector<router> branches;
    balance by = balance::none;
};

struct target {
    std::string address;
    std::chrono::microseconds round_trip{10'000};
    enum class port { closed, open, silent } is = port::closed;  // open: UDP answers with a datagram
    bool answers_echo = true;
    unsigned copies = 1;
};

/// What arrives, as a raw socket gives it.
struct arrival {
    steady_time when;
    proto::trace_protocol protocol;
    octet_string packet;  // IPv4: with its header
    ip_address from;
    std::optional<unsigned> ttl, tos;  // IPv6
};

class internet {
public:
    internet(std::vector<stage> path, target to) : path_(std::move(path)), target_(std::move(to)) {}

    std::vector<arrival> send(steady_time now, octet_string packet);

    std::vector<octet_string> sent;  // every packet
    std::vector<std::string> asked;  // the router or target at which each died

private:
    std::vector<arrival> at(router& one, octet_string packet, steady_time now, bool expired);
    std::vector<arrival> at_target(octet_string packet, steady_time now);
    router& choose(stage& from, octet_string const& packet);

    std::vector<stage> path_;
    target target_;
    unsigned spread_ = 0;
    std::vector<std::pair<std::string, unsigned>> died_;
};

/// A whole trace over a simulated Internet, by a clock of its own.
struct traced {
    proto::traceroute_report report;
    proto::clock_kind clock;
    std::chrono::microseconds took;
};
traced trace(internet& net, proto::traceroute_options const& options, std::string const& to, unsigned paris_id = 1,
             unsigned window = trace_run::usual_window);

/// A plan as the engine would make it.
trace_plan plan_for(proto::traceroute_options const& options, std::string const& to, unsigned paris_id);

/// "1 192.0.2.1 0.000 ...": a report as text, for tables. Silence is "*".
std::string text_of(proto::traceroute_report const& report);

}  // namespace tp::probe
