#include "registry/watch/watch.hpp"

#include <algorithm>

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "proto/kind_names.hpp"
#include "store/fleet.hpp"

namespace tp::registry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto rounds_of_window = static_cast<std::int64_t>(detect::longest_window.count());

boost::asio::awaitable<result<void>> ready()
{
    co_return result<void>{};
}

}  // namespace

watch::watch(store::database& database, watch_settings chosen, std::uint64_t seed)
    : database_(database), settings_(std::move(chosen)), random_(seed), name_("watch " + std::to_string(seed))
{
}

boost::asio::awaitable<void> watch::run()
{
    auto const pause = std::clamp<milliseconds>(settings_.round / 20, shortest_pause, longest_pause);
    bool well = true;
    while (settings_.on) {  // left by cancellation only
        auto const outcome = co_await look(wall_now());
        if (!outcome && well) log::warning("registry", "detectors failed: " + outcome.error().message());
        well = outcome.has_value();
        co_await pause_for(pause);
    }
}

std::int64_t watch::last_due(wall_time now) const noexcept
{
    return (to_unix_seconds(now) - settings_.delay.count()) / settings_.round.count() - 1;
}

store::time_span watch::span_of(std::int64_t round) const noexcept
{
    auto const from = from_unix_seconds(round * settings_.round.count());
    return {from, from + settings_.round};
}

boost::asio::awaitable<result<void>> watch::look(wall_time now)
{
    auto const due = last_due(now);
    if (done_ && done_->last >= due) co_return result<void>{};
    auto const lead = std::clamp(settings_.round, shortest_lead, longest_lead);
    auto const leads = co_await store::take_lead(database_, "detectors", name_, lead);
    if (!leads) co_return leads.error();
    if (*leads == store::leadership::theirs) co_return result<void>{};
    auto const last = co_await store::last_watch_round(database_);
    if (!last) co_return last.error();
    auto const prepared = co_await prepare(*last);
    if (!prepared) co_return prepared.error();

    bool const goes_on = done_ && done_->length == settings_.round;
    auto const first = goes_on ? std::max(done_->last + 1, due - rounds_of_window + 1) : due;
    for (auto round = first; round <= due; ++round) {
        auto const finished = co_await do_round(round);
        if (!finished) {
            done_.reset();  // what is remembered here may be of half a round
            co_return finished.error();
        }
    }
    auto const sent = co_await send_canaries(now);
    if (!sent) co_return sent.error();
    co_return co_await look_ups_.send(now);
}

/// For the round that has begun. A registry that dies here costs one round without them.
boost::asio::awaitable<result<void>> watch::send_canaries(wall_time now)
{
    if (settings_.canaries.targets.empty()) co_return result<void>{};
    auto const owner = co_await store::platform_account(database_);
    if (!owner) co_return owner.error();
    for (auto const& target : settings_.canaries.targets) {
        auto const sent = co_await send_canary(target, *owner, now);
        if (!sent) co_return sent.error();
    }
    co_return result<void>{};
}

boost::asio::awaitable<result<void>> watch::send_canary(canary_target const& target, account_id owner, wall_time now)
{
    auto one = canary_measurement(target, owner, now, settings_.round, std::to_string(random_()));
    auto capability = proto::capability_for(proto::kind_of(one.job.options), one.job.af);
    store::canary_rotation const most{settings_.canaries.probes, settings_.canaries.watched};
    auto probes = co_await store::canary_probes(database_, std::move(capability), most);
    if (!probes) co_return probes.error();
    if (probes->empty()) co_return result<void>{};
    one.probes_requested = static_cast<std::uint32_t>(probes->size());
    one.participants = std::move(*probes);
    std::vector<store::new_measurement> wanted{std::move(one)};
    auto const made = co_await store::create_measurements(database_, std::move(wanted), store::no_target_caps);
    if (!made) co_return made.error();
    if (!made->refused.empty())
        log::warning("registry",
                     "the canary " + target.target + " is not asked about: its holder wants to be left alone");
    co_return result<void>{};
}

/// Another registry may have done rounds since ours: then what is remembered is made again.
boost::asio::awaitable<result<void>> watch::prepare(std::optional<store::watch_round> last)
{
    if (done_ && done_ == last) co_return result<void>{};
    fleet_.clear();
    events_.clear();
    if (last && last->length == settings_.round) {
        auto const renewed = co_await renew();
        if (!renewed) co_return renewed.error();
        for (auto round = last->last - rounds_of_window + 1; round <= last->last; ++round) {
            auto const seen = co_await replay(round);
            if (!seen) co_return seen.error();
        }
    }
    done_ = last;
    co_return result<void>{};
}

boost::asio::awaitable<result<void>> watch::replay(std::int64_t round)
{
    auto seen = co_await gather(round);
    if (!seen) co_return seen.error();
    [[maybe_unused]] auto const report = judge(round, *seen);
    fleet_.forget_proposals();
    co_return result<void>{};
}

boost::asio::awaitable<result<void>> watch::renew()
{
    auto probes = co_await store::watched_probes(database_);
    if (!probes) co_return probes.error();
    fleet_.renew(std::move(*probes));
    co_return result<void>{};
}

boost::asio::awaitable<result<void>> watch::do_round(std::int64_t round)
{
    auto const renewed = co_await renew();
    if (!renewed) co_return renewed.error();
    auto seen = co_await gather(round);
    if (!seen) co_return seen.error();
    auto report = judge(round, *seen);
    consequences outcome(database_, settings_, fleet_);
    auto const drawn = co_await outcome.draw(std::move(report));
    if (!drawn) co_return drawn.error();
    auto const looked_up = co_await look_ups_.read(span_of(round));
    if (!looked_up) co_return looked_up.error();
    store::watch_round const finished{settings_.round, round};
    auto changed = fleet_.to_remember();
    auto const noted = co_await store::finish_watch_round(database_, done_, finished, std::move(changed));
    if (!noted) co_return noted.error();
    done_ = finished;
    co_return result<void>{};
}

detect::round_report watch::judge(std::int64_t round, gathered& seen)
{
    auto const chosen = fleet_.choose(seen.hours, span_of(round));
    detect::target_list const targets(seen.targets);
    return detect::inspect(detect::hour_time(std::chrono::hours{round}), fleet_.subjects(), chosen, targets,
                           seen.signed_ones, settings_.rules, events_);
}

boost::asio::awaitable<result<watch::gathered>> watch::gather(std::int64_t round)
{
    auto const span = span_of(round);
    auto const jobs = co_await store::jobs_in(database_, span);
    if (!jobs) co_return jobs.error();
    auto const anchors = co_await store::anchor_sites(database_);
    if (!anchors) co_return anchors.error();
    gathered out;
    out.targets = targets_among(*jobs, *anchors);
    if (out.targets.size() > most_targets)
        out.targets.erase(out.targets.begin() + static_cast<std::ptrdiff_t>(most_targets), out.targets.end());
    auto const rows = co_await read_rows(span, *jobs);
    if (!rows) co_return rows.error();
    out.hours = hours_of(detect::hour_time(std::chrono::hours{round}), span, *rows);
    auto const signed_ones = co_await store::signed_targets(database_);  // after the reports: it knows what they name
    if (!signed_ones) co_return signed_ones.error();
    out.signed_ones = catalogue_of(*signed_ones);
    auto const pinged = co_await read_pings(span, out);
    if (!pinged) co_return pinged.error();
    auto const canaries = co_await read_canaries(span, out);
    if (!canaries) co_return canaries.error();
    co_return std::move(out);
}

boost::asio::awaitable<result<round_rows>> watch::read_rows(store::time_span span, std::vector<proto::job> jobs)
{
    round_rows out;
    auto sessions = co_await store::sessions_in(database_, span);
    if (!sessions) co_return sessions.error();
    out.sessions = std::move(*sessions);
    auto deliveries = co_await store::deliveries_in(database_, span);
    if (!deliveries) co_return deliveries.error();
    out.deliveries = std::move(*deliveries);
    auto refusals = co_await store::refusals_in(database_, span);
    if (!refusals) co_return refusals.error();
    out.refusals = std::move(*refusals);
    auto runs = co_await store::runs_in(database_, span, std::move(jobs));
    if (!runs) co_return runs.error();
    out.runs = std::move(*runs);
    auto programs = co_await store::programs_in(database_, span);
    if (!programs) co_return programs.error();
    out.programs = std::move(*programs);
    co_return std::move(out);
}

boost::asio::awaitable<result<void>> watch::read_pings(store::time_span span, gathered& into)
{
    for (auto const& target : into.targets) {
        ping_hours seen(target.measurement);
        store::result_query query{.measurement = target.measurement, .start = span.from, .stop = span.to, .probes = {}};
        query.flagged = true;
        store::result_taker const take = [&seen, span](std::vector<store::result_row> const& rows) {
            for (auto const& row : rows) {
                if (row.timestamp < span.to) seen.add(row);
            }
            return ready();
        };
        auto const read = co_await store::read_results(database_, std::move(query), take);
        if (!read) co_return read.error();
        seen.give_to(into.hours);
    }
    co_return result<void>{};
}

boost::asio::awaitable<result<void>> watch::read_canaries(store::time_span span, gathered& into)
{
    auto const asked = co_await store::canaries_in(database_, span);
    if (!asked) co_return asked.error();
    for (auto const& each : *asked) {
        auto seen = canary_hours::of(each);
        if (!seen) co_return seen.error();
        store::result_query query{
            .measurement = each.job.measurement, .start = span.from, .stop = span.to, .probes = {}};
        query.flagged = true;
        store::result_taker const take = [&seen, span](std::vector<store::result_row> const& rows) {
            for (auto const& row : rows) {
                if (row.timestamp < span.to) seen->add(row);
            }
            return ready();
        };
        auto const read = co_await store::read_results(database_, std::move(query), take);
        if (!read) co_return read.error();
        seen->give_to(into.hours);
    }
    co_return result<void>{};
}

}  // namespace tp::registry
