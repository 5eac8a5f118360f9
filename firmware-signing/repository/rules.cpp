#include "firmware-signing/repository/rules.hpp"

#include <algorithm>
#include <set>

namespace tp::repository {
namespace {

using complaint = std::optional<std::string>;

static_assert(control::largest_content <= largest_target);

complaint about_role(role_holders const& role, std::string const& name)
{
    if (role.threshold < 1 || role.threshold > role.names.size())
        return name + ": a threshold of " + std::to_string(role.threshold) + " with " +
               std::to_string(role.names.size()) + " holders";
    return std::nullopt;
}

/// Keys that lie on machines with a network must not be able to do what officers do.
complaint about_online_keys(root_content const& says)
{
    std::set<std::string_view> offline(says.root.names.begin(), says.root.names.end());
    offline.insert(says.targets.names.begin(), says.targets.names.end());
    for (auto const* online : {&says.snapshot, &says.timestamp}) {
        for (auto const& name : online->names)
            if (offline.contains(name))
                return '"' + name + "\" holds a key of root or targets, and of snapshot or timestamp: those are online";
    }
    return std::nullopt;
}

complaint about_root(root_content const& says)
{
    for (auto const& wrong : {about_role(says.root, "root"), about_role(says.targets, "targets"),
                              about_role(says.snapshot, "snapshot"), about_role(says.timestamp, "timestamp")})
        if (wrong) return wrong;
    return about_online_keys(says);
}

complaint about_targets(targets_content const& says)
{
    std::set<std::string> roles;
    for (auto const& each : says.channels) {
        if (auto wrong = about_role(each.signers, each.role())) return wrong;
        if (!roles.insert(each.role()).second) return each.role() + " is there twice";
        if (each.model == control_role) return "\"control\" is the name of what is no release, and of no model";
    }
    return says.control ? about_role(*says.control, std::string(control_role)) : std::nullopt;
}

complaint about_release(release const& one)
{
    auto const name = "release " + std::to_string(one.number);
    if (one.floor > one.number) return name + ": its floor is above it";
    if (one.from >= one.number) return name + ": it can only be reached from releases that come after it";
    if (one.image.name == one.sbom.name) return name + ": image and SBOM have one name";
    for (auto const* file : {&one.image, &one.sbom})
        if (auto const wrong = complaint_about_length(file->length)) return name + ": " + file->name + ' ' + *wrong;
    return std::nullopt;
}

complaint about_releases(release_content const& says)
{
    if (says.releases.size() > most_releases) return "more than " + std::to_string(most_releases) + " releases";
    std::set<std::string_view> names;
    release const* before = nullptr;
    for (auto const& each : says.releases) {
        if (auto wrong = about_release(each)) return wrong;
        if (!names.insert(each.image.name).second || !names.insert(each.sbom.name).second)
            return "release " + std::to_string(each.number) + ": another one has a file of that name";
        if (before && each.number == before->number)
            return "release " + std::to_string(each.number) + " is there twice";
        if (before && each.floor < before->floor)
            return "release " + std::to_string(each.number) + ": its floor is below that of the release before it";
        before = &each;
    }
    return std::nullopt;
}

complaint about_control(control_content const& says)
{
    for (auto const& each : says.files)
        if (each.length > control::largest_content)
            return std::string(control::name_of(each.which)) + " is larger than probes take";
    return std::nullopt;
}

complaint about_next_releases(release_content const& fresh, release_content const& before)
{
    if (before.releases.empty()) return std::nullopt;
    auto const& newest = before.releases.back();
    for (auto const& each : fresh.releases) {
        auto const known = std::find(before.releases.begin(), before.releases.end(), each);
        if (known != before.releases.end()) continue;
        auto const name = "release " + std::to_string(each.number);
        if (each.number <= newest.number)
            return name + " is not known, and not above release " + std::to_string(newest.number) +
                   ", which is the newest";
        if (each.floor < newest.floor) return name + ": its floor is below " + std::to_string(newest.floor);
    }
    if (fresh.releases.empty() || fresh.releases.back().number < newest.number)
        return "release " + std::to_string(newest.number) + ", the newest, cannot go: its number could come again";
    return std::nullopt;
}

}  // namespace

complaint complaint_about(content const& what)
{
    if (auto const* root = std::get_if<root_content>(&what)) return about_root(*root);
    if (auto const* targets = std::get_if<targets_content>(&what)) return about_targets(*targets);
    if (auto const* control = std::get_if<control_content>(&what)) return about_control(*control);
    return about_releases(std::get<release_content>(what));
}

complaint complaint_about_length(std::uint64_t length)
{
    if (length == 0) return "is empty, and the platform brings probes no such file";
    if (length <= largest_target) return std::nullopt;
    return "has " + std::to_string(length) + " octets, and the platform brings probes files of " +
           std::to_string(largest_target) + " at most";
}

complaint complaint_about_successor(content const& fresh, content const& before)
{
    auto const known = statement_of(before).version, version = statement_of(fresh).version;
    if (version != known + 1)
        return "it is version " + std::to_string(version) + ", and after version " + std::to_string(known) +
               " comes version " + std::to_string(known + 1);
    auto const* fresh_releases = std::get_if<release_content>(&fresh);
    auto const* known_releases = std::get_if<release_content>(&before);
    if (fresh_releases && known_releases) return about_next_releases(*fresh_releases, *known_releases);
    return std::nullopt;
}

}  // namespace tp::repository
