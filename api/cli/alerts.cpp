#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "api/cli/alerts_text.hpp"
#include "api/cli/commands.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

struct alert_options {
    unsigned limit = 50;
    bool as_json = false;
};

int list_alerts(remote& api, alert_options const& options)
{
    auto const answer = api.ask("GET", "alerts/?page_size=" + std::to_string(options.limit));
    if (!answer) return api.code();
    std::cout << (options.as_json ? json::serialize(*answer) + '\n' : alerts_text(*answer));
    return exit_ok;
}

}  // namespace

void add_alerts(CLI::App& root, program& into)
{
    auto const options = std::make_shared<alert_options>();
    auto* list = root.add_subcommand("alerts", "What operators were alerted of, and whom it reached");
    list->add_option("--limit", options->limit, "At most so many (default 50)")->check(CLI::Range(1, 500));
    list->add_flag("--json", options->as_json, "For machines: the API's JSON");
    list->callback([&into, options] { into.chosen = [&into, options] { return list_alerts(into.api, *options); }; });
}

}  // namespace tp::cli
