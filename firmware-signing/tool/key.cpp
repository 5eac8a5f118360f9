#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "firmware-signing/repository/content.hpp"
#include "firmware-signing/signer.hpp"
#include "firmware-signing/tool/commands.hpp"
#include "firmware-signing/tool/complaints.hpp"
#include "firmware-signing/tool/token.hpp"

namespace tp::signing::tool {
namespace {

struct wish {
    std::string file;
    bool with_phrase = false;
    secrets by;
};

int tell(std::optional<held_key> const& made)
{
    if (!made) return exit_failed;
    std::cout << made->shared.text() << '\n';
    return exit_ok;
}

int make(wish const& wanted)
{
    if (is_token_uri(wanted.file)) return tell(make_in_token_or_complain(wanted.file));
    bool const encrypt = wanted.with_phrase || !wanted.by.phrase_file.empty();
    auto const phrase = encrypt ? new_phrase_or_complain(wanted.by) : std::optional<std::string>("");
    if (!phrase) return exit_failed;
    auto const key = private_key::make();
    if (!key) return complain("cannot make a key: " + key.error().message());
    auto const saved = key->save(wanted.file, *phrase);
    if (!saved && saved.error() == errc::conflict)
        return complain(wanted.file + ": is there already; no key is ever overwritten");
    if (!saved) return complain(wanted.file + ": " + saved.error().message());
    std::cout << key->shared().text() << '\n';
    return exit_ok;
}

int show(wish const& wanted)
{
    auto const key = hold_or_complain(wanted.file, wanted.by);
    if (!key) return exit_failed;
    std::cout << "public key  " << key->shared.text() << "\nin metadata " << repository::listed_id(key->shared)
              << "\nkey id      " << key->shared.id() << '\n';
    return exit_ok;
}

}  // namespace

void add_key(CLI::App& root, program& into)
{
    auto* group = root.add_subcommand("key", "Make a key, and show its public half");
    group->require_subcommand(0, 1);
    auto const wanted = std::make_shared<wish>();

    auto* fresh = group->add_subcommand(
        "new", "Make a private key, in a new file of mode 0600 or in a token; prints the public key");
    fresh
        ->add_option("file", wanted->file,
                     "On a machine without a network, with a copy elsewhere; or pkcs11:token=NAME;object=NAME")
        ->required();
    fresh->add_flag("--passphrase", wanted->with_phrase, "Ask for a pass phrase, and encrypt the key with it");
    add_secrets(*fresh, wanted->by);
    fresh->callback([&into, wanted] { into.chosen = [wanted] { return make(*wanted); }; });

    auto* known = group->add_subcommand(
        "show", "The public key, for `trust.keys` and plans, and the ids by which signatures name it");
    known->add_option("key", wanted->file, key_words)->required();
    add_secrets(*known, wanted->by);
    known->callback([&into, wanted] { into.chosen = [wanted] { return show(*wanted); }; });
}

}  // namespace tp::signing::tool
