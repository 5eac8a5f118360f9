#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "api/cli/commands.hpp"
#include "api/cli/consent.hpp"
#include "api/cli/json.hpp"
#include "api/cli/listing.hpp"
#include "api/cli/probe_tags.hpp"
#include "api/cli/text.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

struct probe_options {
    unsigned id = 0, asn = 0, limit = 50, lifetime = 24 * 3'600;  // seconds
    std::string country, status, trust, key, description, accepted;
    std::vector<std::string> add, remove;  // tags
    bool mine = false, as_json = false;
};
using shared_options = std::shared_ptr<probe_options>;

std::string list_path(probe_options const& options)
{
    auto path = std::string("probes/") + (options.mine ? "my/" : "") + "?page_size=" + std::to_string(options.limit);
    if (!options.country.empty()) path += "&country_code=" + query_escape(options.country);
    if (!options.status.empty()) path += "&status_name=" + query_escape(options.status);
    if (!options.trust.empty()) path += "&trust=" + query_escape(options.trust);
    if (options.asn != 0) path += "&asn=" + std::to_string(options.asn);
    return path;
}

/// Prints a field of the answer alone, or the answer as JSON.
int print_field(json::value const& answer, std::string_view field, bool as_json)
{
    auto const* object = answer.if_object();
    auto const text = object == nullptr ? std::string() : cell_in(*object, field);
    if (text.empty()) {
        std::cerr << "trigpoint: the API's answer has no \"" << field << "\"\n";
        return exit_failed;
    }
    std::cout << (as_json ? json::serialize(answer) : text) << '\n';
    return exit_ok;
}

int add(remote& api, probe_options const& options)
{
    auto const agreed = agree(api, options.accepted);
    if (!agreed.given) return agreed.code;
    json::object body{{"public_key", options.key}, {"description", options.description}};
    if (agreed.version) body["consent"] = *agreed.version;
    auto const answer = api.ask("POST", "probes/", json::serialize(body));
    return answer ? print_field(*answer, "id", options.as_json) : api.code();
}

int claim(remote& api, probe_options const& options)
{
    auto const agreed = agree(api, options.accepted);
    if (!agreed.given) return agreed.code;
    json::object body{{"lifetime", options.lifetime}};
    if (agreed.version) body["consent"] = *agreed.version;
    auto const answer = api.ask("POST", "probes/claim-codes/", json::serialize(body));
    return answer ? print_field(*answer, "code", options.as_json) : api.code();
}

int list(remote& api, probe_options const& options)
{
    return print_list(api, list_path(options),
                      {{"id", "id"},
                       {"status", "status.name"},
                       {"country", "country_code"},
                       {"AS (v4)", "asn_v4"},
                       {"AS (v6)", "asn_v6"},
                       {"IPv4", "address_v4"},
                       {"IPv6", "address_v6"},
                       {"description", "description"}},
                      options.as_json);
}

int show(remote& api, probe_options const& options)
{
    return print_object(api, "probes/" + std::to_string(options.id) + '/', options.as_json);
}

int tag(remote& api, probe_options const& options)
{
    auto const path = "probes/" + std::to_string(options.id) + '/';
    auto shown = api.ask("GET", path + "?fields=tags");
    if (!shown) return api.code();
    if (!options.add.empty() || !options.remove.empty()) {
        auto const body = json::serialize(json::object{{"tags", tags_after(*shown, options.add, options.remove)}});
        shown = api.ask("PATCH", path + "?fields=tags", body);
        if (!shown) return api.code();
    }
    for (auto const& each : tags_after(*shown, {}, {})) std::cout << each.get_string() << '\n';
    return exit_ok;
}

CLI::App* command(CLI::App& group, program& into, shared_options const& options, char const* name, char const* what,
                  int (*run)(remote&, probe_options const&))
{
    auto* out = group.add_subcommand(name, what);
    out->callback([&into, options, run] { into.chosen = [&into, options, run] { return run(into.api, *options); }; });
    return out;
}

}  // namespace

void add_probes(CLI::App& root, program& into)
{
    auto* group = root.add_subcommand("probe", "List probes, add them, say whom to trust");
    group->require_subcommand(0, 1);
    auto const options = std::make_shared<probe_options>();
    constexpr auto json_help = "For machines: the API's JSON";

    auto* all = command(*group, into, options, "list", "Probes that you may see", list);
    all->add_flag("--mine", options->mine, "Only yours");
    all->add_option("--country", options->country, "Only in this country (two letters)");
    all->add_option("--asn", options->asn, "Only in this autonomous system");
    all->add_option("--status", options->status, "Only with this status: Connected, Disconnected, ...");
    all->add_option("--trust", options->trust, "Only in this state: isolated, pending, ... (operators, or --mine)");
    all->add_option("--limit", options->limit, "At most so many (default 50)")->check(CLI::Range(1, 500));
    all->add_flag("--json", options->as_json, json_help);

    auto* one = command(*group, into, options, "show", "One probe", show);
    one->add_option("probe", options->id, "Its number")->required();
    one->add_flag("--json", options->as_json, json_help);

    auto* fresh = command(*group, into, options, "add", "Make a probe known by its public key; prints its number", add);
    fresh->add_option("--key", options->key, "\"ssh-ed25519 AAAA...\", as `trigpoint-probe key` prints it")->required();
    fresh->add_option("--description", options->description, "Shown in lists");
    fresh->add_flag("--json", options->as_json, json_help);

    auto* tags =
        command(*group, into, options, "tag", "Give a probe tags, or take some away; prints those it has", tag);
    tags->add_option("probe", options->id, "Its number")->required();
    tags->add_option("--add", options->add, "A tag of a-z, 0-9, '-', '_'; lab is the operators' (may be repeated)");
    tags->add_option("--remove", options->remove, "Likewise");

    auto* code = command(*group, into, options, "claim", "Print a claim code, with which a new probe joins", claim);
    code->add_option("--lifetime", options->lifetime, "Seconds for which it is good (default a day)");
    code->add_flag("--json", options->as_json, json_help);
    for (auto* each : {fresh, code})
        each->add_option("--accept", options->accepted,
                         "The version of the text for hosts that you accept; else asked");
    add_trust(*group, into);
    add_hosting(*group, into);
}

}  // namespace tp::cli
