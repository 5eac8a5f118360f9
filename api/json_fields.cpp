#include "api/json_fields.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>

#include "api/times.hpp"

namespace tp::api {

namespace json = boost::json;

bool same_word(std::string_view a, std::string_view b) noexcept
{
    auto const lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

checked<json::value> parse_json(std::string const& body)
{
    error_code error;
    auto value = json::parse(body, error);  // depth is limited to 32 by the library
    if (error) return bad_body("", "The body is not valid JSON: " + error.message());
    return value;
}

checked<json::object> parse_object(std::string const& body)
{
    auto parsed = parse_json(body);
    if (!parsed) return parsed.error();
    auto* object = parsed->if_object();
    if (object == nullptr) return bad_body("", "Expected an object.");
    return std::move(*object);
}

std::optional<std::int64_t> integer_of(json::value const& value)
{
    constexpr double exactly_held = 9e15;
    if (auto const* number = value.if_int64()) return *number;
    if (auto const* real = value.if_double()) {
        if (!(std::abs(*real) < exactly_held) || std::trunc(*real) != *real) return std::nullopt;
        return static_cast<std::int64_t>(*real);
    }
    auto const* text = value.if_string();
    if (text == nullptr) return std::nullopt;
    std::int64_t number = 0;
    auto const* const last = text->data() + text->size();
    auto const [end, error] = std::from_chars(text->data(), last, number);
    if (error != std::errc{} || end != last) return std::nullopt;
    return number;
}

std::vector<std::string> split_list(std::string_view text)
{
    std::vector<std::string> out;
    while (!text.empty()) {
        auto const end = text.find(',');
        auto word = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        while (word.starts_with(' ')) word.remove_prefix(1);
        while (word.ends_with(' ')) word.remove_suffix(1);
        if (!word.empty()) out.emplace_back(word);
    }
    return out;
}

bool is_plain_text(std::string_view text)
{
    // JSON strings were checked to be UTF-8 by the parser; PostgreSQL refuses a zero octet.
    return std::none_of(text.begin(), text.end(), [](char c) {
        bool const white = c == '\n' || c == '\r' || c == '\t';
        return (c >= 0 && c < 0x20 && !white) || c == 0x7F;
    });
}

json::value const* json_fields::find(std::string_view name) const
{
    auto const* value = object_.if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
}

void json_fields::complain(std::string_view name, std::string detail) const
{
    faults_.push_back({pointer_to(name), std::move(detail), fault::place::body});
}

std::optional<std::int64_t> json_fields::integer(std::string_view name, std::int64_t least, std::int64_t most) const
{
    auto const* value = find(name);
    if (value == nullptr) return std::nullopt;
    auto const number = integer_of(*value);
    if (!number) {
        complain(name, "A valid integer is required.");
    } else if (*number < least) {
        complain(name, "Ensure this value is greater than or equal to " + std::to_string(least) + '.');
    } else if (*number > most) {
        complain(name, "Ensure this value is less than or equal to " + std::to_string(most) + '.');
    } else {
        return number;
    }
    return std::nullopt;
}

std::optional<bool> json_fields::flag(std::string_view name) const
{
    auto const* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (auto const* flag = value->if_bool()) return *flag;
    if (auto const* text = value->if_string(); text != nullptr && (*text == "true" || *text == "false")) {
        return *text == "true";
    }
    complain(name, "Must be a valid boolean.");
    return std::nullopt;
}

std::optional<std::string> json_fields::text(std::string_view name, std::size_t longest) const
{
    auto const* value = find(name);
    if (value == nullptr) return std::nullopt;
    auto const* given = value->if_string();
    if (given == nullptr || !is_plain_text(*given)) {
        complain(name, "Not a valid string.");
    } else if (given->size() > longest) {
        complain(name, "Ensure this field has no more than " + std::to_string(longest) + " characters.");
    } else {
        return std::string(*given);
    }
    return std::nullopt;
}

void json_fields::read_visible(std::string_view name, std::size_t longest, std::string& out, char lowest) const
{
    auto given = text(name, longest);
    if (!given) return;
    bool const visible = std::all_of(given->begin(), given->end(), [&](char c) { return c >= lowest && c <= '~'; });
    if (!visible) return complain(name, "Only visible ASCII characters are possible here.");
    out = std::move(*given);
}

std::optional<wall_time> json_fields::time(std::string_view name) const
{
    auto const* value = find(name);
    if (value == nullptr) return std::nullopt;
    auto const* given = value->if_string();
    auto const seconds = given == nullptr ? integer_of(*value) : std::nullopt;
    auto const parsed = given != nullptr ? parse_time(*given)
                        : seconds        ? parse_time(std::to_string(*seconds))
                                         : result<wall_time>(errc::malformed);
    if (parsed) return *parsed;
    complain(name, "Not a valid time: use unix seconds or ISO 8601.");
    return std::nullopt;
}

std::vector<std::string> json_fields::texts(std::string_view name, std::size_t most, std::size_t longest) const
{
    auto const* value = find(name);
    if (value == nullptr) return {};
    std::vector<std::string> out;
    if (auto const* one = value->if_string()) {
        out = split_list(*one);
    } else if (auto const* list = value->if_array()) {
        for (auto const& each : *list) {
            if (out.size() > most) break;
            auto const* text = each.if_string();
            out.emplace_back(text == nullptr ? std::string(longest + 1, '?')
                                             : std::string(*text));  // complained of below
        }
    } else {
        complain(name, "Expected a list of items.");
        return {};
    }
    bool const too_long = std::any_of(out.begin(), out.end(), [&](std::string const& text) {
        return text.empty() || text.size() > longest || !is_plain_text(text);
    });
    if (out.size() <= most && !too_long) return out;
    complain(name,
             "Expected at most " + std::to_string(most) + " texts of 1 to " + std::to_string(longest) + " characters.");
    return {};
}

}  // namespace tp::api
