#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "firmware-signing/tool/commands.hpp"
#include "firmware-signing/tool/complaints.hpp"
#include "firmware-signing/tool/copies.hpp"
#include "firmware-signing/tool/metadata_files.hpp"
#include "firmware-signing/tool/shown.hpp"

namespace tp::signing::tool {
namespace {

struct wish {
    std::vector<std::string> keys;
    secrets by;
    std::filesystem::path document, output;
    at_hand with;
};

int sign_document(wish const& wanted, std::string const& octets)
{
    auto const file = wanted.document.string();
    auto const document = read_envelope(octets);
    if (!document) return complain(file + ": " + document.error().message());
    if (auto const wrong = complaint_about_content(document->says)) return complain(file + ": " + *wrong);
    auto const keys = hold_all_or_complain(wanted.keys, wanted.by);
    if (!keys) return exit_failed;
    auto const made = add_signatures({file, octets}, *keys);
    if (made.complaint) return complain(*made.complaint);
    if (!write_or_complain(wanted.output, made.octets)) return exit_failed;
    std::cout << document_text(read_envelope(made.octets).value(), wall_now());
    return exit_ok;
}

int sign_metadata(wish const& wanted, std::string const& octets)
{
    auto const file = wanted.document.string();
    auto draft = draft_or_complain(file, octets);
    if (!draft) return exit_failed;
    if (auto const wrong = complaint_about_draft(*draft, wanted.with)) return complain(file + ": " + *wrong);
    auto const keys = hold_all_or_complain(wanted.keys, wanted.by);
    if (!keys) return exit_failed;
    for (auto const& key : *keys) {
        auto made = key.sign(draft->signed_octets());
        if (!made) return complain("cannot sign: " + made.error().message());
        auto const added = draft->add({repository::listed_id(key.shared), std::move(*made)});
        if (!added && added.error() == errc::conflict)
            return complain(file + ": key " + key.shared.text() + " has signed it already");
        if (!added) return complain(file + ": has no room for more signatures");
    }
    if (!write_or_complain(wanted.output, draft->octets())) return exit_failed;
    return show_draft(*draft, wanted.with);
}

int sign(wish const& wanted)
{
    auto const octets = read_or_complain(wanted.document, repository::largest_draft);
    if (!octets) return exit_failed;
    return is_metadata(*octets) ? sign_metadata(wanted, *octets) : sign_document(wanted, *octets);
}

}  // namespace

void add_sign(CLI::App& root, program& into)
{
    auto* command = root.add_subcommand("sign", "Add signatures to a document or draft, and show what was signed");
    auto const wanted = std::make_shared<wish>();
    command->add_option("--key", wanted->keys, std::string(key_words) + "; several: once for each")
        ->required()
        ->allow_extra_args(false);
    add_secrets(*command, wanted->by);
    add_at_hand(*command, wanted->with);
    command->add_option("document", wanted->document, "Unsigned, or with signatures of others, which stay")->required();
    command->add_option("-o,--output", wanted->output, "A new file")->required();
    command->callback([&into, wanted] { into.chosen = [wanted] { return sign(*wanted); }; });
}

}  // namespace tp::signing::tool
