#include <boost/json.hpp>

#include "api/cli/json.hpp"
#include "api/cli/shown/result.hpp"
#include "api/cli/text.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

/// "(resolved 0.10, connected 5.20, first octet 10.40 ms)", as far as it was measured.
std::string phases_text(json::object const& answer)
{
    std::string out;
    for (auto const& [key, name] : {std::pair{"ttr", "resolved"}, {"ttc", "connected"}, {"ttfb", "first octet"}}) {
        auto const time = number_in(answer, key);
        if (time) out += (out.empty() ? "" : ", ") + std::string(name) + ' ' + decimal_text(*time);
    }
    return out.empty() ? out : " (" + out + " ms)";
}

void read_one(json::object const& answer, shown_result& out)
{
    ++out.asked;
    if (auto const address = text_in(answer, "dst_addr"); !address.empty()) out.target = address;
    auto const status = integer_in(answer, "res");
    auto const error = error_in(answer);
    out.remark = status ? "status " + std::to_string(*status) : error.empty() ? "no answer" : error;
    out.told += (out.told.empty() ? "" : "; ") + out.remark;
    if (!status) return;
    ++out.answered;
    if (auto const time = number_in(answer, "rt")) out.times.push_back(*time);
    auto const octets = cell_in(answer, "bsize");
    if (!octets.empty()) out.told += ", body of " + octets + " octets";
    if (!error.empty()) out.told += ", " + error, out.remark += ", " + error;
    out.told += phases_text(answer);
}

}  // namespace

void read_http(json::object const& from, shown_result& out)
{
    if (out.target.empty()) out.target = text_in(from, "uri");
    auto const* answers = list_in(from, "result");
    if (answers == nullptr || answers->empty()) return read_one(from, out);
    for (auto const& each : *answers) {
        if (each.is_object()) read_one(each.get_object(), out);
    }
}

}  // namespace tp::cli
