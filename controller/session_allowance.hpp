#pragma once

#include <chrono>

#include "base/time.hpp"

namespace tp::controller {

inline constexpr unsigned most_unknown_messages = 100;  // of a newer probe, in one session
inline constexpr unsigned most_version_reports = 32;    // taken from one session in an hour
inline constexpr unsigned most_events = 256;            // likewise
inline constexpr std::chrono::hours allowance_window{1};

/// What is still taken from one session of what costs us a row or a line. Hours begin with the first message after the
/// one before is over. Pure.
class session_allowance {
public:
    explicit session_allowance(steady_time opened) noexcept : since_(opened) {}

    /// Something was heard: in a new hour there is room again for what is allowed by the hour.
    void heard(steady_time now) noexcept;

    // Each takes one, if there is room for it.
    bool take_unknown_message() noexcept { return take(unknown_messages_, most_unknown_messages); }
    bool take_version_report() noexcept { return take(version_reports_, most_version_reports); }
    bool take_event() noexcept { return take(events_, most_events); }

private:
    static bool take(unsigned& taken, unsigned most) noexcept;

    steady_time since_;  // of this hour
    unsigned unknown_messages_ = 0, version_reports_ = 0, events_ = 0;
};

}  // namespace tp::controller
