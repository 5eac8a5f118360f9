#pragma once

#include <map>

#include "api/cli/shown/result.hpp"

namespace tp::cli {

/// The table at the end: a row for each probe over all its results, and a last line about all.
class tally {
public:
    static constexpr std::size_t most_times = 100'000;  // that medians are made of; later ones only count

    void add(shown_result const& result);
    bool empty() const noexcept { return by_probe_.empty(); }
    /// @param expected  how many probes were to answer; 0 if that is not known.
    std::string text(std::size_t expected) const;

private:
    struct sum {
        std::string target, remark;
        std::size_t asked = 0, answered = 0;
        std::vector<double> times;  // ms
    };

    static std::vector<std::string> cells_of(sum const& one);

    std::string type_;
    std::map<std::int64_t, sum> by_probe_;
    std::size_t times_ = 0;
};

}  // namespace tp::cli
