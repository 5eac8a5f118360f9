#include "api/cli/trust_text.hpp"

#include <boost/json.hpp>

#include "api/cli/json.hpp"
#include "api/cli/table.hpp"
#include "api/cli/text.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

std::string time_of(json::object const& from, std::string_view key)
{
    auto const at = integer_in(from, key);
    return at ? time_text(*at) : std::string("?");
}

std::string printed(json::object const& from, std::string_view key)
{
    return printable(text_in(from, key));
}

std::string heading(json::object const& page)
{
    auto const* status = object_in(page, "status");
    return "probe " + cell_in(page, "id") + " is " + printed(page, "state") + " since " + time_of(page, "since") +
           " UTC" + (status == nullptr ? "" : ", " + printed(*status, "name")) + "\n  " + printed(page, "meaning") +
           '\n';
}

/// What only its host and operators see, a line for each that is to be said.
std::string hosting_text(json::object const& page)
{
    std::string out;
    if (auto const* storage = object_in(page, "storage"))
        out += "  its disk may be failing since " + time_of(*storage, "since") + ": " + printed(*storage, "trouble") +
               '\n';
    if (auto const* consent = object_in(page, "consent")) {
        auto const accepted = printed(*consent, "accepted"), due = printed(*consent, "to_be_accepted");
        if (!accepted.empty())
            out += "  its host accepted version " + accepted + " of the text for hosts, " +
                   time_of(*consent, "accepted_at") + '\n';
        if (!due.empty()) out += "  version " + due + " of the text for hosts is to be accepted\n";
    }
    if (auto const* device = object_in(page, "device")) {
        out += "  device " + printed(*device, "serial") + ", " + printed(*device, "model") + " revision " +
               printed(*device, "revision") + ", batch " + printed(*device, "batch");
        if (!printed(*device, "frozen").empty()) out += ", frozen: " + printed(*device, "frozen_because");
        out += '\n';
    }
    if (integer_in(page, "offered_until"))
        out += "  offered to another host until " + time_of(page, "offered_until") + '\n';
    return out;
}

std::string finding_text(json::object const& finding)
{
    auto const cleared = integer_in(finding, "cleared_at");
    auto const seen = integer_in(finding, "seen").value_or(1);
    std::string out = "  " + time_of(finding, "at") + "  " + printed(finding, "rule") + " (" +
                      printed(finding, "severity") + (cleared ? ", cleared" : ", open");
    if (seen > 1) out += ", " + std::to_string(seen) + " times, last " + time_of(finding, "seen_at");
    out += ")\n";
    out += "    saw:           " + printed(finding, "saw") + '\n';
    out += "    compared with: " + printed(finding, "compared_with") + '\n';
    out += "    clears when:   " + printed(finding, "clears_when") + '\n';
    auto const held_back = printed(finding, "held_back_by");
    if (!held_back.empty()) out += "    held back:     no isolation while others have it, too: " + held_back + '\n';
    if (cleared) out += "    cleared:       " + time_text(*cleared) + ", " + printed(finding, "cleared_by") + '\n';
    return out;
}

std::string history_text(json::array const& changes)
{
    table out({{"when (UTC)"}, {"from"}, {"to"}, {"by"}, {"because"}});
    for (auto const& each : changes) {
        auto const* change = each.if_object();
        if (change == nullptr) continue;
        out.add({time_of(*change, "at"), printed(*change, "from"), printed(*change, "to"), printed(*change, "by"),
                 printed(*change, "reason")});
    }
    return out.text();
}

}  // namespace

std::string explanation_text(json::value const& answer)
{
    auto const* page = answer.if_object();
    if (page == nullptr) return {};
    auto out = heading(*page) + hosting_text(*page);
    auto const* findings = list_in(*page, "findings");
    out += findings == nullptr || findings->empty() ? "\nnothing was found\n" : "\nfindings\n";
    for (std::size_t i = 0; findings != nullptr && i < findings->size(); ++i) {
        if (auto const* finding = (*findings)[i].if_object()) out += finding_text(*finding);
    }
    if (auto const* history = list_in(*page, "history")) out += "\nhistory\n" + history_text(*history);
    return out;
}

}  // namespace tp::cli
