#pragma once

#include <algorithm>

#include "base/time.hpp"

namespace tp::update {

/// How often an instruction is judged: a few at once, and then one every so often. One that is believed costs writing
/// to the disk and a refresh, and whoever has the director's key and a controller can make as many as he likes.
class instruction_pace {
public:
    static constexpr unsigned burst = 8;
    static constexpr std::chrono::seconds every{10};

    /// Whether one may be judged now; if so, it counts.
    bool take(steady_time now)
    {
        if (now < ready()) return false;
        full_at_ = std::max(full_at_, now) + every;
        return true;
    }
    /// When the next one may be.
    steady_time ready() const noexcept { return full_at_ - (burst - 1) * every; }

private:
    steady_time full_at_{};  // the whole burst may come again
};

}  // namespace tp::update
