#include "firmware-signing/tool/metadata_files.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

#include "base/time.hpp"
#include "firmware-signing/repository/folder.hpp"
#include "firmware-signing/repository/rules.hpp"
#include "firmware-signing/tool/commands.hpp"
#include "firmware-signing/tool/complaints.hpp"
#include "firmware-signing/tool/control_contents.hpp"
#include "firmware-signing/tool/shown_metadata.hpp"

namespace tp::signing::tool {
namespace {

/// What a draft of control targets says by its contents; nothing for any other.
std::string control_part(repository::draft const& of, at_hand const& with, known_ground const* by)
{
    auto const* says = std::get_if<repository::control_content>(&of.says());
    if (says == nullptr) return {};
    auto const texts = texts_of(*says, with.repository, with.contents);
    if (by == nullptr) return contents_text(*says, texts, nullptr);
    control_texts known;
    if (by->before) known = texts_of(std::get<repository::control_content>(*by->before), with.repository, {});
    return contents_text(*says, texts, by->before ? &known : nullptr);
}

}  // namespace

bool is_metadata(std::string_view octets)
{
    return octets.starts_with('{');
}

std::optional<repository::draft> draft_or_complain(std::string const& file, std::string_view octets)
{
    auto read = repository::draft::read(octets);
    if (read) return std::move(*read);
    complain(file +
             ": is not as this program writes drafts, and so holds what it cannot show: " + read.error().message());
    return std::nullopt;
}

std::optional<repository::metadata_files> load_repository_or_complain(std::filesystem::path const& folder)
{
    auto loaded = repository::repository_folder(folder).load();
    if (!loaded.complaint) return std::move(loaded.files);
    complain(*loaded.complaint);
    return std::nullopt;
}

int show_draft(repository::draft const& of, at_hand const& with)
{
    auto const& repository = with.repository;
    bool const wrong = repository::complaint_about(of.says()).has_value();
    if (repository.empty()) {
        std::cout << draft_text(of, nullptr, second_now()) << control_part(of, with, nullptr);
        return wrong ? exit_failed : exit_ok;
    }
    auto const files = load_repository_or_complain(repository);
    if (!files) return exit_failed;
    auto const ground = ground_for(role_of(of.says()), *files);
    if (ground.complaint) return complain(repository.string() + ": " + *ground.complaint);
    std::cout << draft_text(of, &ground, second_now()) << control_part(of, with, &ground);
    return wrong ? exit_failed : exit_ok;
}

std::optional<std::string> complaint_about_draft(repository::draft const& of, at_hand const& with)
{
    auto const& repository = with.repository;
    if (auto wrong = repository::complaint_about(of.says())) return wrong;
    if (auto const* control = std::get_if<repository::control_content>(&of.says()))
        if (auto wrong = complaint_about_texts(*control, texts_of(*control, repository, with.contents))) return wrong;
    if (repository.empty()) return std::nullopt;
    auto const loaded = repository::repository_folder(repository).load();
    if (loaded.complaint) return loaded.complaint;
    auto const ground = ground_for(role_of(of.says()), loaded.files);
    if (ground.complaint || !ground.before) return ground.complaint;
    return repository::complaint_about_successor(of.says(), *ground.before);
}

int write_prepared(repository::prepared const& made, std::filesystem::path const& output, at_hand const& with)
{
    if (made.complaint) return complain(*made.complaint);
    if (!write_or_complain(output, made.made->octets())) return exit_failed;
    return show_draft(*made.made, with);
}

void add_repository(CLI::App& command, std::filesystem::path& into)
{
    command.add_option("--repository", into, "What is published, to hold a draft against");
}

void add_at_hand(CLI::App& command, at_hand& into)
{
    add_repository(command, into.repository);
    command.add_option("--contents", into.contents, "Folder with what control targets say, to be read with a draft");
}

repository::sys_seconds second_now()
{
    return std::chrono::floor<std::chrono::seconds>(wall_now());
}

}  // namespace tp::signing::tool
