#include "registry/watch/settings.hpp"

#include <array>

namespace tp::registry {
namespace {

using detect::mode;
using detect::rule;

struct mode_name {
    mode which{};
    std::string_view text;
};
constexpr std::array modes{mode_name{mode::off, "off"}, mode_name{mode::propose, "propose"},
                           mode_name{mode::isolate, "automatic"}};

std::string_view name_of(mode which) noexcept
{
    return modes[static_cast<std::size_t>(which)].text;
}

std::string key_of(rule which)
{
    return "detectors.rules." + std::string(detect::name(which));
}

void read_mode(settings& from, rule which, mode& out)
{
    auto const key = key_of(which);
    auto const text = from.text(key, name_of(out));
    for (auto const& each : modes) {
        if (text != each.text) continue;
        out = each.which;
        return;
    }
    from.complain(key, "is neither \"automatic\", \"propose\" nor \"off\"");
}

unsigned read_windows(settings& from, std::string_view key, unsigned otherwise)
{
    constexpr unsigned most = 16;
    return static_cast<unsigned>(from.integer(key, otherwise, 1, most));
}

std::string line(std::string_view key, std::string const& value)
{
    return std::string(key) + " = " + value + '\n';
}

}  // namespace

watch_settings::watch_settings()
{
    // It compares with the best only those who ping the same anchors, and cannot tell yet what a bad line does.
    rules.policy.modes[detect::index(rule::peers)] = mode::off;
}

watch_settings read_watch_settings(settings& from)
{
    watch_settings out;
    auto& policy = out.rules.policy;
    out.on = from.flag("detectors.on", out.on);
    out.round =
        from.seconds("detectors.round", out.round, watch_settings::shortest_round, watch_settings::longest_round);
    out.delay =
        from.seconds("detectors.delay", out.delay, watch_settings::shortest_round, watch_settings::longest_round);
    policy.suspect_windows = read_windows(from, "detectors.suspect_windows", policy.suspect_windows);
    policy.isolated_windows = read_windows(from, "detectors.isolated_windows", policy.isolated_windows);
    policy.probation_windows = read_windows(from, "detectors.probation_windows", policy.probation_windows);
    for (std::size_t i = 0; i < detect::rule_count; ++i) read_mode(from, static_cast<rule>(i), policy.modes[i]);
    out.canaries = read_canary_settings(from);
    out.look_ups = read_look_up_settings(from);
    // Or what was found would lapse before the next could be known.
    if (!out.look_ups.name.empty() && out.look_ups.every < out.round + out.delay)
        from.complain("look_ups.every", "is shorter than detectors.round and detectors.delay together");
    return out;
}

std::string watch_settings_text(watch_settings const& chosen)
{
    auto const& policy = chosen.rules.policy;
    auto out = line("detectors.on", chosen.on ? "true" : "false") +
               line("detectors.round", std::to_string(chosen.round.count())) +
               line("detectors.delay", std::to_string(chosen.delay.count())) +
               line("detectors.suspect_windows", std::to_string(policy.suspect_windows)) +
               line("detectors.isolated_windows", std::to_string(policy.isolated_windows)) +
               line("detectors.probation_windows", std::to_string(policy.probation_windows));
    out += line("detectors.canary_probes", std::to_string(chosen.canaries.probes));
    for (std::size_t i = 0; i < detect::rule_count; ++i) {
        out += line(key_of(static_cast<rule>(i)), '"' + std::string(name_of(policy.modes[i])) + '"');
    }
    out += look_ups_text(chosen.look_ups);
    return out;
}

}  // namespace tp::registry
