#pragma once

#include <set>
#include <string>
#include <vector>

#include "firmware-signing/tuf/limits.hpp"
#include "firmware-signing/tuf/refresh.hpp"
#include "firmware-signing/tuf/steps.hpp"

namespace tp::tuf {

/// Looks for what is said of a target: section 5.6.7 of the specification. Roles are searched in the order of trust,
/// each role's delegations before its next sibling; a role is asked only if every role on the way to it covers the
/// target.
class target_search : public stepwise<target_search> {
public:
    /// @param in  what a refresh found. It must live as long as the search.
    target_search(trusted_metadata const& in, std::string path, limits const& with = {});

    /// @pre next() is `finished`.
    target_file const& found() const noexcept { return found_; }

private:
    friend class stepwise<target_search>;

    struct visit {
        std::string role;
        signers by;  // whom the role that delegates trusts with it
    };

    void look_into(targets const& said);
    void wait_for_delegations_of(targets const& said);
    void next_role();
    void take_stored(result<std::string> outcome);
    void take(result<std::string> outcome);
    void is_kept(result<std::string> outcome);

    trusted_metadata const& in_;
    std::string path_;
    limits with_;
    target_file found_;
    std::vector<visit> waiting_;  // the next one last
    std::set<std::string, std::less<>> visited_;
    visit here_;
    file_facts stated_;
    targets fresh_;
};

}  // namespace tp::tuf
