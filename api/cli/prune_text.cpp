#include "api/cli/prune_text.hpp"

#include <boost/json.hpp>

#include "api/cli/json.hpp"
#include "api/cli/table.hpp"
#include "api/cli/text.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

std::string size_text(std::int64_t octets)
{
    constexpr double kilo = 1e3, mega = 1e6;
    auto const size = static_cast<double>(octets);
    return size < mega ? decimal_text(size / kilo, 1) + " kB" : decimal_text(size / mega, 1) + " MB";
}

/// "3 files, 1.2 MB".
std::string amount_text(json::object const& from)
{
    return count_text(static_cast<std::size_t>(integer_in(from, "count").value_or(0)), "file") + ", " +
           size_text(integer_in(from, "size").value_or(0));
}

std::string amount_in(json::object const& from, std::string_view key)
{
    auto const* const found = object_in(from, key);
    return found == nullptr ? amount_text({}) : amount_text(*found);
}

std::string files_text(json::array const& files)
{
    table out({{"path"}, {"octets", table::side::right}, {"since (UTC)"}});
    for (auto const& each : files) {
        auto const* const file = each.if_object();
        if (file == nullptr) continue;
        out.add({printable(text_in(*file, "path")), cell_in(*file, "size"),
                 time_text(integer_in(*file, "stored_at").value_or(0))});
    }
    return out.text();
}

}  // namespace

std::string prune_text(json::value const& answer)
{
    auto const* const object = answer.if_object();
    if (object == nullptr) return {};
    auto const* const files = list_in(*object, "results");
    auto const* const removed = object->if_contains("removed");
    bool const gone = removed != nullptr && removed->is_bool() && removed->get_bool();
    auto const count = integer_in(*object, "count").value_or(0);
    auto const shown = static_cast<std::int64_t>(files == nullptr ? 0 : files->size());
    std::string out;
    if (shown > 0) out += files_text(*files);
    if (count > shown) out += "... and " + std::to_string(count - shown) + " more\n";
    out += (gone ? "removed: " : "would be removed: ") + amount_text(*object) +
           "\nkept: " + amount_in(*object, "kept") + " (at most " + amount_in(*object, "largest") + ")\n";
    return out;
}

}  // namespace tp::cli
