#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "base/settings.hpp"
#include "firmware-signing/repository/prepare.hpp"
#include "firmware-signing/tool/commands.hpp"
#include "firmware-signing/tool/complaints.hpp"
#include "firmware-signing/tool/metadata_files.hpp"
#include "firmware-signing/tool/shown_metadata.hpp"

namespace tp::signing::tool {
namespace {

struct wish {
    std::filesystem::path plan, repository, output;
};

std::optional<repository::plan> plan_or_complain(std::filesystem::path const& file)
{
    auto const text = read_or_complain(file, settings::largest_file);
    if (!text) return std::nullopt;
    auto read = repository::read_plan(*text, file.string());
    if (!read.complaint) return std::move(read.says);
    complain(*read.complaint);
    return std::nullopt;
}

/// What a role says in the repository, if one is named and it says anything.
template <class Content>
bool know_or_complain(std::string const& role, std::filesystem::path const& repository, std::optional<Content>& to)
{
    if (repository.empty()) return true;
    auto const files = load_repository_or_complain(repository);
    if (!files) return false;
    auto const ground = ground_for(role, *files);
    if (ground.complaint) complain(repository.string() + ": " + *ground.complaint);
    if (ground.complaint) return false;
    bool const there = repository::newest_of(role, *files).has_value();
    if (there && !ground.before)
        complain(repository.string() + ": its " + role + " is not signed as it must be, or not of our making");
    if (there && !ground.before) return false;
    if (ground.before) to = std::get<Content>(*ground.before);
    return true;
}

template <class Content>
Content const* pointer_to(std::optional<Content> const& held)
{
    return held ? &*held : nullptr;
}

int prepare_root(wish const& wanted)
{
    auto const plan = plan_or_complain(wanted.plan);
    std::optional<repository::root_content> before;
    if (!plan || !know_or_complain("root", wanted.repository, before)) return exit_failed;
    auto const made = repository::prepare_root(*plan, pointer_to(before), second_now());
    return write_prepared(made, wanted.output, {wanted.repository, {}});
}

int prepare_targets(wish const& wanted)
{
    auto const plan = plan_or_complain(wanted.plan);
    std::optional<repository::targets_content> before;
    if (!plan || !know_or_complain("targets", wanted.repository, before)) return exit_failed;
    auto const made = repository::prepare_targets(*plan, pointer_to(before), second_now());
    return write_prepared(made, wanted.output, {wanted.repository, {}});
}

void add_prepare(CLI::App& group, program& into, int (*prepare)(wish const&))
{
    group.require_subcommand(0, 1);
    auto const wanted = std::make_shared<wish>();
    auto* command = group.add_subcommand("prepare", "Make the draft to be signed from a plan in TOML, and show it");
    command->add_option("plan", wanted->plan, "Who holds which key, and what it is for")->required();
    add_repository(*command, wanted->repository);
    command->add_option("-o,--output", wanted->output, "A new file")->required();
    command->callback([&into, wanted, prepare] { into.chosen = [wanted, prepare] { return prepare(*wanted); }; });
}

}  // namespace

void add_root(CLI::App& root, program& into)
{
    auto* group = root.add_subcommand("root", "Who holds the keys of a repository: what probes are shipped with");
    add_prepare(*group, into, prepare_root);
}

void add_targets(CLI::App& root, program& into)
{
    auto* group = root.add_subcommand("targets", "Which models and channels there are, and who signs their releases");
    add_prepare(*group, into, prepare_targets);
}

}  // namespace tp::signing::tool
