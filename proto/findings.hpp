#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ip_prefix.hpp"
#include "base/time.hpp"
#include "proto/options.hpp"

/// What a run of each type found. The API renders it as Atlas results; fields that Atlas prints only when they differ
/// from what was sent are optional here. Octet strings are `std::string`.
namespace tp::proto {

/// Whose fault a failure is.
enum class failure_source : std::uint8_t { target = 1, resolver = 2, network = 3, probe = 4, guard = 5 };

struct failure {
    failure_source source{};
    std::string text;  // as Atlas words it where it has words: "address not allowed", "dns resolution failed: ..."
    bool operator==(failure const&) const = default;
};

// ---- ping

/// What became of one echo request.
struct ping_packet {
    std::optional<std::chrono::nanoseconds> round_trip;  // none: no reply in time
    std::optional<unsigned> ttl;                         // of the reply
    std::optional<unsigned> size;                        // payload octets of the reply, if other than sent
    std::optional<ip_address> source;                    // of the reply or error, if other than the target
    std::string error;                                   // an ICMP error or a send error in words; empty otherwise
    unsigned duplicates = 0;                             // further replies to this request
    bool late = false;                                   // the reply came after the wait, while the run was still on
    bool operator==(ping_packet const&) const = default;
};

struct ping_report {
    static constexpr std::size_t most_packets = ping_options::most_packets;

    unsigned size = 0;  // payload octets sent
    std::vector<ping_packet> packets;
    bool operator==(ping_report const&) const = default;
};

// ---- traceroute

struct mpls_label {
    std::uint32_t label = 0;  // 20 bits
    unsigned experimental = 0;
    bool bottom = false;
    unsigned ttl = 0;
    bool operator==(mpls_label const&) const = default;
};

/// One object of an ICMP extension structure, RFC 4884, section 7. Labels are RFC 4950's (class 1, type 1).
struct icmp_object {
    static constexpr std::size_t most_labels = 16;
    unsigned object_class = 0, type = 0;
    std::vector<mpls_label> labels;
    bool operator==(icmp_object const&) const = default;
};

struct icmp_extension {
    static constexpr std::size_t most_objects = 8;
    unsigned version = 0;
    bool rfc4884 = false;  // the length field was there, else the structure was looked for at octet 128
    std::vector<icmp_object> objects;
    bool operator==(icmp_extension const&) const = default;
};

/// What an answer says instead of "time exceeded". A port unreachable that ends a UDP or TCP trace is none of these.
enum class trace_error : std::uint8_t {
    none = 0,
    network = 1,       // Atlas "N"
    host = 2,          // "H"
    protocol = 3,      // "P"
    port = 4,          // "p"
    prohibited = 5,    // "A"
    beyond_scope = 6,  // "h", ICMPv6
    other = 7          // the code as a number
};

/// One answer, or the lack of one.
struct trace_reply {
    std::optional<ip_address> from;                      // none: silence ("x": "*")
    std::optional<std::chrono::nanoseconds> round_trip;  // none when late
    unsigned ttl = 0, size = 0;  // of the answer: octets behind its ICMP, TCP or UDP head, as Atlas counts
    trace_error error = trace_error::none;
    unsigned error_code = 0;                                           // the ICMP code, for `other`
    std::optional<unsigned> quoted_ttl;                                // if not 1
    std::optional<unsigned> tos;                                       // of the answer, if not 0
    std::optional<unsigned> quoted_tos;                                // if other than sent
    std::optional<ip_address> quoted_destination;                      // if other than the target
    std::optional<unsigned> mtu;                                       // of "fragmentation needed" and "packet too big"
    std::optional<unsigned> tcp_flags;                                 // of a TCP answer: the octet
    std::optional<unsigned> mss;                                       // and its MSS option
    std::optional<unsigned> hop_by_hop_size, destination_option_size;  // quoted
    std::optional<icmp_extension> extension;
    bool duplicate = false;
    std::optional<unsigned> late;  // an answer to the packet that many before
    bool operator==(trace_reply const&) const = default;
};

struct trace_hop {
    static constexpr std::size_t most_replies = 64;  // with late ones and duplicates; more are counted in `dropped`
    unsigned hop = 0;
    std::string error;  // sending failed: "sendto failed: ..."; then no replies
    std::vector<trace_reply> replies;
    bool operator==(trace_hop const&) const = default;
};

enum class trace_end : std::uint8_t { reached = 1, hop_limit = 2, gap_limit = 3, unreachable = 4, send_error = 5 };

struct traceroute_report {
    static constexpr std::size_t most_hops = 255;
    trace_protocol protocol = trace_protocol::udp;
    unsigned paris_id = 0;  // 0: classic
    unsigned size = 0;
    wall_time ended;
    trace_end stopped_by = trace_end::reached;
    bool unprivileged = false;  // measured through the error queue of ordinary sockets
    std::vector<trace_hop> hops;
    bool operator==(traceroute_report const&) const = default;
};

// ---- dns

/// One query to one server, and what came back. A failure has the name that Atlas gives it:
///
/// | error_name    | when                                                                      | error_text        |
/// |---------------|---------------------------------------------------------------------------|-------------------|
/// | "timeout"     | no answer within the limit, after all tries                               | the limit, "5000" |
/// | "socket"      | no UDP socket                                                             | words             |
/// | "senderror"   | UDP: the query was not sent; also what the guard said about this server   | words             |
/// | "nameserver"  | the probe is to ask its own resolvers and has none                        | words             |
/// | "TUSOCKET"    | no TCP socket                                                             | words             |
/// | "TUCONNECT"   | the connection or the TLS handshake failed                                | words             |
/// | "TU_BAD_ADDR" | TCP, TLS: the guard refused this server                                   | "true"            |
/// | "TU_READ_ERR" | writing or reading failed, or the connection ended in mid-message         | words             |
/// | "TCPREAD"     | the connection ended within the two octets of the length                  | words             |
/// | "TCPREADSIZE" | the length is less than a header's                                        | words             |
/// | "idmismatch"  | TCP, TLS: the answer has another id. UDP waits on: see `wrong_ids`        | words             |
///
/// Atlas prints the text of "timeout" as a number and that of "TU_BAD_ADDR" as true. Its further names cannot arise:
/// the target's name is resolved before ("getaddrinfo" is the report's own failure, by the resolver). When nothing
/// could be sent at all, because of the guard or of a name that is none, the report has a failure and no exchanges.
///
/// Of an answer that is left out the beginning stays: its header, and all up to the last TXT or SOA record among the
/// first two answers, which Atlas tells in words in any case, if that fits into `longest_head`.
struct dns_exchange {
    static constexpr std::size_t head_length = 12;  // octets of a message's header
    static constexpr std::size_t longest_head = 512;

    std::optional<ip_address> server, source;
    std::uint16_t port = 53;
    wall_time at;                 // when this query was sent; streams: when the connection was begun
    unsigned retries = 0;         // tries before this one
    std::string query;            // the message as sent, if asked for
    std::string answer;           // the message as received; empty: none, left out, or too large
    std::string answer_head;      // what stays of it then
    std::size_t answer_size = 0;  // octets received
    std::optional<std::chrono::nanoseconds> round_trip;    // from `at` to the answer
    std::optional<unsigned> ttl;                           // of the answer's packet, UDP
    std::optional<std::chrono::nanoseconds> connect_time;  // TCP and TLS: until the query could be written
    std::string tls_version;                               // "TLSv1.3"
    bool cookie_mismatch = false;                          // the answer carries a cookie, and not the one that was sent
    unsigned wrong_ids = 0;                                // UDP: messages from the server that had another id
    std::string error_name, error_text;                    // empty: answered
    bool operator==(dns_exchange const&) const = default;
};

struct dns_report {
    static constexpr std::size_t most_exchanges = 16;
    dns_transport transport = dns_transport::udp;
    bool by_resolvers = false;  // the probe's own: rendered as a resultset
    std::vector<dns_exchange> exchanges;
    bool operator==(dns_report const&) const = default;
};

// ---- http

struct http_read {
    std::uint64_t offset = 0;       // octets of head and body that had come before
    std::chrono::nanoseconds at{};  // since the run began
    bool operator==(http_read const&) const = default;
};

struct http_report {
    static constexpr std::size_t most_reads = 512, most_headers = 128;
    http_method method = http_method::get;
    std::string uri;
    std::optional<unsigned> status;  // none: no status line came
    std::string version;             // "1.1"
    std::size_t header_size = 0, body_size = 0;
    std::optional<std::chrono::nanoseconds> round_trip;                     // to the end of the answer
    std::optional<std::chrono::nanoseconds> connect_time, first_byte_time;  // extended timing
    std::vector<http_read> reads;                                           // more extended timing
    std::vector<std::string> headers;                                       // lines, of header_bytes at most
    bool truncated = false;                                                 // there was more body than may be read
    bool operator==(http_report const&) const = default;
};

// ---- tls

struct tls_alert {
    unsigned level = 0, description = 0;
    bool operator==(tls_alert const&) const = default;
};

struct tls_report {
    static constexpr std::size_t most_certificates = 16, largest_chain = 48 * 1024;  // octets of DER in all
    std::uint16_t port = 443;
    std::string version;  // of the handshake: "1.3"
    std::string cipher;   // "0xc030"
    std::optional<std::chrono::nanoseconds> connect_time, round_trip;
    std::vector<std::string> certificates;  // DER, as the server sent them
    std::optional<tls_alert> alert;         // the server's
    bool operator==(tls_report const&) const = default;
};

// ---- ntp

/// A time in NTP's form, RFC 5905: 32 bits of seconds since 1900 (of the era at hand), 32 bits of fraction.
using ntp_time = std::uint64_t;

struct ntp_packet {
    std::string error;  // "*" is not written here: an empty packet without `received` is silence
    bool received = false;
    ntp_time origin = 0, receive = 0, transmit = 0, final = 0;
    std::chrono::nanoseconds round_trip{}, offset{};  // offset: server minus probe, RFC 5905, section 8
    // The server's header.
    unsigned leap = 0, version = 0, mode = 0, stratum = 0;
    int poll = 0, precision = 0;                        // log2 seconds
    std::uint32_t root_delay = 0, root_dispersion = 0;  // 16.16 fixed point seconds
    std::uint32_t reference_id = 0;
    ntp_time reference = 0;
    bool operator==(ntp_packet const&) const = default;
};

struct ntp_report {
    static constexpr std::size_t most_packets = ntp_options::most_packets;
    std::vector<ntp_packet> packets;
    bool operator==(ntp_report const&) const = default;
};

using findings = std::variant<ping_report, traceroute_report, dns_report, http_report, tls_report, ntp_report>;

}  // namespace tp::proto
