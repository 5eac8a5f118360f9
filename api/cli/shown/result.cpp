#include "api/cli/shown/result.hpp"

#include <boost/json.hpp>

#include "api/cli/json.hpp"
#include "api/cli/table.hpp"
#include "api/cli/text.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

using reader = void (*)(json::object const&, shown_result&);

struct known_type {
    std::string_view name;
    reader read;
};
constexpr known_type known_types[] = {{"ping", read_ping}, {"traceroute", read_traceroute}, {"dns", read_dns},
                                      {"http", read_http}, {"sslcert", read_sslcert},       {"ntp", read_ntp}};

void read_unknown(json::object const& from, shown_result& out)
{
    out.asked = 1;
    out.told = out.remark = error_in(from);
    if (out.told.empty()) out.told = (out.type.empty() ? "a result" : out.type) + ", shown by --json only";
}

reader reader_of(std::string_view type)
{
    for (auto const& each : known_types) {
        if (each.name == type) return each.read;
    }
    return read_unknown;
}

}  // namespace

std::string error_in(json::object const& from)
{
    for (auto const* key : {"error", "err", "dnserr", "sockerr"}) {
        auto text = cell_in(from, key);
        if (!text.empty()) return text;
    }
    return {};
}

std::optional<shown_result> read_result(json::value const& from)
{
    auto const* object = from.if_object();
    if (object == nullptr) return std::nullopt;
    auto const probe = integer_in(*object, "prb_id");
    if (!probe) return std::nullopt;
    shown_result out;
    out.probe = *probe;
    out.timestamp = integer_in(*object, "timestamp").value_or(0);
    out.type = text_in(*object, "type");
    out.target = text_in(*object, "dst_addr");
    if (out.target.empty()) out.target = text_in(*object, "dst_name");
    reader_of(out.type)(*object, out);
    return out;
}

std::string line_of(shown_result const& result)
{
    return printable(time_text(result.timestamp) + "  probe " + std::to_string(result.probe) + "  " +
                     (result.target.empty() ? "" : result.target + "  ") + result.told + times_text(result.times));
}

}  // namespace tp::cli
