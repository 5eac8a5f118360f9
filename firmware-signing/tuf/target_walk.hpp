#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "firmware-signing/tuf/limits.hpp"
#include "firmware-signing/tuf/refresh.hpp"
#include "firmware-signing/tuf/steps.hpp"

namespace tp::tuf {

/// Everything that is signed of targets: what the top level says, and each role that is delegated to. It answers "did
/// anybody who may sign this target sign it?", not "which file is this target?": of several roles that speak of one
/// all count, whoever has the last word. So do roles that have expired, for what they said was signed. What counts in
/// a search counts here: a role's word is about targets that every role on the way to it covers.
class target_walk : public stepwise<target_walk> {
public:
    static constexpr std::size_t most_visits = 1'024;    // a role for each that delegates to it
    static constexpr std::size_t most_targets = 40'000;  // twice as many as there are files in our own repositories

    using target_list = std::vector<std::pair<std::string, target_file>>;

    /// @param in  what a refresh found. It must live as long as the walk.
    explicit target_walk(trusted_metadata const& in, limits const& with = {});

    /// @pre next() is `finished`. A role that the snapshot does not list has said nothing yet.
    target_list& found() noexcept { return found_; }

private:
    friend class stepwise<target_walk>;

    struct visit {
        std::string from, role;
        signers by;
        std::vector<path_set> ways;  // from the top level to it
    };

    void look_into(targets const& said, visit const& of);
    void next_role();
    void take(result<std::string> outcome);

    trusted_metadata const& in_;
    limits with_;
    target_list found_;
    std::vector<visit> waiting_;  // the next one last
    std::set<std::pair<std::string, std::string>> followed_;
    std::size_t visits_ = 0;
    visit here_;
    file_facts stated_;
};

}  // namespace tp::tuf
