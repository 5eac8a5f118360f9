#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "firmware-signing/repository/bill_of_materials.hpp"
#include "firmware-signing/repository/prepare.hpp"
#include "firmware-signing/repository/rules.hpp"
#include "firmware-signing/tool/commands.hpp"
#include "firmware-signing/tool/complaints.hpp"
#include "firmware-signing/tool/metadata_files.hpp"
#include "firmware-signing/tool/shown_metadata.hpp"
#include "firmware-signing/tuf/digest.hpp"

namespace tp::signing::tool {
namespace {

struct wish {
    std::string model, channel;
    std::filesystem::path repository, image, sbom, output;
    std::uint64_t number = 0, floor = 0, from = 0;  // 0: not said
    std::vector<std::string> hardware, drop;
    int days = repository::default_targets_days;
};

std::optional<repository::stored_file> describe_or_complain(std::filesystem::path const& file,
                                                            std::string const& octets)
{
    auto const name = file.filename().string();
    if (repository::is_file_name(name)) return repository::stored_file{name, octets.size(), tuf::sha256_hex(octets)};
    complain(file.string() + ": the name of a release's file is made of letters, digits and \"._+~-\"");
    return std::nullopt;
}

std::optional<repository::stored_file> sbom_or_complain(std::filesystem::path const& file)
{
    auto const octets = read_or_complain(file, repository::largest_bill);
    if (!octets) return std::nullopt;
    auto const bill = repository::read_bill(*octets);
    if (!bill) complain(file.string() + ": is no CycloneDX SBOM in JSON");
    if (!bill) return std::nullopt;
    std::cout << "SBOM        CycloneDX " << bill->specification << ", " << bill->components << " components\n";
    return describe_or_complain(file, *octets);
}

std::optional<repository::stored_file> image_or_complain(std::filesystem::path const& file)
{
    error_code unknown;
    auto const length = std::filesystem::file_size(file, unknown);
    auto const wrong = unknown ? std::nullopt : repository::complaint_about_length(length);
    if (wrong) complain(file.string() + ' ' + *wrong);
    auto const octets = wrong ? std::nullopt : read_or_complain(file, repository::largest_target);
    return octets ? describe_or_complain(file, *octets) : std::nullopt;
}

/// The release that is wished for. Its floor stays where the newest one's is unless said.
std::optional<repository::release> release_or_complain(wish const& wanted, repository::release_content const* before)
{
    auto image = image_or_complain(wanted.image);
    auto sbom = image ? sbom_or_complain(wanted.sbom) : std::nullopt;
    if (!image || !sbom) return std::nullopt;
    auto const known_floor = before && !before->releases.empty() ? before->releases.back().floor : 1;
    auto const floor = wanted.floor > 0 ? wanted.floor : known_floor;
    return repository::release{wanted.number, floor, wanted.from, wanted.hardware, std::move(*image), std::move(*sbom)};
}

int prepare(wish const& wanted)
{
    auto const files = load_repository_or_complain(wanted.repository);
    if (!files) return exit_failed;
    auto const role = wanted.model + '.' + wanted.channel;
    auto const ground = ground_for(role, *files);
    if (ground.complaint) return complain(wanted.repository.string() + ": " + *ground.complaint);
    bool const there = repository::newest_of(role, *files).has_value();
    if (there && !ground.before) return complain(role + ": what is there is not signed as it must be");
    auto const* before = ground.before ? &std::get<repository::release_content>(*ground.before) : nullptr;
    repository::release_wish next{wanted.model, wanted.channel, {}, wanted.drop, std::chrono::days(wanted.days)};
    if (!wanted.image.empty()) {
        next.fresh = release_or_complain(wanted, before);
        if (!next.fresh) return exit_failed;
    }
    return write_prepared(prepare_releases(next, before, second_now()), wanted.output, {wanted.repository, {}});
}

void add_options(CLI::App& command, wish& into)
{
    auto const word = [](std::string const& text) {
        return repository::is_word(text) ? std::string() : "is no word of lower-case letters, digits, \"-\" and \"_\"";
    };
    command.add_option("--model", into.model, "For which this was built, such as deb-amd64")->required()->check(word);
    command.add_option("--channel", into.channel, "Such as stable")->required()->check(word);
    add_repository(command, into.repository);
    auto* image = command.add_option("--image", into.image, "The file that probes install; none: nothing new is added");
    auto* sbom = command.add_option("--sbom", into.sbom, "Its SBOM, CycloneDX in JSON: a target of its own");
    auto* number = command.add_option("--number", into.number, "Of the release: above all before it");
    number->check(CLI::Range(std::uint64_t{1}, repository::highest_number));
    image->needs(sbom)->needs(number);
    command.add_option("--floor", into.floor, "Once this release is known, nothing below runs; else as it was");
    command.add_option("--from", into.from, "The lowest release that can be updated to this one at once; else any");
    command.add_option("--hardware", into.hardware, "Revision that it is for; once for each; none: any")->check(word);
    command.add_option("--drop", into.drop, "Image of an old release that is no longer offered");
    command.add_option("--days", into.days, "Until the next must be signed")
        ->check(CLI::Range(1, repository::most_days));
    command.add_option("-o,--output", into.output, "A new file")->required();
}

}  // namespace

void add_release(CLI::App& root, program& into)
{
    auto* group = root.add_subcommand("release", "The releases of a model and channel");
    group->require_subcommand(0, 1);
    auto const wanted = std::make_shared<wish>();
    auto* command = group->add_subcommand("prepare", "Make the draft that adds a release, and show it");
    add_options(*command, *wanted);
    command->callback([&into, wanted] {
        if (wanted->repository.empty()) throw CLI::RequiredError("--repository");
        into.chosen = [wanted] { return prepare(*wanted); };
    });
}

}  // namespace tp::signing::tool
