#pragma once

#include <optional>
#include <string>
#include <vector>

#include "firmware-signing/repository/draft.hpp"
#include "firmware-signing/repository/published.hpp"

namespace tp::signing::tool {

/// What a repository says about a role: the ground on which a draft is read. All of it carries the signatures that the
/// chain of its roots asks for; whether it has expired is not asked.
struct known_ground {
    std::optional<repository::root_content> root;
    std::optional<repository::targets_content> targets;
    std::optional<repository::content> before;  // the newest of the role
    std::optional<std::string> complaint;       // the repository is not what it should be
};
known_ground ground_for(std::string const& role, repository::metadata_files const& files);

/// Who has to sign, and who did.
struct demand {
    std::string title;  // "needs", and for which root where there are two
    repository::role_holders from;
    std::vector<std::string> signed_by;  // well
    bool met() const { return signed_by.size() >= from.threshold; }
};
std::vector<demand> demands_on(repository::draft const& of, known_ground const& by);

/// What a careful person reads before signing: all that the draft says, what of it is new, who signed and who must.
/// @param by  nothing when no repository is at hand: then nothing is marked as new.
std::string draft_text(repository::draft const& of, known_ground const* by, repository::sys_seconds now);

}  // namespace tp::signing::tool
