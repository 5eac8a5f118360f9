#include "probe/agent/firmware_keeper.hpp"

#include <cstdlib>
#include <utility>

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "firmware-signing/lines.hpp"
#include "probe/firmware/changing.hpp"
#include "probe/firmware/folder_lock.hpp"

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
    return out;
}

}  // namespace

std::optional<own_slot> own_slot_from_environment()
{
    auto const* const folder = std::getenv("TRIGPOINT_SLOTS");
    auto const* const name = std::getenv("TRIGPOINT_SLOT");
    auto const place = name ? firmware::parse_folder(name) : std::nullopt;
    if (!folder || !place) return std::nullopt;
    return own_slot{folder, *place};
}

firmware_keeper::firmware_keeper(std::optional<own_slot> from, std::chrono::seconds soak, steady_time now, seams into)
    : from_(std::move(from)), soak_(soak), into_(std::move(into))
{
    health_.running_since = now;
    if (from_) slots_.emplace(disk_, from_->folder);
    look_for_standing();
}

void firmware_keeper::look_for_standing()
{
    auto const known = slots_ ? slots_->load() : errc::not_found;
    if (!known) return;
    auto const& held = known->state.of(from_->place.which);
    committed_ = held.release == from_->place.release && held.is == firmware::standing::committed;
}

boost::asio::awaitable<void> firmware_keeper::run()
{
    for (;;) {  // left by cancellation only
        co_await pause_for(look_every);
        look(std::chrono::steady_clock::now());
    }
}

void firmware_keeper::look(steady_time now)
{
    if (!from_ || committed_) return;
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
    auto const held = firmware::folder_lock::take(from_->folder, std::chrono::milliseconds(0));
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
}

void firmware_keeper::session_ended() noexcept
{
    health_.in_session = due_ = false;
}

std::optional<proto::version_report> firmware_keeper::take_report(wall_time now)
{
    if (!std::exchange(due_, false) || !from_) return std::nullopt;
    proto::version_report out{.probe = probe_id::from(1).value(), .number = ++number_, .at = now};
    auto const known = slots_->load();
    if (!known) return out;
    auto const& place = from_->place;
    auto const content = slots_->read_manifest(place.which, place.release);
    bool const there = content && known->state.of(place.which).release == place.release;
    if (there && known->state.of(place.which).is != firmware::standing::empty)
        out.from = slot_of(known->state, place, *content);
    out.update_state =
        static_cast<std::uint32_t>(committed_ ? firmware::update_state::idle : firmware::update_state::updating);
    auto const& last = known->state.last_failure;
    if (last) {
        out.last_failure = proto::version_report::failure{last->release, std::string(firmware::name_of(last->why))};
        out.update_result = static_cast<std::uint32_t>(firmware::result_of(last->why));
    }
    if (committed_ && (!last || last->release < place.release))
        out.update_result = static_cast<std::uint32_t>(firmware::update_result::succeeded);
    return out;
}

void firmware_keeper::taken(std::uint64_t number) noexcept
{
    if (number == number_ && number_ > 0) health_.reported = true;
}

}  // namespace tp::probe
