#include "api/cli/alerts_text.hpp"

#include <boost/json.hpp>

#include "api/cli/json.hpp"
#include "api/cli/table.hpp"
#include "api/cli/text.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

std::string delivery_text(json::object const& one)
{
    auto out = text_in(one, "receiver") + ": " + text_in(one, "state");
    auto const attempts = integer_in(one, "attempts").value_or(0);
    if (text_in(one, "state") == "delivered" || attempts == 0) return out;
    return out + " after " + count_text(static_cast<std::size_t>(attempts), "attempt") + " (" + text_in(one, "error") +
           ')';
}

std::string deliveries_text(json::object const& alert)
{
    std::string out;
    auto const* list = list_in(alert, "deliveries");
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
        auto const* one = (*list)[i].if_object();
        if (one != nullptr) out += (out.empty() ? "" : ", ") + delivery_text(*one);
    }
    return out;
}

}  // namespace

std::string alerts_text(json::value const& answer)
{
    auto const* page = answer.if_object();
    auto const* alerts = page == nullptr ? nullptr : list_in(*page, "results");
    table out({{"raised (UTC)"}, {"kind"}, {"subject"}, {"rule"}, {"what"}, {"told"}});
    for (std::size_t i = 0; alerts != nullptr && i < alerts->size(); ++i) {
        auto const* one = (*alerts)[i].if_object();
        if (one == nullptr) continue;
        auto const cell = [&](char const* key) { return printable(text_in(*one, key)); };
        out.add({time_text(integer_in(*one, "raised_at").value_or(0)), cell("kind"), cell("subject"), cell("rule"),
                 cell("text"), printable(deliveries_text(*one))});
    }
    return out.text();
}

}  // namespace tp::cli
