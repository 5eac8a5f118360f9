#include <boost/json.hpp>

#include "api/cli/client.hpp"
#include "api/cli/json.hpp"
#include "api/cli/table.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

/// "/definitions/0/af" -> "af"; "/probes/1/value" -> "probes 2: value" (people count from one).
std::string field_of(std::string const& pointer)
{
    std::vector<std::string> steps;
    for (std::size_t begin = 0; begin < pointer.size();) {
        auto const end = std::min(pointer.find('/', begin + 1), pointer.size());
        steps.push_back(pointer.substr(begin + 1, end - begin - 1));
        begin = end;
    }
    if (steps.size() > 2 && steps[0] == "definitions" && steps[1] == "0") steps.erase(steps.begin(), steps.begin() + 2);
    std::string out;
    for (auto const& step : steps) {
        auto const number = !step.empty() && step.size() < 9 && step.find_first_not_of("0123456789") == step.npos;
        if (!out.empty()) out += number ? " " : ": ";
        out += number ? std::to_string(std::stol(step) + 1) : step;
    }
    return out;
}

std::string line_of(json::object const& fault)
{
    std::string field;
    if (auto const* source = object_in(fault, "source")) {
        field = field_of(text_in(*source, "pointer"));
        if (field.empty()) field = text_in(*source, "parameter");
    }
    auto const detail = text_in(fault, "detail");
    if (field.empty() || detail.starts_with(field + ": ")) return detail;  // some details name it themselves
    return field + ": " + detail;
}

std::string status_line(unsigned status, std::string const& title)
{
    return "HTTP " + std::to_string(status) + (title.empty() ? "" : " " + title);
}

}  // namespace

std::string explain(api_reply const& reply)
{
    boost::json::error_code ec;
    auto const parsed = json::parse(reply.body, ec);
    auto const* root = ec ? nullptr : parsed.if_object();
    if (root == nullptr) return status_line(reply.status, "");
    auto const* inner = object_in(*root, "error");
    auto const& error = inner == nullptr ? *root : *inner;  // some servers leave the outer object out

    std::string lines;
    if (auto const* faults = list_in(error, "errors")) {
        for (auto const& each : *faults) {
            auto const line = each.is_object() ? line_of(each.get_object()) : std::string();
            if (!line.empty()) lines += (lines.empty() ? "" : "\n") + printable(line);
        }
    }
    if (!lines.empty()) return lines;
    auto const detail = text_in(error, "detail");
    return printable(detail.empty() ? status_line(reply.status, text_in(error, "title")) : detail);
}

}  // namespace tp::cli
