#include "api/hosting/requests.hpp"

#include <boost/json/object.hpp>

#include "api/json_fields.hpp"

namespace tp::api {

checked<code_request> parse_code_request(std::string const& body)
{
    auto const object = parse_object(body);
    if (!object) return object.error();
    std::vector<fault> faults;
    json_fields const fields(*object, "", faults);
    if (fields.find("code") == nullptr) fields.missing("code");
    code_request out{fields.text("code", longest_code).value_or(""), fields.text("consent", longest_consent)};
    if (!faults.empty()) return problem(400, {}, std::move(faults));
    return out;
}

checked<std::chrono::seconds> parse_offer(std::string const& body)
{
    if (body.empty()) return usual_offer;
    auto const object = parse_object(body);
    if (!object) return object.error();
    std::vector<fault> faults;
    json_fields const fields(*object, "", faults);
    auto const lifetime = fields.integer("lifetime", 1, longest_offer.count());
    if (!faults.empty()) return problem(400, {}, std::move(faults));
    return lifetime ? std::chrono::seconds(*lifetime) : usual_offer;
}

checked<std::string> parse_consent(std::string const& body)
{
    auto const object = parse_object(body);
    if (!object) return object.error();
    std::vector<fault> faults;
    json_fields const fields(*object, "", faults);
    if (fields.find("consent") == nullptr) fields.missing("consent");
    auto out = fields.text("consent", longest_consent).value_or("");
    if (!faults.empty()) return problem(400, {}, std::move(faults));
    return out;
}

checked<std::optional<std::string>> agreed(std::optional<std::string> const& consent, host_terms const& terms)
{
    if (terms.consent_version.empty()) return std::optional<std::string>();
    if (consent == terms.consent_version) return consent;
    return bad_body("/consent", "Version " + terms.consent_version +
                                    " of the text for hosts has to be accepted: GET /api/v2/consent/ shows it.");
}

}  // namespace tp::api
