#include <boost/json.hpp>
#include <cmath>

#include "api/cli/json.hpp"
#include "api/cli/shown/result.hpp"
#include "api/cli/text.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

constexpr double milliseconds = 1e3;  // Atlas gives seconds

/// The offset that counts is that of the fastest answer (RFC 5905, section 10: the clock filter).
struct best_answer {
    double round_trip = HUGE_VAL;
    std::optional<double> offset;  // ms
};

void read_packet(json::object const& packet, shown_result& out, best_answer& best)
{
    ++out.asked;
    auto const time = number_in(packet, "rtt");
    if (!time) {
        if (out.remark.empty()) out.remark = error_in(packet);
        return;
    }
    ++out.answered;
    out.times.push_back(*time * milliseconds);
    auto const offset = number_in(packet, "offset");
    if (*time < best.round_trip && offset) best = {*time, *offset * milliseconds};
}

}  // namespace

void read_ntp(json::object const& from, shown_result& out)
{
    best_answer best;
    out.remark = error_in(from);
    if (auto const* packets = list_in(from, "result")) {
        for (auto const& each : *packets) {
            if (each.is_object()) read_packet(each.get_object(), out, best);
        }
    }
    auto const counts = std::to_string(out.answered) + '/' + std::to_string(out.asked) + " answered";
    if (out.answered == 0) {
        out.told = out.remark.empty() ? counts : out.remark;
        return;
    }
    auto const sign = best.offset && *best.offset >= 0 ? "+" : "";
    out.remark = "stratum " + cell_in(from, "stratum");
    if (best.offset) out.remark = "offset " + (sign + decimal_text(*best.offset, 3)) + " ms, " + out.remark;
    out.told = out.remark + ", " + counts;
}

}  // namespace tp::cli
