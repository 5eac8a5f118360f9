#include "firmware-signing/repository/content.hpp"

#include <algorithm>
#include <cstdio>

#include "firmware-signing/lines.hpp"
#include "firmware-signing/repository/canonical.hpp"
#include "firmware-signing/tuf/digest.hpp"

namespace tp::repository {
namespace {

constexpr std::string_view specification = "1.0.34";

bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

canonical_object begin(std::string_view type, statement const& says)
{
    canonical_object out;
    out.text("_type", type).text("spec_version", specification);
    out.number("version", says.version).text("expires", time_text(says.expires));
    return out;
}

std::string keys_form(holders const& who)
{
    canonical_object out;
    for (auto const& [name, key] : who) out.put(listed_id(key), listed_form(key));
    return out.str();
}

/// Who holds which key: a member of ours, which clients pass over.
std::string names_form(holders const& who)
{
    canonical_object out;
    for (auto const& [name, key] : who) out.text(listed_id(key), name);
    return out.str();
}

canonical_object role_form(role_holders const& role, holders const& who)
{
    std::vector<std::string> ids;
    for (auto const& name : role.names)
        if (auto const found = who.find(name); found != who.end()) ids.push_back(listed_id(found->second));
    canonical_object out;
    out.put("keyids", canonical_texts(ids)).number("threshold", role.threshold);
    return out;
}

std::string delegation_form(std::string_view role, std::string folder, role_holders const& signers, holders const& who)
{
    auto out = role_form(signers, who);
    out.text("name", role).flag("terminating", true).put("paths", canonical_texts({std::move(folder) + '*'}));
    return out.str();
}

std::string hashes_form(std::string_view sha256)
{
    return canonical_object().text("sha256", sha256).str();
}

std::string file_form(stored_file const& file, std::string custom)
{
    canonical_object out;
    out.number("length", file.length).put("hashes", hashes_form(file.sha256)).put("custom", std::move(custom));
    return out.str();
}

std::string release_form(release const& one, release_content const& in)
{
    canonical_object sbom, out;
    sbom.text("path", in.folder() + one.sbom.name).text("sha256", one.sbom.sha256);
    out.text("kind", "firmware").text("model", in.model).text("channel", in.channel);
    out.number("release", one.number).number("floor", one.floor).number("from", one.from);
    out.put("hardware", canonical_texts(one.hardware)).put("sbom", sbom.str());
    return out.str();
}

std::string write_root(root_content const& what)
{
    canonical_object roles;
    roles.put("root", role_form(what.root, what.holders).str());
    roles.put("targets", role_form(what.targets, what.holders).str());
    roles.put("snapshot", role_form(what.snapshot, what.holders).str());
    roles.put("timestamp", role_form(what.timestamp, what.holders).str());
    auto out = begin("root", what);
    out.flag("consistent_snapshot", true).put("keys", keys_form(what.holders)).put("roles", roles.str());
    return out.put("holders", names_form(what.holders)).str();
}

std::string write_targets(targets_content const& what)
{
    std::vector<std::string> roles;
    for (auto const& each : what.channels)
        roles.push_back(delegation_form(each.role(), each.folder(), each.signers, what.holders));
    if (what.control)
        roles.push_back(delegation_form(control_role, std::string(control::folder), *what.control, what.holders));
    canonical_object delegations;
    delegations.put("keys", keys_form(what.holders)).put("roles", canonical_array(roles));
    auto out = begin("targets", what);
    out.put("targets", "{}").put("delegations", delegations.str());
    return out.put("holders", names_form(what.holders)).str();
}

/// The role's name is signed, too, so that what was signed for one model cannot be shown as another one's.
std::string write_releases(release_content const& what)
{
    canonical_object files;
    auto const sbom = canonical_object().text("kind", "sbom").str();
    for (auto const& each : what.releases) {
        files.put(what.folder() + each.image.name, file_form(each.image, release_form(each, what)));
        files.put(what.folder() + each.sbom.name, file_form(each.sbom, sbom));
    }
    auto out = begin("targets", what);
    return out.put("targets", files.str()).text("role", what.role()).str();
}

std::string write_control(control_content const& what)
{
    canonical_object files;
    auto const kind = canonical_object().text("kind", control_role).str();
    for (auto const& each : what.files)
        files.put(control::path_of(each.which), file_form({{}, each.length, each.sha256}, kind));
    auto out = begin("targets", what);
    return out.put("targets", files.str()).text("role", control_role).str();
}

canonical_object facts_form(tuf::file_facts const& facts)
{
    canonical_object out;
    out.number("version", facts.version);
    if (facts.length) out.number("length", *facts.length);
    if (facts.hashes && facts.hashes->sha256) out.put("hashes", hashes_form(*facts.hashes->sha256));
    return out;
}

}  // namespace

bool is_word(std::string_view text) noexcept
{
    bool const plain = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == text.npos;
    return plain && !text.empty() && text.size() <= longest_word && text.front() != '-' && text.front() != '_';
}

bool is_file_name(std::string_view text) noexcept
{
    auto const may_stand = [](char c) {
        return is_letter_or_digit(c) || std::string_view("._+~-").find(c) != std::string_view::npos;
    };
    return !text.empty() && text.size() <= longest_file_name && is_letter_or_digit(text.front()) &&
           std::all_of(text.begin(), text.end(), may_stand);
}

std::string listed_form(signing::public_key const& key)
{
    auto const digits = key.text().substr(std::string_view("ed25519:").size());
    canonical_object out;
    out.text("keytype", "ed25519").text("scheme", "ed25519");
    return out.put("keyval", canonical_object().text("public", digits).str()).str();
}

std::string listed_id(signing::public_key const& key)
{
    return tuf::sha256_hex(listed_form(key));
}

std::string write(content const& what)
{
    if (auto const* root = std::get_if<root_content>(&what)) return write_root(*root);
    if (auto const* targets = std::get_if<targets_content>(&what)) return write_targets(*targets);
    if (auto const* control = std::get_if<control_content>(&what)) return write_control(*control);
    return write_releases(std::get<release_content>(what));
}

std::string role_of(content const& what)
{
    if (auto const* releases = std::get_if<release_content>(&what)) return releases->role();
    if (std::holds_alternative<control_content>(what)) return std::string(control_role);
    return std::holds_alternative<root_content>(what) ? "root" : "targets";
}

statement const& statement_of(content const& what)
{
    return std::visit([](auto const& one) -> statement const& { return one; }, what);
}

std::string write_snapshot(statement const& says, std::map<std::string, tuf::file_facts, std::less<>> const& files)
{
    canonical_object meta;
    for (auto const& [name, facts] : files) meta.put(name, facts_form(facts).str());
    return begin("snapshot", says).put("meta", meta.str()).str();
}

std::string write_timestamp(statement const& says, tuf::file_facts const& snapshot)
{
    canonical_object meta;
    meta.put("snapshot.json", facts_form(snapshot).str());
    return begin("timestamp", says).put("meta", meta.str()).str();
}

std::string time_text(sys_seconds at)
{
    auto const day = std::chrono::floor<std::chrono::days>(at);
    std::chrono::year_month_day const date(day);
    std::chrono::hh_mm_ss const time(at - day);
    char out[64];
    std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02dZ", int(date.year()), unsigned(date.month()),
                  unsigned(date.day()), int(time.hours().count()), int(time.minutes().count()),
                  int(time.seconds().count()));
    return out;
}

}  // namespace tp::repository
