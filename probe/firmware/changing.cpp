#include "probe/firmware/changing.hpp"

#include "probe/firmware/starting.hpp"

namespace tp::firmware {
namespace {

cause cause_of_error(error_code why)
{
    if (why == errc::out_of_range) return cause::wrong_length;
    if (why == errc::rejected) return cause::wrong_hash;
    if (why == boost::system::errc::not_enough_memory) return cause::no_memory;
    bool const full = why == boost::system::errc::no_space_on_device || why.value() == EDQUOT;
    return full ? cause::no_space : cause::disk;
}

installation failed(error_code why)
{
    return {cause_of_error(why), why, slot::a};
}

/// Nothing: what lies there is damaged, and may be replaced.
std::optional<installation> already_there(slots_on_disk& in, offer const& what, slot which, std::optional<slot> running)
{
    auto const there = in.contents().check(which, what.content.release);
    if (there && there->sha256 != what.content.sha256) return installation{cause::other_content, {}, which};
    if (there || which == running) return installation{cause::none, {}, which};
    if (there.error() != errc::rejected) return failed(there.error());
    return std::nullopt;
}

result<void> put(slots_on_disk& to, slot_state state, manifest const& content, slot into, program_source const& source)
{
    state.clear(into);
    if (auto const saved = to.save(state); !saved) return saved;
    if (auto const cleared = to.contents().clear(into); !cleared) return cleared;
    auto const from = source();
    if (!from) return from.error();
    if (auto const filled = to.contents().fill(into, content, **from); !filled) {
        static_cast<void>(to.contents().clear(into));  // a part of it is of no use to anybody
        return filled;
    }
    state.install(into, content.release);
    return to.save(state);
}

/// The slot as the disk has it; a program that cannot be started is out of the question from then on.
class choice {
public:
    choice(slots_on_disk& from, known_slots known, bool writable)
        : from_(from), known_(std::move(known)), writable_(writable)
    {
    }

    start_plan plan(unsigned most_tries) const
    {
        if (!writable_) return plan_uncounted(known_.state, unusable_);
        auto out = plan_start(known_.state, unusable_, most_tries);
        out.changed = out.changed || !known_.settled;
        return out;
    }
    void exclude(slot which, error_code why)
    {
        unusable_[static_cast<std::size_t>(which)] = true;
        if (why != errc::rejected || known_.state.of(which).is != standing::ready) return;
        known_.state.fail(which, cause::damaged);
        known_.settled = false;
    }
    /// False: the disk does not take it, and will not be asked again.
    bool keep(start_plan& plan)
    {
        if (!plan.changed) return true;
        writable_ = from_.save(plan.state).has_value();
        return writable_;
    }
    bool writable() const noexcept { return writable_; }
    std::optional<slot> pointer() const noexcept { return known_.pointer; }

private:
    slots_on_disk& from_;
    known_slots known_;
    slot_set unusable_{};
    bool writable_;
};

/// A disk that could not be read for once is asked again, before something worse is started instead.
result<verified_program> open_patiently(slots_on_disk& in, slot which, std::uint64_t release)
{
    auto program = in.contents().open(which, release);
    bool const is_known = program.has_value() || program.error() == errc::rejected;
    return is_known ? std::move(program) : in.contents().open(which, release);
}

}  // namespace

installation install(slots_on_disk& to, offer const& what, device const& here, std::optional<slot> running,
                     program_source const& source)
{
    auto const known = to.load();
    if (!known) return failed(known.error());
    auto const admitted = admit(what, here, known->state, running);
    if (admitted.why != cause::none) return {admitted.why, {}, slot::a};
    if (admitted.is_here) {
        auto const there = already_there(to, what, admitted.into, running);
        if (there) return *there;
    }
    auto const done = put(to, known->state, what.content, admitted.into, source);
    if (!done) return failed(done.error());
    return {cause::none, {}, admitted.into};
}

result<void> commit(slots_on_disk& in, slot which, std::uint64_t release)
{
    auto known = in.load();
    if (!known) return known.error();
    auto const& held = known->state.of(which);
    if (held.is == standing::empty || held.release != release) return errc::conflict;
    if (held.is == standing::committed && known->settled) return {};
    auto const content = in.contents().read_manifest(which, release);
    if (!content) return content.error();
    known->state.commit(which, content->floor);
    return in.save(known->state);
}

result<void> give_up(slots_on_disk& in, slot which, std::uint64_t release, cause why)
{
    auto known = in.load();
    if (!known) return known.error();
    auto const& held = known->state.of(which);
    if (held.is != standing::ready || held.release != release) return {};
    known->state.fail(which, why);
    return in.save(known->state);
}

result<void> withdraw(slots_on_disk& from, slot which, std::uint64_t release)
{
    auto known = from.load();
    if (!known) return known.error();
    if (known->state.of(which) != slot_record{standing::ready, release, 0}) return {};
    known->state.clear(which);  // first: what the state does not name is not started
    if (auto const saved = from.save(known->state); !saved) return saved;
    return from.contents().clear(which);
}

result<prepared_start> prepare_start(slots_on_disk& from, unsigned most_tries)
{
    auto known = from.load();
    bool const certain = known.has_value();
    if (!certain) known = from.rebuilt();
    if (!known) return known.error();
    choice among(from, std::move(*known), certain);
    constexpr int most_looks = 4;  // each leaves out a slot or gives up writing
    for (int look = 0; look < most_looks; ++look) {
        auto plan = among.plan(most_tries);
        if (!plan.start) return errc::not_found;
        auto program = open_patiently(from, *plan.start, plan.state.of(*plan.start).release);
        if (!program) {
            among.exclude(*plan.start, program.error());
            continue;
        }
        if (!among.keep(plan)) continue;
        // Nothing depends on the pointer while there is a state: a start that cannot move it is made all the same.
        if (among.pointer() != plan.start) static_cast<void>(from.point_to(*plan.start, plan.state));
        return prepared_start{*plan.start, plan.trial, among.writable(), std::move(*program)};
    }
    return errc::not_found;
}

}  // namespace tp::firmware
