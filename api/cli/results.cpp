#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "api/cli/commands.hpp"
#include "api/cli/shown/tally.hpp"
#include "api/cli/text.hpp"

namespace tp::cli {
namespace {

struct results_options {
    unsigned measurement = 0;
    std::string since, until;
    bool latest = false, as_json = false, brief = false, flagged = false;
};

/// The path and query, or none after a complaint.
std::optional<std::string> path_of(results_options const& options)
{
    auto path = "measurements/" + std::to_string(options.measurement) + (options.latest ? "/latest/" : "/results/");
    char separator = '?';
    for (auto const& [name, text] : {std::pair{"start", options.since}, std::pair{"stop", options.until}}) {
        if (text.empty()) continue;
        auto const time = parse_time(text);
        if (!time) {
            std::cerr << "trigpoint: \"" << text << "\" is no time such as 2026-01-02T03:04 (UTC) or 1700000000\n";
            return std::nullopt;
        }
        path += separator + std::string(name) + '=' + std::to_string(*time);
        separator = '&';
    }
    if (options.flagged) path += separator + std::string("include_flagged=true");
    return path;
}

int show_results(remote& api, results_options const& options)
{
    auto const path = path_of(options);
    if (!path) return exit_usage;
    auto const answer = api.ask("GET", *path);
    if (!answer) return api.code();
    auto const* list = answer->if_array();
    if (options.as_json) {
        std::cout << boost::json::serialize(*answer) << '\n';
        return list != nullptr && !list->empty() ? exit_ok : exit_failed;
    }
    tally all;
    if (list != nullptr) {
        for (auto const& each : *list) {
            auto const result = read_result(each);
            if (!result) continue;
            std::cout << line_of(*result) << '\n' << (options.brief ? "" : result->details);
            all.add(*result);
        }
    }
    if (all.empty()) {
        std::cerr << "trigpoint: there are no results\n";
        return exit_failed;
    }
    std::cout << '\n' << all.text(0);
    return exit_ok;
}

}  // namespace

void add_results(CLI::App& root, program& into)
{
    auto* command = root.add_subcommand("results", "Show the results of a measurement");
    auto const options = std::make_shared<results_options>();
    command->add_option("measurement", options->measurement, "Its number")->required();
    command->add_flag("--latest", options->latest, "Only the newest of each probe");
    command->add_option("--since", options->since, "From this time on: 2026-01-02T03:04 (UTC) or seconds since 1970");
    command->add_option("--until", options->until, "Up to this time");
    command->add_flag("--flagged", options->flagged, "Also what came from probes while they were isolated");
    command->add_flag("--brief", options->brief, "Without tables of hops and DNS records: one line for each result");
    command->add_flag("--json", options->as_json, "The API's JSON");
    command->callback(
        [&into, options] { into.chosen = [&into, options] { return show_results(into.api, *options); }; });
}

}  // namespace tp::cli
