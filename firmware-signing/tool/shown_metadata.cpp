#include "firmware-signing/tool/shown_metadata.hpp"

#include <algorithm>

#include "firmware-signing/repository/rules.hpp"
#include "firmware-signing/tool/rows.hpp"
#include "firmware-signing/tool/times.hpp"
#include "firmware-signing/tuf/checks.hpp"
#include "firmware-signing/tuf/digest.hpp"

namespace tp::signing::tool {
namespace {

using namespace tp::repository;

constexpr sys_seconds long_ago{};  // nothing has expired then

std::string role_text(std::string const& name, role_holders const& role)
{
    return name + ": " + std::to_string(role.threshold) + " of " + joined(role.names);
}

void add_holders(holders const& who, std::vector<std::string>& to)
{
    for (auto const& [name, key] : who) to.push_back(name + " holds " + key.text());
}

std::string file_row(std::string const& name, std::uint64_t length, std::string const& sha256)
{
    return name + ", " + std::to_string(length) + " octets, SHA-256 " + sha256;
}

std::string file_text(std::string const& title, stored_file const& file)
{
    return "\n      " + padded(title, 8) + file.name + ", " + std::to_string(file.length) + " octets\n      " +
           padded("", 8) + "SHA-256 " + file.sha256;
}

std::string release_text(release const& one)
{
    auto const hardware = one.hardware.empty() ? std::string("any hardware") : "hardware " + joined(one.hardware);
    return "release " + std::to_string(one.number) + " for " + hardware + "; updates from release " +
           std::to_string(one.from) + " on; once known, nothing below release " + std::to_string(one.floor) + " runs" +
           file_text("image", one.image) + file_text("SBOM", one.sbom);
}

/// Each fact as a text of its own, so that those which are new can be marked.
std::vector<std::string> facts_in(content const& says)
{
    std::vector<std::string> out;
    if (auto const* root = std::get_if<root_content>(&says)) {
        out = {role_text("root", root->root), role_text("targets", root->targets),
               role_text("snapshot", root->snapshot), role_text("timestamp", root->timestamp)};
        add_holders(root->holders, out);
    } else if (auto const* targets = std::get_if<targets_content>(&says)) {
        for (auto const& each : targets->channels)
            out.push_back(role_text(each.role(), each.signers) + "; for " + each.folder() + '*');
        if (targets->control)
            out.push_back(role_text(std::string(control_role), *targets->control) + "; for control/*");
        add_holders(targets->holders, out);
    } else if (auto const* control = std::get_if<control_content>(&says)) {
        for (auto const& each : control->files)
            out.push_back(file_row(std::string(control::name_of(each.which)), each.length, each.sha256));
    } else {
        for (auto const& each : std::get<release_content>(says).releases) out.push_back(release_text(each));
    }
    return out;
}

bool contains(std::vector<std::string> const& all, std::string const& one)
{
    return std::find(all.begin(), all.end(), one) != all.end();
}

std::string facts_text(content const& says, known_ground const* by)
{
    auto const facts = facts_in(says);
    bool const compare = by && by->before;
    auto const known = compare ? facts_in(*by->before) : std::vector<std::string>();
    std::string out;
    for (auto const& each : facts) out += (compare && !contains(known, each) ? "  + " : "    ") + each + '\n';
    for (auto const& each : known)
        if (!contains(facts, each)) out += "  - " + each + '\n';
    return out.empty() ? "    nothing\n" : out;
}

demand demand_for(std::string title, draft const& of, role_holders const& role, holders const& who)
{
    demand out{std::move(title), role, {}};
    for (auto const& name : role.names)
        if (auto const found = who.find(name); found != who.end() && of.is_signed_by(found->second))
            out.signed_by.push_back(name);
    return out;
}

std::string signatures_text(draft const& of, std::vector<demand> const& demands)
{
    std::string out;
    for (auto const& each : demands) {
        auto const by = each.signed_by.empty() ? "nobody" : joined(each.signed_by);
        out += row(each.title, std::to_string(each.from.threshold) + " of " + joined(each.from.names) + "; signed by " +
                                   by + (each.met() ? "" : ", not enough"));
    }
    auto const count = std::to_string(of.signatures().size());
    return out + row("signatures", count + (demands.empty() ? ", by whom a --repository tells" : ""));
}

std::string ground_text(draft const& of, known_ground const* by)
{
    if (!by) return row("before it", "unknown; with --repository what is new is marked");
    if (!by->before) return row("before it", "nothing");
    auto const version = std::to_string(statement_of(*by->before).version);
    if (write(*by->before) == of.signed_octets())
        return row("before it", "this very content is there, version " + version);
    auto const wrong = complaint_about_successor(of.says(), *by->before);
    return row("before it", wrong ? "NOT ITS SUCCESSOR: " + *wrong : "version " + version);
}

/// Content of our making that is signed by those.
std::optional<content> signed_content(std::string const& role, metadata_files const& files, tuf::signers const& by,
                                      std::optional<tuf::targets>* typed)
{
    auto const file = newest_of(role, files);
    if (!file) return std::nullopt;
    tuf::file_facts facts;
    facts.version = file->version;
    auto said = tuf::check_targets(file->octets, by, facts, long_ago);
    if (!said) return std::nullopt;
    if (typed) *typed = std::move(*said);
    return newest_content(role, files);
}

}  // namespace

known_ground ground_for(std::string const& role, metadata_files const& files)
{
    known_ground out;
    auto const chain = follow_roots(files);
    out.complaint = chain.complaint;
    if (!chain.last || chain.complaint) return out;
    auto const root = newest_content("root", files);
    if (root && statement_of(*root).version != chain.last->version)
        out.complaint = "a root is missing: there is a version " + std::to_string(statement_of(*root).version);
    if (root) out.root = std::get<root_content>(*root);
    std::optional<tuf::targets> typed;
    auto const targets = signed_content("targets", files, chain.last->targets_keys, &typed);
    if (targets) out.targets = std::get<targets_content>(*targets);
    if (role == "root") out.before = root;
    if (role == "targets") out.before = targets;
    for (auto const& each : typed ? typed->delegations : std::vector<tuf::delegation>())
        if (each.name == role) out.before = signed_content(role, files, each.keys, nullptr);
    return out;
}

std::vector<demand> demands_on(draft const& of, known_ground const& by)
{
    std::vector<demand> out;
    if (auto const* root = std::get_if<root_content>(&of.says())) {
        bool const follows = by.root && by.root->version + 1 == root->version;
        if (follows) out.push_back(demand_for("before it", of, by.root->root, by.root->holders));
        out.push_back(demand_for("itself", of, root->root, root->holders));
    } else if (std::holds_alternative<targets_content>(of.says())) {
        if (by.root) out.push_back(demand_for("needs", of, by.root->targets, by.root->holders));
    } else if (by.targets) {
        for (auto const& each : by.targets->channels)
            if (each.role() == role_of(of.says()))
                out.push_back(demand_for("needs", of, each.signers, by.targets->holders));
        if (by.targets->control && std::holds_alternative<control_content>(of.says()))
            out.push_back(demand_for("needs", of, *by.targets->control, by.targets->holders));
    }
    return out;
}

std::string draft_text(draft const& of, known_ground const* by, sys_seconds now)
{
    auto const& says = statement_of(of.says());
    auto out = row("role", role_of(of.says())) + row("version", std::to_string(says.version)) +
               row("expires", date_text(says.expires) + ", " + ahead_text(says.expires, now)) +
               row("SHA-256", tuf::sha256_hex(of.signed_octets())) + ground_text(of, by) +
               signatures_text(of, demands_on(of, by ? *by : known_ground()));
    if (auto const wrong = complaint_about(of.says())) out += row("WRONG", *wrong);
    return out + row("says", "") + facts_text(of.says(), by);
}

}  // namespace tp::signing::tool
