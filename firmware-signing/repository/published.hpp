#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "firmware-signing/repository/draft.hpp"
#include "firmware-signing/tuf/metadata.hpp"

/// A repository's folder "metadata" as a program without I/O sees it.
namespace tp::repository {

/// All files of it, by name.
using metadata_files = std::map<std::string, std::string, std::less<>>;

/// A file "VERSION.ROLE.json".
struct versioned_file {
    std::uint64_t version = 0;
    std::string octets;
};
/// That with the highest version; nothing if there is none.
std::optional<versioned_file> newest_of(std::string_view role, metadata_files const& files);

/// The content of the newest file of a role that people sign; nothing if there is none, or if it is not of our making.
std::optional<content> newest_content(std::string_view role, metadata_files const& files);

/// The root at the end of the chain, each link of which has been verified.
struct root_chain {
    std::optional<tuf::root> last;  // nothing: there is no root
    std::string octets;             // of the last
    std::optional<std::string> complaint;
};
root_chain follow_roots(metadata_files const& files);

/// What a client would trust that has the first root and asks now.
struct published {
    tuf::root root;
    tuf::timestamp timestamp;
    tuf::snapshot snapshot;
    tuf::targets targets;
    std::map<std::string, tuf::targets> roles;  // those that are delegated to, and published
    std::vector<std::string> expired;           // of these: clients refuse their targets, and take all others
    std::optional<std::string> complaint;       // why a client would refuse; the rest is then not filled in
};
published judge(metadata_files const& files, sys_seconds now);

/// Every target that is published, by path.
std::map<std::string, tuf::target_file> all_targets(published const& by);

}  // namespace tp::repository
