#pragma once

#include <cstdint>
#include <optional>

#include "base/rate_limiter.hpp"

namespace tp {

/// Which lines about strangers are written: some of each source and some in all, so that nobody fills a disk by being
/// refused. Pure.
class log_budget {
public:
    struct limits {
        allowance of_one{20, std::chrono::seconds{10}};
        allowance in_all{200, std::chrono::seconds{1}};
    };

    explicit log_budget(limits const& chosen) : of_one_(chosen.of_one), in_all_(chosen.in_all, 1) {}

    /// Nothing: the line is left out. Else how many were left out since the last one.
    std::optional<std::uint64_t> take(ip_address const& source, steady_time now);

private:
    rate_limiter of_one_, in_all_;
    std::uint64_t left_out_ = 0;
};

/// Writes "ADDRESS: refused: WHY" if there is room for it, and how many such lines were left out.
void log_refusal(std::string_view component, log_budget& room, ip_address const& from, std::string_view why);

}  // namespace tp
