#include <algorithm>
#include <iostream>

#include "firmware-signing/repository/folder.hpp"
#include "firmware-signing/tool/commands.hpp"
#include "firmware-signing/tool/complaints.hpp"
#include "firmware-signing/tool/control_contents.hpp"
#include "firmware-signing/tool/metadata_files.hpp"
#include "firmware-signing/tool/rows.hpp"
#include "firmware-signing/tool/times.hpp"
#include "firmware-signing/tuf/limits.hpp"

namespace tp::signing::tool {
namespace {

std::string good_row(std::string const& role, tuf::statement const& says)
{
    return "good: " + role + ", version " + std::to_string(says.version) + ", until " +
           date_text(std::clamp(says.expires, repository::earliest_expiry, repository::latest_expiry)) + '\n';
}

/// Whether the chain of roots begins with, or goes through, the root that probes know.
bool holds_root(repository::metadata_files const& files, std::string const& octets)
{
    for (auto const& [name, content] : files)
        if (name.ends_with(".root.json") && content == octets) return true;
    return false;
}

}  // namespace

int verify_repository(std::filesystem::path const& folder, std::filesystem::path const& root)
{
    auto const files = load_repository_or_complain(folder);
    if (!files) return exit_failed;
    if (!root.empty()) {
        auto const octets = read_or_complain(root, tuf::limits().root);
        if (!octets) return exit_failed;
        if (!holds_root(*files, *octets)) return complain(folder.string() + ": has another root than " + root.string());
    }
    auto const found = repository::judge(*files, second_now());
    if (found.complaint) return complain(folder.string() + ": " + *found.complaint);
    if (!found.expired.empty()) return complain(folder.string() + ": expired: " + joined(found.expired));
    auto const targets = all_targets(found);
    for (auto const& [path, facts] : targets) {
        auto const wrong = repository::repository_folder(folder).complaint_about_target(path, facts);
        if (wrong) return complain(*wrong);
    }
    auto const said = repository::newest_content(repository::control_role, *files);
    auto const* control = said ? std::get_if<repository::control_content>(&*said) : nullptr;
    if (control != nullptr && found.roles.contains(std::string(repository::control_role)))
        if (auto const wrong = complaint_about_texts(*control, texts_of(*control, folder, {}))) return complain(*wrong);
    std::cout << good_row("root", found.root) << good_row("timestamp", found.timestamp)
              << good_row("snapshot", found.snapshot) << good_row("targets", found.targets);
    for (auto const& [name, role] : found.roles) std::cout << good_row(name, role);
    for (auto const& [path, facts] : targets) std::cout << "there: " << path << '\n';
    return exit_ok;
}

}  // namespace tp::signing::tool
