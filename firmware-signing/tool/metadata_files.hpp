#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "firmware-signing/repository/draft.hpp"
#include "firmware-signing/repository/prepare.hpp"
#include "firmware-signing/repository/published.hpp"

namespace CLI {
class App;
}

/// Drafts and repositories as the commands read, show and write them; what is wrong is told on standard error.
namespace tp::signing::tool {

/// Whether a file is metadata of a repository, and no document.
bool is_metadata(std::string_view octets);
std::optional<repository::draft> draft_or_complain(std::string const& file, std::string_view octets);
std::optional<repository::metadata_files> load_repository_or_complain(std::filesystem::path const& folder);

/// What a draft is read with: folders, either may be empty.
struct at_hand {
    std::filesystem::path repository;  // what is published
    std::filesystem::path contents;    // of control targets, each in a file of its name
};

/// Shows a draft on standard output, against a repository if one is named. The exit code.
int show_draft(repository::draft const& of, at_hand const& with);
/// Why nobody should sign it: by itself, and after what is published, if a repository is named.
std::optional<std::string> complaint_about_draft(repository::draft const& of, at_hand const& with);
/// Writes what was prepared, and shows it. The exit code.
int write_prepared(repository::prepared const& made, std::filesystem::path const& output, at_hand const& with);
/// Judges a repository as a client would that asks for everything, and says what it offers. The exit code.
/// @param root  that probes were shipped with; may be empty.
int verify_repository(std::filesystem::path const& folder, std::filesystem::path const& root);
/// Adds --repository.
void add_repository(CLI::App& command, std::filesystem::path& into);
/// Adds --repository and --contents.
void add_at_hand(CLI::App& command, at_hand& into);

/// The whole seconds of now.
repository::sys_seconds second_now();

}  // namespace tp::signing::tool
