#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "base/ip_prefix.hpp"
#include "base/ssh/keys.hpp"
#include "base/time.hpp"
#include "proto/job.hpp"
#include "proto/report.hpp"
#include "proto/version.hpp"

/// What probe, registry and controller say to each other. One value here is one frame; proto/codec.hpp writes and reads
/// them. A value that was read keeps every promise of its type: ids are valid, options in range, lists within limits.
namespace tp::proto {

/// The version text of the software, and what it can do ("ping", "ping6", ...). Unknown capabilities are ignored.
struct software {
    std::string version;
    std::vector<std::string> capabilities;
};

// ---- probe -> registry ("trigpoint-registry")

/// The probe's first frame. Its key is proved by the SSH login.
struct registry_hello {
    version_range versions;
    software runs;
    std::uint32_t boot_count = 0;                  // how often this installation started: persisted by the probe
    std::string claim_code;                        // given by the host at the first start; may be empty
    wall_time clock;                               // what the probe believes
    std::optional<ip_address> local_v4, local_v6;  // addresses that it would send from, if any
};

// ---- registry -> probe, one of these, and then it closes

struct controller_place {
    std::string name;
    std::vector<std::string> addresses;  // "192.0.2.1:7441", "[2001:db8::1]:7441"
    std::vector<ssh::public_key> host_keys;
};

struct assignment {
    unsigned version = 0;
    probe_id probe;
    std::vector<controller_place> controllers;  // best first, at least one
    std::chrono::seconds lease{};               // how long it may be used without asking again
    std::chrono::seconds ask_again_after{};     // when to register again although all is well
};

/// Not now.
struct wait {
    std::chrono::seconds length{};
    std::string reason;
};

enum class refusal {
    unknown_key,
    revoked,
    bad_claim_code,
    version,
    malformed,
    not_placed_here,
    too_many_attempts,
    replaced
};

struct refuse {
    refusal code{};
    std::string reason;  // for a person
    std::chrono::seconds retry_after{};
};

// ---- probe -> controller ("trigpoint-controller")

/// A signed document that a probe believes and keeps: it need not be sent again.
struct held_document {
    std::string name;
    std::uint64_t version = 0;
    bool operator==(held_document const&) const = default;
};

struct controller_hello {
    version_range versions;
    software runs;
    probe_id probe;
    std::uint32_t boot_count = 0;
    wall_time clock;
    std::vector<held_document> holds;
};

/// One result. (measurement, probe, timestamp, sequence) is its key everywhere.
struct result_item {
    measurement_id measurement;
    wall_time timestamp;         // when its first packet was sent, or would have been
    std::uint64_t sequence = 0;  // boot counter << 32 | counter: never given twice by one probe
    result_kind kind{};
    std::string report;  // an encoded proto::report (proto/report.hpp)
};

struct result_batch {
    std::uint64_t number = 0;          // counted by the probe for this session
    std::vector<result_item> results;  // never empty: such a one would cost its sender nothing
};

struct event {
    wall_time at;
    std::string kind;  // "spool_dropped", "clock_jumped", ...
    std::string text;
};

struct events {
    std::vector<event> list;
};

/// What the probe runs, signed by it: proto/version_report.hpp.
struct signed_report {
    static constexpr std::size_t largest = 4 * 1024;  // octets of the report
    static constexpr std::size_t signature_length = 64;
    std::uint64_t number = 0;  // as in the report
    std::string report;        // an encoded version_report
    std::string signature;     // of signed_octets_of_report(report)
    bool operator==(signed_report const&) const = default;
};

/// Asks for a part of a file of the signed repository. One is answered after the other.
struct file_request {
    static constexpr std::size_t longest_path = 512;  // octets
    static constexpr std::uint32_t largest = 60'000;  // octets of one answer
    std::uint64_t number = 0;                         // counted by the probe for this session
    std::string path;                                 // "metadata/timestamp.json", "targets/..."
    std::uint64_t offset = 0;
    std::uint32_t most = largest;  // octets of the answer, from 1
    bool operator==(file_request const&) const = default;
};

/// The probe wants to change its key, and asks for a nonce.
struct key_wish {};

/// The probe's new key, and the signatures of both keys: proto/key_change.hpp says of what.
struct key_change {
    static constexpr std::size_t signature_length = 64;
    ssh::public_key key;
    std::string by_old, by_new;
    bool operator==(key_change const&) const = default;
};

// ---- controller -> probe

struct welcome {
    unsigned version = 0;
    wall_time clock;
    std::chrono::seconds keepalive{};  // each side is silent for at most this long; three times that is a dead peer
};

/// A page of the whole job list. The pages from `first` to `last` replace what the probe held.
struct job_page {
    bool first = false, last = false;
    std::vector<job> jobs;
};

/// A change to the job list: jobs are added, or replace the one of the same number.
struct job_change {
    std::vector<job> changed;
    std::vector<measurement_id> removed;
};

/// Everything in these batches is committed, or was judged not to belong here: the probe can forget it.
struct acknowledge {
    std::vector<std::uint64_t> batches;
};

/// The report of this number is kept.
struct report_taken {
    std::uint64_t number = 0;
};

/// What the platform asks this probe to stay below: it lowers what the probe's host allows, never raises it. None: no
/// wish. Each message replaces the one before.
struct cap_limits {
    static constexpr std::size_t most_kinds = 32;
    std::optional<unsigned> packets_per_second, jobs_at_once;
    std::optional<std::uint64_t> bits_per_second, bytes_per_day;
    std::optional<std::chrono::seconds> shortest_interval;
    std::vector<result_kind> refused_kinds;
    bool operator==(cap_limits const&) const = default;
};

/// A part of a document that a probe trusts by its signatures, whoever brings it. The parts from `first` to `last`, one
/// after the other, are the document: proto/document_parts.hpp cuts and joins.
struct document_part {
    static constexpr std::string_view anchors = "anchors";       // the list of anchors; a probe passes over other names
    static constexpr std::size_t largest_document = 516 * 1024;  // octets of all parts
    static constexpr std::size_t usual = 3'900;     // octets of one part: what base/ssh sends in one packet, framed
    static constexpr std::size_t largest = 60'000;  // octets of one part that a reader takes
    std::string name;
    bool first = false, last = false;
    std::string octets;
    bool operator==(document_part const&) const = default;
};

enum class file_status { here, absent, unavailable };

/// Answers a file_request.
struct file_part {
    std::uint64_t number = 0;  // of the request
    file_status status = file_status::unavailable;
    std::uint64_t size = 0;  // octets of the whole file
    std::string octets;      // from the offset that was asked for; none only at the file's end or beyond it
    bool operator==(file_part const&) const = default;
};

/// What the director wants of this probe, signed by it: proto/instruction.hpp.
struct signed_instruction {
    static constexpr std::size_t largest = 4 * 1024;  // octets of the instruction
    static constexpr std::size_t key_length = 32, signature_length = 64;
    std::string instruction;  // an encoded instruction
    std::string key;          // the director's public key
    std::string signature;    // of signed_octets_of_instruction(instruction)
    bool operator==(signed_instruction const&) const = default;
};

/// What a change of the probe's key is to be signed over: good for one key_change, in this session alone.
struct key_nonce {
    static constexpr std::size_t length = 32;
    std::string octets;
    bool wanted = false;  // the probe did not ask: the platform wishes a new key
};

/// What became of a key_change.
struct key_answer {
    enum class verdict {
        taken = 1,  // from now on the new key logs in, too; when it has, the old one is dead
        refused,    // never: the new key is to be thrown away
        later,      // not now
    };
    verdict is{};
    std::string reason;  // why not
};

// ---- both ways

struct keepalive {};

using to_registry = std::variant<registry_hello>;
using from_registry = std::variant<assignment, wait, refuse>;
using to_controller =
    std::variant<controller_hello, result_batch, events, keepalive, signed_report, file_request, key_wish, key_change>;
using from_controller = std::variant<welcome, wait, refuse, job_page, job_change, acknowledge, keepalive, cap_limits,
                                     document_part, report_taken, file_part, signed_instruction, key_nonce, key_answer>;

}  // namespace tp::proto
