#include <boost/json.hpp>

#include "api/cli/json.hpp"
#include "api/cli/shown/dns_message.hpp"
#include "api/cli/shown/result.hpp"
#include "api/cli/text.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

/// {"timeout": 5000} becomes "timeout after 5000 ms", {"socket": "no route"} "socket: no route" (Atlas API, results of
/// dns).
std::string dns_error(json::value const& error)
{
    auto const* object = error.if_object();
    if (object == nullptr) return cell_of(error);
    std::string out;
    for (auto const& [key, value] : *object) {
        auto const name = std::string(key);
        out += (out.empty() ? "" : ", ") + (name == "timeout" ? "timeout after " + cell_of(value) + " ms"
                                                              : name + (value.is_bool() ? "" : ": " + cell_of(value)));
    }
    return out;
}

std::string short_text(json::object const& answer, dns_message const& message)
{
    auto const records = static_cast<std::size_t>(std::max<std::int64_t>(0, integer_in(answer, "ANCOUNT").value_or(0)));
    return (message.code.empty() ? "" : message.code + ", ") + count_text(records, "answer");
}

/// What one server said; `whole` is that result, or the element of a resultset.
void read_one(json::object const& whole, shown_result& out)
{
    ++out.asked;
    auto const* answer = object_in(whole, "result");
    if (answer == nullptr) {
        auto const* error = whole.if_contains("error");
        out.remark = error == nullptr ? "no answer" : dns_error(*error);
        out.told += out.remark;
        return;
    }
    ++out.answered;
    auto const message = read_dns_message(text_in(*answer, "abuf"));
    out.remark = short_text(*answer, message);
    out.told += out.remark + ", " + cell_in(*answer, "size") + " octets";
    if (auto const time = number_in(*answer, "rt")) out.times.push_back(*time);
    for (auto const& record : message.answers) out.details += "    " + record + '\n';
}

}  // namespace

void read_dns(json::object const& from, shown_result& out)
{
    auto const* servers = list_in(from, "resultset");
    if (servers == nullptr) return read_one(from, out);
    for (auto const& each : *servers) {
        if (!each.is_object()) continue;
        auto const& one = each.get_object();
        auto const address = text_in(one, "dst_addr");
        out.told += (out.told.empty() ? "" : "; ") + address + (address.empty() ? "" : ": ");
        read_one(one, out);
    }
    out.target = count_text(servers->size(), "resolver");
}

}  // namespace tp::cli
