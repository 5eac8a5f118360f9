#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "proto/report.hpp"
#include "store/result_store.hpp"

namespace tp::api {

/// The firmware number that we show: parsers of Atlas results choose the format by it, and 5000 and above is the
/// present one. Our own version stands in `mver`.
inline constexpr int shown_firmware = 5120;

/// What a result's JSON takes from its measurement.
struct result_context {
    std::int32_t group = 0;                    // of the group, or of the measurement itself
    std::optional<std::chrono::seconds> step;  // interval; none: one-off
};

/// Appends one result as RIPE Atlas writes those of its type (compact, no newline). What Atlas does not have stands in
/// members at the end, which parsers of Atlas results pass over: clock, planned, started, jobs_beside, failure_source,
/// and flagged (true) where the probe was isolated.
void append_report(std::string& out, store::result_row const& row, proto::report const& report,
                   result_context const& context);

/// Decodes the row and appends its JSON. A row that cannot be read is left out: answers false.
bool append_result(std::string& out, store::result_row const& row, result_context const& context);

}  // namespace tp::api
