#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "firmware-signing/tuf/digest.hpp"
#include "firmware-signing/tuf/json.hpp"
#include "firmware-signing/tuf/path_pattern.hpp"
#include "firmware-signing/tuf/signed_file.hpp"

/// What the roles of a TUF repository say, in types. Source: the TUF specification 1.0.34, section 4. Unknown members
/// are passed over. Whoever reads has verified the signatures before.
namespace tp::tuf {

using std::chrono::sys_seconds;

/// What all roles say.
struct statement {
    std::uint64_t version = 1;  // from 1
    sys_seconds expires;        // at this moment it has expired
};

struct root : statement {
    bool consistent_snapshot = false;  // names of files carry versions and hashes
    signers root_keys, timestamp_keys, snapshot_keys, targets_keys;
};

/// What one role says of another one's file.
struct file_facts {
    std::uint64_t version = 1;
    std::optional<std::uint64_t> length;  // octets
    std::optional<digests> hashes;
};

struct timestamp : statement {
    file_facts snapshot;
};

struct snapshot : statement {
    std::map<std::string, file_facts, std::less<>> files;  // "targets.json", "ROLE.json"
};

struct target_file {
    std::uint64_t length = 0;  // octets
    digests hashes;
    std::string custom;  // what the application adds, as canonical JSON: an object, or empty
};

struct delegation {
    std::string name;  // of a role
    signers keys;
    bool terminating = false;
    path_set paths;
};

struct targets : statement {
    std::map<std::string, target_file, std::less<>> files;
    std::vector<delegation> delegations;  // in the order of trust
};

inline constexpr std::size_t most_delegations = 1'024;  // in one file
inline constexpr std::size_t longest_role_name = 80;    // octets: escaped, it still is the name of a file

/// Errors of all: refusal::wrong_type, wrong_spec, malformed, too_large; of those with keys: wrong_key_id,
/// repeated_key_id; of read_targets: reserved_name, repeated_name.
result<root> read_root(json::value content);
result<timestamp> read_timestamp(json::value content);
result<snapshot> read_snapshot(json::value content);
result<targets> read_targets(json::value content);

/// Reads "2030-01-31T23:59:59Z". Errors: refusal::malformed.
result<sys_seconds> read_time(std::string_view text);

}  // namespace tp::tuf
