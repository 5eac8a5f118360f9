#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "firmware-signing/held_key.hpp"
#include "firmware-signing/repository/published.hpp"

/// The two roles whose keys are online: the snapshot lists the newest of each role, the timestamp says which snapshot
/// that is and that it still is.
namespace tp::repository {

struct file_write {
    std::string name, octets;
};

struct online_keys {
    std::vector<signing::held_key> snapshot, timestamp;  // may be missing: then what they sign waits
    std::chrono::seconds snapshot_life = std::chrono::days(7), timestamp_life = std::chrono::days(1);
};

struct online_files {
    std::optional<file_write> snapshot, timestamp;  // none: what is there will do, or there is no key
    std::vector<std::string> told;
    std::optional<std::string> complaint;
};

/// Makes a snapshot and a timestamp when what they list has changed, when the root wants other keys for them, and when
/// half their life is over. Each given key of theirs in the root, and in the root before it, signs.
/// @param files   with the roles' files that are to be listed.
/// @param roles   those delegated to.
/// @param root    that will hold.
/// @param before  that holds now; none at first.
online_files make_online_files(metadata_files const& files, std::vector<std::string> const& roles,
                               tuf::root const& root, tuf::root const* before, online_keys const& keys,
                               sys_seconds now);

}  // namespace tp::repository
