#include "registry/mover.hpp"

#include <algorithm>

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "registry/placement/choose.hpp"

namespace tp::registry {
namespace {

std::string_view name_of(moves::cause why)
{
    return why == moves::cause::drained ? "is being drained" : why == moves::cause::dead ? "is gone" : "is crowded";
}

void count_move(std::vector<store::controller_record>& controllers, store::placed_probe const& who,
                std::vector<controller_id> const& ranked)
{
    for (auto& each : controllers) {
        if (!who.present.empty() && each.id == who.present.front() && each.placed > 0) --each.placed;
        if (each.id == ranked.front()) ++each.placed;
        if (ranked.size() > 1 && each.id == ranked[1]) ++each.standby;
    }
}

}  // namespace

mover::mover(store::database& database, regions const& places, settings chosen, std::uint64_t seed)
    : database_(database),
      places_(places),
      settings_(chosen),
      random_(seed),
      name_(std::to_string(random_())),
      well_since_(std::chrono::steady_clock::now())
{
}

boost::asio::awaitable<void> mover::run()
{
    bool well = true;
    while (settings_.per_second > 0) {  // left by cancellation only
        auto const moved = co_await round();
        if (!moved) well_since_ = std::chrono::steady_clock::now();
        if (!moved && well) log::warning("registry", "probes cannot be moved: " + moved.error().message());
        well = moved.has_value();
        co_await pause_for(round_length);
    }
}

boost::asio::awaitable<result<std::size_t>> mover::round()
{
    auto controllers = co_await store::list_controllers(database_);
    if (!controllers) co_return controllers.error();
    auto plan = plan_moves(*controllers, settings_.per_second);
    // Just after an outage of the database none has been heard lately.
    if (std::chrono::steady_clock::now() - well_since_ < settling)
        std::erase_if(plan, [](moves const& each) { return each.why == moves::cause::dead; });
    if (plan.empty()) co_return std::size_t{0};
    auto const leads = co_await store::take_lead(database_, "moves", name_, lead);
    if (!leads) co_return leads.error();
    if (*leads == store::leadership::theirs) co_return std::size_t{0};

    std::size_t moved = 0;
    for (auto const& due : plan) {
        auto const before = moved;
        auto const probes = co_await store::probes_placed_on(database_, due.from, due.probes);
        if (!probes) co_return probes.error();
        for (auto const& each : *probes) {
            auto const done = co_await move(each, due, *controllers);
            if (!done) co_return done.error();
            if (*done == fate::moved) ++moved;
            co_await pause_for(pause_between(probes->size()));
        }
        if (moved > before)
            log::info("registry", std::to_string(moved - before) + " probes are placed anew: controller " +
                                      due.from.text() + ' ' + std::string(name_of(due.why)));
    }
    co_return moved;
}

boost::asio::awaitable<result<mover::fate>> mover::move(store::placed_probe who, moves due,
                                                        std::vector<store::controller_record>& controllers)
{
    seeker const wanted{who.probe, places_.of(who.country), who.present, who.distances};
    auto const chosen = choose_elsewhere(controllers, wanted, due.from);
    if (chosen.ranked.empty()) co_return fate::stays;  // it stays until there is room
    std::vector<controller_id> ranked;
    for (auto const i : chosen.ranked) ranked.push_back(controllers[i].id);
    auto& first = controllers[chosen.ranked.front()];
    auto const placed = co_await store::place_probe(database_, who.probe, ranked, settings_.lease, vacancy_on(first));
    if (!placed && placed.error() == errc::conflict) {  // registrations took what was left: it is full for this round
        first.placed = first.capacity;
        co_return fate::stays;
    }
    if (!placed) co_return placed.error();
    count_move(controllers, who, ranked);
    co_return fate::moved;
}

/// All of a round fit into its length; each pause is its share of it, half of that to half more.
std::chrono::milliseconds mover::pause_between(std::size_t count)
{
    auto const share = std::chrono::duration_cast<std::chrono::milliseconds>(round_length) /
                       static_cast<std::chrono::milliseconds::rep>(std::max<std::size_t>(count, 1));
    std::uniform_int_distribution<std::chrono::milliseconds::rep> any(share.count() / 2, share.count() * 3 / 2);
    return std::chrono::milliseconds(any(random_));
}

}  // namespace tp::registry
