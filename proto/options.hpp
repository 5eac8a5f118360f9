#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

/// What a measurement of each type is told. Names, defaults and ranges: Atlas API, "Creating measurements". Ranges are
/// kept by the codec (a frame with other values is malformed) and by the API.
namespace tp::proto {

struct ping_options {
    static constexpr unsigned most_packets = 16, largest_size = 2048;
    static constexpr std::chrono::milliseconds shortest_interval{2}, longest_interval{30'000};

    unsigned packets = 3;  // 1 ..
    unsigned size = 48;    // payload octets, 1 ..
    std::chrono::milliseconds packet_interval{1000};
    bool include_probe_id = false;  // in the payload, for the operator of the target
    bool operator==(ping_options const&) const = default;
};

enum class trace_protocol : std::uint8_t { icmp = 1, udp = 2, tcp = 3 };

struct traceroute_options {
    static constexpr unsigned most_packets = 16, largest_size = 2048, most_paris = 64, highest_hop = 255;
    static constexpr unsigned largest_destination_option = 1024, largest_hop_by_hop_option = 2048;
    static constexpr std::chrono::milliseconds shortest_timeout{1}, longest_timeout{60'000};
    /// After so many silent hops the next one asked is `highest_hop`, and it is the last.
    static constexpr unsigned gap_limit = 5;
    static constexpr std::chrono::milliseconds usual_duplicate_timeout{10};

    trace_protocol protocol = trace_protocol::udp;
    unsigned packets = 3;  // a hop, 1 ..
    unsigned size = 48;    // payload octets, 0 ..
    std::chrono::milliseconds response_timeout{4000};
    std::optional<std::chrono::milliseconds> duplicate_timeout;        // none: usual_duplicate_timeout
    unsigned paris = 16;                                               // how many flows are taken in turn; 0: classic
    unsigned first_hop = 1, max_hops = 32;                             // 1 .. highest_hop
    std::uint16_t port = 80;                                           // 1 ..; TCP only
    unsigned destination_option_size = 0, hop_by_hop_option_size = 0;  // octets, IPv6 only; 2046 fit
    bool dont_fragment = false;
    bool operator==(traceroute_options const&) const = default;
};

enum class dns_transport : std::uint8_t { udp = 1, tcp = 2, tls = 3 };

struct dns_options {
    static constexpr unsigned most_retries = 10, smallest_payload = 512, largest_payload = 4096;
    static constexpr std::chrono::milliseconds shortest_timeout{100}, longest_timeout{30'000};
    static constexpr std::size_t longest_argument = 253;  // before macros and escapes are resolved

    std::uint16_t query_class = 1;    // IN or CHAOS
    std::uint16_t query_type = 1;     // the number of the type, RFC 1035 and later
    std::string query_argument;       // the name, in presentation form; may hold macros
    bool use_probe_resolver = false;  // then a job has no target: every resolver of the probe is asked, of any family
    dns_transport transport = dns_transport::udp;
    unsigned retry = 0;               // further tries after a timeout, UDP only
    unsigned udp_payload_size = 512;  // EDNS is used if this is not 512 or a bit below needs it
    // RD is set for the probe's own resolvers in any case.
    bool set_rd_bit = false, set_do_bit = false, set_cd_bit = false, set_nsid_bit = false;
    bool set_cookie = false;  // a client cookie, RFC 7873: not part of Atlas
    bool include_qbuf = false, include_abuf = true;
    bool prepend_probe_id = false;  // "probe id . unix time . argument", so that no cache knows the name
    bool use_macros = false;        // $p, $t, $r
    std::chrono::milliseconds timeout{5000};
    std::uint16_t port = 0;  // 0: usual_port()
    bool operator==(dns_options const&) const = default;

    std::uint16_t usual_port() const noexcept { return transport == dns_transport::tls ? 853 : 53; }  // RFC 7858, 1035
    /// A probe asks its own resolvers nowhere else: other ports of a router, or of the probe's own machine, are
    /// nobody's business.
    bool port_fits() const noexcept { return !use_probe_resolver || port == 0 || port == usual_port(); }
};

enum class http_method : std::uint8_t { get = 1, head = 2, post = 3 };

/// The target is an anchor: the probe refuses every other.
struct http_options {
    static constexpr unsigned most_header_bytes = 2048, most_body_bytes = 1'020'048, usual_body_bytes = 10 * 1024;
    static constexpr std::size_t longest_path = 1024, longest_query = 1024, longest_user_agent = 256;

    http_method method = http_method::get;
    std::string path = "/", query_string;  // printable ASCII without blanks
    std::uint16_t port = 80;               // 443 is HTTPS
    bool version_1_0 = false;
    std::string user_agent = "Trigpoint";
    unsigned header_bytes = 0;               // of the answer's head that the result keeps
    std::optional<unsigned> max_bytes_read;  // of the body; none: usual_body_bytes
    bool extended_timing = false, more_extended_timing = false;
    bool operator==(http_options const&) const = default;
};

struct tls_options {
    static constexpr std::size_t longest_hostname = 253;

    std::uint16_t port = 443;
    std::string hostname;  // SNI; empty: the target, if that is a name
    bool operator==(tls_options const&) const = default;
};

struct ntp_options {
    static constexpr unsigned most_packets = 16;
    static constexpr std::chrono::milliseconds shortest_timeout{1}, longest_timeout{60'000};

    unsigned packets = 3;  // 1 ..
    std::chrono::milliseconds timeout{4000};
    bool operator==(ntp_options const&) const = default;
};

using options = std::variant<ping_options, traceroute_options, dns_options, http_options, tls_options, ntp_options>;

}  // namespace tp::proto
