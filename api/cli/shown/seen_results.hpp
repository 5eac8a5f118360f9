#pragma once

#include <set>
#include <utility>

#include "api/cli/shown/result.hpp"

namespace tp::cli {

/// Which results were shown already. Forgets those far older than the newest, so it does not grow for ever.
class seen_results {
public:
    static constexpr std::int64_t kept = 3'600;  // seconds

    /// Whether this one is new.
    bool take(shown_result const& result);
    /// From where on to ask for results (seconds since 1970): results come late, so a while before the newest.
    std::optional<std::int64_t> ask_from() const;
    /// How many probes have answered since the beginning.
    std::size_t probes() const noexcept { return probes_.size(); }

private:
    std::set<std::pair<std::int64_t, std::int64_t>> keys_;  // (timestamp, probe)
    std::set<std::int64_t> probes_;
};

}  // namespace tp::cli
