#include "registry/director/measures.hpp"

#include <algorithm>
#include <cmath>

#include "registry/watch/gather.hpp"
#include "registry/watch/pings.hpp"
#include "store/result_store.hpp"

namespace tp::registry {
namespace {

boost::asio::awaitable<result<void>> ready()
{
    co_return result<void>{};
}

/// The round trips of both stretches to the targets that both have, each as one number.
std::optional<std::pair<double, double>> common_trips(stretch const& before, stretch const& after)
{
    double first = 0, second = 0;
    std::size_t count = 0;
    for (auto const& [target, trip] : before.trips) {
        auto const again = after.trips.find(target);
        if (again == after.trips.end() || trip <= 0 || again->second <= 0) continue;
        first += std::log(trip);
        second += std::log(again->second);
        ++count;
    }
    if (count == 0) return std::nullopt;
    auto const of = static_cast<double>(count);
    return std::pair(std::exp(first / of), std::exp(second / of));
}

}  // namespace

void stretch::add(delivered const& one)
{
    due += one.due;
    came += std::min(one.came, one.due);
    for (auto const& [target, trip] : one.trips) {
        auto const [at, fresh] = trips.emplace(target, trip);
        if (!fresh) at->second = std::min(at->second, trip);
    }
}

std::optional<rollout::measured> compared(stretch const& before, stretch const& after, bool updated)
{
    if (before.due == 0 || after.due == 0) return std::nullopt;
    rollout::measured out{updated, before.rate(), after.rate(), {}, {}};
    if (auto const trips = common_trips(before, after)) {
        out.trip_before = trips->first;
        out.trip_after = trips->second;
    }
    return out;
}

void rounds_seen::add(round_seen next)
{
    rounds_.push_back(std::move(next));
    if (rounds_.size() > most) rounds_.erase(rounds_.begin() + most_before);
}

std::vector<rollout::measured> rounds_seen::compare(std::vector<rollout::member> const& members, wall_time begun) const
{
    std::vector<rollout::measured> out;
    for (auto const& one : members) {
        bool const updated = one.is == rollout::stage::done || one.is == rollout::stage::back;
        if (!updated && one.is != rollout::stage::planned) continue;  // in between: it says nothing
        auto const since = updated ? one.since : begun;
        stretch before, after;
        for (auto const& round : rounds_) {
            auto const seen = round.probes.find(one.probe);
            if (seen == round.probes.end()) continue;
            if (round.span.to <= begun) before.add(seen->second);
            if (round.span.from >= since) after.add(seen->second);
        }
        if (auto const pair = compared(before, after, updated)) out.push_back(*pair);
    }
    return out;
}

std::vector<measurement_id> compared_targets(std::vector<proto::job> const& jobs,
                                             std::vector<store::anchor_site> const& anchors)
{
    std::vector<measurement_id> out;
    for (auto const& each : targets_among(jobs, anchors)) {
        if (out.size() == most_compared_targets) break;
        out.push_back(each.measurement);
    }
    return out;
}

boost::asio::awaitable<result<void>> measures::read(wall_time now, wall_time begun)
{
    auto const delay = std::min<std::chrono::seconds>(round_ / 6, std::chrono::minutes{10});  // results under way
    auto const due = (to_unix_seconds(now) - delay.count()) / round_.count() - 1;
    auto const first = to_unix_seconds(begun) / round_.count() - 2;
    std::vector<std::int64_t> wanted;
    if (rounds_.empty()) wanted = {first, first + 1};
    auto const last = rounds_.empty() ? first + 1 : to_unix_seconds(rounds_.last().from) / round_.count();
    for (auto next = std::max(last + 1, due - 1); next <= due; ++next) wanted.push_back(next);
    for (auto const each : wanted) {
        auto const read = co_await read_next(each);
        if (!read) co_return read.error();
    }
    co_return result<void>{};
}

boost::asio::awaitable<result<void>> measures::read_next(std::int64_t round)
{
    auto const from = from_unix_seconds(round * round_.count());
    store::time_span const span{from, from + round_};
    auto seen = co_await read_round(span);
    if (!seen) co_return seen.error();
    rounds_.add({span, std::move(*seen)});
    co_return result<void>{};
}

boost::asio::awaitable<result<delivered_by>> measures::read_round(store::time_span span)
{
    auto const jobs = co_await store::jobs_in(database_, span);
    if (!jobs) co_return jobs.error();
    auto const came = co_await store::deliveries_in(database_, span);
    if (!came) co_return came.error();
    auto const due = co_await store::runs_in(database_, span, *jobs);
    if (!due) co_return due.error();
    delivered_by out;
    for (auto const& each : *due) out[each.probe].due = each.least;
    for (auto const& each : *came) out[each.probe].came = each.arrived;
    auto const pinged = co_await read_pings(span, *jobs, out);
    if (!pinged) co_return pinged.error();
    co_return std::move(out);
}

boost::asio::awaitable<result<void>> measures::read_pings(store::time_span span, std::vector<proto::job> const& jobs,
                                                          delivered_by& into)
{
    auto const anchors = co_await store::anchor_sites(database_);
    if (!anchors) co_return anchors.error();
    auto const targets = compared_targets(jobs, *anchors);
    for (auto const target : targets) {
        ping_hours seen(target);
        store::result_query query{.measurement = target, .start = span.from, .stop = span.to, .probes = {}};
        store::result_taker const take = [&seen, span](std::vector<store::result_row> const& rows) {
            for (auto const& row : rows) {
                if (row.timestamp < span.to) seen.add(row);
            }
            return ready();
        };
        auto const read = co_await store::read_results(database_, std::move(query), take);
        if (!read) co_return read.error();
        probe_hours hours;
        for (auto const& each : into) hours[each.first];
        seen.give_to(hours);
        for (auto const& [probe, hour] : hours) {
            for (auto const& pings : hour.targets) {
                if (pings.packets.hits > 0) into[probe].trips[pings.measurement] = pings.least.count();
            }
        }
    }
    co_return result<void>{};
}

}  // namespace tp::registry
