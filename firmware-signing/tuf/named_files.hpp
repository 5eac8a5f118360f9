#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "firmware-signing/tuf/limits.hpp"
#include "firmware-signing/tuf/metadata.hpp"
#include "firmware-signing/tuf/steps.hpp"

namespace tp::tuf {

/// Names of files at a repository, relative to its parts.
struct file_names {
    std::set<std::string, std::less<>> metadata, targets;
};

/// Which files clients ask for that were given one of these timestamps: the snapshot that it names, the roles that this
/// one lists, and the targets that these describe. Roots, which are asked for by number, are none of them. For whoever
/// keeps a repository: no signature is looked at, so nothing that is found is trusted with anything.
///
/// Names carry versions and hashes (consistent snapshots); a target has one name for each hash that is known here, and
/// its plain one.
class named_files : public stepwise<named_files> {
public:
    static constexpr std::size_t most_names = 100'000;  // a few hashes for each file of a repository of ours

    /// @param in_force  the timestamp that is there now: all that it leads to must be there and readable, or this
    /// fails.
    /// @param before    those that were there lately: what they lead to is found as far as it is there and readable,
    /// for
    ///                  no client came further.
    named_files(std::string in_force, std::vector<std::string> before, limits const& with = {});

    /// @pre next() is `finished`.
    file_names const& found() const noexcept { return found_; }

private:
    friend class stepwise<named_files>;

    void next_timestamp();
    void take_snapshot(result<std::string> outcome);
    void next_role();
    void take_role(result<std::string> outcome);
    bool is_new(std::string const& role, std::uint64_t version);
    void name_targets(targets const& said);
    void pass_over(error_code why);

    limits with_;
    std::vector<std::string> timestamps_;  // the next one last
    bool in_force_ = true;                 // what is looked at now comes from the timestamp in force
    std::vector<std::pair<std::string, std::uint64_t>> roles_;
    std::string file_;  // that is asked for, and its version
    std::uint64_t version_ = 0;
    file_names found_;
};

}  // namespace tp::tuf
