#include <array>
#include <sstream>

#include "api/measurements/sources.hpp"

namespace tp::api {
namespace {

struct area {
    std::string_view name, countries;
};

// ISO 3166-1 alpha-2. Atlas draws its areas on the map and does not publish the lines, so ours follow borders.
constexpr std::array areas{
    area{"WW", ""},
    area{"West",
         "AG AI AR AW BB BL BM BO BQ BR BS BZ CA CL CO CR CU CW DM DO EC FK GD GF GL GP GS GT GY HN HT JM KN KY LC MF "
         "MQ MS MX NI PA PE PM PR PY SR SV SX TC TT US UY VC VE VG VI"},
    area{"North-Central",
         "AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME "
         "MK MT NL NO PL PT RO RS SE SI SJ SK SM TR UA VA XK"},
    area{"South-Central",
         "AE AM AO AZ BF BH BI BJ BV BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GE GH GM GN GQ GW IL IO IQ IR JO KE KM "
         "KW LB LR LS LY MA MG ML MR MU MW MZ NA NE NG OM PS QA RE RW SA SC SD SH SL SN SO SS ST SY SZ TD TF TG TN TZ "
         "UG YE YT ZA ZM ZW"},
    area{"North-East", "CN HK JP KG KP KR KZ MN MO RU TJ TM TW UZ"},
    area{"South-East",
         "AF AQ AS AU BD BN BT CC CK CX FJ FM GU HM ID IN KH KI LA LK MH MM MP MV MY NC NF NP NR NU NZ PF PG PH PK PN "
         "PW SB SG TH TK TL TO TV UM VN VU WF WS"},
};

}  // namespace

std::optional<std::vector<std::string>> countries_of_area(std::string_view name)
{
    for (auto const& each : areas) {
        if (each.name != name) continue;
        std::vector<std::string> out;
        std::istringstream words{std::string(each.countries)};
        for (std::string word; words >> word;) out.push_back(word);
        return out;
    }
    return std::nullopt;
}

}  // namespace tp::api
