#include "probe/firmware/starting.hpp"

namespace tp::firmware {
namespace {

/// The slot with the highest release of those that may run and stand so.
template <class Wanted>
std::optional<slot> highest_of(slot_state const& state, slot_set const& unusable, Wanted wanted)
{
    std::optional<slot> best;
    for (auto const which : both_slots) {
        auto const& one = state.of(which);
        bool const may_run = one.is != standing::empty && one.release >= state.floor &&
                             !unusable[static_cast<std::size_t>(which)] && wanted(one);
        if (may_run && (!best || one.release > state.of(*best).release)) best = which;
    }
    return best;
}

bool is_ready(slot_record const& one)
{
    return one.is == standing::ready;
}
bool is_committed(slot_record const& one)
{
    return one.is == standing::committed;
}
bool is_any(slot_record const&)
{
    return true;
}

}  // namespace

start_plan plan_start(slot_state const& known, slot_set const& unusable, unsigned most_tries)
{
    start_plan out{.start = {}, .trial = false, .state = known, .changed = false};
    for (auto const which : both_slots) {
        if (!is_ready(known.of(which)) || known.of(which).tries < most_tries) continue;
        out.state.fail(which, cause::ended);
        out.changed = true;
    }
    out.start = highest_of(out.state, unusable, is_ready);
    if (out.start) {
        out.trial = out.changed = true;
        out.state.count_try(*out.start);
        return out;
    }
    out.start = highest_of(out.state, unusable, is_committed);
    if (!out.start) out.start = highest_of(out.state, unusable, is_any);
    return out;
}

start_plan plan_uncounted(slot_state const& known, slot_set const& unusable)
{
    start_plan out{
        .start = highest_of(known, unusable, is_committed), .trial = false, .state = known, .changed = false};
    if (!out.start) out.start = highest_of(known, unusable, is_ready);
    if (!out.start) out.start = highest_of(known, unusable, is_any);
    return out;
}

proto::boot_reason boot_reason_of(slot_record const& started, std::optional<failure> const& last) noexcept
{
    using proto::boot_reason;
    bool const later_failed = last && last->release > started.release;
    switch (started.is) {
        case standing::empty:
            break;
        case standing::ready:
            return started.tries > 1 ? boot_reason::further_try : boot_reason::first_try;
        case standing::committed:
            return later_failed ? boot_reason::stepped_in : boot_reason::committed;
        case standing::failed:
            return boot_reason::last_resort;
    }
    return boot_reason::not_told;
}

}  // namespace tp::firmware
