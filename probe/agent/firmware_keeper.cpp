#include "probe/agent/firmware_keeper.hpp"

#include <algorithm>
#include <utility>

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "firmware-signing/lines.hpp"
#include "probe/firmware/changing.hpp"
#include "probe/firmware/folder_lock.hpp"
#include "probe/firmware/starting.hpp"

namespace tp::probe {
namespace {

constexpr char const* component = "firmware";

proto::version_report::slot slot_of(firmware::slot_state const& state, firmware::slot_folder const& place,
                                    firmware::manifest const& content)
{
    auto const& held = state.of(place.which);
    proto::version_report::slot out;
    out.name = firmware::letter_of(place.which);
    out.model = content.model;
    out.release = place.release;
    out.sha256 = signing::from_hex(content.sha256, proto::version_report::hash_length).value();
    out.standing = static_cast<std::uint32_t>(held.is);
    out.tries = held.tries;
    out.floor = state.floor;
    out.highest = state.highest;
    out.target = content.target;
    out.length = content.length;
    return out;
}

}  // namespace

firmware_keeper::firmware_keeper(std::optional<own_slot> from, std::chrono::seconds soak, steady_time now, seams into)
    : from_(std::move(from)), soak_(soak), into_(std::move(into))
{
    health_.running_since = now;
    if (from_) slots_.emplace(disk_, from_->where);
    look_for_standing();
}

void firmware_keeper::look_for_standing()
{
    auto const known = slots_ ? slots_->load() : errc::not_found;
    if (!known) return;
    auto const& held = known->state.of(from_->place.which);
    if (held.release != from_->place.release) return;
    committed_ = held.is == firmware::standing::committed;
    started_ = firmware::boot_reason_of(held, known->state.last_failure);
}

boost::asio::awaitable<void> firmware_keeper::run()
{
    for (;;) {  // left by cancellation only
        co_await pause_for(look_every);
        look(std::chrono::steady_clock::now());
    }
}

/// The answer is lost with a controller's database, say, while the session goes on; and nothing is committed without.
void firmware_keeper::remind(steady_time now)
{
    if (due_ || !health_.in_session || taken_ == number_) return;
    if (!again_at_) {
        again_at_ = now + again_after_;
    } else if (now >= *again_at_) {
        again_after_ = std::min<std::chrono::seconds>(2 * again_after_, longest_pause);
        due_ = true;
        into_.on_news();
    }
}

void firmware_keeper::look(steady_time now)
{
    if (!from_) return;
    remind(now);
    if (committed_) return;
    if (!health_.measured && now >= next_check_) {
        next_check_ = now + check_every;
        into_.check_self([this](bool well) { health_.measured = health_.measured || well; });
    }
    auto const lacks = firmware::what_is_lacking(health_, now, soak_);
    if (lacks == firmware::lacking::nothing && now >= next_commit_) commit(now);
}

void firmware_keeper::commit(steady_time now)
{
    next_commit_ = now + commit_again;
    auto const held = firmware::folder_lock::take(from_->where.folder, std::chrono::milliseconds(0));
    auto const done =
        held ? firmware::commit(*slots_, from_->place.which, from_->place.release) : result<void>(held.error());
    if (!done) return log::error(component, "this release cannot be committed: " + done.error().message());
    log::info(component, "release " + std::to_string(from_->place.release) + " works and is committed");
    committed_ = due_ = true;
    into_.on_news();
}

void firmware_keeper::session_began()
{
    health_.in_session = due_ = true;
    again_after_ = first_pause;
}

void firmware_keeper::session_ended() noexcept
{
    health_.in_session = due_ = false;
}

std::optional<proto::version_report> firmware_keeper::take_report(wall_time now)
{
    if (!std::exchange(due_, false) || !from_) return std::nullopt;
    again_at_.reset();
    proto::version_report out{.probe = probe_id::from(1).value(), .number = ++number_, .at = now};
    out.started = started_;
    auto const known = slots_->load();
    if (!known) return out;
    auto const& place = from_->place;
    auto const content = slots_->contents().read_manifest(place.which, place.release);
    bool const there = content && known->state.of(place.which).release == place.release;
    if (there && known->state.of(place.which).is != firmware::standing::empty)
        out.from = slot_of(known->state, place, *content);
    say_of_update(known->state, out);
    return out;
}

/// The director's instruction, if there is one that is not carried out yet, or could not be; else what runs here.
void firmware_keeper::say_of_update(firmware::slot_state const& known, proto::version_report& out) const
{
    using firmware::update_result;
    using firmware::update_state;
    out.instruction = update_.nonce;
    out.root_version = update_.root_version;
    auto const say = [&](update_state state, update_result result) {
        out.update_state = static_cast<std::uint32_t>(state);
        out.update_result = static_cast<std::uint32_t>(result);
    };
    auto const runs = from_->place.release;
    auto last = known.last_failure;
    bool const open = committed_ && update_.release > 0 && update_.release != runs;
    if (open && update_.why != firmware::cause::none) last = firmware::failure{update_.release, update_.why};
    bool const attacked = update_.suspicious || (open && firmware::looks_like_attack(update_.why));
    out.attack = attacked ? proto::attack_sign::seen : proto::attack_sign::none;
    if (last)
        out.last_failure = proto::version_report::failure{last->release, std::string(firmware::name_of(last->why))};
    if (open) return say(update_.state, update_.result);
    bool const succeeded = committed_ && (!last || last->release < runs);
    auto const otherwise = last ? firmware::result_of(last->why) : update_result::initial;
    say(committed_ ? update_state::idle : update_state::updating, succeeded ? update_result::succeeded : otherwise);
}

void firmware_keeper::taken(std::uint64_t number) noexcept
{
    if (number > number_) return;
    taken_ = number;
    if (number != number_ || number == 0) return;
    health_.reported = true;
    again_after_ = first_pause;
}

void firmware_keeper::tell(update::update_report what)
{
    if (what == update_) return;
    update_ = std::move(what);
    if (!health_.in_session) return;  // the next one begins with a report
    due_ = true;
    into_.on_news();
}

}  // namespace tp::probe
