#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "firmware-signing/repository/prepare.hpp"
#include "firmware-signing/tool/commands.hpp"
#include "firmware-signing/tool/complaints.hpp"
#include "firmware-signing/tool/control_contents.hpp"
#include "firmware-signing/tool/metadata_files.hpp"
#include "firmware-signing/tool/shown_metadata.hpp"
#include "firmware-signing/tuf/digest.hpp"

namespace tp::signing::tool {
namespace {

struct wish {
    std::filesystem::path repository, output;
    std::vector<std::string> add, drop;
    int days = repository::default_targets_days;

    std::filesystem::path contents() const { return output.string() + ".contents"; }
};

std::optional<control::content> name_or_complain(std::string const& name)
{
    auto const which = control::content_named(name);
    if (!which) complain('"' + name + "\" is none of anchors, director, hosts, opt-out and special-purpose");
    return which;
}

/// NAME=FILE, read and put in order.
bool take_or_complain(std::string const& said, control_texts& into)
{
    auto const equals = said.find('=');
    auto const which = name_or_complain(said.substr(0, equals));
    if (!which) return false;
    std::filesystem::path const file = equals == said.npos ? std::string() : said.substr(equals + 1);
    auto const text = read_or_complain(file, largest_control_file);
    if (!text) return false;
    auto made = arrange(*which, *text, file.string());
    if (made.complaint) complain(*made.complaint);
    if (made.complaint) return false;
    if (into.emplace(*which, std::move(made.octets)).second) return true;
    complain(std::string(control::name_of(*which)) + " is given twice");
    return false;
}

std::optional<repository::control_wish> wish_or_complain(wish const& wanted, control_texts const& texts)
{
    repository::control_wish out{{}, {}, std::chrono::days(wanted.days)};
    for (auto const& [which, octets] : texts) out.put.push_back({which, octets.size(), tuf::sha256_hex(octets)});
    for (auto const& name : wanted.drop) {
        auto const which = name_or_complain(name);
        if (!which) return std::nullopt;
        out.drop.push_back(*which);
    }
    return out;
}

/// The contents beside the draft, for those who read it.
bool write_contents_or_complain(wish const& wanted, control_texts const& texts)
{
    error_code ec;
    std::filesystem::create_directory(wanted.contents(), ec);
    if (ec) complain(wanted.contents().string() + ": " + ec.message());
    if (ec) return false;
    for (auto const& [which, octets] : texts)
        if (!write_or_complain(wanted.contents() / control::name_of(which), octets)) return false;
    return true;
}

int prepare(wish const& wanted)
{
    control_texts texts;
    for (auto const& each : wanted.add)
        if (!take_or_complain(each, texts)) return exit_failed;
    auto const next = wish_or_complain(wanted, texts);
    auto const files = next ? load_repository_or_complain(wanted.repository) : std::nullopt;
    if (!files) return exit_failed;
    std::string const role(repository::control_role);
    auto const ground = ground_for(role, *files);
    if (ground.complaint) return complain(wanted.repository.string() + ": " + *ground.complaint);
    bool const there = repository::newest_of(role, *files).has_value();
    if (there && !ground.before) return complain(role + ": what is there is not signed as it must be");
    auto const* before = ground.before ? &std::get<repository::control_content>(*ground.before) : nullptr;
    auto const made = prepare_control(*next, before, second_now());
    if (made.complaint) return complain(*made.complaint);
    if (!texts.empty() && !write_contents_or_complain(wanted, texts)) return exit_failed;
    return write_prepared(made, wanted.output, {wanted.repository, wanted.contents()});
}

}  // namespace

void add_control(CLI::App& root, program& into)
{
    auto* group = root.add_subcommand("control", "What all probes are told besides releases: hosts, keys, lists");
    group->require_subcommand(0, 1);
    auto const wanted = std::make_shared<wish>();
    auto* command = group->add_subcommand("prepare", "Make the draft to be signed, and its contents beside it");
    add_repository(*command, wanted->repository);
    command
        ->add_option(
            "--add", wanted->add,
            "NAME=FILE, once for each: anchors (TOML), director, hosts, opt-out or special-purpose (lines, \"#\" "
            "begins a comment); in the place of what was said before")
        ->allow_extra_args(false);
    command->add_option("--drop", wanted->drop, "NAME of what is not said any more")->allow_extra_args(false);
    command->add_option("--days", wanted->days, "Until the next must be signed")
        ->check(CLI::Range(1, repository::most_days));
    command->add_option("-o,--output", wanted->output, "A new file; and a new folder OUTPUT.contents")->required();
    command->callback([&into, wanted] {
        if (wanted->repository.empty()) throw CLI::RequiredError("--repository");
        into.chosen = [wanted] { return prepare(*wanted); };
    });
}

}  // namespace tp::signing::tool
