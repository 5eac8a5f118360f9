#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include "api/cli/commands.hpp"
#include "api/cli/json.hpp"
#include "api/cli/listing.hpp"
#include "api/cli/prune_text.hpp"
#include "api/cli/repository_files.hpp"
#include "api/cli/text.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t part_size = 512 * 1024;  // octets; the most that the API takes at once
constexpr auto files = "firmware/files/";
constexpr auto largest_page = 500;

struct firmware_options {
    std::filesystem::path folder;
    unsigned page = 1;
    std::optional<unsigned> hours;  // none: as usual
    bool as_json = false, dry_run = false;
};
using shared_options = std::shared_ptr<firmware_options>;

/// The hashes of what is there, by path. Nothing after a failure that has been told.
std::optional<std::map<std::string, std::string>> published(remote& api)
{
    std::map<std::string, std::string> out;
    for (unsigned page = 1;; ++page) {
        auto const answer =
            api.ask("GET", files + ("?page_size=" + std::to_string(largest_page)) + "&page=" + std::to_string(page));
        if (!answer) return std::nullopt;
        auto const* object = answer->if_object();
        auto const* rows = object == nullptr ? nullptr : list_in(*object, "results");
        if (rows == nullptr) return out;
        for (auto const& row : *rows)
            if (auto const* each = row.if_object()) out.emplace(cell_in(*each, "path"), cell_in(*each, "sha256"));
        if (static_cast<std::int64_t>(out.size()) >= integer_in(*object, "count").value_or(0) || rows->empty())
            return out;
    }
}

/// Sends a file, part by part. False: it has been told why not.
bool upload(remote& api, std::filesystem::path const& folder, repository_file const& file)
{
    std::ifstream in(folder / file.path, std::ios::binary);
    std::string octets;
    for (std::uint64_t offset = 0; offset < file.size; offset += octets.size()) {
        octets.resize(static_cast<std::size_t>(std::min<std::uint64_t>(part_size, file.size - offset)));
        if (!in.read(octets.data(), static_cast<std::streamsize>(octets.size()))) {
            std::cerr << "trigpoint: " << (folder / file.path).string() << " cannot be read, or is being changed\n";
            return false;
        }
        auto const query = "?path=" + query_escape(file.path) + "&offset=" + std::to_string(offset) +
                           "&size=" + std::to_string(file.size) + "&sha256=" + file.sha256;
        if (!api.ask("PUT", files + query, octets, "application/octet-stream")) {
            std::cerr << "trigpoint: " << file.path << " is not published\n";
            return false;
        }
    }
    return true;
}

/// The files that make the repository in the folder, in the order of publication. Nothing after a failure that has been
/// told.
std::optional<std::vector<repository_file>> read_folder(std::filesystem::path const& folder)
{
    auto all = repository_files(folder);
    if (!all) {
        bool const none = all.error() == errc::not_found;
        std::cerr << "trigpoint: " << folder.string() << ": "
                  << (none ? "no repository is here: it has no metadata/timestamp.json" : all.error().message())
                  << '\n';
        return std::nullopt;
    }
    std::string failed_file;
    auto const named = names_in(folder, failed_file);
    if (!named) {
        std::cerr << "trigpoint: " << (folder / "metadata" / failed_file).string() << ": " << named.error().message()
                  << ": no probe would take this repository\n";
        return std::nullopt;
    }
    return needed(std::move(*all), *named);
}

/// Sends what is not there. Nothing after a failure that has been told; else how many files those were.
std::optional<std::size_t> send(remote& api, std::filesystem::path const& folder, std::vector<repository_file> all)
{
    auto const there = published(api);
    if (!there) return std::nullopt;
    auto const wanting = missing(std::move(all), *there);
    for (auto const& each : wanting) {
        if (!upload(api, folder, each)) return std::nullopt;
        std::cout << "published " << each.path << '\n' << std::flush;
    }
    return wanting.size();
}

int publish(remote& api, firmware_options const& options)
{
    auto const all = read_folder(options.folder);
    if (!all) return exit_failed;
    // Somebody may prune what was there until the timestamp names it, so all of it is looked at again before it is made
    // known, and after.
    auto const below = std::vector(all->begin(), all->end() - 1);
    std::size_t sent = 0;
    for (auto const& part : {below, *all, *all}) {
        auto const count = send(api, options.folder, part);
        if (!count) return api.code() == exit_ok ? exit_failed : api.code();
        sent += *count;
    }
    if (sent == 0) std::cout << "everything is there already, " << count_text(all->size(), "file") << '\n';
    return exit_ok;
}

int prune(remote& api, firmware_options const& options)
{
    auto path = std::string("firmware/leftovers/");
    if (options.hours) path += "?hours=" + std::to_string(*options.hours);
    auto const answer = api.ask(options.dry_run ? "GET" : "DELETE", path);
    if (!answer) return api.code();
    std::cout << (options.as_json ? json::serialize(*answer) + '\n' : prune_text(*answer));
    return exit_ok;
}

int list(remote& api, firmware_options const& options)
{
    auto const path = files + ("?page_size=" + std::to_string(largest_page)) + "&page=" + std::to_string(options.page);
    return print_list(api, path, {{"path", "path"}, {"octets", "size"}, {"SHA-256", "sha256"}, {"since", "stored_at"}},
                      options.as_json);
}

CLI::App* command(CLI::App& group, program& into, shared_options const& options, char const* name, char const* what,
                  int (*run)(remote&, firmware_options const&))
{
    auto* out = group.add_subcommand(name, what);
    out->callback([&into, options, run] { into.chosen = [&into, options, run] { return run(into.api, *options); }; });
    return out;
}

}  // namespace

void add_firmware(CLI::App& root, program& into)
{
    auto* group = root.add_subcommand("firmware", "The signed repository that probes update from");
    group->require_subcommand(0, 1);
    auto const options = std::make_shared<firmware_options>();

    auto* all = command(*group, into, options, "list", "The files of the repository", list);
    all->add_option("--page", options->page, "Which 500 of them (default 1)")->check(CLI::Range(1, 40));
    all->add_flag("--json", options->as_json, "For machines: the API's JSON");

    auto* fresh = command(*group, into, options, "publish", "Publish what `trigpoint-sign` put into a folder", publish);
    fresh->add_option("folder", options->folder, "The repository")->required();

    auto* old = command(*group, into, options, "prune",
                        "Remove files that no probe and no rollout can ask for any more", prune);
    old->add_flag("--dry-run", options->dry_run, "Say what would go, and how much, and remove nothing");
    old->add_option("--hours", options->hours, "Keep what was replaced within so many hours (default 168, a week)")
        ->check(CLI::Range(1, 168));
    old->add_flag("--json", options->as_json, "For machines: the API's JSON");
}

}  // namespace tp::cli
