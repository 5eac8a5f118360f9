#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware-signing/signer.hpp"

/// Files as the commands read and write them: what is wrong is told on standard error, and then there is no answer.
namespace tp::signing::tool {

/// Tells it. Answers exit_failed.
int complain(std::string_view what);

std::optional<std::string> read_or_complain(std::filesystem::path const& file, std::size_t most);
/// Writes a file that must not be there yet.
bool write_or_complain(std::filesystem::path const& file, std::string_view octets);
std::optional<private_key> load_or_complain(std::filesystem::path const& file);

/// Public keys from a command line.
std::optional<std::vector<public_key>> parse_or_complain(std::vector<std::string> const& texts);

}  // namespace tp::signing::tool
