#include "api/cli/pings.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <map>

#include "api/cli/json.hpp"
#include "api/cli/table.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

std::string milliseconds(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", value);
    return text;
}

std::string share_lost(std::size_t sent, std::size_t received)
{
    if (sent == 0) return "-";
    return std::to_string((sent - std::min(sent, received)) * 100 / sent) + " %";
}

double median_of(std::vector<double> times)
{
    auto const middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    if (times.size() % 2 == 1) return *middle;
    return (*middle + *std::max_element(times.begin(), middle)) / 2;
}

void read_packet(json::object const& packet, ping_result& out)
{
    auto const time = number_in(packet, "rtt");
    if (time) out.times.push_back(*time);
    if (out.error.empty()) out.error = text_in(packet, "error");
}

}  // namespace

std::optional<ping_result> read_ping(json::value const& from)
{
    auto const* object = from.if_object();
    if (object == nullptr) return std::nullopt;
    auto const probe = integer_in(*object, "prb_id");
    if (!probe) return std::nullopt;
    ping_result out;
    out.probe = *probe;
    out.timestamp = integer_in(*object, "timestamp").value_or(0);
    out.target = text_in(*object, "dst_addr");
    if (out.target.empty()) out.target = text_in(*object, "dst_name");
    if (auto const* packets = list_in(*object, "result")) {
        for (auto const& packet : *packets) {
            if (auto const* each = packet.if_object()) read_packet(*each, out);
        }
    }
    auto const count = [&](char const* key, std::size_t otherwise) {
        auto const value = integer_in(*object, key);
        return value && *value >= 0 ? static_cast<std::size_t>(*value) : otherwise;
    };
    out.received = count("rcvd", out.times.size());
    out.sent = count("sent", out.received);
    return out;
}

std::string time_text(std::int64_t seconds)
{
    auto const at = static_cast<std::time_t>(seconds);
    std::tm parts{};
    char text[32];
    if (::gmtime_r(&at, &parts) == nullptr) return "?";
    auto const length = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
    return std::string(text, length);
}

std::string line_of(ping_result const& result)
{
    auto line = time_text(result.timestamp) + "  probe " + std::to_string(result.probe) + "  " +
                (result.target.empty() ? "?" : result.target) + "  ";
    if (result.times.empty() && !result.error.empty()) return printable(line + result.error);
    line += std::to_string(result.received) + '/' + std::to_string(result.sent) + " received";
    if (!result.times.empty()) line += "  ms:";
    for (auto const time : result.times) line += ' ' + milliseconds(time);
    return printable(line);
}

std::string summary_of(std::vector<ping_result> const& results, std::size_t expected)
{
    std::map<std::int64_t, ping_result> by_probe;
    for (auto const& each : results) {
        auto& sum = by_probe[each.probe];
        sum.sent += each.sent;
        sum.received += each.received;
        sum.times.insert(sum.times.end(), each.times.begin(), each.times.end());
        if (!each.target.empty()) sum.target = each.target;
        if (!each.error.empty()) sum.error = each.error;
    }
    using enum table::side;
    table rows({{"probe", right},
                {"target", left},
                {"sent", right},
                {"received", right},
                {"lost", right},
                {"min ms", right},
                {"median ms", right},
                {"max ms", right},
                {"error", left}});
    std::size_t reached = 0;
    for (auto const& [probe, sum] : by_probe) {
        std::vector<std::string> cells{std::to_string(probe), sum.target, std::to_string(sum.sent),
                                       std::to_string(sum.received), share_lost(sum.sent, sum.received)};
        if (sum.times.empty()) {
            cells.insert(cells.end(), 3, "*");
        } else {
            ++reached;
            auto const [least, most] = std::minmax_element(sum.times.begin(), sum.times.end());
            cells.insert(cells.end(), {milliseconds(*least), milliseconds(median_of(sum.times)), milliseconds(*most)});
        }
        cells.push_back(sum.error);
        rows.add(std::move(cells));
    }
    auto const of = expected == 0 ? "" : " of " + std::to_string(expected);
    return rows.text() + std::to_string(by_probe.size()) + of + " probes answered, " + std::to_string(reached) +
           " reached the target\n";
}

bool seen_results::take(ping_result const& result)
{
    probes_.insert(result.probe);
    auto const [place, fresh] = keys_.emplace(result.timestamp, result.probe);
    if (!fresh) return false;
    auto const oldest = keys_.rbegin()->first - kept;
    keys_.erase(keys_.begin(), keys_.lower_bound({oldest, 0}));
    return result.timestamp >= oldest;
}

std::optional<std::int64_t> seen_results::ask_from() const
{
    if (keys_.empty()) return std::nullopt;
    return keys_.rbegin()->first - kept / 2;
}

}  // namespace tp::cli
