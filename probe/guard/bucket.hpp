#pragma once

#include <optional>

#include "base/time.hpp"

namespace tp::probe {

/// A token bucket: so much a second, and as much in one burst after a pause. It may be overdrawn, by a packet larger
/// than a burst and by what comes in unasked; what goes out waits until the debt is paid.
class bucket {
public:
    /// The deepest debt, in seconds of the rate: nobody can keep it closed for longer by sending to us.
    static constexpr double longest_debt = 60;

    /// @param per_second  > 0; none: no limit.
    bucket(std::optional<double> per_second, steady_time now);

    /// The next rate, at once. What was saved up and does not fit it is gone.
    void set_rate(std::optional<double> per_second, steady_time now);
    /// When `amount` may go. Not later than `now`: at once.
    steady_time ready(double amount, steady_time now);
    void take(double amount, steady_time now);

private:
    void refill(steady_time now);

    std::optional<double> rate_;
    double tokens_;
    steady_time filled_at_;
};

}  // namespace tp::probe
