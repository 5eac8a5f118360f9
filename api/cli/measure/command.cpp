#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "api/cli/commands.hpp"
#include "api/cli/json.hpp"
#include "api/cli/measure/options.hpp"
#include "api/cli/watch.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

struct measure_options {
    measure_wish wish;
    bool watch = false, no_watch = false, as_json = false;
    unsigned patience = static_cast<unsigned>(watch_plan::usual_patience.count());
};

std::optional<std::int64_t> created_id(json::value const& answer)
{
    auto const* object = answer.if_object();
    auto const* ids = object == nullptr ? nullptr : list_in(*object, "measurements");
    auto const* first = ids == nullptr || ids->empty() ? nullptr : ids->front().if_int64();
    if (first == nullptr) return std::nullopt;
    return *first;
}

int create(remote& api, measure_options const& options)
{
    auto const& wish = options.wish;
    if (auto const wrong = complaint_about(wish)) {
        std::cerr << "trigpoint: " << *wrong << '\n';
        return exit_usage;
    }
    auto const answer = api.ask("POST", "measurements/", request_body(wish, wall_now()));
    if (!answer) return api.code();
    auto const id = created_id(*answer);
    if (!id) {
        std::cerr << "trigpoint: the API's answer names no measurement\n";
        return exit_failed;
    }
    auto const by_itself = !wish.interval && !options.as_json && ::isatty(STDOUT_FILENO) == 1;
    auto const watched = options.watch || (by_itself && !options.no_watch);
    if (options.as_json)
        std::cout << json::serialize(json::object{{"id", *id}}) << std::endl;
    else
        std::cout << (watched ? "measurement " : "") << *id << std::endl;
    if (!watched) return exit_ok;
    watch_plan plan{*id, options.as_json, !wish.interval, std::chrono::seconds(options.patience), {}};
    if (wish.stop_after) plan.runs_for = std::chrono::seconds(*wish.stop_after);
    return watch(api, plan);
}

void add_output(CLI::App& command, measure_options& options)
{
    command.add_flag("--watch", options.watch, "Show results as they come (default for a one-off on a terminal)");
    command.add_flag("--no-watch", options.no_watch, "Print the number and return");
    command.add_option("--wait", options.patience, "Seconds to wait for the answers of a one-off (default 60)");
    command.add_flag("--json", options.as_json, "For machines: one JSON object a line");
}

}  // namespace

void add_measure(CLI::App& root, program& into)
{
    auto* measure = root.add_subcommand("measure", "Create a measurement");
    measure->require_subcommand(0, 1);
    for (auto const& type : measurement_types()) {
        auto* command = measure->add_subcommand(type.name, type.help);
        auto const options = std::make_shared<measure_options>();
        add_wish_options(*command, type, options->wish);
        add_output(*command, *options);
        command->callback([&into, options] { into.chosen = [&into, options] { return create(into.api, *options); }; });
    }
}

}  // namespace tp::cli
