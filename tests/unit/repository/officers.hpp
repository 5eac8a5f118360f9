#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "firmware-signing/repository/prepare.hpp"
#include "firmware-signing/repository/publication.hpp"
#include "firmware-signing/signer.hpp"

/// People with keys, the plan that they agreed on, and a repository in memory.
namespace tp::repository {

inline constexpr sys_seconds some_day{std::chrono::seconds(1'800'000'000)};

/// "ann", "bob", "eve", "dan", "joe", "snapshot", "timestamp", "new-snapshot", "new-timestamp": made once.
signing::held_key const& key_of(std::string const& name);

/// Root 3 of ann, bob, dan, eve and joe; targets and the channel deb-amd64.stable 2 of ann, bob and eve.
plan usual_plan();
/// With a key of that name in it.
void add_holder(plan& to, std::string const& name);

draft signed_by(draft of, std::initializer_list<std::string> names);

/// "probe-NUMBER.deb" and its SBOM.
release some_release(std::uint64_t number, std::uint64_t floor = 1, std::uint64_t from = 0);

/// A content of so many octets.
control_file some_control(control::content which, std::uint64_t length = 10);

/// A repository, and what is published in it step by step.
class shelf {
public:
    /// Root, targets and release 1.
    shelf();

    draft next_root(plan const& wish) const;
    draft next_targets(plan const& wish) const;
    draft next_release(release const& fresh) const;
    draft next_releases(release_wish wish) const;
    draft next_control(control_wish const& wish) const;

    publication plan_for(std::vector<draft> drafts, online_keys keys) const;
    publication plan_for(std::vector<draft> drafts) const { return plan_for(std::move(drafts), usual_keys()); }
    /// Publishes it; why not. After each write a client that asks finds a whole repository.
    std::string publish(std::vector<draft> drafts, online_keys keys);
    std::string publish(std::vector<draft> drafts) { return publish(std::move(drafts), usual_keys()); }

    static online_keys usual_keys();

    metadata_files files;
    sys_seconds now = some_day;
    plan wish = usual_plan();
    std::vector<std::string> told;
};

}  // namespace tp::repository
