#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tp::cli {

/// Seconds since 1970 from "1700000000" or "2026-01-02[T03:04[:05]][Z]" (UTC).
std::optional<std::int64_t> parse_time(std::string const& text);

/// "2026-01-02 03:04:05" in UTC, from seconds since 1970.
std::string time_text(std::int64_t seconds);

/// `text` so that it can stand as a value in a query.
std::string query_escape(std::string const& text);

/// "12.34": as many digits behind the point as asked for.
std::string decimal_text(double value, int digits = 2);

/// "  ms: 9.12 7.00", or nothing if there are none.
std::string times_text(std::vector<double> const& milliseconds);

/// "1 answer", "2 answers".
std::string count_text(std::size_t count, std::string const& what);

}  // namespace tp::cli
