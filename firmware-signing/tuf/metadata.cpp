#include "firmware-signing/tuf/metadata.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <set>

#include "firmware-signing/tuf/fields.hpp"
#include "firmware-signing/tuf/refusal.hpp"

namespace tp::tuf {
namespace {

constexpr std::array<std::string_view, 4> root_roles{"root", "timestamp", "snapshot", "targets"};

/// The first number of "1.0.34" is what must agree; two or three numbers are written (and "1.0" in the wild).
bool is_our_specification(std::string_view text)
{
    if (!text.starts_with("1.")) return false;
    auto const rest = text.substr(2);
    bool const digits = rest.find_first_not_of("0123456789.") == rest.npos;
    return digits && !rest.empty() && !rest.starts_with('.') && !rest.ends_with('.') &&
           std::count(rest.begin(), rest.end(), '.') <= 1;
}

/// Whether the content is that of the role, and what all roles say.
error_code take_statement(json::value content, std::string_view type, statement& to)
{
    auto const said = text_field(content, "_type"), spec = text_field(content, "spec_version");
    if (!said || !spec) return refusal::malformed;
    if (*said != type) return refusal::wrong_type;
    if (!is_our_specification(*spec)) return refusal::wrong_spec;
    auto const version = number_field(content, "version", 1);
    auto const expires = text_field(content, "expires");
    auto const time = expires ? read_time(*expires) : expires.error();
    if (!version || !time) return refusal::malformed;
    to.version = *version;
    to.expires = *time;
    return {};
}

/// Reads {"keyids": [...], "threshold": 2}. Ids of keys that are not listed count for nobody.
result<signers> read_signers(json::value from, key_list const& keys)
{
    auto const threshold = number_field(from, "threshold", 1);
    auto const ids = texts_field(from, "keyids");
    if (!threshold || !ids) return refusal::malformed;
    if (ids->size() > signers::most) return refusal::too_large;
    signers out;
    out.threshold = *threshold;
    std::set<std::string_view> seen;
    for (auto const id : *ids) {
        if (!seen.insert(id).second) return refusal::repeated_key_id;
        if (auto const found = keys.find(id); found != keys.end()) out.keys.insert(*found);
    }
    return out;
}

/// Reads {"version": 3, "length": 100, "hashes": {...}}; the latter two may be missing.
result<file_facts> read_file_facts(json::value from)
{
    file_facts out;
    auto const version = number_field(from, "version", 1);
    if (!version) return refusal::malformed;
    out.version = *version;
    if (from.member("length")) {
        auto const length = number_field(from, "length", 0);
        if (!length) return refusal::malformed;
        out.length = *length;
    }
    if (auto const held = from.member("hashes")) {
        auto hashes = digests::read(*held);
        if (!hashes) return hashes.error();
        out.hashes = std::move(*hashes);
    }
    return out;
}

result<target_file> read_target(json::value from)
{
    auto const length = number_field(from, "length", 0);
    auto const held = from.member("hashes"), custom = from.member("custom");
    if (!length || !held || (custom && custom->type() != json::kind::object)) return refusal::malformed;
    auto hashes = digests::read(*held);
    if (!hashes) return hashes.error();
    return target_file{*length, std::move(*hashes), custom ? custom->canonical() : std::string()};
}

result<path_set> read_paths(json::value from)
{
    path_set out;
    bool const patterns = from.member("paths").has_value(), prefixes = from.member("path_hash_prefixes").has_value();
    if (patterns && prefixes) return refusal::malformed;
    if (!patterns && !prefixes) return out;
    auto const texts = texts_field(from, patterns ? "paths" : "path_hash_prefixes");
    if (!texts) return refusal::malformed;
    (patterns ? out.patterns : out.hash_prefixes).assign(texts->begin(), texts->end());
    return out;
}

result<delegation> read_delegation(json::value from, key_list const& keys)
{
    delegation out;
    auto const name = text_field(from, "name");
    if (!name) return refusal::malformed;
    bool const of_root = std::find(root_roles.begin(), root_roles.end(), *name) != root_roles.end();
    if (name->empty() || of_root) return refusal::reserved_name;
    if (name->size() > longest_role_name) return refusal::too_large;
    out.name = *name;
    if (auto const held = from.member("terminating")) {
        if (held->type() != json::kind::boolean) return refusal::malformed;
        out.terminating = *held->boolean();
    }
    auto who = read_signers(from, keys);
    if (!who) return who.error();
    auto paths = read_paths(from);
    if (!paths) return paths.error();
    out.keys = std::move(*who);
    out.paths = std::move(*paths);
    return out;
}

error_code take_delegations(json::value from, std::vector<delegation>& to)
{
    auto const keys_held = from.member("keys"), roles = from.member("roles");
    if (!keys_held || !roles || roles->type() != json::kind::array) return refusal::malformed;
    auto const keys = read_keys(*keys_held);
    if (!keys) return keys.error();
    auto const items = roles->items();
    if (items.size() > most_delegations) return refusal::too_large;
    std::set<std::string, std::less<>> names;
    for (auto const& each : items) {
        auto one = read_delegation(each, *keys);
        if (!one) return one.error();
        if (!names.insert(one->name).second) return refusal::repeated_name;
        to.push_back(std::move(*one));
    }
    return {};
}

error_code take_root_roles(json::value from, key_list const& keys, root& to)
{
    std::array<signers*, root_roles.size()> const places{&to.root_keys, &to.timestamp_keys, &to.snapshot_keys,
                                                         &to.targets_keys};
    for (std::size_t i = 0; i < root_roles.size(); ++i) {
        auto const held = from.member(root_roles[i]);
        if (!held) return refusal::malformed;
        auto who = read_signers(*held, keys);
        if (!who) return who.error();
        *places[i] = std::move(*who);
    }
    return {};
}

}  // namespace

result<root> read_root(json::value content)
{
    root out;
    if (auto const why = take_statement(content, "root", out)) return why;
    if (auto const held = content.member("consistent_snapshot")) {
        if (held->type() != json::kind::boolean) return refusal::malformed;
        out.consistent_snapshot = *held->boolean();
    }
    auto const keys_held = content.member("keys"), roles = content.member("roles");
    if (!keys_held || !roles) return refusal::malformed;
    auto const keys = read_keys(*keys_held);
    if (!keys) return keys.error();
    if (auto const why = take_root_roles(*roles, *keys, out)) return why;
    return out;
}

result<timestamp> read_timestamp(json::value content)
{
    timestamp out;
    if (auto const why = take_statement(content, "timestamp", out)) return why;
    auto const files = content.member("meta");
    auto const held = files ? files->member("snapshot.json") : std::nullopt;
    if (!held || files->members().size() != 1) return refusal::malformed;
    auto facts = read_file_facts(*held);
    if (!facts) return facts.error();
    out.snapshot = std::move(*facts);
    return out;
}

result<snapshot> read_snapshot(json::value content)
{
    snapshot out;
    if (auto const why = take_statement(content, "snapshot", out)) return why;
    auto const files = content.member("meta");
    if (!files || !files->member("targets.json")) return refusal::malformed;
    for (auto const& [name, held] : files->members()) {
        auto facts = read_file_facts(held);
        if (!facts) return facts.error();
        out.files.emplace(name, std::move(*facts));
    }
    return out;
}

result<targets> read_targets(json::value content)
{
    targets out;
    if (auto const why = take_statement(content, "targets", out)) return why;
    auto const files = content.member("targets");
    if (!files || files->type() != json::kind::object) return refusal::malformed;
    for (auto const& [path, held] : files->members()) {
        if (path.empty()) return refusal::malformed;
        auto file = read_target(held);
        if (!file) return file.error();
        out.files.emplace(path, std::move(*file));
    }
    if (auto const held = content.member("delegations"))
        if (auto const why = take_delegations(*held, out.delegations)) return why;
    return out;
}

result<sys_seconds> read_time(std::string_view text)
{
    constexpr std::string_view form = "dddd-dd-ddTdd:dd:ddZ";
    if (text.size() != form.size()) return refusal::malformed;
    std::array<int, 6> numbers{};  // year, month, day, hour, minute, second
    std::size_t at = 0;
    for (std::size_t i = 0; i < form.size(); ++i) {
        bool const digit = text[i] >= '0' && text[i] <= '9';
        if (form[i] == 'd' ? !digit : text[i] != form[i]) return refusal::malformed;
        if (digit)
            numbers[at] = 10 * numbers[at] + (text[i] - '0');
        else
            ++at;
    }
    auto const [year, month, day, hour, minute, second] = numbers;
    std::chrono::year_month_day const date(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day)));
    if (!date.ok() || hour > 23 || minute > 59 || second > 59) return refusal::malformed;
    return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
           std::chrono::seconds(second);
}

}  // namespace tp::tuf
