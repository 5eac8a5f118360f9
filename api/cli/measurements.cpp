#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "api/cli/commands.hpp"
#include "api/cli/listing.hpp"
#include "api/cli/text.hpp"

namespace tp::cli {
namespace {

struct list_options {
    bool mine = false, as_json = false;
    std::string status, search;
    unsigned limit = 50;
};

std::string list_path(list_options const& options)
{
    auto path = std::string("measurements/") + (options.mine ? "my/" : "") +
                "?sort=-id&page_size=" + std::to_string(options.limit);
    if (!options.status.empty()) path += "&status__in=" + query_escape(options.status);
    if (!options.search.empty()) path += "&search=" + query_escape(options.search);
    return path;
}

void add_list(CLI::App& group, program& into)
{
    auto* list = group.add_subcommand("list", "The newest measurements");
    auto const options = std::make_shared<list_options>();
    list->add_flag("--mine", options->mine, "Only yours");
    list->add_option("--status", options->status, "Only with this status: ongoing, stopped, ...");
    list->add_option("--search", options->search, "Only with this in the target");
    list->add_option("--limit", options->limit, "At most so many (default 50)")->check(CLI::Range(1, 500));
    list->add_flag("--json", options->as_json, "The API's JSON");
    list->callback([&into, options] {
        into.chosen = [&into, options] {
            return print_list(into.api, list_path(*options),
                              {{"id", "id"},
                               {"type", "type"},
                               {"af", "af"},
                               {"target", "target"},
                               {"interval", "interval"},
                               {"status", "status.name"},
                               {"probes", "participant_count"},
                               {"start (UTC)", "start_time"},
                               {"description", "description"}},
                              options->as_json);
        };
    });
}

int stop(remote& api, unsigned id)
{
    if (!api.ask("DELETE", "measurements/" + std::to_string(id) + '/')) return api.code();
    std::cout << "measurement " << id << " is stopped\n";
    return exit_ok;
}

}  // namespace

void add_measurements(CLI::App& root, program& into)
{
    auto* group = root.add_subcommand("measurement", "List, show and stop measurements");
    group->require_subcommand(0, 1);
    add_list(*group, into);
    auto const id = std::make_shared<unsigned>(0);
    auto const as_json = std::make_shared<bool>(false);
    auto* show = group->add_subcommand("show", "One measurement");
    show->add_option("measurement", *id, "Its number")->required();
    show->add_flag("--json", *as_json, "The API's JSON");
    show->callback([&into, id, as_json] {
        into.chosen = [&into, id, as_json] {
            return print_object(into.api, "measurements/" + std::to_string(*id) + '/', *as_json);
        };
    });
    auto* end = group->add_subcommand("stop", "Stop a measurement; its results stay");
    end->add_option("measurement", *id, "Its number")->required();
    end->callback([&into, id] { into.chosen = [&into, id] { return stop(into.api, *id); }; });
}

}  // namespace tp::cli
