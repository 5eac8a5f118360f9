#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "base/claim_code.hpp"
#include "base/files.hpp"
#include "firmware-signing/envelope.hpp"
#include "firmware-signing/self_test_report.hpp"
#include "firmware-signing/tool/commands.hpp"
#include "firmware-signing/tool/complaints.hpp"
#include "firmware-signing/tool/factory_file.hpp"
#include "firmware-signing/tool/rows.hpp"
#include "firmware-signing/tool/shown.hpp"
#include "firmware-signing/tool/times.hpp"

namespace tp::signing::tool {
namespace {

struct wish {
    std::filesystem::path list, output;
    std::uint64_t version = 0;
    unsigned days = 90;
};
constexpr unsigned most_days = 3'650;

int prepare(wish const& wanted)
{
    auto const now = wall_now();
    auto const text = read_or_complain(wanted.list, largest_factory_file);
    if (!text) return exit_failed;
    auto const beside = [&](std::string const& name) {
        return read_file(wanted.list.parent_path() / name, self_test_report::largest);
    };
    auto read = read_factory_file(*text, wanted.list.string(), now, beside);
    if (read.complaint) return complain(*read.complaint);
    auto const expires = wall_time(std::chrono::floor<std::chrono::seconds>(now)) + std::chrono::days(wanted.days);
    auto const made = prepare_factory_list(std::move(read.list), wanted.version, expires, now);
    if (made.complaint) return complain(*made.complaint);
    if (!write_or_complain(wanted.output, made.octets)) return exit_failed;
    std::cout << document_text(read_envelope(made.octets).value(), now);
    return exit_ok;
}

int make_code()
{
    auto const code = random_claim_code();
    std::cout << row("code", code) << row("SHA-256", hash_of_claim_code(code));
    return exit_ok;
}

}  // namespace

void add_factory(CLI::App& root, program& into)
{
    auto* group = root.add_subcommand("factory", "Lists of devices that were made and tested");
    group->require_subcommand(0, 1);
    auto const wanted = std::make_shared<wish>();
    auto* command = group->add_subcommand("prepare", "Make the document to be signed from a list in TOML, and show it");
    command
        ->add_option(
            "list", wanted->list,
            "A batch, and a [[device]] for each, with serial, model, revision, claim_code or claim_code_sha256, "
            "and the report of its self-test")
        ->required();
    command->add_option("--version", wanted->version, "One more than that of the batch's list that was imported")
        ->required()
        ->check(CLI::Range(std::uint64_t{1}, highest_version));
    command->add_option("--days", wanted->days, "How long it can be imported (default 90)")
        ->check(CLI::Range(1U, most_days));
    command->add_option("-o,--output", wanted->output, "A new file")->required();
    command->callback([&into, wanted] { into.chosen = [wanted] { return prepare(*wanted); }; });
    group->add_subcommand("code", "Print a claim code for a label, and what a list says of it")->callback([&into] {
        into.chosen = [] { return make_code(); };
    });
}

}  // namespace tp::signing::tool
