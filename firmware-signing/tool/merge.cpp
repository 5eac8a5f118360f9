#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "firmware-signing/signed_document.hpp"
#include "firmware-signing/tool/commands.hpp"
#include "firmware-signing/tool/complaints.hpp"
#include "firmware-signing/tool/copies.hpp"
#include "firmware-signing/tool/metadata_files.hpp"
#include "firmware-signing/tool/shown.hpp"

namespace tp::signing::tool {
namespace {

struct wish {
    std::vector<std::filesystem::path> copies;
    std::filesystem::path output;
    at_hand with;
};

int merge_drafts(wish const& wanted, std::vector<document_copy> const& copies)
{
    auto const made = merge_drafts(copies);
    if (!made.made) return complain(*made.complaint);
    if (!write_or_complain(wanted.output, made.made->octets())) return exit_failed;
    return show_draft(*made.made, wanted.with);
}

int merge(wish const& wanted)
{
    std::vector<std::string> contents;
    for (auto const& file : wanted.copies) {
        auto octets = read_or_complain(file, repository::largest_draft);
        if (!octets) return exit_failed;
        contents.push_back(std::move(*octets));
    }
    std::vector<document_copy> copies;
    for (std::size_t i = 0; i < contents.size(); ++i) copies.push_back({wanted.copies[i].string(), contents[i]});
    if (is_metadata(contents.front())) return merge_drafts(wanted, copies);
    auto const made = merge_copies(copies);
    if (made.complaint) return complain(*made.complaint);
    if (!write_or_complain(wanted.output, made.octets)) return exit_failed;
    std::cout << document_text(read_envelope(made.octets).value(), wall_now());
    return exit_ok;
}

}  // namespace

void add_merge(CLI::App& root, program& into)
{
    auto* command =
        root.add_subcommand("merge", "Put the signatures of several copies of a document or draft into one");
    auto const wanted = std::make_shared<wish>();
    add_at_hand(*command, wanted->with);
    command->add_option("copies", wanted->copies, "The same document, signed by different officers")->required();
    command->add_option("-o,--output", wanted->output, "A new file")->required();
    command->callback([&into, wanted] { into.chosen = [wanted] { return merge(*wanted); }; });
}

}  // namespace tp::signing::tool
