#include "firmware-signing/tool/metadata_files.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

#include "base/time.hpp"
#include "firmware-signing/repository/folder.hpp"
#include "firmware-signing/repository/rules.hpp"
#include "firmware-signing/tool/commands.hpp"
#include "firmware-signing/tool/complaints.hpp"
#include "firmware-signing/tool/shown_metadata.hpp"

namespace tp::signing::tool {

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

int show_draft(repository::draft const& of, std::filesystem::path const& repository)
{
    bool const wrong = repository::complaint_about(of.says()).has_value();
    if (repository.empty()) {
        std::cout << draft_text(of, nullptr, second_now());
        return wrong ? exit_failed : exit_ok;
    }
    auto const files = load_repository_or_complain(repository);
    if (!files) return exit_failed;
    auto const ground = ground_for(role_of(of.says()), *files);
    if (ground.complaint) return complain(repository.string() + ": " + *ground.complaint);
    std::cout << draft_text(of, &ground, second_now());
    return wrong ? exit_failed : exit_ok;
}

std::optional<std::string> complaint_about_draft(repository::draft const& of, std::filesystem::path const& repository)
{
    if (auto wrong = repository::complaint_about(of.says())) return wrong;
    if (repository.empty()) return std::nullopt;
    auto const loaded = repository::repository_folder(repository).load();
    if (loaded.complaint) return loaded.complaint;
    auto const ground = ground_for(role_of(of.says()), loaded.files);
    if (ground.complaint || !ground.before) return ground.complaint;
    return repository::complaint_about_successor(of.says(), *ground.before);
}

int write_prepared(repository::prepared const& made, std::filesystem::path const& output,
                   std::filesystem::path const& repository)
{
    if (made.complaint) return complain(*made.complaint);
    if (!write_or_complain(output, made.made->octets())) return exit_failed;
    return show_draft(*made.made, repository);
}

void add_repository(CLI::App& command, std::filesystem::path& into)
{
    command.add_option("--repository", into, "What is published, to hold a draft against");
}

repository::sys_seconds second_now()
{
    return std::chrono::floor<std::chrono::seconds>(wall_now());
}

}  // namespace tp::signing::tool
