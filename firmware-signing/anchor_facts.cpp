#include "firmware-signing/anchor_facts.hpp"

#include <charconv>

namespace tp::signing {
namespace {

constexpr double most_latitude = 90, most_longitude = 180;  // degrees

/// The subjects of one anchor, one by one.
class subjects {
public:
    explicit subjects(listed_anchor const& of) : of_(of) {}

    std::string text(std::string_view name) const
    {
        auto const found = of_.about.find(name);
        return found == of_.about.end() ? std::string() : found->second;
    }

    template <class Number>
    std::optional<Number> number(std::string_view name)
    {
        auto const said = text(name);
        if (said.empty()) return std::nullopt;
        Number value = 0;
        auto const* const last = said.data() + said.size();
        auto const [end, error] = std::from_chars(said.data(), last, value);
        if (error == std::errc{} && end == last) return value;
        complain(name, "is no number");
        return std::nullopt;
    }

    std::optional<double> degrees(std::string_view name, double most)
    {
        auto const value = number<double>(name);
        if (value && !(*value >= -most && *value <= most)) complain(name, "lies beyond the Earth");
        return value;
    }

    void complain(std::string_view name, std::string_view what)
    {
        if (!complaint) complaint = "anchor \"" + of_.name + "\": " + std::string(name) + ' ' + std::string(what);
    }

    std::optional<std::string> complaint;

private:
    listed_anchor const& of_;
};

bool is_country(std::string_view text)
{
    return text.size() == 2 && text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == text.npos;
}

}  // namespace

read_facts facts_about(listed_anchor const& anchor)
{
    subjects from(anchor);
    anchor_facts out{.country = from.text("country"), .city = from.text("city"), .company = from.text("company")};
    if (!out.country.empty() && !is_country(out.country)) from.complain("country", "is not two capital letters");
    if (auto const number = from.number<std::int64_t>("probe")) {
        auto const probe = probe_id::from(*number);
        if (probe)
            out.probe = *probe;
        else
            from.complain("probe", "is no probe's number");
    }
    out.asn_v4 = from.number<std::uint32_t>("asn_v4");
    out.asn_v6 = from.number<std::uint32_t>("asn_v6");
    out.latitude = from.degrees("latitude", most_latitude);
    out.longitude = from.degrees("longitude", most_longitude);
    if (out.latitude.has_value() != out.longitude.has_value()) from.complain("latitude", "and longitude go together");
    return {std::move(out), std::move(from.complaint)};
}

}  // namespace tp::signing
