#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "probe/guard/local_time.hpp"

namespace tp::probe {

/// Hours in which the host wants no measurements, as its clock on the wall shows them. Summer time needs no care: an
/// hour that is shown twice is quiet twice, one that is skipped is not missed.
class quiet_hours {
public:
    static constexpr std::size_t most_ranges = 16;

    /// Adds "23:00-06:30": from the first minute up to, and without, the last; over midnight if that comes first.
    /// "00:00-24:00" is the whole day. Errors: errc::malformed (also for an empty range); errc::too_large.
    result<void> add(std::string_view range);

    /// Whether it is quiet. A clock that is not set is taken for quiet if there are quiet hours at all: nobody knows.
    bool hold(std::optional<local_moment> now) const noexcept;
    bool empty() const noexcept { return ranges_.empty(); }
    /// "23:00-06:30, 12:00-13:00".
    std::string text() const;
    bool operator==(quiet_hours const&) const = default;

private:
    struct range {
        unsigned from = 0, to = 0;  // minutes of the day; from 0 to 1439, to 1 to 1440 or smaller than from
        bool operator==(range const&) const = default;
    };
    std::vector<range> ranges_;
};

}  // namespace tp::probe
