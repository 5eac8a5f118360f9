#include "base/log_budget.hpp"

#include <utility>

#include "base/log.hpp"

namespace tp {

std::optional<std::uint64_t> log_budget::take(ip_address const& source, steady_time now)
{
    if (of_one_.take(source, now) || in_all_.take(ip_address(), now)) {
        ++left_out_;
        return std::nullopt;
    }
    return std::exchange(left_out_, 0);
}

void log_refusal(std::string_view component, log_budget& room, ip_address const& from, std::string_view why)
{
    auto const left_out = room.take(from, std::chrono::steady_clock::now());
    if (!left_out) return;
    auto line = from.to_string() + ": refused: " + std::string(why);
    if (*left_out > 0) line += " (and " + std::to_string(*left_out) + " other refusals, of which nothing is written)";
    log::info(component, line);
}

}  // namespace tp
