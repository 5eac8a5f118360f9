#include "api/cli/listing.hpp"

#include <boost/json.hpp>
#include <iostream>

#include "api/cli/json.hpp"
#include "api/cli/table.hpp"
#include "api/cli/text.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

bool is_time(std::string_view key)
{
    return key.ends_with("_time") || key.ends_with("_connected") || key.ends_with("_since") || key.ends_with("_at") ||
           key == "when";
}

std::string shown(json::object const& from, std::string_view key)
{
    auto const number = integer_in(from, key);
    return number && is_time(key) ? time_text(*number) : cell_in(from, key);
}

std::string shown_deep(json::object const& from, std::string_view key)
{
    auto const dot = key.find('.');
    if (dot == std::string_view::npos) return shown(from, key);
    auto const* inner = object_in(from, key.substr(0, dot));
    return inner == nullptr ? std::string() : shown_deep(*inner, key.substr(dot + 1));
}

}  // namespace

std::string list_text(json::value const& answer, std::vector<listed> const& columns)
{
    auto const* object = answer.if_object();
    auto const* rows = object == nullptr ? answer.if_array() : list_in(*object, "results");
    std::vector<table::column> titles;
    for (auto const& each : columns) titles.push_back({each.title});
    table out(std::move(titles));
    if (rows != nullptr) {
        for (auto const& row : *rows) {
            if (!row.is_object()) continue;
            std::vector<std::string> cells;
            for (auto const& each : columns) cells.push_back(shown_deep(row.get_object(), each.key));
            out.add(std::move(cells));
        }
    }
    auto text = out.text();
    auto const count = object == nullptr ? std::nullopt : integer_in(*object, "count");
    if (count && *count > static_cast<std::int64_t>(out.size()))
        text += "(" + std::to_string(out.size()) + " of " + std::to_string(*count) + ")\n";
    return text;
}

std::string object_text(json::value const& answer)
{
    auto const* object = answer.if_object();
    if (object == nullptr) return {};
    table out({{"field"}, {"value"}});
    for (auto const& [key, value] : *object) {
        auto const text = shown(*object, key);
        if (!text.empty()) out.add({std::string(key), text});
    }
    return out.text();
}

int print_list(remote& api, std::string const& path, std::vector<listed> const& columns, bool as_json)
{
    auto const answer = api.ask("GET", path);
    if (!answer) return api.code();
    std::cout << (as_json ? json::serialize(*answer) + '\n' : list_text(*answer, columns));
    return exit_ok;
}

int print_object(remote& api, std::string const& path, bool as_json)
{
    auto const answer = api.ask("GET", path);
    if (!answer) return api.code();
    std::cout << (as_json ? json::serialize(*answer) + '\n' : object_text(*answer));
    return exit_ok;
}

}  // namespace tp::cli
