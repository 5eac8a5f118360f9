#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "store/database.hpp"

/// Rollouts as persons make and steer them, and as everybody sees them. What they mean is decided in registry/rollout,
/// whose words (phases, stages, modes, waves) stand here as texts.
namespace tp::store {

using rollout_id = strong_id<struct rollout_kind>;

struct rollout_target {
    std::string path;
    std::string model;  // empty: it was not found in the signed repository yet, and what follows means nothing
    std::uint64_t length = 0;
    std::string sha256;
    std::uint64_t release = 0;
    bool operator==(rollout_target const&) const = default;
};

/// What was asked for, and does not change any more.
struct rollout_wish {
    std::string mode;   // "lazy", "forced"
    std::string waves;  // "lab,1%,100%"
    std::string lab_tag;
    std::chrono::seconds soak{}, back_within{}, deadline{};
    std::vector<std::int32_t> limits;
    std::int64_t seed = 0;
    std::string reason;
};

struct rollout_progress {
    std::string phase;
    std::uint32_t wave = 0;
    wall_time since, wave_since;
    std::string because;
    bool operator==(rollout_progress const&) const = default;
};

struct rollout_record {
    rollout_id id;
    rollout_wish wanted;
    std::vector<rollout_target> targets;
    account_id created_by;
    wall_time created;
    std::vector<std::string> approved_by;  // addresses, in the order of approval; the director sees numbers
    std::string wish;                      // "go", "pause", "halt"
    std::string wished_because;
    rollout_progress at;
};

/// It is a draft until the director has found its targets.
boost::asio::awaitable<result<rollout_id>> create_rollout(database& database, rollout_wish wanted,
                                                          std::vector<std::string> paths, account_id by);
/// The newest first.
boost::asio::awaitable<result<std::vector<rollout_record>>> list_rollouts(database& database, std::uint32_t most);
/// Errors: errc::not_found.
boost::asio::awaitable<result<rollout_record>> find_rollout(database& database, rollout_id id);

/// Errors: errc::not_found; errc::conflict when this person has approved it, or it does not wait for approval: its
/// targets have to be found first, so that it is known what is approved.
boost::asio::awaitable<result<void>> approve_rollout(database& database, rollout_id id, account_id by);
/// @param wish  "go", "pause" or "halt". Errors: errc::not_found; errc::conflict when it is halted, complete (but for
/// "halt"), or was told so before.
boost::asio::awaitable<result<void>> steer_rollout(database& database, rollout_id id, std::string wish,
                                                   std::string because, account_id by);

struct rollout_count {
    std::uint32_t wave = 0;
    std::string stage;
    std::uint32_t probes = 0;
};
boost::asio::awaitable<result<std::vector<rollout_count>>> count_rollout(database& database, rollout_id id);

struct rollout_trouble {
    probe_id probe;
    std::string stage, cause;  // "failed", "silent"
    wall_time since;
};
/// The newest first.
boost::asio::awaitable<result<std::vector<rollout_trouble>>> troubles_of(database& database, rollout_id id,
                                                                         std::uint32_t most);

struct rollout_event {
    wall_time at;
    std::string by;  // an address; empty: the director
    std::string said;
};
/// The newest first.
boost::asio::awaitable<result<std::vector<rollout_event>>> rollout_history(database& database, rollout_id id,
                                                                           std::uint32_t most);

}  // namespace tp::store
