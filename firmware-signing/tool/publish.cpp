#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "firmware-signing/repository/folder.hpp"
#include "firmware-signing/tool/commands.hpp"
#include "firmware-signing/tool/complaints.hpp"
#include "firmware-signing/tool/control_contents.hpp"
#include "firmware-signing/tool/metadata_files.hpp"

namespace tp::signing::tool {
namespace {

struct wish {
    std::filesystem::path repository;
    std::vector<std::string> drafts;
    std::vector<std::filesystem::path> add;
    std::vector<std::string> snapshot_keys, timestamp_keys;
    int snapshot_days = 7, timestamp_hours = 24;
    secrets by;
};
constexpr int most_snapshot_days = 90, most_timestamp_hours = 30 * 24;

std::optional<std::vector<repository::draft>> drafts_or_complain(std::vector<std::string> const& files)
{
    std::vector<repository::draft> out;
    for (auto const& file : files) {
        auto const octets = read_or_complain(file, repository::largest_draft);
        auto one = octets ? draft_or_complain(file, *octets) : std::nullopt;
        if (!one) return std::nullopt;
        out.push_back(std::move(*one));
    }
    return out;
}

bool put_or_complain(wish const& wanted, std::string const& path, std::uint64_t length, std::string const& sha256)
{
    tuf::target_file facts;
    facts.length = length;
    facts.hashes.sha256 = sha256;
    auto const wrong = repository::repository_folder(wanted.repository).put_target(path, facts, wanted.add);
    if (wrong) complain(*wrong);
    return !wrong;
}

bool put_releases_or_complain(wish const& wanted, repository::release_content const& says)
{
    for (auto const& each : says.releases)
        for (auto const* file : {&each.image, &each.sbom})
            if (!put_or_complain(wanted, says.folder() + file->name, file->length, file->sha256)) return false;
    return true;
}

bool put_control_or_complain(wish const& wanted, repository::control_content const& says)
{
    for (auto const& each : says.files)
        if (!put_or_complain(wanted, control::path_of(each.which), each.length, each.sha256)) return false;
    auto const wrong = complaint_about_texts(says, texts_of(says, wanted.repository, {}));
    if (wrong) complain(*wrong);
    return !wrong;
}

/// Every file that the drafts speak of lies where clients fetch it, before anything speaks of it.
bool put_targets_or_complain(wish const& wanted, std::vector<repository::draft> const& drafts)
{
    for (auto const& draft : drafts) {
        auto const* releases = std::get_if<repository::release_content>(&draft.says());
        auto const* control = std::get_if<repository::control_content>(&draft.says());
        if (releases && !put_releases_or_complain(wanted, *releases)) return false;
        if (control && !put_control_or_complain(wanted, *control)) return false;
    }
    return true;
}

int write(wish const& wanted, repository::publication const& made)
{
    auto const wrong = repository::repository_folder(wanted.repository).write(made.writes);
    if (wrong) return complain(*wrong);
    for (auto const& each : made.writes) std::cout << "published " << each.name << '\n';
    for (auto const& each : made.told) std::cout << each << '\n';
    return exit_ok;
}

int publish(wish const& wanted)
{
    auto drafts = drafts_or_complain(wanted.drafts);
    auto snapshot_keys = drafts ? hold_all_or_complain(wanted.snapshot_keys, wanted.by) : std::nullopt;
    auto timestamp_keys = snapshot_keys ? hold_all_or_complain(wanted.timestamp_keys, wanted.by) : std::nullopt;
    if (!timestamp_keys) return exit_failed;
    repository::repository_folder const folder(wanted.repository);
    auto const alone = folder.begin_writing();
    if (!alone && alone.error() == errc::unavailable)
        return complain(wanted.repository.string() + ": somebody else publishes here at this moment");
    if (!alone) return complain(wanted.repository.string() + ": " + alone.error().message());
    auto files = load_repository_or_complain(wanted.repository);
    if (!files) return exit_failed;
    auto const made = repository::plan_publication(
        {std::move(*files),
         *drafts,
         {std::move(*snapshot_keys), std::move(*timestamp_keys), std::chrono::days(wanted.snapshot_days),
          std::chrono::hours(wanted.timestamp_hours)},
         second_now()});
    if (made.complaint) return complain(*made.complaint);
    return put_targets_or_complain(wanted, *drafts) ? write(wanted, made) : exit_failed;
}

void add_online_options(CLI::App& command, wish& into)
{
    command.add_option("--snapshot-key", into.snapshot_keys, "Signs what belongs together; without it that waits")
        ->allow_extra_args(false);
    command.add_option("--timestamp-key", into.timestamp_keys, "Signs that this is the newest; without it that waits")
        ->allow_extra_args(false);
    command.add_option("--snapshot-days", into.snapshot_days, "How long a snapshot is good")
        ->check(CLI::Range(1, most_snapshot_days));
    command.add_option("--timestamp-hours", into.timestamp_hours, "How long a timestamp is good")
        ->check(CLI::Range(1, most_timestamp_hours));
    add_secrets(command, into.by);
}

}  // namespace

void add_publish(CLI::App& root, program& into)
{
    auto* command = root.add_subcommand("publish", "Put signed drafts into a repository, for clients to find");
    auto const wanted = std::make_shared<wish>();
    command->add_option("repository", wanted->repository, "Its folder; it is made if need be")->required();
    command->add_option("drafts", wanted->drafts, "Roots, targets, releases and control, signed by enough officers")
        ->required();
    command->add_option("--add", wanted->add, "A file of a release, its SBOM, or a control content; once for each")
        ->allow_extra_args(false);
    add_online_options(*command, *wanted);
    command->callback([&into, wanted] { into.chosen = [wanted] { return publish(*wanted); }; });
}

void add_renew(CLI::App& root, program& into)
{
    auto* command = root.add_subcommand(
        "renew", "Sign a new snapshot and timestamp when what they list has changed or half their life is over");
    auto const wanted = std::make_shared<wish>();
    command->add_option("repository", wanted->repository, "Its folder")->required()->check(CLI::ExistingDirectory);
    add_online_options(*command, *wanted);
    command->callback([&into, wanted] { into.chosen = [wanted] { return publish(*wanted); }; });
}

}  // namespace tp::signing::tool
