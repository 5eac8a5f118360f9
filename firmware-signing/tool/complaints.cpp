#include "firmware-signing/tool/complaints.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

#include "base/files.hpp"
#include "firmware-signing/refusal.hpp"
#include "firmware-signing/signer.hpp"
#include "firmware-signing/tool/commands.hpp"
#include "firmware-signing/tool/terminal.hpp"
#include "firmware-signing/tool/token.hpp"

namespace tp::signing::tool {
namespace {

std::string why_no_key(error_code why)
{
    if (why == errc::rejected) return "others than its owner may read or write it; chmod 600 it, or give it up";
    if (why == refusal::malformed || why == errc::too_large) return "holds no private Ed25519 key";
    if (why == errc::not_found) return "needs a pass phrase: at a terminal, or from --passphrase-file";
    if (why == errc::conflict) return "the pass phrase is wrong";
    return why.message();
}

/// The first line of a file that is its owner's alone.
std::optional<std::string> phrase_in(std::filesystem::path const& file)
{
    auto const text = read_secret(file, longest_phrase);
    if (text) return text->substr(0, text->find('\n'));
    complain(file.string() + ": " + why_no_key(text.error()));
    return std::nullopt;
}

std::optional<held_key> taken_or_complain(std::string const& uri, token_key from)
{
    if (from.complaint) complain(uri + ": " + *from.complaint);
    return std::move(from.key);
}

}  // namespace

int complain(std::string_view what)
{
    std::cerr << "trigpoint-sign: " << what << '\n';
    return exit_failed;
}

std::optional<std::string> read_or_complain(std::filesystem::path const& file, std::size_t most)
{
    auto octets = read_file(file, most);
    if (octets) return std::move(*octets);
    complain(file.string() + ": " + octets.error().message());
    return std::nullopt;
}

bool write_or_complain(std::filesystem::path const& file, std::string_view octets)
{
    auto const written = write_new(file, octets);
    if (written) return true;
    auto const why = written.error() == errc::conflict ? "is there already" : written.error().message();
    complain(file.string() + ": " + why);
    return false;
}

std::optional<held_key> hold_or_complain(std::string const& key, secrets const& by)
{
    if (is_token_uri(key)) return taken_or_complain(key, open_token_key(key, ask_secretly));
    auto const phrase = [&] {
        return by.phrase_file.empty() ? ask_secretly("Pass phrase of " + key + ": ") : phrase_in(by.phrase_file);
    };
    auto loaded = private_key::load(key, phrase);
    if (loaded) return private_key::held(std::move(*loaded));
    complain(key + ": " + why_no_key(loaded.error()));
    return std::nullopt;
}

std::optional<held_key> make_in_token_or_complain(std::string const& uri)
{
    return taken_or_complain(uri, make_token_key(uri, ask_secretly));
}

std::optional<std::vector<held_key>> hold_all_or_complain(std::vector<std::string> const& keys, secrets const& by)
{
    std::vector<held_key> out;
    for (auto const& each : keys) {
        auto key = hold_or_complain(each, by);
        if (!key) return std::nullopt;
        out.push_back(std::move(*key));
    }
    return out;
}

std::optional<std::string> new_phrase_or_complain(secrets const& by)
{
    auto phrase = by.phrase_file.empty() ? ask_secretly("New pass phrase: ") : phrase_in(by.phrase_file);
    if (!phrase) return std::nullopt;
    if (phrase->size() < shortest_phrase || phrase->size() > longest_phrase) {
        complain("a pass phrase has at least " + std::to_string(shortest_phrase) + " characters");
        return std::nullopt;
    }
    if (by.phrase_file.empty() && ask_secretly("Once more: ") != phrase) {
        complain("these are two different pass phrases");
        return std::nullopt;
    }
    return phrase;
}

void add_secrets(CLI::App& command, secrets& into)
{
    command.add_option("--passphrase-file", into.phrase_file,
                       "A file of mode 0600 whose first line is the pass phrase, for programs that nobody sits at");
}

std::optional<std::vector<public_key>> parse_or_complain(std::vector<std::string> const& texts)
{
    std::vector<public_key> out;
    for (auto const& text : texts) {
        auto key = public_key::parse(text);
        if (!key) {
            complain('"' + text + "\" is not \"ed25519:\" and 64 hexadecimal digits");
            return std::nullopt;
        }
        out.push_back(std::move(*key));
    }
    return out;
}

}  // namespace tp::signing::tool
