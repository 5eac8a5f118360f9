#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

#include "firmware-signing/refusal.hpp"
#include "firmware-signing/signed_document.hpp"
#include "firmware-signing/tool/commands.hpp"
#include "firmware-signing/tool/complaints.hpp"
#include "firmware-signing/tool/metadata_files.hpp"
#include "firmware-signing/tool/shown.hpp"
#include "firmware-signing/tool/times.hpp"

namespace tp::signing::tool {
namespace {

struct wish {
    std::vector<std::string> keys;
    unsigned threshold = 0;  // 0: not said
    std::filesystem::path document, root;
};

/// Which of these keys signed.
std::vector<public_key> signers_of(envelope const& document, std::vector<public_key> const& among)
{
    std::vector<public_key> out;
    for (auto const& key : among) {
        auto const signed_by_it = [&](signature const& each) { return each.key_id == key.id(); };
        auto const& all = document.signatures;
        if (std::any_of(all.begin(), all.end(), signed_by_it)) out.push_back(key);
    }
    return out;
}

/// Judges the document as a probe would that knows no other.
int verify_document(std::string const& file, std::string const& octets, std::vector<public_key> const& keys,
                    trusted_keys const& trusted)
{
    auto const document = read_envelope(octets);
    if (!document) return complain(file + ": " + document.error().message());
    auto const& says = document->says;
    auto const signers = signers_of(*document, keys);
    auto const believed = verify(octets, trusted, {says.name, wall_now(), says.version});
    if (!believed) {
        bool const few = believed.error() == refusal::too_few_signatures;
        return complain(file + ": " + believed.error().message() +
                        (few ? " (" + std::to_string(signers.size()) + ", and " + std::to_string(trusted.threshold()) +
                                   " are needed)"
                             : ""));
    }
    if (auto const wrong = complaint_about_content(says)) return complain(file + ": " + *wrong);
    std::cout << "good: " << says.name << ", version " << says.version << ", until " << date_text(says.expires) << '\n';
    for (auto const& each : signers) std::cout << "signed by " << each.text() << '\n';
    return exit_ok;
}

int verify_file(wish const& wanted)
{
    if (std::filesystem::is_directory(wanted.document)) return verify_repository(wanted.document, wanted.root);
    auto const keys = parse_or_complain(wanted.keys);
    if (!keys) return exit_usage;
    auto const trusted = trusted_keys::from(*keys, wanted.threshold);
    if (!trusted) {
        complain(trusted.error() == errc::conflict
                     ? "a key is named twice"
                     : "the threshold is more than there are keys, or there are too many");
        return exit_usage;
    }
    auto const octets = read_or_complain(wanted.document, largest_document);
    return octets ? verify_document(wanted.document.string(), *octets, *keys, *trusted) : exit_failed;
}

}  // namespace

void add_verify(CLI::App& root, program& into)
{
    auto* command = root.add_subcommand(
        "verify", "Whether a probe would believe a document by these keys, or a repository by its root, now");
    auto const wanted = std::make_shared<wish>();
    command->add_option("--key,--keys", wanted->keys, "A public key that is trusted (\"ed25519:...\"); once for each")
        ->allow_extra_args(false);
    command->add_option("--threshold", wanted->threshold, "How many of them must have signed")
        ->check(CLI::Range(std::size_t{1}, trusted_keys::most));
    command->add_option("document", wanted->document, "A signed document; or the folder of a repository, without keys")
        ->required();
    command->add_option("--root", wanted->root, "Of a repository: the root that probes were shipped with");
    command->callback([&into, wanted] {
        bool const folder = std::filesystem::is_directory(wanted->document);
        if (!folder && wanted->keys.empty()) throw CLI::RequiredError("--key");
        if (!folder && wanted->threshold == 0) throw CLI::RequiredError("--threshold");
        into.chosen = [wanted] { return verify_file(*wanted); };
    });
}

}  // namespace tp::signing::tool
