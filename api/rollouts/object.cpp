#include "api/rollouts/object.hpp"

#include <boost/json/array.hpp>
#include <map>

#include "firmware-signing/lines.hpp"
#include "registry/director/records.hpp"
#include "registry/rollout/machine.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;

json::object target_object(store::rollout_target const& target)
{
    bool const found = !target.model.empty();
    json::object out{{"target", target.path}, {"found", found}};
    out["model"] = found ? json::value(target.model) : json::value(nullptr);
    out["release"] = found ? json::value(target.release) : json::value(nullptr);
    out["length"] = found ? json::value(target.length) : json::value(nullptr);
    out["sha256"] = found ? json::value(signing::to_hex(target.sha256)) : json::value(nullptr);
    return out;
}

/// As the director counts them; of what nobody can read, as many as there may be.
unsigned approvals_needed(store::rollout_record const& record)
{
    auto const what = registry::definition_from(record);
    return what ? registry::rollout::approvals_for(*what) : registry::rollout::most_approvals;
}

json::object stages_of(std::map<std::string, std::uint32_t> const& by_stage)
{
    json::object out;
    std::uint64_t all = 0;
    for (auto const stage : registry::rollout::every_stage) {
        auto const name = registry::rollout::name_of(stage);
        auto const found = by_stage.find(std::string(name));
        auto const count = found == by_stage.end() ? 0U : found->second;
        out[name] = count;
        all += count;
    }
    out["probes"] = all;
    return out;
}

json::array waves_of(store::rollout_record const& record, std::vector<store::rollout_count> const& counts)
{
    json::array out;
    auto const reach = registry::rollout::parse_waves(record.wanted.waves);
    if (!reach) return out;
    for (std::uint32_t wave = 0; wave < reach->size(); ++wave) {
        std::map<std::string, std::uint32_t> stages;
        for (auto const& each : counts) {
            if (each.wave == wave) stages[each.stage] += each.probes;
        }
        auto one = stages_of(stages);
        one["reach"] = registry::rollout::text_of((*reach)[wave]);
        out.push_back(std::move(one));
    }
    return out;
}

}  // namespace

json::object rollout_object(store::rollout_record const& record)
{
    json::array targets, models, approved;
    for (auto const& each : record.targets) {
        targets.push_back(target_object(each));
        if (!each.model.empty()) models.emplace_back(each.model + " " + std::to_string(each.release));
    }
    for (auto const& each : record.approved_by) approved.emplace_back(each);
    json::object out{{"id", record.id.value()}, {"type", "Rollout"}, {"mode", record.wanted.mode}};
    out["phase"] = record.at.phase;
    out["phase_since"] = to_unix_seconds(record.at.since);
    out["because"] = record.at.because.empty() ? json::value(nullptr) : json::value(record.at.because);
    out["wave"] = record.at.wave + 1;
    out["waves"] = record.wanted.waves;
    out["releases"] = std::move(models);
    out["targets"] = std::move(targets);
    out["reason"] = record.wanted.reason;
    out["approved_by"] = std::move(approved);
    out["approvals_needed"] = approvals_needed(record);
    out["wish"] = record.wish;
    out["created_at"] = to_unix_seconds(record.created);
    out["lab"] = record.wanted.lab_tag;
    out["soak"] = record.wanted.soak.count();
    out["back_within"] = record.wanted.back_within.count();
    out["deadline"] = record.wanted.deadline.count();
    out["seed"] = record.wanted.seed;
    return out;
}

json::object rollout_page(store::rollout_record const& record, rollout_seen const& seen)
{
    std::map<std::string, std::uint32_t> all;
    for (auto const& each : seen.counts) all[each.stage] += each.probes;
    json::array troubles, history;
    for (auto const& each : seen.troubles) {
        troubles.push_back(json::object{{"probe", each.probe.value()},
                                        {"stage", each.stage},
                                        {"because", each.cause},
                                        {"at", to_unix_seconds(each.since)}});
    }
    for (auto const& each : seen.history) {
        history.push_back(json::object{{"at", to_unix_seconds(each.at)},
                                       {"by", each.by.empty() ? json::value(nullptr) : json::value(each.by)},
                                       {"said", each.said}});
    }
    auto out = rollout_object(record);
    out["probes"] = stages_of(all);
    out["by_wave"] = waves_of(record, seen.counts);
    out["troubles"] = std::move(troubles);
    out["history"] = std::move(history);
    return out;
}

}  // namespace tp::api
