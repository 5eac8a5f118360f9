#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <memory>
#include <thread>

#include "api/cli/commands.hpp"
#include "api/cli/json.hpp"
#include "api/cli/listing.hpp"
#include "api/cli/rollout_text.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

constexpr auto path = "firmware/rollouts/";
constexpr std::chrono::seconds between_looks{1};

struct rollout_options {
    unsigned id = 0;
    std::vector<std::string> targets;
    std::string mode = "lazy", waves, lab, reason;
    std::int64_t soak = 0, back_within = 0, deadline = 0;  // seconds; 0: as usual
    bool as_json = false, follow = false;
};
using shared_options = std::shared_ptr<rollout_options>;

std::string path_of(rollout_options const& options, std::string const& what = {})
{
    return path + std::to_string(options.id) + '/' + what;
}

int tell(remote& api, std::optional<json::value> const& answer, bool as_json)
{
    if (!answer) return api.code();
    std::cout << (as_json ? json::serialize(*answer) + '\n' : rollout_text(*answer));
    return exit_ok;
}

int create(remote& api, rollout_options const& options)
{
    json::object body{{"mode", options.mode},
                      {"targets", json::array(options.targets.begin(), options.targets.end())},
                      {"reason", options.reason}};
    if (!options.waves.empty()) body["waves"] = options.waves;
    if (!options.lab.empty()) body["lab"] = options.lab;
    if (options.soak > 0) body["soak"] = options.soak;
    if (options.back_within > 0) body["back_within"] = options.back_within;
    if (options.deadline > 0) body["deadline"] = options.deadline;
    return tell(api, api.ask("POST", path, json::serialize(body)), options.as_json);
}

int list(remote& api, rollout_options const& options)
{
    return print_list(api, path,
                      {{"id", "id"},
                       {"mode", "mode"},
                       {"phase", "phase"},
                       {"wave", "wave"},
                       {"waves", "waves"},
                       {"releases", "releases"},
                       {"reason", "reason"},
                       {"because", "because"}},
                      options.as_json);
}

/// A line whenever something has changed, until nothing more happens by itself.
int follow(remote& api, rollout_options const& options)
{
    std::string shown;
    for (;;) {
        auto const answer = api.ask("GET", path_of(options));
        if (!answer) return api.code();
        auto line = options.as_json ? json::serialize(*answer) : rollout_line(*answer);
        if (line != shown) std::cout << line << std::endl;
        shown = std::move(line);
        if (rollout_rests(*answer)) return exit_ok;
        std::this_thread::sleep_for(between_looks);
    }
}

int show(remote& api, rollout_options const& options)
{
    if (options.follow) return follow(api, options);
    return tell(api, api.ask("GET", path_of(options)), options.as_json);
}

int say(remote& api, rollout_options const& options, std::string const& what)
{
    json::object const body{{"reason", options.reason}};
    auto const answer = api.ask("POST", path_of(options, what + '/'), json::serialize(body));
    if (!answer) return api.code();
    std::cout << "rollout " << options.id << ": " << rollout_line(*answer) << '\n';
    return exit_ok;
}

int approve(remote& api, rollout_options const& options)
{
    return say(api, options, "approve");
}

int pause(remote& api, rollout_options const& options)
{
    return say(api, options, "pause");
}

int resume(remote& api, rollout_options const& options)
{
    return say(api, options, "resume");
}

int halt(remote& api, rollout_options const& options)
{
    return say(api, options, "halt");
}

CLI::App* command(CLI::App& group, program& into, shared_options const& options, char const* name, char const* what,
                  int (*run)(remote&, rollout_options const&))
{
    auto* out = group.add_subcommand(name, what);
    out->callback([&into, options, run] { into.chosen = [&into, options, run] { return run(into.api, *options); }; });
    return out;
}

void add_create(CLI::App& group, program& into, shared_options const& options)
{
    auto* out = command(group, into, options, "create", "Make one; it begins when it is approved", create);
    out->add_option("target", options->targets, "Paths in the signed repository, one a model")->required();
    auto const forced = [options](std::int64_t) { options->mode = "forced"; };
    out->add_flag("--forced", forced,
                  "At once, in expedited waves; two persons have to approve it, as all that is looser than usual");
    out->add_option("--waves", options->waves, "Other than lab,1%,5%,25%,100% (forced: lab,1%,100%)");
    out->add_option("--lab", options->lab, "Probes with this tag are the lab (default lab; others begin with lab-)");
    out->add_option("--soak", options->soak, "Seconds from a wave's success to the next one");
    out->add_option("--back-within", options->back_within, "Seconds in which a probe that began has to be back");
    out->add_option("--deadline", options->deadline, "Seconds after which it does not wait for the host's hours");
    out->add_option("--reason", options->reason, "Why; approvers read it")->required();
    out->add_flag("--json", options->as_json, "For machines: the API's JSON");
}

}  // namespace

void add_rollouts(CLI::App& root, program& into)
{
    auto* group = root.add_subcommand("rollout", "Releases on their way to the probes, wave by wave");
    group->require_subcommand(0, 1);
    auto const options = std::make_shared<rollout_options>();
    add_create(*group, into, options);
    command(*group, into, options, "list", "All of them", list)
        ->add_flag("--json", options->as_json, "For machines: the API's JSON");
    auto const named = [&](char const* name, char const* what, int (*run)(remote&, rollout_options const&)) {
        auto* out = command(*group, into, options, name, what, run);
        out->add_option("rollout", options->id, "Its number")->required();
        return out;
    };
    auto* page = named("show", "How far it is, who failed, and what happened", show);
    page->add_flag("--follow", options->follow, "A line at each change, until it is complete or halted");
    page->add_flag("--json", options->as_json, "For machines: the API's JSON");
    named("approve", "Let it begin, as one of those who have to", approve);
    auto const why = [&](CLI::App* to) { to->add_option("--reason", options->reason, "Why")->required(); };
    why(named("pause", "Tell nobody else for now; who was told goes on", pause));
    named("resume", "Go on", resume);
    why(named("halt", "End it for good, and take back what has not been installed", halt));
}

}  // namespace tp::cli
