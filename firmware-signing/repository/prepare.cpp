#include "firmware-signing/repository/prepare.hpp"

#include <algorithm>
#include <set>

#include "firmware-signing/repository/rules.hpp"

namespace tp::repository {
namespace {

/// Of all holders those who are named.
holders only(holders const& all, std::set<std::string_view> const& named)
{
    holders out;
    for (auto const& each : all)
        if (named.contains(each.first)) out.insert(each);
    return out;
}

void name_all(role_holders const& role, std::set<std::string_view>& to)
{
    to.insert(role.names.begin(), role.names.end());
}

template <class Content>
statement next(Content const* before, std::chrono::days life, sys_seconds now)
{
    return {before ? before->version + 1 : 1, now + life};
}

template <class Content>
prepared judged(Content made, Content const* before)
{
    if (auto wrong = complaint_about(made)) return {std::nullopt, std::move(wrong)};
    if (before)
        if (auto wrong = complaint_about_successor(made, *before)) return {std::nullopt, std::move(wrong)};
    return {draft(std::move(made)), std::nullopt};
}

/// Takes releases away. Answers what is wrong.
std::optional<std::string> drop(std::vector<std::string> const& images, std::vector<release>& from)
{
    for (auto const& name : images) {
        auto const goes = [&](release const& each) { return each.image.name == name; };
        if (std::erase_if(from, goes) == 0) return "there is no release with the image " + name;
    }
    return std::nullopt;
}

}  // namespace

prepared prepare_root(plan const& wish, root_content const* before, sys_seconds now)
{
    std::set<std::string_view> named;
    for (auto const* role : {&wish.root, &wish.targets, &wish.snapshot, &wish.timestamp}) name_all(*role, named);
    root_content made{next(before, wish.root_life, now),
                      only(wish.holders, named),
                      wish.root,
                      wish.targets,
                      wish.snapshot,
                      wish.timestamp};
    return judged(std::move(made), before);
}

prepared prepare_targets(plan const& wish, targets_content const* before, sys_seconds now)
{
    std::set<std::string_view> named;
    for (auto const& each : wish.channels) name_all(each.signers, named);
    if (wish.control) name_all(*wish.control, named);
    targets_content made{next(before, wish.targets_life, now), only(wish.holders, named), wish.channels, wish.control};
    return judged(std::move(made), before);
}

prepared prepare_releases(release_wish const& wish, release_content const* before, sys_seconds now)
{
    release_content made{next(before, wish.life, now), wish.model, wish.channel, {}};
    if (before) made.releases = before->releases;
    if (auto wrong = drop(wish.drop, made.releases)) return {std::nullopt, std::move(wrong)};
    if (wish.fresh) made.releases.push_back(*wish.fresh);
    return judged(std::move(made), before);
}

prepared prepare_control(control_wish const& wish, control_content const* before, sys_seconds now)
{
    std::map<control::content, control_file> files;
    for (auto const& each : before ? before->files : std::vector<control_file>()) files.emplace(each.which, each);
    for (auto const which : wish.drop)
        if (files.erase(which) == 0)
            return {std::nullopt, std::string(control::name_of(which)) + " is not there, and so cannot go"};
    for (auto const& each : wish.put) files.insert_or_assign(each.which, each);
    control_content made{next(before, wish.life, now), {}};
    for (auto const& [which, file] : files) made.files.push_back(file);
    return judged(std::move(made), before);
}

}  // namespace tp::repository
