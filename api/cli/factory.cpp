#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "api/cli/commands.hpp"
#include "api/cli/json.hpp"
#include "api/cli/listing.hpp"
#include "api/cli/text.hpp"
#include "base/files.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t largest_document = 1024 * 1024;  // octets; what the API takes

struct factory_options {
    std::filesystem::path file;
    std::string batch, reason;
    bool all = false, as_json = false;
};
using shared_options = std::shared_ptr<factory_options>;

int list(remote& api, factory_options const& options)
{
    return print_list(api, "factory-lists/",
                      {{"batch", "batch"},
                       {"version", "version"},
                       {"imported (UTC)", "imported_at"},
                       {"devices", "devices"},
                       {"claimed", "claimed"},
                       {"frozen", "frozen"},
                       {"because", "frozen_because"}},
                      options.as_json);
}

int import(remote& api, factory_options const& options)
{
    auto const octets = read_file(options.file, largest_document);
    if (!octets) {
        std::cerr << "trigpoint: " << options.file.string() << ": " << octets.error().message() << '\n';
        return exit_failed;
    }
    auto const answer = api.ask("POST", "factory-lists/", *octets, "application/octet-stream");
    if (!answer) return api.code();
    auto const* object = answer->if_object();
    if (object == nullptr) return exit_failed;
    std::cout << "imported: batch " << cell_in(*object, "batch") << ", version " << cell_in(*object, "version") << ", "
              << count_text(static_cast<std::size_t>(integer_in(*object, "devices").value_or(0)), "device") << ", "
              << cell_in(*object, "added") << " of them new\n";
    return exit_ok;
}

int change(remote& api, factory_options const& options, char const* frozen)
{
    json::object body{{"frozen", frozen}};
    if (!options.reason.empty()) body["reason"] = options.reason;
    if (!api.ask("PATCH", "factory-lists/" + query_escape(options.batch) + '/', json::serialize(body)))
        return api.code();
    std::cout << "batch " << options.batch << ": frozen: " << frozen << '\n';
    return exit_ok;
}

int freeze(remote& api, factory_options const& options)
{
    return change(api, options, options.all ? "all" : "unclaimed");
}

int thaw(remote& api, factory_options const& options)
{
    return change(api, options, "no");
}

CLI::App* command(CLI::App& group, program& into, shared_options const& options, char const* name, char const* what,
                  int (*run)(remote&, factory_options const&))
{
    auto* out = group.add_subcommand(name, what);
    out->callback([&into, options, run] { into.chosen = [&into, options, run] { return run(into.api, *options); }; });
    return out;
}

}  // namespace

void add_factory(CLI::App& root, program& into)
{
    auto* group = root.add_subcommand("factory", "Devices that were made and tested, by signed lists (operators)");
    group->require_subcommand(0, 1);
    auto const options = std::make_shared<factory_options>();
    command(*group, into, options, "list", "Batches, and how many of their devices have a host", list)
        ->add_flag("--json", options->as_json, "For machines: the API's JSON");
    command(*group, into, options, "import", "Import a list that `trigpoint-sign` made", import)
        ->add_option("file", options->file, "The signed document")
        ->required();
    auto* stop = command(*group, into, options, "freeze", "Let nobody claim a device of this batch", freeze);
    stop->add_option("batch", options->batch, "Its name")->required();
    stop->add_option("--reason", options->reason, "Why; hosts are told")->required();
    stop->add_flag("--all", options->all, "And end the sessions of those that were claimed");
    command(*group, into, options, "thaw", "Let all go on", thaw)
        ->add_option("batch", options->batch, "Its name")
        ->required();
}

}  // namespace tp::cli
