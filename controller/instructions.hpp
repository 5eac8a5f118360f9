#pragma once

#include <optional>
#include <string>

#include "base/time.hpp"
#include "store/director.hpp"

/// The director's instructions on their way to the probes, without I/O. Nobody here judges them: the probes do.
namespace tp::controller {

/// A frame for the probe. None if it cannot be one: somebody else wrote into the database.
std::optional<std::string> frame_of(store::kept_instruction const& from);

/// What one session was handed. Instructions come from two sides, the welcome's own reading and the change feed, and
/// the newest one counts, whichever is faster.
class handed_instructions {
public:
    /// The probe was welcomed, and may be told more. Whoever calls this reads the newest one afterwards.
    void open() noexcept { open_ = true; }
    bool is_open() const noexcept { return open_; }
    /// Whether one that was issued then is to be handed over; if so, it counts as handed.
    bool take(wall_time issued) noexcept
    {
        if (!open_ || issued <= newest_) return false;
        newest_ = issued;
        return true;
    }
    wall_time newest() const noexcept { return newest_; }

private:
    bool open_ = false;
    wall_time newest_;  // 1970: none
};

}  // namespace tp::controller
