#include <algorithm>
#include <functional>

#include "firmware-signing/lines.hpp"
#include "firmware-signing/repository/content.hpp"
#include "firmware-signing/tuf/fields.hpp"
#include "firmware-signing/tuf/refusal.hpp"

/// Takes what it needs from where write() puts it. Whether anything else is there is not asked here: read_content()
/// writes what was taken, and holds it against what was read.
namespace tp::repository {
namespace {

namespace json = tuf::json;
using tuf::refusal;

result<statement> read_statement(json::value from)
{
    auto const version = tuf::number_field(from, "version", 1);
    auto const text = tuf::text_field(from, "expires");
    auto const expires = text ? tuf::read_time(*text) : text.error();
    if (!version || !expires || *version > highest_number) return refusal::malformed;
    if (*expires < earliest_expiry || *expires > latest_expiry) return refusal::malformed;
    return statement{*version, *expires};
}

/// @param keys   {"KEY ID": {"keyval": {"public": ...}}}
/// @param names  {"KEY ID": "name"}
result<holders> read_holders(std::optional<json::value> keys, std::optional<json::value> names)
{
    if (!keys || !names) return refusal::malformed;
    auto const members = names->members();
    if (members.size() > most_holders) return refusal::malformed;
    holders out;
    for (auto const& [id, name] : members) {
        auto const listed = keys->member(id);
        auto const value = listed ? listed->member("keyval") : std::nullopt;
        auto const digits = value ? tuf::text_field(*value, "public") : refusal::malformed;
        auto key = digits ? signing::public_key::parse("ed25519:" + std::string(*digits)) : digits.error();
        if (!key || !name.text() || !is_word(*name.text())) return refusal::malformed;
        if (!out.emplace(*name.text(), std::move(*key)).second) return refusal::malformed;
    }
    return out;
}

result<role_holders> read_role(std::optional<json::value> from, json::value names)
{
    if (!from) return refusal::malformed;
    auto const threshold = tuf::number_field(*from, "threshold", 1);
    auto const ids = tuf::texts_field(*from, "keyids");
    if (!threshold || !ids || *threshold > ids->size()) return refusal::malformed;
    role_holders out;
    out.threshold = *threshold;
    for (auto const id : *ids) {
        auto const name = tuf::text_field(names, id);
        if (!name) return refusal::malformed;
        out.names.emplace_back(*name);
    }
    bool const rises =
        std::adjacent_find(out.names.begin(), out.names.end(), std::greater_equal<>()) == out.names.end();
    if (!rises) return refusal::malformed;
    return out;
}

result<content> read_root(json::value from, statement const& says)
{
    root_content out{says, {}, {}, {}, {}, {}};
    auto const roles = from.member("roles"), names = from.member("holders");
    auto who = read_holders(from.member("keys"), names);
    if (!roles || !who) return refusal::malformed;
    out.holders = std::move(*who);
    struct place {
        char const* name;
        role_holders* to;
    };
    for (auto const& [name, to] : {place{"root", &out.root}, place{"targets", &out.targets},
                                   place{"snapshot", &out.snapshot}, place{"timestamp", &out.timestamp}}) {
        auto role = read_role(roles->member(name), *names);
        if (!role) return role.error();
        *to = std::move(*role);
    }
    return content(std::move(out));
}

result<channel> read_channel(json::value from, json::value names)
{
    auto const name = tuf::text_field(from, "name");
    auto signers = read_role(from, names);
    if (!name || !signers) return refusal::malformed;
    auto const dot = name->find('.');
    if (dot == name->npos || !is_word(name->substr(0, dot)) || !is_word(name->substr(dot + 1)))
        return refusal::malformed;
    return channel{std::string(name->substr(0, dot)), std::string(name->substr(dot + 1)), std::move(*signers)};
}

result<content> read_targets(json::value from, statement const& says)
{
    targets_content out{says, {}, {}};
    auto const delegations = from.member("delegations"), names = from.member("holders");
    if (!delegations || !names) return refusal::malformed;
    auto who = read_holders(delegations->member("keys"), names);
    auto const roles = delegations->member("roles");
    if (!roles || !who) return refusal::malformed;
    out.holders = std::move(*who);
    auto const items = roles->items();
    if (items.size() > most_channels + 1) return refusal::malformed;
    for (auto const& each : items) {
        auto const name = tuf::text_field(each, "name");
        if (name && *name == control_role) {
            auto signers = read_role(each, *names);
            if (!signers) return signers.error();
            out.control = std::move(*signers);
            continue;
        }
        auto one = read_channel(each, *names);
        if (!one) return one.error();
        out.channels.push_back(std::move(*one));
    }
    return content(std::move(out));
}

/// @param path  of a target: the folder and the file's name.
result<stored_file> read_file(std::string_view path, json::value from, std::string_view folder)
{
    auto const length = tuf::number_field(from, "length", 0);
    auto const hashes = from.member("hashes");
    auto const digits = hashes ? tuf::text_field(*hashes, "sha256") : refusal::malformed;
    if (!length || !digits || !signing::from_hex(*digits, 32)) return refusal::malformed;
    if (!path.starts_with(folder) || !is_file_name(path.substr(folder.size()))) return refusal::malformed;
    return stored_file{std::string(path.substr(folder.size())), *length, std::string(*digits)};
}

/// @param files  all targets, among which the SBOM is.
result<release> read_release(std::string_view path, json::value from, json::value files, std::string_view folder)
{
    auto const custom = from.member("custom"), sbom = custom ? custom->member("sbom") : std::nullopt;
    auto image = read_file(path, from, folder);
    auto const sbom_path = sbom ? tuf::text_field(*sbom, "path") : refusal::malformed;
    auto const sbom_file = sbom_path ? files.member(*sbom_path) : std::nullopt;
    if (!image || !sbom_file) return refusal::malformed;
    auto bill = read_file(*sbom_path, *sbom_file, folder);
    auto const number = tuf::number_field(*custom, "release", 1), floor = tuf::number_field(*custom, "floor", 1);
    auto const from_number = tuf::number_field(*custom, "from", 0);
    auto const hardware = tuf::texts_field(*custom, "hardware");
    if (!bill || !number || !floor || !from_number || !hardware || hardware->size() > most_hardware)
        return refusal::malformed;
    if (!std::all_of(hardware->begin(), hardware->end(), is_word) || *number > highest_number)
        return refusal::malformed;
    return release{*number,           *floor,          *from_number, {hardware->begin(), hardware->end()},
                   std::move(*image), std::move(*bill)};
}

bool is_image(json::value file)
{
    auto const custom = file.member("custom");
    auto const kind = custom ? tuf::text_field(*custom, "kind") : refusal::malformed;
    return kind && *kind == "firmware";
}

result<content> read_releases(json::value from, std::string_view role, statement const& says)
{
    release_content out{says, {}, {}, {}};
    auto const dot = role.find('.');
    if (dot == role.npos) return refusal::malformed;
    out.model = role.substr(0, dot);
    out.channel = role.substr(dot + 1);
    auto const files = from.member("targets");
    if (!is_word(out.model) || !is_word(out.channel) || !files) return refusal::malformed;
    auto const members = files->members();
    if (members.size() > 2 * most_releases) return refusal::malformed;
    for (auto const& [path, file] : members) {
        if (!is_image(file)) continue;
        auto one = read_release(path, file, *files, out.folder());
        if (!one) return one.error();
        out.releases.push_back(std::move(*one));
    }
    std::sort(out.releases.begin(), out.releases.end(),
              [](release const& one, release const& other) { return one.number < other.number; });
    return content(std::move(out));
}

result<control_file> read_control_file(std::string_view path, json::value from)
{
    auto const which =
        path.starts_with(control::folder) ? control::content_named(path.substr(control::folder.size())) : std::nullopt;
    auto file = read_file(path, from, control::folder);
    if (!which || !file) return refusal::malformed;
    return control_file{*which, file->length, std::move(file->sha256)};
}

result<content> read_control(json::value from, statement const& says)
{
    control_content out{says, {}};
    auto const files = from.member("targets");
    if (!files) return refusal::malformed;
    for (auto const& [path, file] : files->members()) {
        auto one = read_control_file(path, file);
        if (!one) return one.error();
        out.files.push_back(std::move(*one));
    }
    std::sort(out.files.begin(), out.files.end(),
              [](control_file const& one, control_file const& other) { return one.which < other.which; });
    return content(std::move(out));
}

result<content> take_content(json::value from)
{
    auto const type = tuf::text_field(from, "_type");
    auto const says = read_statement(from);
    if (!type || !says) return refusal::malformed;
    if (*type == "root") return read_root(from, *says);
    if (*type != "targets") return refusal::wrong_type;
    auto const role = tuf::text_field(from, "role");
    if (role && *role == control_role) return read_control(from, *says);
    if (role) return read_releases(from, *role, *says);
    return read_targets(from, *says);
}

}  // namespace

result<content> read_content(json::value from)
{
    auto out = take_content(from);
    if (out && write(*out) != from.canonical()) return refusal::malformed;
    return out;
}

}  // namespace tp::repository
