#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "firmware-signing/signed_document.hpp"
#include "firmware-signing/tool/commands.hpp"
#include "firmware-signing/tool/complaints.hpp"
#include "firmware-signing/tool/shown.hpp"

namespace tp::signing::tool {
namespace {

int show(std::filesystem::path const& file)
{
    auto const octets = read_or_complain(file, largest_document);
    if (!octets) return exit_failed;
    auto const document = read_envelope(*octets);
    if (!document) return complain(file.string() + ": " + document.error().message());
    std::cout << document_text(*document, wall_now());
    return complaint_about_content(document->says) ? exit_failed : exit_ok;
}

}  // namespace

void add_show(CLI::App& root, program& into)
{
    auto* command = root.add_subcommand("show", "What a document says: to be read before signing it");
    auto const file = std::make_shared<std::filesystem::path>();
    command->add_option("document", *file, "Signed or not")->required();
    command->callback([&into, file] { into.chosen = [file] { return show(*file); }; });
}

}  // namespace tp::signing::tool
