#include <boost/json.hpp>

#include "api/cli/json.hpp"
#include "api/cli/shown/result.hpp"

namespace tp::cli {

namespace json = boost::json;

void read_ping(json::object const& from, shown_result& out)
{
    out.remark = error_in(from);
    if (auto const* packets = list_in(from, "result")) {
        for (auto const& each : *packets) {
            auto const* packet = each.if_object();
            if (packet == nullptr) continue;
            if (auto const time = number_in(*packet, "rtt")) out.times.push_back(*time);
            if (out.remark.empty()) out.remark = error_in(*packet);
        }
    }
    auto const count = [&](char const* key, std::size_t otherwise) {
        auto const value = integer_in(from, key);
        return value && *value >= 0 ? static_cast<std::size_t>(*value) : otherwise;
    };
    out.answered = count("rcvd", out.times.size());
    out.asked = count("sent", out.answered);
    auto const failed = out.times.empty() && !out.remark.empty();
    out.told = failed ? out.remark : std::to_string(out.answered) + '/' + std::to_string(out.asked) + " received";
}

}  // namespace tp::cli
