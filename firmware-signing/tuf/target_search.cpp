#include "firmware-signing/tuf/target_search.hpp"

#include "firmware-signing/tuf/names.hpp"
#include "firmware-signing/tuf/refusal.hpp"

namespace tp::tuf {

target_search::target_search(trusted_metadata const& in, std::string path, limits const& with)
    : in_(in), path_(std::move(path)), with_(with)
{
    look_into(in_.targets);
}

void target_search::look_into(targets const& said)
{
    if (auto const found = said.files.find(path_); found != said.files.end()) {
        found_ = found->second;
        return finish();
    }
    wait_for_delegations_of(said);
    next_role();
}

void target_search::wait_for_delegations_of(targets const& said)
{
    std::vector<delegation const*> ways;
    for (auto const& each : said.delegations) {
        if (!each.paths.covers(path_)) continue;
        ways.push_back(&each);
        if (!each.terminating) continue;
        waiting_.clear();  // it has the last word: neither its siblings nor those of the roles above are asked
        break;
    }
    for (auto each = ways.rbegin(); each != ways.rend(); ++each) waiting_.push_back({(*each)->name, (*each)->keys});
}

void target_search::next_role()
{
    while (!waiting_.empty() && visited_.contains(waiting_.back().role)) waiting_.pop_back();
    if (waiting_.empty()) return fail(path_, refusal::no_such_target);
    if (visited_.size() == with_.roles) return fail(path_, refusal::too_many_roles);
    here_ = std::move(waiting_.back());
    waiting_.pop_back();
    visited_.insert(here_.role);
    auto const listed = in_.snapshot.files.find(here_.role + ".json");
    if (listed == in_.snapshot.files.end()) return fail(file_of(here_.role), refusal::unlisted_role);
    stated_ = listed->second;
    ask(load{file_of(here_.role), with_.targets}, &target_search::take_stored);
}

void target_search::take_stored(result<std::string> outcome)
{
    if (outcome)
        if (auto const stored = check_targets(*outcome, here_.by, stated_, in_.now)) return look_into(*stored);
    auto const file = remote_file_of(here_.role, stated_.version, in_.root.consistent_snapshot);
    auto const most = most_octets(stated_, with_.targets);
    if (!most) return fail(file, most.error());
    ask(download{file, *most}, &target_search::take);
}

void target_search::take(result<std::string> outcome)
{
    auto const file = remote_file_of(here_.role, stated_.version, in_.root.consistent_snapshot);
    if (!outcome) return fail(file, outcome.error());
    auto fresh = check_targets(*outcome, here_.by, stated_, in_.now);
    if (!fresh) return fail(file, fresh.error());
    fresh_ = std::move(*fresh);
    ask(save{file_of(here_.role), std::move(*outcome)}, &target_search::is_kept);
}

void target_search::is_kept(result<std::string> outcome)
{
    if (!outcome) return fail(file_of(here_.role), outcome.error());
    auto const fresh = std::move(fresh_);
    look_into(fresh);
}

}  // namespace tp::tuf
