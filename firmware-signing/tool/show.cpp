#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "firmware-signing/signed_document.hpp"
#include "firmware-signing/tool/commands.hpp"
#include "firmware-signing/tool/complaints.hpp"
#include "firmware-signing/tool/metadata_files.hpp"
#include "firmware-signing/tool/shown.hpp"
#include "firmware-signing/tool/shown_metadata.hpp"

namespace tp::signing::tool {
namespace {

struct wish {
    std::filesystem::path file;
    at_hand with;
};

int show_repository(std::filesystem::path const& folder)
{
    auto const files = load_repository_or_complain(folder);
    if (!files) return exit_failed;
    std::vector<std::string> roles{"root", "targets"};
    if (auto const ground = ground_for("targets", *files); ground.targets) {
        for (auto const& each : ground.targets->channels) roles.push_back(each.role());
        if (ground.targets->control) roles.emplace_back(repository::control_role);
    }
    for (auto const& role : roles) {
        auto const file = repository::newest_of(role, *files);
        if (!file) continue;
        auto const draft = draft_or_complain(role, file->octets);
        if (!draft) return exit_failed;
        (void)show_draft(*draft, {folder, {}});
        std::cout << '\n';
    }
    return verify_repository(folder, {});
}

int show(wish const& wanted)
{
    if (std::filesystem::is_directory(wanted.file)) return show_repository(wanted.file);
    auto const octets = read_or_complain(wanted.file, repository::largest_draft);
    if (!octets) return exit_failed;
    if (is_metadata(*octets)) {
        auto const draft = draft_or_complain(wanted.file.string(), *octets);
        return draft ? show_draft(*draft, wanted.with) : exit_failed;
    }
    auto const document = read_envelope(*octets);
    if (!document) return complain(wanted.file.string() + ": " + document.error().message());
    std::cout << document_text(*document, wall_now());
    return complaint_about_content(document->says) ? exit_failed : exit_ok;
}

}  // namespace

void add_show(CLI::App& root, program& into)
{
    auto* command = root.add_subcommand("show", "What a document, draft or repository says: to be read before signing");
    auto const wanted = std::make_shared<wish>();
    add_at_hand(*command, wanted->with);
    command->add_option("document", wanted->file, "Signed or not; or the folder of a repository")->required();
    command->callback([&into, wanted] { into.chosen = [wanted] { return show(*wanted); }; });
}

}  // namespace tp::signing::tool
