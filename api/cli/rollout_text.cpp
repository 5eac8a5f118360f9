#include "api/cli/rollout_text.hpp"

#include <boost/json.hpp>

#include "api/cli/json.hpp"
#include "api/cli/table.hpp"
#include "api/cli/text.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

std::string count_in(json::object const& from, std::string_view key)
{
    return std::to_string(integer_in(from, key).value_or(0));
}

std::int64_t sum(json::object const& from, std::initializer_list<std::string_view> keys)
{
    std::int64_t out = 0;
    for (auto const key : keys) out += integer_in(from, key).value_or(0);
    return out;
}

std::size_t count_of(json::object const& page, std::string_view key)
{
    auto const* const list = list_in(page, key);
    return list == nullptr ? 0 : list->size();
}

/// "running wave 2 of 3 (1%)".
std::string phase_text(json::object const& page)
{
    auto out = printable(text_in(page, "phase"));
    auto const* const waves = list_in(page, "by_wave");
    auto const wave = integer_in(page, "wave").value_or(0);
    if (waves != nullptr && wave >= 1 && static_cast<std::size_t>(wave) <= waves->size()) {
        auto const* const one = (*waves)[static_cast<std::size_t>(wave) - 1].if_object();
        out += " wave " + std::to_string(wave) + " of " + std::to_string(waves->size());
        if (one != nullptr) out += " (" + printable(text_in(*one, "reach")) + ')';
    }
    return out;
}

std::string heading(json::object const& page)
{
    auto out = "rollout " + count_in(page, "id") + ", " + printable(text_in(page, "mode")) + ": " + phase_text(page) +
               " since " + time_text(integer_in(page, "phase_since").value_or(0)) + " UTC\n";
    if (auto const because = text_in(page, "because"); !because.empty()) out += "  " + printable(because) + '\n';
    out += "reason:   " + printable(text_in(page, "reason")) + '\n';
    auto const needed = count_in(page, "approvals_needed");
    out += "approved: " + std::to_string(count_of(page, "approved_by")) + " of " + needed;
    if (count_of(page, "approved_by") > 0) out += " (" + printable(cell_in(page, "approved_by")) + ')';
    return out + '\n';
}

std::string targets_text(json::object const& page)
{
    std::string out;
    auto const* const targets = list_in(page, "targets");
    for (std::size_t i = 0; targets != nullptr && i < targets->size(); ++i) {
        auto const* const one = (*targets)[i].if_object();
        if (one == nullptr) continue;
        out += "target:   " + printable(text_in(*one, "target"));
        auto const model = text_in(*one, "model");
        out += model.empty() ? std::string(", not found yet")
                             : ", release " + count_in(*one, "release") + " of " + printable(model);
        out += '\n';
    }
    return out;
}

std::string waves_text(json::object const& page)
{
    using side = table::side;
    table out({{"wave"},
               {"reach"},
               {"probes", side::right},
               {"to come", side::right},
               {"told", side::right},
               {"begun", side::right},
               {"on trial", side::right},
               {"done", side::right},
               {"failed", side::right},
               {"silent", side::right},
               {"excused", side::right},
               {"withdrawn", side::right}});
    auto const* const waves = list_in(page, "by_wave");
    for (std::size_t i = 0; waves != nullptr && i < waves->size(); ++i) {
        auto const* const one = (*waves)[i].if_object();
        if (one == nullptr) continue;
        std::vector<std::string> cells{std::to_string(i + 1), text_in(*one, "reach")};
        for (auto const* const key :
             {"probes", "planned", "sent", "begun", "back", "done", "failed", "silent", "excused", "withdrawn"})
            cells.push_back(count_in(*one, key));
        out.add(std::move(cells));
    }
    return out.size() == 0 ? std::string() : '\n' + out.text();
}

std::string troubles_text(json::object const& page)
{
    auto const* const troubles = list_in(page, "troubles");
    if (troubles == nullptr || troubles->empty()) return {};
    table out({{"when (UTC)"}, {"probe", table::side::right}, {""}, {"because"}});
    for (auto const& each : *troubles) {
        if (auto const* const one = each.if_object()) {
            out.add({time_text(integer_in(*one, "at").value_or(0)), count_in(*one, "probe"), text_in(*one, "stage"),
                     text_in(*one, "because")});
        }
    }
    return '\n' + out.text();
}

std::string history_text(json::object const& page)
{
    auto const* const history = list_in(page, "history");
    if (history == nullptr || history->empty()) return {};
    table out({{"when (UTC)"}, {"by"}, {"what"}});
    for (auto const& each : *history) {
        if (auto const* const one = each.if_object()) {
            auto const by = text_in(*one, "by");
            out.add(
                {time_text(integer_in(*one, "at").value_or(0)), by.empty() ? "director" : by, text_in(*one, "said")});
        }
    }
    return '\n' + out.text();
}

}  // namespace

std::string rollout_text(json::value const& answer)
{
    auto const* const page = answer.if_object();
    if (page == nullptr) return {};
    return heading(*page) + targets_text(*page) + waves_text(*page) + troubles_text(*page) + history_text(*page);
}

std::string rollout_line(json::value const& answer)
{
    auto const* const page = answer.if_object();
    if (page == nullptr) return {};
    auto out = phase_text(*page);
    if (auto const because = text_in(*page, "because"); !because.empty()) out += ", " + printable(because);
    auto const* const probes = object_in(*page, "probes");
    if (probes == nullptr) return out;
    auto const bad = sum(*probes, {"failed", "silent"});
    auto const told = sum(*probes, {"sent", "begun", "back", "done", "failed", "silent", "excused", "withdrawn"});
    return out + ": " + count_in(*probes, "done") + " done, " +
           std::to_string(sum(*probes, {"sent", "begun", "back"})) + " under way, " + std::to_string(bad) +
           " failed or silent of " + std::to_string(told) + " told, " + count_in(*probes, "planned") + " to come";
}

bool rollout_rests(json::value const& answer)
{
    auto const* const page = answer.if_object();
    if (page == nullptr) return true;
    auto const phase = text_in(*page, "phase");
    return phase == "halted" || phase == "complete";
}

}  // namespace tp::cli
