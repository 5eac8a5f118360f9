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
#include "base/time.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t largest_document = 1024 * 1024;  // octets; what the API takes
constexpr auto documents = "anchors/documents/";

struct anchor_options {
    std::filesystem::path file;
    std::string country, search;
    unsigned limit = 50;
    bool as_json = false;
};
using shared_options = std::shared_ptr<anchor_options>;

/// "version 7, good until 2027-01-31 00:00:00 UTC"
std::string document_text(json::object const& document)
{
    auto const version = integer_in(document, "version").value_or(0),
               expires = integer_in(document, "expires").value_or(0);
    bool const over = expires <= to_unix_seconds(wall_now());
    return "version " + std::to_string(version) + (over ? ", EXPIRED at " : ", good until ") + time_text(expires) +
           " UTC";
}

int publish(remote& api, anchor_options const& options)
{
    auto const octets = read_file(options.file, largest_document);
    if (!octets) {
        std::cerr << "trigpoint: " << options.file.string() << ": " << octets.error().message() << '\n';
        return exit_failed;
    }
    auto const answer = api.ask("POST", documents, *octets, "application/octet-stream");
    if (!answer) return api.code();
    auto const* object = answer->if_object();
    if (options.as_json || object == nullptr) {
        std::cout << json::serialize(*answer) << '\n';
        return exit_ok;
    }
    auto const count = integer_in(*object, "anchors").value_or(0);
    std::cout << "published: " << document_text(*object) << ", "
              << count_text(static_cast<std::size_t>(count), "anchor") << '\n';
    return exit_ok;
}

/// A line about the list that is published; nothing if there is none.
int print_published(remote& api)
{
    auto const answer = api.ask("GET", documents);
    if (!answer) return api.code();
    auto const* object = answer->if_object();
    auto const* rows = object == nullptr ? nullptr : list_in(*object, "results");
    auto const* newest = rows == nullptr || rows->empty() ? nullptr : rows->front().if_object();
    if (newest == nullptr)
        std::cout << "(no list is published)\n";
    else
        std::cout << "(" << document_text(*newest) << ")\n";
    return exit_ok;
}

int list(remote& api, anchor_options const& options)
{
    auto path = "anchors/?page_size=" + std::to_string(options.limit);
    if (!options.country.empty()) path += "&country=" + query_escape(options.country);
    if (!options.search.empty()) path += "&search=" + query_escape(options.search);
    auto const code = print_list(api, path,
                                 {{"id", "id"},
                                  {"name", "fqdn"},
                                  {"addresses", "addresses"},
                                  {"ports", "ports"},
                                  {"country", "country"},
                                  {"city", "city"},
                                  {"company", "company"},
                                  {"AS (v4)", "as_v4"},
                                  {"AS (v6)", "as_v6"},
                                  {"probe", "probe"}},
                                 options.as_json);
    return code != exit_ok || options.as_json ? code : print_published(api);
}

CLI::App* command(CLI::App& group, program& into, shared_options const& options, char const* name, char const* what,
                  int (*run)(remote&, anchor_options const&))
{
    auto* out = group.add_subcommand(name, what);
    out->callback([&into, options, run] { into.chosen = [&into, options, run] { return run(into.api, *options); }; });
    out->add_flag("--json", options->as_json, "For machines: the API's JSON");
    return out;
}

}  // namespace

void add_anchors(CLI::App& root, program& into)
{
    auto* group = root.add_subcommand("anchors", "Machines that agreed to be fetched from by HTTP");
    group->require_subcommand(0, 1);
    auto const options = std::make_shared<anchor_options>();

    auto* all = command(*group, into, options, "list", "Those on the list that is published", list);
    all->add_option("--country", options->country, "Only in this country (two letters)");
    all->add_option("--search", options->search, "Only with this in their name, city or company");
    all->add_option("--limit", options->limit, "At most so many (default 50)")->check(CLI::Range(1, 500));

    auto* fresh = command(*group, into, options, "publish", "Publish a list that `trigpoint-sign` made", publish);
    fresh->add_option("file", options->file, "The signed document")->required();
}

}  // namespace tp::cli
