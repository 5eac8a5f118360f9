#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "api/cli/commands.hpp"
#include "api/cli/json.hpp"
#include "api/cli/listing.hpp"
#include "api/cli/table.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

struct abuse_options {
    unsigned id = 0, limit = 50;
    std::string decision, reason;
    bool all = false, as_json = false;
};

int list_cases(remote& api, abuse_options const& options)
{
    return print_list(api, "abuse/?page_size=" + std::to_string(options.limit) + (options.all ? "" : "&undecided=true"),
                      {{"case", "id"},
                       {"opened (UTC)", "opened_at"},
                       {"target", "target"},
                       {"state", "state"},
                       {"proved by", "proved_by"},
                       {"measurements", "measurements"},
                       {"contact", "contact"}},
                      options.as_json);
}

int decide(remote& api, abuse_options const& options)
{
    json::object const body{{"decision", options.decision}, {"reason", options.reason}};
    auto const answer = api.ask("POST", "abuse/" + std::to_string(options.id) + "/decision/", json::serialize(body));
    if (!answer) return api.code();
    auto const* object = answer->if_object();
    if (object == nullptr) return exit_failed;
    std::cout << "case " << options.id << ", " << printable(text_in(*object, "target")) << ": "
              << printable(text_in(*object, "state")) << '\n';
    return exit_ok;
}

}  // namespace

void add_abuse(CLI::App& root, program& into)
{
    auto const options = std::make_shared<abuse_options>();
    auto* group = root.add_subcommand("abuse", "Who asked not to be measured");
    group->require_subcommand(0, 1);
    constexpr auto json_help = "For machines: the API's JSON";

    auto* list = group->add_subcommand("list", "Cases that wait for a decision");
    list->add_flag("--all", options->all, "Decided ones, too");
    list->add_option("--limit", options->limit, "At most so many (default 50)")->check(CLI::Range(1, 500));
    list->add_flag("--json", options->as_json, json_help);
    list->callback([&into, options] { into.chosen = [&into, options] { return list_cases(into.api, *options); }; });

    auto* show = group->add_subcommand("show", "One case, with what was said");
    show->add_option("case", options->id, "Its number")->required();
    show->add_flag("--json", options->as_json, json_help);
    show->callback([&into, options] {
        into.chosen = [&into, options] {
            return print_object(into.api, "abuse/" + std::to_string(options->id) + '/', options->as_json);
        };
    });

    auto* verdict = group->add_subcommand("decide", "Keep a target blocked, or let it be measured");
    verdict->add_option("case", options->id, "Its number")->required();
    verdict->add_option("decision", options->decision, "keep-blocked or reopen")
        ->required()
        ->check(CLI::IsMember({"keep-blocked", "reopen"}));
    verdict->add_option("--reason", options->reason, "Why; whoever asked reads it")->required();
    verdict->callback([&into, options] { into.chosen = [&into, options] { return decide(into.api, *options); }; });
}

}  // namespace tp::cli
