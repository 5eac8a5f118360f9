#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "api/cli/commands.hpp"
#include "api/cli/consent.hpp"
#include "api/cli/json.hpp"
#include "api/cli/listing.hpp"
#include "api/cli/text.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

struct hosting_options {
    unsigned id = 0, days = 7, hours = 24;
    std::string code, accepted;
    bool as_json = false, withdraw = false;
};
using shared_options = std::shared_ptr<hosting_options>;

std::string path_of(hosting_options const& options, std::string const& what)
{
    return "probes/" + std::to_string(options.id) + '/' + what;
}

int enter_code(remote& api, hosting_options const& options, std::string const& path)
{
    auto const agreed = agree(api, options.accepted);
    if (!agreed.given) return agreed.code;
    json::object body{{"code", options.code}};
    if (agreed.version) body["consent"] = *agreed.version;
    auto const answer = api.ask("POST", path, json::serialize(body));
    if (!answer) return api.code();
    auto const* object = answer->if_object();
    if (object == nullptr) return exit_failed;
    std::cout << "probe " << cell_in(*object, "id") << " is yours\n";
    return exit_ok;
}

int claim_device(remote& api, hosting_options const& options)
{
    return enter_code(api, options, "probes/claim/");
}

int take(remote& api, hosting_options const& options)
{
    return enter_code(api, options, "probes/transfers/");
}

int consent(remote& api, hosting_options const& options)
{
    auto const agreed = agree(api, options.accepted);
    if (!agreed.given) return agreed.code;
    if (!agreed.version) {
        std::cout << "there is nothing to be accepted\n";
        return exit_ok;
    }
    auto const body = json::serialize(json::object{{"consent", *agreed.version}});
    if (!api.ask("POST", path_of(options, "consent/"), body)) return api.code();
    std::cout << "version " << *agreed.version << " is accepted for probe " << options.id << '\n';
    return exit_ok;
}

int offer(remote& api, hosting_options const& options)
{
    if (options.withdraw) {
        if (!api.ask("DELETE", path_of(options, "transfer/"))) return api.code();
        std::cout << "the offer of probe " << options.id << " is withdrawn\n";
        return exit_ok;
    }
    auto const body = json::serialize(json::object{{"lifetime", std::uint64_t{options.days} * 86'400}});
    auto const answer = api.ask("POST", path_of(options, "transfer/"), body);
    if (!answer) return api.code();
    auto const* object = answer->if_object();
    if (object == nullptr) return exit_failed;
    std::cout << text_in(*object, "code") << '\n';
    std::cerr << "whoever enters this code within " << count_text(options.days, "day") << " takes probe " << options.id
              << ": trigpoint probe take CODE\n";
    return exit_ok;
}

int lost(remote& api, hosting_options const& options)
{
    return print_list(api, "probes/lost/?hours=" + std::to_string(options.hours),
                      {{"last known", "reason"}, {"silent", "silent"}, {"written off", "written_off"}},
                      options.as_json);
}

CLI::App* command(CLI::App& group, program& into, shared_options const& options, char const* name, char const* what,
                  int (*run)(remote&, hosting_options const&))
{
    auto* out = group.add_subcommand(name, what);
    out->callback([&into, options, run] { into.chosen = [&into, options, run] { return run(into.api, *options); }; });
    return out;
}

}  // namespace

void add_hosting(CLI::App& group, program& into)
{
    auto const options = std::make_shared<hosting_options>();
    auto const with_accept = [&](CLI::App* to) {
        to->add_option("--accept", options->accepted, "The version of the text for hosts that you accept; else asked");
    };
    auto* device =
        command(group, into, options, "claim-device", "Make a device yours by the code of its label", claim_device);
    device->add_option("code", options->code, "On the label")->required();
    with_accept(device);
    auto* agreed = command(group, into, options, "consent", "Read and accept the present text for hosts", consent);
    agreed->add_option("probe", options->id, "Its number")->required();
    with_accept(agreed);
    auto* hand_over = command(group, into, options, "offer", "Print a code with which another host takes it", offer);
    hand_over->add_option("probe", options->id, "Its number")->required();
    hand_over->add_option("--days", options->days, "How long the code is good (default 7)")->check(CLI::Range(1, 30));
    hand_over->add_flag("--withdraw", options->withdraw, "Not any more");
    auto* next = command(group, into, options, "take", "Take a probe that its host offers, by the code", take);
    next->add_option("code", options->code, "That its host gave you")->required();
    with_accept(next);
    auto* gone = command(group, into, options, "lost", "How many are gone, by what was known last (operators)", lost);
    gone->add_option("--hours", options->hours, "Not heard for so long (default 24)")->check(CLI::Range(1, 8'784));
    gone->add_flag("--json", options->as_json, "For machines: the API's JSON");
}

}  // namespace tp::cli
