#pragma once

#include <optional>
#include <string>
#include <vector>

#include "firmware-signing/repository/online.hpp"
#include "firmware-signing/repository/published.hpp"

/// What is to be written into a repository's folder "metadata", and in which order, so that a client which asks between
/// two writes finds a whole repository: the old one or the new one. Nothing here does I/O; keys sign by a function.
namespace tp::repository {

struct publication_wish {
    metadata_files files;  // what is there
    std::vector<draft> drafts;
    online_keys keys;
    sys_seconds now;
};

struct publication {
    std::vector<file_write> writes;        // in this order
    std::vector<std::string> told;         // what waits or is special, for people
    std::optional<std::string> complaint;  // then nothing is to be written
};

/// Takes drafts that are signed well enough and come next, a snapshot of the newest of each role, and a timestamp of
/// it. Whatever is there already as it should be is left alone; so a publication that stopped is gone on with by the
/// same one.
publication plan_publication(publication_wish const& wish);

}  // namespace tp::repository
