#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/time.hpp"

namespace tp::probe {

/// Whether the disk of the state folder begins to fail, so that the platform hears of it while this probe can still say
/// so: an error of a write or a flush, no space, or flushes that take seconds. Decides only.
class storage_watch {
public:
    static constexpr std::chrono::seconds slow{2};  // a flush that takes longer
    static constexpr std::size_t slow_flushes = 3;  // so many ...
    static constexpr std::chrono::hours window{1};  // ... within this time are trouble
    static constexpr std::chrono::hours told_again{6};
    static constexpr std::chrono::hours well_after{1};  // without any trouble

    /// What became of a write or a flush of `what` ("spool", "day", ...), and how long a flush took.
    void saw(std::string_view what, error_code why, steady_time now, std::chrono::nanoseconds took = {});

    struct news {
        std::string kind, text;  // an event: "storage_failing" or "storage_well"
    };
    std::optional<news> take_news(steady_time now);

private:
    struct trouble {
        std::string text;
        steady_time at;
    };
    std::deque<steady_time> slow_;
    std::optional<trouble> last_;
    std::optional<trouble> told_;
};

}  // namespace tp::probe
