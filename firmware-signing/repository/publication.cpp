#include "firmware-signing/repository/publication.hpp"

#include <algorithm>

#include "firmware-signing/repository/rules.hpp"
#include "firmware-signing/tuf/checks.hpp"
#include "firmware-signing/tuf/names.hpp"
#include "firmware-signing/tuf/refusal.hpp"

namespace tp::repository {
namespace {

using complaint = std::optional<std::string>;

/// With what helps where a role was given other holders.
std::string why_not(error_code why)
{
    bool const few = why == tuf::refusal::too_few_signatures;
    return why.message() + (few ? "; it, or a next version, needs those whom root and targets name from now on" : "");
}

class publisher {
public:
    explicit publisher(publication_wish const& wish) : wish_(wish), after_(wish.files) {}

    publication run()
    {
        auto wrong = take_all();
        if (wrong) return {{}, {}, std::move(wrong)};
        if (out_.writes.empty()) out_.told.push_back("everything is there already");
        return std::move(out_);
    }

private:
    complaint take_all();
    complaint take_root();
    complaint take_drafts();
    complaint take(draft const& one);
    complaint judge_roles();
    complaint judge_role(std::string const& role, tuf::signers const& by, tuf::targets* into);
    complaint take_online();
    complaint order();

    publication_wish const& wish_;
    publication out_;
    metadata_files after_;                 // as it will be, but for root and timestamp
    std::optional<tuf::root> old_, root_;  // that is there; that will be
    tuf::targets targets_;
    std::optional<file_write> root_write_, timestamp_write_;
};

complaint publisher::take_all()
{
    for (auto const step : {&publisher::take_root, &publisher::take_drafts, &publisher::judge_roles,
                            &publisher::take_online, &publisher::order})
        if (auto wrong = (this->*step)()) return wrong;
    return std::nullopt;
}

complaint publisher::take_root()
{
    auto const chain = follow_roots(wish_.files);
    if (chain.complaint) return chain.complaint;
    old_ = root_ = chain.last;
    for (auto const& each : wish_.drafts) {
        if (!std::holds_alternative<root_content>(each.says())) continue;
        auto const octets = each.octets();
        auto const name = tuf::remote_file_of("root", statement_of(each.says()).version, true);
        if (auto const there = wish_.files.find(name); there != wish_.files.end() && there->second == octets) continue;
        if (root_write_) return "two new roots at once";
        if (auto wrong = complaint_about(each.says())) return name + ": " + *wrong;
        auto next = old_ ? tuf::check_next_root(octets, *old_) : tuf::check_first_root(octets);
        if (!next) return name + ": " + next.error().message();
        if (!old_ && next->version != 1) return name + ": the first root is version 1";
        if (auto const fresh = tuf::check_fresh(*next, wish_.now); !fresh) return name + ": " + fresh.error().message();
        root_ = std::move(*next);
        root_write_ = {name, octets};
    }
    if (!root_) return "there is no root yet, and none among the drafts";
    return std::nullopt;
}

/// Targets first: they say who signs releases.
complaint publisher::take_drafts()
{
    for (bool const releases : {false, true}) {
        for (auto const& each : wish_.drafts) {
            if (std::holds_alternative<root_content>(each.says())) continue;
            if (std::holds_alternative<targets_content>(each.says()) == releases) continue;
            if (auto wrong = take(each)) return role_of(each.says()) + ": " + *wrong;
        }
    }
    return std::nullopt;
}

complaint publisher::take(draft const& one)
{
    auto const role = role_of(one.says());
    auto const version = statement_of(one.says()).version;
    auto const name = tuf::remote_file_of(role, version, true);
    auto octets = one.octets();
    if (auto const there = after_.find(name); there != after_.end()) {
        if (there->second == octets) return std::nullopt;
        auto const known = draft::read(there->second);
        if (!known || known->signed_octets() != one.signed_octets())
            return "version " + std::to_string(version) + " is there already, and another one";
        return std::nullopt;  // the same with other signatures: the one that is there is judged below
    }
    if (auto wrong = complaint_about(one.says())) return wrong;
    auto const newest = newest_of(role, after_);
    auto const before = newest_content(role, after_);
    if (newest && !before) return "its newest version is not of this program's making";
    if (!newest && version != 1) return "the first one is version 1";
    if (before)
        if (auto wrong = complaint_about_successor(one.says(), *before)) return wrong;
    out_.writes.push_back({name, octets});
    after_[name] = std::move(octets);
    return std::nullopt;
}

complaint publisher::judge_role(std::string const& role, tuf::signers const& by, tuf::targets* into)
{
    auto const file = newest_of(role, after_);
    if (!file) return std::nullopt;
    tuf::file_facts facts;
    facts.version = file->version;
    auto const name = tuf::remote_file_of(role, file->version, true);
    auto said = tuf::check_targets(file->octets, by, facts, sys_seconds());
    if (!said) return name + ": " + why_not(said.error());
    auto const fresh = tuf::check_fresh(*said, wish_.now);
    bool const is_new = !wish_.files.contains(name);
    if (!fresh && is_new) return name + ": " + fresh.error().message();
    if (!fresh) out_.told.push_back(name + " has expired: a next version must be signed");
    if (into) *into = std::move(*said);
    return std::nullopt;
}

complaint publisher::judge_roles()
{
    if (auto wrong = judge_role("targets", root_->targets_keys, &targets_)) return wrong;
    for (auto const& each : targets_.delegations)
        if (auto wrong = judge_role(each.name, each.keys, nullptr)) return wrong;
    for (auto const& each : wish_.drafts) {
        auto const role = role_of(each.says());
        auto const named = [&](tuf::delegation const& one) { return one.name == role; };
        bool const delegated = std::holds_alternative<release_content>(each.says()) ||
                               std::holds_alternative<control_content>(each.says());
        bool const known = !delegated || std::any_of(targets_.delegations.begin(), targets_.delegations.end(), named);
        if (!known) return role + ": targets know no such role";
    }
    return std::nullopt;
}

complaint publisher::take_online()
{
    if (!newest_of("targets", after_)) {
        out_.told.push_back("there are no targets yet: nothing can be downloaded");
        return std::nullopt;
    }
    std::vector<std::string> roles;
    for (auto const& each : targets_.delegations) roles.push_back(each.name);
    auto made = make_online_files(after_, roles, *root_, old_ ? &*old_ : nullptr, wish_.keys, wish_.now);
    if (made.complaint) return std::move(made.complaint);
    if (made.snapshot) {
        after_[made.snapshot->name] = made.snapshot->octets;
        out_.writes.push_back(std::move(*made.snapshot));
    }
    timestamp_write_ = std::move(made.timestamp);
    out_.told.insert(out_.told.end(), made.told.begin(), made.told.end());
    return std::nullopt;
}

/// Root and timestamp are what clients see at once. Where the old root, too, trusts the new timestamp, that goes first:
/// then a client finds a whole repository at any moment.
complaint publisher::order()
{
    auto files = after_;
    if (timestamp_write_) files[timestamp_write_->name] = timestamp_write_->octets;
    bool const timestamp_first = timestamp_write_ && !judge(files, wish_.now).complaint;
    if (root_write_) files[root_write_->name] = root_write_->octets;
    auto const last = judge(files, wish_.now);
    bool const seen = files.contains("timestamp.json") && (root_write_ || timestamp_write_);
    if (seen && last.complaint) return "clients would refuse what is published then: " + *last.complaint;
    if (timestamp_first) out_.writes.push_back(std::move(*timestamp_write_));
    if (root_write_ && old_ && timestamp_write_ && !timestamp_first)
        out_.told.push_back(
            "the new root is seen before the timestamp that it asks for; if this is interrupted, repeat it");
    if (root_write_) out_.writes.push_back(std::move(*root_write_));
    if (timestamp_write_ && !timestamp_first) out_.writes.push_back(std::move(*timestamp_write_));
    return std::nullopt;
}

}  // namespace

publication plan_publication(publication_wish const& wish)
{
    return publisher(wish).run();
}

}  // namespace tp::repository
