#include "api/measurements/sources.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <charconv>

#include "api/json_fields.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;

/// Why a value cannot be used; none if it was.
using complaint = std::optional<std::string>;

std::string text_of(json::value const& value)
{
    if (auto const* text = value.if_string()) return std::string(*text);
    auto const number = integer_of(value);
    return number ? std::to_string(*number) : std::string();
}

result<std::string> country_code(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    bool const letters = std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (text.size() != 2 || !letters) return errc::malformed;
    return text;
}

complaint use_area(std::string const& value, store::probe_filter& filter)
{
    auto countries = countries_of_area(value);
    if (!countries) return '"' + value.substr(0, 32) + "\" is not a valid choice.";
    filter.countries = std::move(*countries);
    return std::nullopt;
}

complaint use_countries(std::string const& value, store::probe_filter& filter)
{
    for (auto& each : split_list(value)) {
        auto code = country_code(std::move(each));
        if (!code) return "A country is an ISO 3166 alpha-2 code.";
        filter.countries.push_back(std::move(*code));
    }
    if (filter.countries.empty()) return "A country is an ISO 3166 alpha-2 code.";
    return std::nullopt;
}

complaint use_asn(std::string value, store::probe_filter& filter)
{
    if (value.starts_with("AS") || value.starts_with("as")) value.erase(0, 2);
    std::uint32_t number = 0;
    auto const* const last = value.data() + value.size();
    auto const [end, error] = std::from_chars(value.data(), last, number);
    if (error != std::errc{} || end != last || number == 0) return "An AS number is required.";
    filter.asn = number;
    return std::nullopt;
}

complaint use_prefix(std::string const& value, store::probe_filter& filter)
{
    auto const prefix = ip_prefix::parse(value);
    if (!prefix) return "A prefix in CIDR notation is required.";
    filter.prefix = *prefix;
    return std::nullopt;
}

complaint use_probes(std::string const& value, std::size_t most, store::probe_filter& filter)
{
    auto ids = parse_ids(value, most);
    if (!ids && ids.error() == errc::too_large) return "At most " + std::to_string(most) + " probes can be named.";
    if (!ids || ids->empty()) return "A list of probe numbers is required, such as \"1,2,3\".";
    filter.ids = std::move(*ids);
    return std::nullopt;
}

complaint use_measurement(std::string const& value, store::probe_filter& filter)
{
    auto const id = measurement_id::parse(value);
    if (!id) return "The number of a measurement is required.";
    filter.of_measurement = *id;
    return std::nullopt;
}

complaint use_value(std::string const& type, std::string const& value, limits const& limits,
                    store::probe_filter& filter)
{
    if (type == "area") return use_area(value, filter);
    if (type == "country" || type == "countries") return use_countries(value, filter);
    if (type == "asn") return use_asn(value, filter);
    if (type == "prefix") return use_prefix(value, filter);
    if (type == "probes") return use_probes(value, limits.probes_per_measurement, filter);
    return use_measurement(value, filter);
}

bool is_type(std::string_view type) noexcept
{
    return type == "area" || type == "country" || type == "countries" || type == "asn" || type == "prefix" ||
           type == "probes" || type == "msm";
}

/// "tags": {"include": [...], "exclude": [...]}, each half optional; some clients write tags_include and tags_exclude.
void read_tags(json_fields const& fields, std::vector<fault>& faults, store::probe_filter& filter)
{
    filter.tags_include = fields.texts("tags_include", most_tags, longest_tag);
    filter.tags_exclude = fields.texts("tags_exclude", most_tags, longest_tag);
    auto const* tags = fields.find("tags");
    if (tags == nullptr) return;
    auto const* object = tags->if_object();
    if (object == nullptr) return fields.complain("tags", "Expected an object with \"include\" and \"exclude\".");
    json_fields const halves(*object, fields.pointer_to("tags"), faults);
    if (halves.find("include") != nullptr) filter.tags_include = halves.texts("include", most_tags, longest_tag);
    if (halves.find("exclude") != nullptr) filter.tags_exclude = halves.texts("exclude", most_tags, longest_tag);
}

void read_requested(json_fields const& fields, limits const& limits, source& out)
{
    if (fields.find("requested") == nullptr) {
        if (out.type != "probes") return fields.missing("requested");
        out.requested = static_cast<std::uint32_t>(out.filter.ids.size());
        return;
    }
    auto const wanted = fields.integer("requested", -1, limits.probes_per_measurement);
    if (wanted == 0) return fields.complain("requested", "Ensure this value is greater than or equal to 1.");
    out.all = wanted == -1;
    out.requested = out.all ? limits.probes_per_measurement : static_cast<std::uint32_t>(wanted.value_or(0));
}

}  // namespace

result<std::vector<std::int32_t>> parse_ids(std::string_view text, std::size_t most)
{
    std::vector<std::int32_t> out;
    for (auto const& word : split_list(text)) {
        auto const dash = word.find('-');
        auto const first = probe_id::parse(std::string_view(word).substr(0, dash));
        if (!first) return errc::malformed;
        auto const last = dash == std::string::npos ? first : probe_id::parse(std::string_view(word).substr(dash + 1));
        if (!last || *last < *first) return errc::malformed;
        auto const count = static_cast<std::size_t>(last->value() - first->value()) + 1;
        if (count > most || out.size() > most - count) return errc::too_large;
        for (std::int64_t id = first->value(); id <= last->value(); ++id) out.push_back(static_cast<std::int32_t>(id));
    }
    return out;
}

std::optional<source> parse_source(json::value const& given, std::string const& pointer, limits const& limits,
                                   std::vector<fault>& faults)
{
    auto const* object = given.if_object();
    if (object == nullptr) {
        faults.push_back({pointer, "Expected an object.", fault::place::body});
        return std::nullopt;
    }
    auto const before = faults.size();
    json_fields const fields(*object, pointer, faults);
    source out;
    out.type = fields.text("type", longest_tag).value_or("");
    auto const* value = fields.find("value");
    if (fields.find("type") == nullptr) fields.missing("type");
    if (value == nullptr) fields.missing("value");
    if (faults.size() != before) return std::nullopt;
    if (!is_type(out.type)) {
        fields.complain("type", '"' + out.type + "\" is not a valid choice.");
        return std::nullopt;
    }
    if (auto wrong = use_value(out.type, text_of(*value), limits, out.filter))
        fields.complain("value", std::move(*wrong));
    read_requested(fields, limits, out);
    read_tags(fields, faults, out.filter);
    if (faults.size() != before) return std::nullopt;
    return out;
}

std::vector<source> parse_sources(json::value const& given, std::string const& pointer, limits const& limits,
                                  std::vector<fault>& faults)
{
    std::vector<source> out;
    auto const* list = given.if_array();
    if (list == nullptr || list->empty() || list->size() > most_sources) {
        auto const detail = "Expected a list of 1 to " + std::to_string(most_sources) + " items.";
        faults.push_back({pointer, detail, fault::place::body});
        return out;
    }
    for (std::size_t i = 0; i < list->size(); ++i) {
        auto one = parse_source((*list)[i], pointer + '/' + std::to_string(i), limits, faults);
        if (one) out.push_back(std::move(*one));
    }
    std::uint64_t sum = 0;
    for (auto const& each : out) sum += each.all ? 0 : each.requested;
    if (sum > limits.probes_per_measurement) {
        auto const detail =
            "At most " + std::to_string(limits.probes_per_measurement) + " probes can be requested for a measurement.";
        faults.push_back({pointer, detail, fault::place::body});
    }
    return out;
}

}  // namespace tp::api
