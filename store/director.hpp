#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/rollouts.hpp"

/// What the director reads and writes, and what controllers hand on: instructions down, version reports up.
namespace tp::store {

/// Those that have something to do: all that are neither halted nor complete; those that were halted within the last
/// day, for what becomes of their probes; complete ones with a model whose place no newer one has taken; and complete
/// ones that are to be halted. The oldest first.
boost::asio::awaitable<result<std::vector<rollout_record>>> open_rollouts(database& database);
/// What the signed repository says of a target. Errors: errc::not_found.
boost::asio::awaitable<result<void>> describe_target(database& database, rollout_id id, rollout_target target);

/// What a probe said last of what it runs.
struct firmware_state {
    std::string model;
    std::uint64_t release = 0;
    std::string sha256;
    std::uint32_t standing = 0, update_state = 0, update_result = 0;
    std::uint64_t failed_release = 0;
    std::string cause, instruction;
    std::uint64_t root_version = 0;
    std::string software;
    std::string target = {};  // its path in the repository, or "host/RELEASE"; empty: not told
    bool operator==(firmware_state const&) const = default;
};
/// Keeps a report as an event of the probe, and what it says as its state: both or none. Of a probe, the newest 1,000
/// reports stay, whatever else it tells.
boost::asio::awaitable<result<void>> record_version_report(database& database, probe_id probe, wall_time at,
                                                           std::string text, firmware_state says);
struct reported_state {
    firmware_state says;
    wall_time at;
};
/// Errors: errc::not_found.
boost::asio::awaitable<result<reported_state>> firmware_state_of(database& database, probe_id probe);

struct rollout_member {
    probe_id probe;
    std::string model, country;
    std::optional<std::uint32_t> asn;
    std::uint32_t wave = 0;
    std::string stage;
    wall_time since;
    std::string nonce;
    wall_time expires;
    std::string cause;
    bool told_by_other = false;  // its newest instruction is another rollout's
    bool connected = false;
    wall_time status_since;
    std::optional<reported_state> said;
};
boost::asio::awaitable<result<std::vector<rollout_member>>> members_of(database& database, rollout_id id);

/// A probe that may connect, runs a lower release of this model, has not failed with this one, and is not a member yet.
struct rollout_candidate {
    probe_id probe;
    std::string country;
    std::optional<std::uint32_t> asn;
    bool lab = false;
};
boost::asio::awaitable<result<std::vector<rollout_candidate>>> candidates_for(database& database, rollout_id id,
                                                                              std::string model, std::uint64_t release,
                                                                              std::string lab_tag);
struct new_member {
    probe_id probe;
    std::string model;
    std::uint32_t wave = 0;
};
boost::asio::awaitable<result<void>> add_members(database& database, rollout_id id, std::vector<new_member> members);

/// Moves a rollout on, and says so in its history if it says anything. Errors: errc::conflict when it is not at
/// `before` any more.
boost::asio::awaitable<result<void>> move_rollout(database& database, rollout_id id, rollout_progress before,
                                                  rollout_progress after, std::string said);

struct member_change {
    probe_id probe;
    std::string stage;
    wall_time since;
    std::string nonce;
    wall_time expires;
    std::string cause;
};
struct kept_instruction {
    probe_id probe;
    std::string octets, key, signature;
    wall_time issued;
};
/// Notes how far members are, keeps instructions for them in place of older ones, and announces these: all or nothing.
/// Errors: errc::conflict when the rollout is in another phase or wave than `at`, so that somebody else leads it, or
/// when a probe has a newer instruction.
boost::asio::awaitable<result<void>> note_members(database& database, rollout_id id, rollout_progress at,
                                                  std::vector<member_change> changes,
                                                  std::vector<kept_instruction> instructions);
/// When the newest instruction of any was issued; 1970 if there is none.
boost::asio::awaitable<result<wall_time>> last_issued(database& database);

/// What a session was last handed.
struct handed_instruction {
    probe_id probe;
    wall_time issued;
};
/// Those that are newer than what was handed over.
boost::asio::awaitable<result<std::vector<kept_instruction>>> newer_instructions(
    database& database, std::vector<handed_instruction> handed);

}  // namespace tp::store
