#include "api/cli/rehearsal_text.hpp"

#include <boost/json.hpp>

#include "api/cli/json.hpp"
#include "api/cli/table.hpp"

namespace tp::cli {

std::string rehearsal_text(boost::json::value const& answer)
{
    auto const* page = answer.if_object();
    if (page == nullptr) return {};
    auto out =
        "without " + printable(cell_in(*page, "lost")) + ": " + cell_in(*page, "probes") + " probes are concerned\n";
    table fates({{"", table::side::right}, {""}});
    fates.add({cell_in(*page, "at_once"), "go to their second controller at once"});
    fates.add({cell_in(*page, "by_the_registry"), "ask a registry for another one"});
    fates.add({cell_in(*page, "waiting"), "find no room, and wait"});
    auto const lines = fates.text();
    out += lines.substr(lines.find('\n') + 1) + '\n';
    auto const* controllers = list_in(*page, "controllers");
    if (controllers == nullptr || controllers->empty()) return out + "no controller would be left\n";
    using enum table::side;
    table heirs({{"controller"}, {"before", right}, {"arriving", right}, {"after", right}, {"capacity", right}});
    for (auto const& each : *controllers) {
        auto const* one = each.if_object();
        if (one == nullptr) continue;
        heirs.add({printable(cell_in(*one, "name")), cell_in(*one, "before"), cell_in(*one, "arriving"),
                   cell_in(*one, "after"), cell_in(*one, "capacity")});
    }
    return out + heirs.text();
}

}  // namespace tp::cli
