#include "firmware-signing/tuf/target_walk.hpp"

#include <algorithm>

#include "firmware-signing/tuf/names.hpp"
#include "firmware-signing/tuf/refusal.hpp"

namespace tp::tuf {
namespace {

constexpr char const* top_level = "targets";

bool cover(std::vector<path_set> const& ways, std::string const& path)
{
    return std::all_of(ways.begin(), ways.end(), [&](path_set const& each) { return each.covers(path); });
}

}  // namespace

target_walk::target_walk(trusted_metadata const& in, limits const& with) : in_(in), with_(with)
{
    look_into(in_.targets, {{}, top_level, {}, {}});
}

void target_walk::look_into(targets const& said, visit const& of)
{
    for (auto const& [path, facts] : said.files) {
        if (!cover(of.ways, path)) continue;
        if (found_.size() == most_targets) return fail(file_of(of.role), refusal::too_large);
        found_.emplace_back(path, facts);
    }
    for (auto each = said.delegations.rbegin(); each != said.delegations.rend(); ++each) {
        visit next{of.role, each->name, each->keys, of.ways};
        next.ways.push_back(each->paths);
        waiting_.push_back(std::move(next));
    }
    next_role();
}

void target_walk::next_role()
{
    while (!waiting_.empty()) {
        here_ = std::move(waiting_.back());
        waiting_.pop_back();
        auto const listed = in_.snapshot.files.find(here_.role + ".json");
        if (listed == in_.snapshot.files.end()) continue;
        if (!followed_.emplace(here_.from, here_.role).second) continue;
        if (++visits_ > most_visits) return fail(file_of(here_.role), refusal::too_many_roles);
        stated_ = listed->second;
        auto const most = most_octets(stated_, with_.targets);
        auto const file = remote_file_of(here_.role, stated_.version, in_.root.consistent_snapshot);
        if (!most) return fail(file, most.error());
        return ask(download{file, *most}, &target_walk::take);
    }
    finish();
}

void target_walk::take(result<std::string> outcome)
{
    auto const file = remote_file_of(here_.role, stated_.version, in_.root.consistent_snapshot);
    if (!outcome) return fail(file, outcome.error());
    constexpr sys_seconds whenever{};
    auto const said = check_targets(*outcome, here_.by, stated_, whenever);
    if (!said) return fail(file, said.error());
    auto const here = std::move(here_);
    look_into(*said, here);
}

}  // namespace tp::tuf
