#include "probe/firmware/admission.hpp"

#include <algorithm>

namespace tp::firmware {
namespace {

cause judge(offer const& what, device const& here, slot_state const& known)
{
    auto const& content = what.content;
    bool const for_all = what.revisions.empty();
    bool const for_us =
        for_all || std::find(what.revisions.begin(), what.revisions.end(), here.revision) != what.revisions.end();
    if (content.model != here.model) return cause::wrong_model;
    if (!for_us) return cause::wrong_revision;
    if (content.length > manifest::largest) return cause::too_large;
    if (content.floor > content.release) return cause::below_own_floor;
    if (content.release < known.floor) return cause::below_floor;
    if (content.release < known.highest) return cause::older_than_known;
    bool const failed = known.last_failure && known.last_failure->release == content.release;
    if (failed && !what.again) return cause::failed_before;
    return cause::none;
}

std::optional<slot> committed_slot(slot_state const& known)
{
    std::optional<slot> out;
    for (auto const which : both_slots) {
        if (known.of(which).is != standing::committed) continue;
        if (!out || known.of(which).release > known.of(*out).release) out = which;
    }
    return out;
}

slot lower_slot(slot_state const& known)
{
    return known.of(slot::b).release < known.of(slot::a).release ? slot::b : slot::a;
}

}  // namespace

admission admit(offer const& what, device const& here, slot_state const& known, std::optional<slot> running)
{
    if (auto const why = judge(what, here, known); why != cause::none) return {why};
    auto const release = what.content.release;
    for (auto const which : both_slots) {
        auto const& one = known.of(which);
        bool const good = one.is == standing::committed || one.is == standing::ready;
        if (good && one.release == release) return {cause::none, which, true};
    }
    auto const current = running ? running : committed_slot(known);
    if (!current) return {cause::none, lower_slot(known)};
    auto const& runs = known.of(*current);
    // Its fallback lies in the other slot.
    if (runs.is == standing::ready) return {cause::trial_under_way};
    if (runs.release < what.lowest_from) return {cause::too_far};
    return {cause::none, other(*current)};
}

}  // namespace tp::firmware
