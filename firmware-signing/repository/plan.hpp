#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware-signing/repository/content.hpp"

/// Who holds which key and what it is for, as people write it, in TOML:
///
///     [[holder]]
///     name = "ann"
///     key = "ed25519:24fea3..."      # as `key new` told it; once for each holder
///
///     [root]
///     holders = ["ann", "bob", "eve", "dan", "joe"]
///     threshold = 3
///     days = 365                     # until the next one must be signed; this and likewise below unless said
///
///     [targets]
///     holders = ["ann", "bob", "eve"]
///     threshold = 2
///     days = 180
///
///     [snapshot]
///     holders = ["snapshot-host"]
///     threshold = 1
///
///     [timestamp]
///     holders = ["timestamp-host"]
///     threshold = 1
///
///     [[channel]]                    # once for each model and channel
///     model = "deb-amd64"
///     channel = "stable"
///     holders = ["ann", "bob", "eve"]
///     threshold = 2
///
///     [control]                      # if probes are told more than releases: who signs that
///     holders = ["ann", "bob", "eve"]
///     threshold = 2
namespace tp::repository {

inline constexpr int default_root_days = 365, default_targets_days = 180, most_days = 3'650;

struct plan {
    repository::holders holders;
    role_holders root, targets, snapshot, timestamp;
    std::chrono::days root_life{default_root_days}, targets_life{default_targets_days};
    std::vector<channel> channels;
    std::optional<role_holders> control;
};

struct plan_file {
    plan says;
    std::optional<std::string> complaint;  // where in the file, and what is wrong
};
/// @param name  of the file, for complaints.
plan_file read_plan(std::string_view text, std::string const& name);

}  // namespace tp::repository
