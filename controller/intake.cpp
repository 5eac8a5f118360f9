#include "controller/intake.hpp"

#include <map>
#include <string>

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "proto/kind_names.hpp"
#include "proto/report.hpp"

namespace tp::controller {
namespace {

constexpr std::string_view not_given = "the probe was never a participant of this measurement";
constexpr std::string_view not_storable = "the report cannot be stored";

store::refused_result refusal_of(store::result_row const& row, std::string_view why)
{
    return {row.probe, row.measurement.value(), row.timestamp, std::string(why)};
}

/// Moves the second half of a list, rounded down, to another.
template <class T>
void move_half(std::vector<T>& from, std::vector<T>& to)
{
    auto const middle = from.end() - static_cast<std::ptrdiff_t>(from.size() / 2);
    to.assign(std::move_iterator(middle), std::move_iterator(from.end()));
    from.erase(middle, from.end());
}

/// What a newer probe measured is stored as it came, for those who will know it.
bool is_of_later_kind(proto::result_item const& item, error_code unread)
{
    return unread == errc::unsupported && static_cast<std::size_t>(item.kind) > proto::kind_names.size();
}

}  // namespace

std::variant<store::result_row, store::refused_result> judge(proto::result_item item, probe_id probe,
                                                             ip_address const& seen_from)
{
    auto const refused = [&](std::string why) {
        return store::refused_result{probe, item.measurement.value(), item.timestamp, std::move(why)};
    };
    if (item.report.size() > proto::largest_report) return refused("the report is too large");
    auto const report = proto::decode_report(item.report);
    if (!report && !is_of_later_kind(item, report.error()))
        return refused("the report cannot be read: " + report.error().message());
    return store::result_row{.measurement = item.measurement,
                             .probe = probe,
                             .timestamp = item.timestamp,
                             .sequence = static_cast<std::int64_t>(item.sequence),
                             .kind = static_cast<std::int16_t>(item.kind),
                             .flags = 0,
                             .stored_at = {},
                             .payload = proto::with_seen_from(std::move(item.report), seen_from)};
}

intake::intake(boost::asio::any_io_executor executor, seams store, std::int64_t first_commit, backoff pause)
    : store_(std::move(store)),
      next_commit_(first_commit),
      pause_(std::move(pause)),
      arrival_(executor, asio::steady_timer::time_point::max()),
      room_(executor, asio::steady_timer::time_point::max())
{
}

intake::parcel intake::pack(std::weak_ptr<receiver> from, probe_id probe, ip_address const& seen_from,
                            proto::result_batch batch)
{
    parcel out{.from = std::move(from), .number = batch.number};
    for (auto& item : batch.results) {
        auto judged = judge(std::move(item), probe, seen_from);
        if (auto* row = std::get_if<store::result_row>(&judged)) {
            out.octets += row->payload.size() + sizeof(store::result_row);
            out.rows.push_back(std::move(*row));
        } else {
            out.refused.push_back(std::move(std::get<store::refused_result>(judged)));
        }
    }
    return out;
}

bool intake::has_room() const noexcept
{
    return rows_waiting_ < most_rows_waiting && octets_waiting_ < most_octets_waiting;
}

boost::asio::awaitable<void> intake::take(std::weak_ptr<receiver> from, probe_id probe, ip_address seen_from,
                                          proto::result_batch batch, std::int16_t flags)
{
    while (!has_room()) co_await room_.async_wait(as_values);
    auto packed = pack(std::move(from), probe, seen_from, std::move(batch));
    for (auto& row : packed.rows) row.flags = flags;
    rows_waiting_ += packed.rows.size() + packed.refused.size();
    octets_waiting_ += packed.octets;
    waiting_.push_back(std::move(packed));
    arrival_.cancel();
    if (has_room()) room_.cancel_one();  // the next in turn: whoever enters wakes one more while there is room
}

std::vector<intake::parcel> intake::collect()
{
    std::vector<parcel> out;
    std::size_t rows = 0, octets = 0;
    while (!waiting_.empty()) {
        auto& first = waiting_.front();
        auto const count = first.rows.size() + first.refused.size();
        bool const fits = rows + count <= most_rows && octets + first.octets <= most_octets;
        if (!fits && !out.empty()) break;
        rows += count;
        octets += first.octets;
        out.push_back(std::move(first));
        waiting_.pop_front();
    }
    rows_waiting_ -= rows;
    octets_waiting_ -= octets;
    room_.cancel_one();
    return out;
}

boost::asio::awaitable<void> intake::run()
{
    for (;;) {  // left by cancellation only
        while (waiting_.empty()) co_await arrival_.async_wait(as_values);
        auto parcels = collect();
        auto const theirs = co_await granted(parcels);
        auto all = merge(parcels, theirs);
        if (!all.rows.empty() || !all.refused.empty()) co_await commit(std::move(all));
        acknowledge(parcels);
    }
}

boost::asio::awaitable<std::unordered_set<participation_cache::pair>> intake::granted(
    std::vector<parcel> const& parcels)
{
    std::unordered_set<participation_cache::pair> out, asked;
    std::vector<measurement_id> measurements;
    std::vector<probe_id> probes;
    for (auto const& each : parcels) {
        for (auto const& row : each.rows) {
            auto const pair = participation_cache::of(row.measurement, row.probe);
            if (out.contains(pair) || asked.contains(pair)) continue;
            if (cache_.contains(pair)) {
                out.insert(pair);
                continue;
            }
            asked.insert(pair);
            measurements.push_back(row.measurement);
            probes.push_back(row.probe);
        }
    }
    while (!asked.empty()) {
        auto const found = co_await store_.history(measurements, probes);
        if (!found) {
            co_await pause_after(found.error(), "cannot read who takes part");
            continue;
        }
        for (auto const& one : *found) out.insert(participation_cache::of(one.measurement, one.probe));
        for (auto const& one : *found) cache_.add(participation_cache::of(one.measurement, one.probe));
        break;
    }
    co_return out;
}

intake::shipment intake::merge(std::vector<parcel>& parcels,
                               std::unordered_set<participation_cache::pair> const& granted)
{
    shipment out;
    for (auto& each : parcels) {
        for (auto& refused : each.refused) out.refused.push_back(std::move(refused));
        for (auto& row : each.rows) {
            if (granted.contains(participation_cache::of(row.measurement, row.probe)))
                out.rows.push_back(std::move(row));
            else
                out.refused.push_back(refusal_of(row, not_given));
        }
    }
    return out;
}

boost::asio::awaitable<void> intake::commit(shipment what)
{
    std::vector<shipment> left;
    left.push_back(std::move(what));
    while (!left.empty()) {
        auto next = std::move(left.back());
        left.pop_back();
        auto const committed = co_await commit_whole(next);
        if (committed) continue;
        auto parts =
            next.rows.size() + next.refused.size() > 1 ? halves(std::move(next)) : refused_alone(std::move(next));
        for (auto& part : parts) left.push_back(std::move(part));
    }
}

/// Both are smaller than what they are made of, and the last one is the first in turn. @pre more than one result
std::vector<intake::shipment> intake::halves(shipment what)
{
    shipment rest;
    if (!what.rows.empty() && !what.refused.empty()) {
        rest.refused.swap(what.refused);
    } else {
        move_half(what.rows, rest.rows);
        move_half(what.refused, rest.refused);
    }
    std::vector<shipment> out;
    out.push_back(std::move(rest));
    out.push_back(std::move(what));
    return out;
}

/// What is still to be committed when a single result is rejected. Nothing, if not even its refusal can be recorded.
std::vector<intake::shipment> intake::refused_alone(shipment what)
{
    std::vector<shipment> out;
    if (what.rows.empty()) {
        log::warning("controller", "the refusal of a result cannot be recorded");
        return out;
    }
    auto const& row = what.rows.front();
    log::warning("controller", "a result of probe " + row.probe.text() + " for measurement " + row.measurement.text() +
                                   " cannot be stored, and is recorded as refused");
    out.emplace_back().refused.push_back(refusal_of(row, not_storable));
    return out;
}

/// Errors: errc::rejected, then nothing of it was stored and its number is still free.
boost::asio::awaitable<result<void>> intake::commit_whole(shipment const& what)
{
    for (;;) {
        // Copies: a commit whose outcome was lost with the connection is repeated word for word.
        auto const outcome = co_await store_.commit(next_commit_, what.rows, what.refused);
        if (outcome) {
            counts_.stored += outcome->stored;
            counts_.duplicates += outcome->duplicates;
            break;
        }
        if (outcome.error() == errc::rejected) {
            ++counts_.failures;
            co_return errc::rejected;
        }
        // Whatever else the reason: giving up would lose results, and probes keep theirs meanwhile.
        co_await pause_after(outcome.error(), "cannot commit results");
    }
    ++next_commit_;
    ++counts_.commits;
    counts_.refused += what.refused.size();
    pause_.reset();
    if (!std::exchange(well_, true)) log::info("controller", "results are being committed again");
    co_return result<void>{};
}

boost::asio::awaitable<void> intake::pause_after(error_code why, std::string_view what)
{
    ++counts_.failures;
    if (std::exchange(well_, false)) log::warning("controller", std::string(what) + ", trying again: " + why.message());
    co_await pause_for(pause_.next());
}

void intake::acknowledge(std::vector<parcel> const& parcels)
{
    std::map<std::shared_ptr<receiver>, std::vector<std::uint64_t>> numbers;
    for (auto const& each : parcels) {
        if (auto const from = each.from.lock()) numbers[from].push_back(each.number);
    }
    for (auto& [from, batches] : numbers) from->acknowledge(std::move(batches));
}

}  // namespace tp::controller
