#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "api/cli/commands.hpp"
#include "api/cli/json.hpp"
#include "api/cli/listing.hpp"

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

}  // namespace

void add_platform(CLI::App& root, program& into)
{
    auto const as_json = std::make_shared<bool>(false);
    auto* all = root.add_subcommand("status", "Is the platform there, and what is it doing?");
    all->add_flag("--json", *as_json, "For machines");
    all->callback([&into, as_json] { into.chosen = [&into, as_json] { return status(into.api, *as_json); }; });

    auto* group = root.add_subcommand("controller", "The controllers that hold the probes' sessions");
    group->require_subcommand(0, 1);
    auto* list = group->add_subcommand("list", "All of them");
    list->add_flag("--json", *as_json, "For machines: the API's JSON");
    list->callback([&into, as_json] {
        into.chosen = [&into, as_json] {
            return print_list(into.api, "controllers/",
                              {{"id", "id"},
                               {"name", "name"},
                               {"addresses", "addresses"},
                               {"sessions", "sessions"},
                               {"placed", "placed"},
                               {"capacity", "capacity"},
                               {"heard (s ago)", "heartbeat_age"}},
                              *as_json);
        };
    });
}

}  // namespace tp::cli
