#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/hosting/requests.hpp"
#include "api/json_fields.hpp"
#include "api/limits.hpp"
#include "api/probes/object.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_key_text = 256;  // octets

/// Geometry as it is shown, or latitude and longitude alone.
void read_place(json_fields const& fields, json::object const& object, store::probe_change& out)
{
    auto const real = [](json::value const* value) -> std::optional<double> {
        if (value == nullptr || !value->is_number()) return std::nullopt;
        return value->to_number<double>();
    };
    auto const* geometry = object.if_contains("geometry");
    auto const* inner = geometry == nullptr ? nullptr : geometry->if_object();
    auto const* list = inner == nullptr ? nullptr : inner->if_contains("coordinates");
    auto const* pair = list == nullptr ? nullptr : list->if_array();
    if (pair != nullptr && pair->size() == 2) {
        out.longitude = real(&(*pair)[0]);
        out.latitude = real(&(*pair)[1]);
    } else {
        out.longitude = real(object.if_contains("longitude"));
        out.latitude = real(object.if_contains("latitude"));
    }
    bool const given = fields.find("geometry") || fields.find("latitude") || fields.find("longitude");
    bool const whole = out.latitude && out.longitude && *out.latitude >= -90 && *out.latitude <= 90 &&
                       *out.longitude >= -180 && *out.longitude <= 180;
    if (given && !whole) fields.complain("geometry", "A point with longitude and latitude in degrees is required.");
}

/// As a list of slugs, or of the objects that a probe shows.
void read_tags(json_fields const& fields, json::value const& given, store::probe_change& out)
{
    auto const* list = given.if_array();
    bool bad = list == nullptr || list->size() > most_tags;
    out.user_tags.emplace();
    for (std::size_t i = 0; !bad && i < list->size(); ++i) {
        auto const* object = (*list)[i].if_object();
        auto const* slug = object == nullptr ? &(*list)[i] : object->if_contains("slug");
        auto const* text = slug == nullptr ? nullptr : slug->if_string();
        bad = text == nullptr || text->empty() || text->size() > longest_tag ||
              !std::all_of(text->begin(), text->end(), [](char c) {
                  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
              });
        // System tags come along when a client sends back what it read; they are the platform's to set.
        if (!bad && !text->starts_with("system")) out.user_tags->emplace_back(*text);
    }
    if (bad) fields.complain("tags", "A list of at most 32 tags is required, made of a-z, 0-9, '-' and '_'.");
}

}  // namespace

checked<store::probe_change> parse_probe_change(std::string const& body)
{
    auto const object = parse_object(body);
    if (!object) return object.error();
    store::probe_change out;
    std::vector<fault> faults;
    json_fields const fields(*object, "", faults);
    out.description = fields.text("description", longest_description);
    out.is_public = fields.flag("is_public");
    out.country = fields.text("country_code", 2);
    bool const code =
        !out.country || (out.country->size() == 2 && (*out.country)[0] >= 'A' && (*out.country)[0] <= 'Z' &&
                         (*out.country)[1] >= 'A' && (*out.country)[1] <= 'Z');
    if (!code) fields.complain("country_code", "A country is an ISO 3166 alpha-2 code.");
    read_place(fields, *object, out);
    if (auto const* tags = fields.find("tags")) read_tags(fields, *tags, out);
    if (!faults.empty()) return problem(400, {}, std::move(faults));
    return out;
}

checked<new_probe> parse_new_probe(std::string const& body)
{
    auto const object = parse_object(body);
    if (!object) return object.error();
    std::vector<fault> faults;
    json_fields const fields(*object, "", faults);
    if (fields.find("public_key") == nullptr) fields.missing("public_key");
    new_probe out;
    out.public_key = fields.text("public_key", longest_key_text).value_or("");
    out.description = fields.text("description", longest_description).value_or("");
    out.consent = fields.text("consent", longest_consent);
    if (!faults.empty()) return problem(400, {}, std::move(faults));
    return out;
}

checked<claim_request> parse_claim(std::string const& body)
{
    claim_request out;
    if (body.empty()) return out;
    auto const object = parse_object(body);
    if (!object) return object.error();
    std::vector<fault> faults;
    json_fields const fields(*object, "", faults);
    if (auto const lifetime = fields.integer("lifetime", 1, longest_claim.count()))
        out.lifetime = std::chrono::seconds(*lifetime);
    out.consent = fields.text("consent", longest_consent);
    if (!faults.empty()) return problem(400, {}, std::move(faults));
    return out;
}

}  // namespace tp::api
