#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "firmware-signing/control/contents.hpp"
#include "firmware-signing/repository/content.hpp"

/// The contents of control targets as people write and read them. A draft has their lengths and hashes; they themselves
/// lie in files beside it, and in the repository.
namespace tp::signing::tool {

inline constexpr std::size_t largest_control_file = 4 * 1024 * 1024;  // octets, as people write it

struct arranged {
    std::string octets;  // as probes read them
    std::optional<std::string> complaint;
};
/// What somebody wrote: "#" begins a comment, lines may be empty, in any order and repeated; anchors as anchor_file.hpp
/// has them.
/// @param name  of the file, for complaints.
arranged arrange(control::content which, std::string_view text, std::string const& name);

using control_texts = std::map<control::content, std::string>;
/// Those contents that are at hand and are what the draft says.
/// @param repository, contents  folders, either may be empty: of what is published; of files with the contents' names.
control_texts texts_of(repository::control_content const& says, std::filesystem::path const& repository,
                       std::filesystem::path const& contents);

/// Why nobody should sign for them: a content that is not at hand, or is none that probes can read.
std::optional<std::string> complaint_about_texts(repository::control_content const& says, control_texts const& texts);

/// All that the contents say; against those of before what is new (+), and what goes (-).
/// @param before  nothing: then nothing is marked.
std::string contents_text(repository::control_content const& says, control_texts const& texts,
                          control_texts const* before);

}  // namespace tp::signing::tool
