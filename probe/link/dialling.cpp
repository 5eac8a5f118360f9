#include "probe/link/dialling.hpp"

#include <algorithm>

namespace tp::probe {

using std::chrono::milliseconds;

dialling::dialling(std::size_t registries, options with, std::uint64_t seed)
    : registries_(registries),
      options_(with),
      pause_lengths_(with.first_pause, with.longest_pause, seed),
      random_(seed ^ 0x9e3779b97f4a7c15U),
      registry_(with.first_registry % registries)
{
}

dialling::step dialling::next(wall_time now)
{
    if (auto const length = std::exchange(pause_, std::nullopt)) return {action::pause, 0, *length};
    if (ask_first_ || !lease_holds(now)) return {action::ask_registry, registry_ % registries_, {}};
    return {action::dial_controller, controller_, {}};
}

/// A clock that went back (no battery, not yet synchronised) does not end a lease: a controller refuses whom it must.
bool dialling::lease_holds(wall_time now) const
{
    return kept_ && now < kept_->obtained + kept_->value.lease;
}

void dialling::assigned(proto::assignment value, wall_time now)
{
    kept_ = kept_assignment{std::move(value), now};
    ask_first_ = false;
    registries_failed_ = 0;
    controller_ = controllers_failed_ = 0;
}

void dialling::registry_said_wait(proto::wait const& said)
{
    registries_failed_ = 0;
    pause_ = jittered(said.length);
}

void dialling::registry_refused(proto::refuse const& said)
{
    registries_failed_ = 0;
    pause_ = std::max(jittered(said.retry_after), pause_lengths_.next());
}

void dialling::registry_failed()
{
    registry_ = (registry_ + 1) % registries_;
    if (++registries_failed_ < registries_) return;
    registries_failed_ = 0;
    pause_ = pause_lengths_.next();
    ask_first_ = false;  // nobody there: the controllers that we know may be well again
    controllers_failed_ = 0;
}

void dialling::next_controller()
{
    if (kept_) controller_ = (controller_ + 1) % kept_->value.controllers.size();
}

void dialling::session_lost(std::chrono::nanoseconds lasted)
{
    if (lasted < options_.well_after) return dial_failed();
    pause_lengths_.reset();
    controllers_failed_ = 0;
    next_controller();
}

void dialling::dial_failed()
{
    next_controller();
    if (!kept_ || ++controllers_failed_ < kept_->value.controllers.size()) return;
    controllers_failed_ = 0;
    ask_first_ = true;
    pause_ = pause_lengths_.next();
}

void dialling::controller_said_wait(proto::wait const& said)
{
    pause_ = jittered(said.length);
    next_controller();
    if (!kept_ || ++controllers_failed_ < kept_->value.controllers.size()) return;
    controllers_failed_ = 0;
    ask_first_ = true;
}

void dialling::controller_refused(proto::refuse const& said)
{
    auto const longer =
        said.code == proto::refusal::replaced ? std::max(said.retry_after, options_.replaced_pause) : said.retry_after;
    pause_ = std::max(jittered(longer), pause_lengths_.next());
    ask_first_ = said.code != proto::refusal::replaced;
}

bool dialling::refreshed(proto::assignment value, wall_time now)
{
    auto const current = kept_ ? kept_->value.controllers.at(controller_).name : std::string();
    assigned(std::move(value), now);
    auto const& list = kept_->value.controllers;
    auto const found = std::find_if(list.begin(), list.end(), [&](auto const& one) { return one.name == current; });
    if (found == list.end()) return false;
    controller_ = static_cast<std::size_t>(found - list.begin());
    return true;
}

std::optional<wall_time> dialling::refresh_at() const
{
    if (!kept_) return std::nullopt;
    return kept_->obtained + kept_->value.ask_again_after;
}

milliseconds dialling::jittered(std::chrono::seconds length)
{
    milliseconds const least =
        std::clamp<std::chrono::seconds>(length, std::chrono::seconds{0}, std::chrono::hours{24});
    return least + milliseconds(std::uniform_int_distribution<milliseconds::rep>(0, least.count() / 4)(random_));
}

}  // namespace tp::probe
