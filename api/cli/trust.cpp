#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "api/cli/commands.hpp"
#include "api/cli/json.hpp"
#include "api/cli/listing.hpp"
#include "api/cli/text.hpp"
#include "api/cli/trust_text.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

struct trust_options {
    unsigned id = 0, limit = 50;
    std::string reason;
    bool as_json = false, watched = false, lost = false;
};
using shared_options = std::shared_ptr<trust_options>;

std::string path_of(trust_options const& options, std::string const& what)
{
    return "probes/" + std::to_string(options.id) + '/' + what;
}

int explain_probe(remote& api, trust_options const& options)
{
    auto const answer = api.ask("GET", path_of(options, "explain/"));
    if (!answer) return api.code();
    std::cout << (options.as_json ? json::serialize(*answer) + '\n' : explanation_text(*answer));
    return exit_ok;
}

int connections(remote& api, trust_options const& options)
{
    return print_list(api, path_of(options, "connections/?page_size=" + std::to_string(options.limit)),
                      {{"connected (UTC)", "connected_at"},
                       {"until (UTC)", "disconnected_at"},
                       {"controller", "controller"},
                       {"address", "address"},
                       {"AS", "asn"},
                       {"because", "reason"}},
                      options.as_json);
}

int ask_for(remote& api, trust_options const& options, std::string_view state)
{
    json::object const body{{"to", state}, {"reason", options.reason}};
    auto const answer = api.ask("POST", path_of(options, "trust/"), json::serialize(body));
    if (!answer) return api.code();
    auto const* object = answer->if_object();
    if (object == nullptr) return exit_failed;
    auto const* changed = object->if_contains("changed");
    bool const was_so = changed != nullptr && changed->is_bool() && !changed->get_bool();
    std::cout << "probe " << options.id << " is " << text_in(*object, "to")
              << (was_so ? ", as before" : " (was " + text_in(*object, "from") + ')') << '\n';
    return exit_ok;
}

int isolate(remote& api, trust_options const& options)
{
    return ask_for(api, options, "isolated");
}

int release(remote& api, trust_options const& options)
{
    return ask_for(api, options, options.watched ? "probation" : "active");
}

int revoke(remote& api, trust_options const& options)
{
    return ask_for(api, options, "revoked");
}

int retire(remote& api, trust_options const& options)
{
    return ask_for(api, options, options.lost ? "written_off" : "retired");
}

int reinstate(remote& api, trust_options const& options)
{
    return ask_for(api, options, "pending");
}

int rotate_key(remote& api, trust_options const& options)
{
    auto const answer = api.ask("POST", path_of(options, "key-rotation/"));
    if (!answer) return api.code();
    std::cout << "probe " << options.id << " is asked for a new key, now or in its next session\n";
    return exit_ok;
}

CLI::App* command(CLI::App& group, program& into, shared_options const& options, char const* name, char const* what,
                  int (*run)(remote&, trust_options const&))
{
    auto* out = group.add_subcommand(name, what);
    out->add_option("probe", options->id, "Its number")->required();
    out->callback([&into, options, run] { into.chosen = [&into, options, run] { return run(into.api, *options); }; });
    return out;
}

}  // namespace

void add_trust(CLI::App& group, program& into)
{
    auto const options = std::make_shared<trust_options>();
    constexpr auto json_help = "For machines: the API's JSON";
    auto* page = command(group, into, options, "explain", "Is it trusted, and why (not)", explain_probe);
    page->add_flag("--json", options->as_json, json_help);
    auto* log = command(group, into, options, "connections", "When it was connected, and from where", connections);
    log->add_option("--limit", options->limit, "At most so many (default 50)")->check(CLI::Range(1, 500));
    log->add_flag("--json", options->as_json, json_help);

    command(group, into, options, "rotate-key", "Let it change its key: it goes on with the old one until then",
            rotate_key);

    auto const decide = [&](char const* name, char const* what, int (*run)(remote&, trust_options const&)) {
        auto* out = command(group, into, options, name, what, run);
        out->add_option("--reason", options->reason, "Why; its host reads it")->required();
        return out;
    };
    decide("isolate", "Take its measurements away, and keep its results apart", isolate);
    decide("release", "Let it measure: out of isolation, or a new one in", release)
        ->add_flag("--watched", options->watched, "On probation");
    decide("revoke", "Shut it out for good", revoke);
    decide("retire", "Take it out of service", retire)->add_flag("--lost", options->lost, "It is lost or broken");
    decide("reinstate", "Let a retired one come back", reinstate);
}

}  // namespace tp::cli
