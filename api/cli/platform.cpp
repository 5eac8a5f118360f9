#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "api/cli/commands.hpp"
#include "api/cli/json.hpp"
#include "api/cli/listing.hpp"
#include "api/cli/rehearsal_text.hpp"
#include "api/cli/table.hpp"
#include "api/cli/text.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

/// The "count" of a list; none after a failure that has been told.
std::optional<std::int64_t> count_of(remote& api, std::string const& path)
{
    auto const answer = api.ask("GET", path);
    if (!answer) return std::nullopt;
    auto const* object = answer->if_object();
    return object == nullptr ? 0 : integer_in(*object, "count").value_or(0);
}

int status(remote& api, bool as_json)
{
    json::object out;
    struct question {
        char const *name, *path, *text;
    };
    for (auto const& [name, path, text] : {
             question{"probes_connected", "probes/?status=1&page_size=1&fields=id", "probes connected"},
             question{"probes", "probes/?page_size=1&fields=id", "probes known"},
             question{"measurements_ongoing", "measurements/?status=2&page_size=1&fields=id", "measurements ongoing"},
             question{"measurements", "measurements/?page_size=1&fields=id", "measurements in all"},
         }) {
        auto const count = count_of(api, path);
        if (!count) return api.code();
        out[name] = *count;
        if (!as_json) std::cout << *count << ' ' << text << '\n';
    }
    if (as_json) std::cout << json::serialize(out) << '\n';
    return exit_ok;
}

struct controller_options {
    std::string name, reason;
    bool domain = false, as_json = false;
};
using shared_options = std::shared_ptr<controller_options>;

int list_controllers(remote& api, controller_options const& options)
{
    return print_list(api, "controllers/",
                      {{"id", "id"},
                       {"name", "name"},
                       {"addresses", "addresses"},
                       {"region", "region"},
                       {"domain", "failure_domain"},
                       {"sessions", "sessions"},
                       {"placed", "placed"},
                       {"standby", "standby"},
                       {"capacity", "capacity"},
                       {"heard (s ago)", "heartbeat_age"},
                       {"drained because", "drained_because"}},
                      options.as_json);
}

int change(remote& api, controller_options const& options, json::object const& body)
{
    auto const answer = api.ask("PATCH", "controllers/" + query_escape(options.name) + '/', json::serialize(body));
    if (!answer) return api.code();
    auto const* object = answer->if_object();
    if (object == nullptr) return exit_failed;
    std::cout << printable(options.name) << " has " << integer_in(*object, "sessions").value_or(0) << " sessions and "
              << integer_in(*object, "placed").value_or(0) << " probes\n";
    return exit_ok;
}

int drain(remote& api, controller_options const& options)
{
    return change(api, options, {{"drained", true}, {"reason", options.reason}});
}

int resume(remote& api, controller_options const& options)
{
    return change(api, options, {{"drained", false}});
}

int rehearse(remote& api, controller_options const& options)
{
    auto const path =
        "controllers/" + query_escape(options.name) + "/rehearsal/" + (options.domain ? "?domain=true" : "");
    auto const answer = api.ask("GET", path);
    if (!answer) return api.code();
    std::cout << (options.as_json ? json::serialize(*answer) + '\n' : rehearsal_text(*answer));
    return exit_ok;
}

CLI::App* controller_command(CLI::App& group, program& into, shared_options const& options, char const* name,
                             char const* what, int (*run)(remote&, controller_options const&))
{
    auto* out = group.add_subcommand(name, what);
    out->callback([&into, options, run] { into.chosen = [&into, options, run] { return run(into.api, *options); }; });
    return out;
}

void add_controllers(CLI::App& root, program& into)
{
    auto* group = root.add_subcommand("controller", "The controllers that hold the probes' sessions");
    group->require_subcommand(0, 1);
    auto const options = std::make_shared<controller_options>();
    constexpr auto json_help = "For machines: the API's JSON";
    controller_command(*group, into, options, "list", "All of them", list_controllers)
        ->add_flag("--json", options->as_json, json_help);
    auto const named = [&](char const* name, char const* what, int (*run)(remote&, controller_options const&)) {
        auto* out = controller_command(*group, into, options, name, what, run);
        out->add_option("name", options->name, "Its name")->required();
        return out;
    };
    named("drain", "Move its probes to others, some at a time, and give it none", drain)
        ->add_option("--reason", options->reason, "Why; operators read it")
        ->required();
    named("resume", "Give it probes again", resume);
    auto* play = named("rehearse", "What losing it would do", rehearse);
    play->add_flag("--domain", options->domain, "With all of its failure domain");
    play->add_flag("--json", options->as_json, json_help);
}

}  // namespace

void add_platform(CLI::App& root, program& into)
{
    auto const as_json = std::make_shared<bool>(false);
    auto* all = root.add_subcommand("status", "Is the platform there, and what is it doing?");
    all->add_flag("--json", *as_json, "For machines");
    all->callback([&into, as_json] { into.chosen = [&into, as_json] { return status(into.api, *as_json); }; });
    add_controllers(root, into);
}

}  // namespace tp::cli
