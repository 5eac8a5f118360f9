#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "api/cli/commands.hpp"
#include "api/cli/json.hpp"
#include "api/cli/listing.hpp"
#include "api/cli/text.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

struct key_options {
    std::string uuid, label;
    std::vector<std::string> scopes;
    bool as_json = false;
};

int create(remote& api, key_options const& options)
{
    json::array grants;
    for (auto const& each : options.scopes) grants.push_back(json::object{{"permission", each}});
    if (grants.empty()) grants.push_back(json::object{{"permission", "*"}});
    json::object const body{{"label", options.label}, {"grants", std::move(grants)}};
    auto const answer = api.ask("POST", "keys/", json::serialize(body));
    if (!answer) return api.code();
    if (options.as_json) {
        std::cout << json::serialize(*answer) << '\n';
        return exit_ok;
    }
    auto const* object = answer->if_object();
    if (object == nullptr) return exit_failed;
    auto const key = text_in(*object, "key"), name = text_in(*object, "id");
    std::cout << (key.empty() ? text_in(*object, "uuid") : key) << '\n';
    std::cerr << "(shown only this once";
    if (!name.empty()) std::cerr << "; its public name is " << name;
    std::cerr << ")\n";
    return exit_ok;
}

int disable(remote& api, key_options const& options)
{
    if (!api.ask("DELETE", "keys/" + query_escape(options.uuid) + '/')) return api.code();
    std::cout << "key " << options.uuid << " is disabled\n";
    return exit_ok;
}

}  // namespace

void add_keys(CLI::App& root, program& into)
{
    auto* group = root.add_subcommand("key", "Make, list and disable your API keys");
    group->require_subcommand(0, 1);
    auto const options = std::make_shared<key_options>();

    auto* fresh = group->add_subcommand("create", "Make a key, and print it once");
    fresh->add_option("--label", options->label, "What it is for");
    fresh->add_option("--scopes", options->scopes, "What it may do (default: all that you may), with commas")
        ->delimiter(',');
    fresh->add_flag("--json", options->as_json, "For machines: the API's JSON");
    fresh->callback([&into, options] { into.chosen = [&into, options] { return create(into.api, *options); }; });

    auto* all = group->add_subcommand("list", "Your keys; the keys themselves are not shown");
    all->add_flag("--json", options->as_json, "For machines: the API's JSON");
    all->callback([&into, options] {
        into.chosen = [&into, options] {
            return print_list(into.api, "keys/",
                              {{"name", "uuid"},
                               {"label", "label"},
                               {"enabled", "enabled"},
                               {"made (UTC)", "created_at"},
                               {"good until (UTC)", "valid_to"},
                               {"may", "grants"}},
                              options->as_json);
        };
    });

    auto* end = group->add_subcommand("disable", "Disable a key for good");
    end->add_option("name", options->uuid, "Its public name, as in the list")->required();
    end->callback([&into, options] { into.chosen = [&into, options] { return disable(into.api, *options); }; });
}

}  // namespace tp::cli
