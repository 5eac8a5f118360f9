#include "api/keys/requests.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/json_fields.hpp"
#include "api/limits.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_label = 128, longest_email = 254, longest_scope = 64, most_scopes = 64;

bool is_scope(std::string_view name)
{
    auto const all = permissions();
    return name == "*" || std::any_of(all.begin(), all.end(), [&](permission const& p) { return p.scope == name; });
}

/// The permission of one grant; empty if it has none. One for a single object would be kept as one for all of them.
std::string read_grant(json::value const& given, std::string const& pointer, std::vector<fault>& faults)
{
    auto const* object = given.if_object();
    if (object == nullptr) return {};
    json_fields const fields(*object, pointer, faults);
    if (fields.find("target") != nullptr)
        fields.complain("target", "Permissions for one object alone are not kept here: leave it out, or null.");
    auto const* name = fields.find("permission");
    auto const* text = name == nullptr ? nullptr : name->if_string();
    return text == nullptr ? std::string() : std::string(*text);
}

/// Scopes as a list of names, or as Atlas writes grants.
std::vector<std::string> read_scopes(json_fields const& fields, std::vector<fault>& faults)
{
    auto out = fields.texts("scopes", most_scopes, longest_scope);
    auto const* grants = fields.find("grants");
    auto const* list = grants == nullptr ? nullptr : grants->if_array();
    if (grants != nullptr && (list == nullptr || list->size() > most_scopes)) {
        fields.complain("grants", "Expected a list of objects with \"permission\".");
        return out;
    }
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i)
        out.push_back(read_grant((*list)[i], fields.pointer_to("grants") + '/' + std::to_string(i), faults));
    return out;
}

/// What is not kept would make a key that works at once, or at all, where none was wanted.
void refuse_later_keys(json_fields const& fields, wall_time now)
{
    auto const from = fields.time("valid_from");
    if (from && *from > now) fields.complain("valid_from", "Keys are usable at once: leave it out.");
    if (fields.flag("enabled") == false) fields.complain("enabled", "Keys are enabled when they are made.");
}

bool is_email(std::string_view text)
{
    auto const at = text.find('@');
    return at != std::string_view::npos && at > 0 && at + 1 < text.size() && text.find('@', at + 1) == text.npos &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

}  // namespace

checked<key_request> parse_key_request(std::string const& body, wall_time now)
{
    auto const object = parse_object(body);
    if (!object) return object.error();
    std::vector<fault> faults;
    json_fields const fields(*object, "", faults);
    key_request out;
    out.label = fields.text("label", longest_label).value_or("");
    out.scopes = read_scopes(fields, faults);
    refuse_later_keys(fields, now);
    out.valid_to = fields.time("valid_to");
    if (out.valid_to && *out.valid_to <= now) fields.complain("valid_to", "The time must lie ahead.");
    if (out.scopes.empty() && faults.empty()) fields.missing("scopes");
    for (auto const& scope : out.scopes) {
        if (!is_scope(scope)) fields.complain("scopes", "There is no permission \"" + scope + "\".");
    }
    if (!faults.empty()) return problem(400, {}, std::move(faults));
    return out;
}

checked<key_request> within_key(key_request wanted, store::credential const& asking, std::optional<wall_time> valid_to)
{
    auto const& own = asking.scopes;
    auto const has = [&](std::string_view name) { return std::find(own.begin(), own.end(), name) != own.end(); };
    for (auto const& scope : wanted.scopes) {
        if (has("*") || has(scope)) continue;
        return bad_body("/scopes", "Your key does not have the permission \"" + scope + "\" itself.");
    }
    if (valid_to && wanted.valid_to && *wanted.valid_to > *valid_to) {
        return bad_body("/valid_to", "Your key ends before that.");
    }
    if (!wanted.valid_to) wanted.valid_to = valid_to;
    return wanted;
}

checked<account_request> parse_account_request(std::string const& body)
{
    auto const object = parse_object(body);
    if (!object) return object.error();
    std::vector<fault> faults;
    json_fields const fields(*object, "", faults);
    account_request out;
    if (fields.find("email") == nullptr) fields.missing("email");
    auto const email = fields.text("email", longest_email);
    if (email && !is_email(*email)) fields.complain("email", "Enter a valid email address.");
    out.email = email.value_or("");
    auto const name = fields.text("role", longest_label);
    auto const role = role_named(name.value_or("user"));
    if (!role) fields.complain("role", "Must be \"host\", \"user\", \"operator\" or \"admin\".");
    out.role = role.value_or(store::role::user);
    if (!faults.empty()) return problem(400, {}, std::move(faults));
    return out;
}

}  // namespace tp::api
