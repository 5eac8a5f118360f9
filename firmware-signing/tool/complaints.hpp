#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware-signing/held_key.hpp"

namespace CLI {
class App;
}

/// Files as the commands read and write them: what is wrong is told on standard error, and then there is no answer.
namespace tp::signing::tool {

/// Tells it. Answers exit_failed.
int complain(std::string_view what);

std::optional<std::string> read_or_complain(std::filesystem::path const& file, std::size_t most);
/// Writes a file that must not be there yet.
bool write_or_complain(std::filesystem::path const& file, std::string_view octets);

/// How whoever runs the program gives pass phrases and PINs.
struct secrets {
    std::filesystem::path phrase_file;  // its first line is one; empty: asked for at the terminal
};
/// @param key  a file, or the URI of a key in a token.
std::optional<held_key> hold_or_complain(std::string const& key, secrets const& by);
std::optional<held_key> make_in_token_or_complain(std::string const& uri);
/// All of them, or nothing.
std::optional<std::vector<held_key>> hold_all_or_complain(std::vector<std::string> const& keys, secrets const& by);
/// A new pass phrase: from the file, or asked for twice.
std::optional<std::string> new_phrase_or_complain(secrets const& by);

/// How help describes an option or operand that names a key.
inline constexpr char const* key_words = "File of a private key, or pkcs11:token=NAME;object=NAME";
/// Adds --passphrase-file.
void add_secrets(CLI::App& command, secrets& into);

/// Public keys from a command line.
std::optional<std::vector<public_key>> parse_or_complain(std::vector<std::string> const& texts);

}  // namespace tp::signing::tool
