#include "api/cli/measure/options.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <map>

namespace tp::cli {
namespace {

namespace json = boost::json;

/// Sets a field of the definition; the target is the wish's own.
void set(measure_wish& wish, std::string const& key, json::value value)
{
    if (key == "target")
        wish.target = value.as_string().c_str();
    else
        wish.options[key] = std::move(value);
}

CLI::Option* add_text(CLI::App& command, type_option const& what, measure_wish& wish)
{
    return command.add_option_function<std::string>(
        what.flag, [&wish, key = what.key](std::string const& text) { set(wish, key, json::string(text)); }, what.help);
}

CLI::Option* add_type_option(CLI::App& command, type_option const& what, measure_wish& wish)
{
    switch (what.takes) {
        case type_option::kind::number:
            return command.add_option_function<std::uint32_t>(
                what.flag, [&wish, key = what.key](std::uint32_t number) { set(wish, key, number); }, what.help);
        case type_option::kind::flag:
            return command.add_flag_callback(
                what.flag, [&wish, key = what.key, value = what.values] { set(wish, key, json::parse(value)); },
                what.help);
        case type_option::kind::choice:
            return add_text(command, what, wish)
                ->transform(CLI::IsMember(CLI::detail::split(what.values, ','), CLI::ignore_case));
        case type_option::kind::text:
            break;
    }
    return add_text(command, what, wish);
}

void add_sources(CLI::App& command, measure_wish& wish)
{
    command.add_option("--probes", wish.probes, "How many probes (default 5, or all that are named)");
    command.add_option("--probe-ids", wish.probe_ids, "These probes: numbers with commas");
    command.add_option("--country", wish.country, "Probes in this country (two letters)");
    command.add_option("--asn", wish.asn, "Probes in this autonomous system");
    command.add_option("--prefix", wish.prefix, "Probes whose address lies in this block");
    command.add_option("--from-measurement", wish.from_measurement, "The probes of that measurement");
}

void add_common(CLI::App& command, measure_wish& wish)
{
    command.add_option("--af", wish.af, "IP version, 4 or 6 (default: that of the target's address, else 4)");
    command.add_flag("--resolve-on-probe", wish.resolve_on_probe, "Each probe resolves the target's name itself");
    command.add_option("--interval", wish.interval,
                       "Repeat every so many seconds; without it each probe measures once");
    command.add_option("--spread", wish.spread, "The probes' starts are spread over so many seconds");
    command.add_option("--stop-after", wish.stop_after, "Stop repeating after so many seconds");
    command.add_option("--description", wish.description, "Shown in lists");
    command.add_flag("--private", wish.hidden, "Only you may see the results");
}

}  // namespace

void add_wish_options(CLI::App& command, measurement_type const& type, measure_wish& wish)
{
    wish.type = type.name;
    auto const word = type.target == "target" ? "target" : "name";
    add_text(command, {word, type.target, type_option::kind::text, type.target_help}, wish)->required();
    std::map<std::string, CLI::Option*> setters;  // two that set the same field exclude each other
    for (auto const& each : type.options) {
        auto* const option = add_type_option(command, each, wish);
        auto const [earlier, first] = setters.emplace(each.key, option);
        if (!first) option->excludes(earlier->second);
    }
    add_sources(command, wish);
    add_common(command, wish);
}

}  // namespace tp::cli
