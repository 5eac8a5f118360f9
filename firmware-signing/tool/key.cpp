#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "firmware-signing/tool/commands.hpp"
#include "firmware-signing/tool/complaints.hpp"

namespace tp::signing::tool {
namespace {

int make(std::filesystem::path const& file)
{
    auto const key = private_key::make();
    if (!key) return complain("cannot make a key: " + key.error().message());
    auto const saved = key->save(file);
    if (!saved && saved.error() == errc::conflict)
        return complain(file.string() + ": is there already; no key is ever overwritten");
    if (!saved) return complain(file.string() + ": " + saved.error().message());
    std::cout << key->shared().text() << '\n';
    return exit_ok;
}

int show(std::filesystem::path const& file)
{
    auto const key = load_or_complain(file);
    if (!key) return exit_failed;
    auto const shared = key->shared();
    std::cout << "public key  " << shared.text() << "\nkey id      " << shared.id() << '\n';
    return exit_ok;
}

}  // namespace

void add_key(CLI::App& root, program& into)
{
    auto* group = root.add_subcommand("key", "Make a key, and show its public half");
    group->require_subcommand(0, 1);
    auto const file = std::make_shared<std::filesystem::path>();

    auto* fresh = group->add_subcommand("new", "Make a private key in a new file of mode 0600; prints the public key");
    fresh->add_option("file", *file, "Where to keep it: on a machine without a network, with a copy elsewhere")
        ->required();
    fresh->callback([&into, file] { into.chosen = [file] { return make(*file); }; });

    auto* known =
        group->add_subcommand("show", "The public key, for `trust.keys`, and the id by which signatures name it");
    known->add_option("file", *file, "Of the private key")->required();
    known->callback([&into, file] { into.chosen = [file] { return show(*file); }; });
}

}  // namespace tp::signing::tool
