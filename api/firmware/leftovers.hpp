#pragma once

#include <vector>

#include "base/time.hpp"
#include "firmware-signing/tuf/named_files.hpp"
#include "store/firmware_leftovers.hpp"

/// Which files of the signed repository nobody needs any more. Pure.
namespace tp::api {

/// What somebody may still ask for.
struct repository_needs {
    tuf::file_names named;                     // by the timestamp in force, and by those that were lately
    std::vector<store::wanted_target> wanted;  // by rollouts and instructions
    wall_time settled;  // what was stored later stays: it may belong to a publication that is under way
};

/// Those of the files that may go, in their order. Roots never do: a probe that slept goes from its own to today's, one
/// by one. Nor does metadata whose name carries no version, which is what the timestamp is.
std::vector<store::firmware_file> leftovers(std::vector<store::firmware_file> files, repository_needs const& needs);

}  // namespace tp::api
