#include "api/cli/json.hpp"

#include <boost/json.hpp>

namespace tp::cli {

namespace json = boost::json;

std::string text_in(json::object const& from, std::string_view key)
{
    auto const* value = from.if_contains(key);
    auto const* text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? std::string() : std::string(text->data(), text->size());
}

std::optional<std::int64_t> integer_in(json::object const& from, std::string_view key)
{
    auto const* value = from.if_contains(key);
    auto const* number = value == nullptr ? nullptr : value->if_int64();
    if (number == nullptr) return std::nullopt;
    return *number;
}

std::optional<double> number_in(json::object const& from, std::string_view key)
{
    auto const* value = from.if_contains(key);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    return value->to_number<double>();
}

json::array const* list_in(json::object const& from, std::string_view key)
{
    auto const* value = from.if_contains(key);
    return value == nullptr ? nullptr : value->if_array();
}

json::object const* object_in(json::object const& from, std::string_view key)
{
    auto const* value = from.if_contains(key);
    return value == nullptr ? nullptr : value->if_object();
}

std::string cell_of(json::value const& value)
{
    if (value.is_null()) return {};
    if (auto const* text = value.if_string()) return std::string(text->data(), text->size());
    if (auto const* list = value.if_array()) {
        std::string out;
        for (auto const& each : *list) out += (out.empty() ? "" : ",") + cell_of(each);
        return out;
    }
    if (auto const* object = value.if_object()) {  // a tag, a status: what people call it
        for (auto const* name : {"slug", "name", "permission"}) {
            if (object->if_contains(name) != nullptr) return cell_of(object->at(name));
        }
    }
    return json::serialize(value);
}

std::string cell_in(json::object const& from, std::string_view key)
{
    auto const* value = from.if_contains(key);
    return value == nullptr ? std::string() : cell_of(*value);
}

}  // namespace tp::cli
