#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "firmware-signing/signed_document.hpp"
#include "firmware-signing/tool/commands.hpp"
#include "firmware-signing/tool/complaints.hpp"
#include "firmware-signing/tool/copies.hpp"
#include "firmware-signing/tool/shown.hpp"

namespace tp::signing::tool {
namespace {

struct wish {
    std::vector<std::filesystem::path> keys;
    std::filesystem::path document, output;
};

int sign(wish const& wanted)
{
    auto const octets = read_or_complain(wanted.document, largest_document);
    if (!octets) return exit_failed;
    auto const file = wanted.document.string();
    auto const document = read_envelope(*octets);
    if (!document) return complain(file + ": " + document.error().message());
    if (auto const wrong = complaint_about_content(document->says)) return complain(file + ": " + *wrong);
    std::vector<private_key> keys;
    for (auto const& each : wanted.keys) {
        auto key = load_or_complain(each);
        if (!key) return exit_failed;
        keys.push_back(std::move(*key));
    }
    auto const made = add_signatures({file, *octets}, keys);
    if (made.complaint) return complain(*made.complaint);
    if (!write_or_complain(wanted.output, made.octets)) return exit_failed;
    std::cout << document_text(read_envelope(made.octets).value(), wall_now());
    return exit_ok;
}

}  // namespace

void add_sign(CLI::App& root, program& into)
{
    auto* command = root.add_subcommand("sign", "Add signatures to a document, and show what was signed");
    auto const wanted = std::make_shared<wish>();
    command->add_option("--key", wanted->keys, "File of a private key; several: once for each")
        ->required()
        ->allow_extra_args(false);
    command->add_option("document", wanted->document, "Unsigned, or with signatures of others, which stay")->required();
    command->add_option("-o,--output", wanted->output, "A new file")->required();
    command->callback([&into, wanted] { into.chosen = [wanted] { return sign(*wanted); }; });
}

}  // namespace tp::signing::tool
