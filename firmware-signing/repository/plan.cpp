#include "firmware-signing/repository/plan.hpp"

#include <algorithm>

#include "base/settings.hpp"

namespace tp::repository {
namespace {

/// Holders by their names, in order; each must be known.
role_holders read_role(settings& from, std::string const& prefix, holders const& known)
{
    role_holders out;
    out.names = from.texts(prefix + "holders");
    std::sort(out.names.begin(), out.names.end());
    if (out.names.empty()) from.complain(prefix + "holders", "names nobody");
    if (std::adjacent_find(out.names.begin(), out.names.end()) != out.names.end())
        from.complain(prefix + "holders", "names somebody twice");
    for (auto const& each : out.names)
        if (!known.contains(each)) from.complain(prefix + "holders", "names \"" + each + "\", who is no [[holder]]");
    auto const most = static_cast<std::int64_t>(std::max(out.names.size(), std::size_t{1}));
    if (!from.has(prefix + "threshold")) from.complain(prefix + "threshold", "is needed");
    out.threshold = static_cast<std::uint64_t>(from.integer(prefix + "threshold", 1, 1, most));
    return out;
}

void read_holder(settings& from, holders& into)
{
    auto const name = from.text("name", ""), text = from.text("key", "");
    auto const key = signing::public_key::parse(text);
    if (!is_word(name)) from.complain("name", "is no word of lower-case letters, digits, \"-\" and \"_\"");
    if (!key) from.complain("key", "is not \"ed25519:\" and 64 hexadecimal digits");
    if (!key || !is_word(name)) return;
    bool const other = std::any_of(into.begin(), into.end(), [&](auto const& each) { return each.second == *key; });
    if (other) from.complain("key", "is that of another holder, too");
    if (!into.emplace(name, *key).second) from.complain("name", "is that of another holder, too");
}

channel read_channel(settings& from, holders const& known)
{
    channel out{from.text("model", ""), from.text("channel", ""), {}};
    if (!is_word(out.model)) from.complain("model", "is no word of lower-case letters, digits, \"-\" and \"_\"");
    if (!is_word(out.name)) from.complain("channel", "is no word of lower-case letters, digits, \"-\" and \"_\"");
    out.signers = read_role(from, "", known);
    return out;
}

std::chrono::days read_days(settings& from, std::string const& key, int otherwise)
{
    return std::chrono::days(from.integer(key, otherwise, 1, most_days));
}

void take_roles(settings& from, plan& to)
{
    to.root = read_role(from, "root.", to.holders);
    to.targets = read_role(from, "targets.", to.holders);
    to.snapshot = read_role(from, "snapshot.", to.holders);
    to.timestamp = read_role(from, "timestamp.", to.holders);
    if (from.has("control.holders") || from.has("control.threshold"))
        to.control = read_role(from, "control.", to.holders);
    to.root_life = read_days(from, "root.days", default_root_days);
    to.targets_life = read_days(from, "targets.days", default_targets_days);
}

std::optional<std::string> take_channels(std::vector<settings>& from, plan& to)
{
    if (from.size() > most_channels) return "more than " + std::to_string(most_channels) + " channels";
    for (auto& each : from) {
        to.channels.push_back(read_channel(each, to.holders));
        if (auto wrong = each.finish()) return wrong;
    }
    return std::nullopt;
}

std::optional<std::string> take_holders(std::vector<settings>& from, plan& to)
{
    if (from.size() > most_holders) return "more than " + std::to_string(most_holders) + " holders";
    for (auto& each : from) {
        read_holder(each, to.holders);
        if (auto wrong = each.finish()) return wrong;
    }
    return std::nullopt;
}

}  // namespace

plan_file read_plan(std::string_view text, std::string const& name)
{
    plan out;
    auto file = settings::parse(text, name);
    auto people = file.tables("holder"), channels = file.tables("channel");
    if (auto wrong = take_holders(people, out)) return {{}, std::move(wrong)};
    take_roles(file, out);
    if (auto wrong = file.finish()) return {{}, std::move(wrong)};
    if (auto wrong = take_channels(channels, out)) return {{}, std::move(wrong)};
    return {std::move(out), std::nullopt};
}

}  // namespace tp::repository
