#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace tp::probe {

/// Octets of the present day, as the host's clock on the wall counts days.
class day_budget {
public:
    struct account {
        std::int64_t day = 0;  // since 1970-01-01
        std::uint64_t octets = 0;
        bool operator==(account const&) const = default;
    };

    /// What an earlier start had used, and its latest().
    day_budget(account before, account latest) : now_(before), kept_(before), latest_(latest) {}
    explicit day_budget(account before) : now_(before), kept_(before) {}
    day_budget() = default;

    /// What day it is; none: the clock is not set, and the account stays that of the last known day. A new account
    /// begins with a later day only, so that a clock that was set back does not give a day's octets twice; nor does one
    /// that is right again. One that was ahead over midnight may, once.
    void look(std::optional<std::int64_t> day) noexcept
    {
        if (!day || *day == now_.day) return;
        if (latest_.day != 0 && *day == latest_.day) {  // back from a day that was wrong, earlier or later
            now_ = {*day, std::max(latest_.octets, now_.octets)};
            return;
        }
        if (now_.day >= latest_.day) latest_ = now_;
        now_ = {*day, *day > now_.day ? 0 : now_.octets};
    }
    void spend(std::uint64_t octets) noexcept { now_.octets += octets; }
    account const& used() const noexcept { return now_; }
    /// The account of the latest day that the clock left; it counts only where that is later than the present one.
    account const& latest() const noexcept { return latest_; }

    /// What a crash would lose now.
    std::uint64_t unkept() const noexcept { return now_.day == kept_.day ? now_.octets - kept_.octets : now_.octets; }
    bool changed() const noexcept { return !(now_ == kept_); }
    void kept() noexcept { kept_ = now_; }

private:
    account now_, kept_, latest_;
};

}  // namespace tp::probe
