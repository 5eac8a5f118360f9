#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "firmware-signing/envelope.hpp"
#include "firmware-signing/tool/anchor_file.hpp"
#include "firmware-signing/tool/commands.hpp"
#include "firmware-signing/tool/complaints.hpp"
#include "firmware-signing/tool/shown.hpp"
#include "firmware-signing/tool/times.hpp"

namespace tp::signing::tool {
namespace {

struct wish {
    std::filesystem::path list, output;
    std::uint64_t version = 0;
    unsigned days = 0;  // 0: `expires` says
    std::string expires;
};
constexpr unsigned most_days = 3'650;

int prepare(wish const& wanted)
{
    auto const now = wall_now();
    auto const expires =
        wanted.days == 0
            ? parse_date(wanted.expires)
            : std::optional(wall_time(std::chrono::floor<std::chrono::seconds>(now)) + std::chrono::days(wanted.days));
    if (!expires) {
        complain('"' + wanted.expires + "\" is no date such as 2027-01-31 or 2027-01-31T12:00:00Z");
        return exit_usage;
    }
    auto const text = read_or_complain(wanted.list, largest_anchor_file);
    if (!text) return exit_failed;
    auto list = read_anchor_file(*text, wanted.list.string());
    if (list.complaint) return complain(*list.complaint);
    auto const made = prepare_anchors(std::move(list.anchors), wanted.version, *expires, now);
    if (made.complaint) return complain(*made.complaint);
    if (!write_or_complain(wanted.output, made.octets)) return exit_failed;
    std::cout << document_text(read_envelope(made.octets).value(), now);
    return exit_ok;
}

}  // namespace

void add_anchors(CLI::App& root, program& into)
{
    auto* group = root.add_subcommand("anchors", "The list of machines that agreed to be fetched from by HTTP");
    group->require_subcommand(0, 1);
    auto const wanted = std::make_shared<wish>();
    auto* command = group->add_subcommand("prepare", "Make the document to be signed from a list in TOML, and show it");
    command
        ->add_option("list", wanted->list,
                     "An [[anchor]] for each, with name and addresses; may have ports, country, "
                     "city, company, asn_v4, asn_v6, latitude, longitude, probe")
        ->required();
    command->add_option("--version", wanted->version, "One more than that of the list that is published")
        ->required()
        ->check(CLI::Range(std::uint64_t{1}, highest_version));
    auto* days = command->add_option("--days", wanted->days, "How long it is good from now on");
    days->check(CLI::Range(1U, most_days));
    auto* expires = command->add_option("--expires", wanted->expires,
                                        "Until when it is good (UTC): 2027-01-31, or 2027-01-31T12:00:00Z");
    days->excludes(expires);
    command->add_option("-o,--output", wanted->output, "A new file")->required();
    command->callback([&into, wanted] {
        if (wanted->days == 0 && wanted->expires.empty()) throw CLI::RequiredError("--days or --expires");
        into.chosen = [wanted] { return prepare(*wanted); };
    });
}

}  // namespace tp::signing::tool
