#pragma once

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

    /// What an earlier start had used.
    explicit day_budget(account before) : now_(before), kept_(before) {}
    day_budget() = default;

    /// What day it is; none: the clock is not set, and the account stays that of the last known day. A new account
    /// begins with a later day only, so that a clock that was set back does not give a day's octets twice.
    void look(std::optional<std::int64_t> day) noexcept
    {
        if (!day || *day == now_.day) return;
        now_ = {*day, *day > now_.day ? 0 : now_.octets};
    }
    void spend(std::uint64_t octets) noexcept { now_.octets += octets; }
    account const& used() const noexcept { return now_; }

    /// What a crash would lose now.
    std::uint64_t unkept() const noexcept { return now_.day == kept_.day ? now_.octets - kept_.octets : now_.octets; }
    bool changed() const noexcept { return !(now_ == kept_); }
    void kept() noexcept { kept_ = now_; }

private:
    account now_, kept_;
};

}  // namespace tp::probe
