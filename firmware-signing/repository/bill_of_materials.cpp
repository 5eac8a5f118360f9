#include "firmware-signing/repository/bill_of_materials.hpp"

#include <boost/json.hpp>

namespace tp::repository {

result<bill_of_materials> read_bill(std::string_view octets)
{
    namespace json = boost::json;
    if (octets.size() > largest_bill) return errc::too_large;
    error_code why;
    auto const whole = json::parse({octets.data(), octets.size()}, why);
    auto const* const says = why ? nullptr : whole.if_object();
    auto const* const format = says ? says->if_contains("bomFormat") : nullptr;
    auto const* const version = says ? says->if_contains("specVersion") : nullptr;
    auto const* const components = says ? says->if_contains("components") : nullptr;
    if (!format || !format->is_string() || format->get_string() != "CycloneDX") return errc::malformed;
    if (!version || !version->is_string() || !version->get_string().starts_with("1.")) return errc::malformed;
    if (!components || !components->is_array()) return errc::malformed;
    auto const& text = version->get_string();
    return bill_of_materials{{text.data(), text.size()}, components->get_array().size()};
}

}  // namespace tp::repository
