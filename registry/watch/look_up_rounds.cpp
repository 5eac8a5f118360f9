#include "registry/watch/look_up_rounds.hpp"

#include "proto/kind_names.hpp"
#include "store/canaries.hpp"
#include "store/fleet.hpp"

namespace tp::registry {
namespace {

constexpr int periods_valid = 2;  // a finding that was not renewed by then lapses

/// Who can do this is asked by the measurement of the other family: a probe asks all its resolvers in either.
std::string capability_elsewhere(proto::family af)
{
    return af == proto::family::v6 ? proto::capability_for(proto::result_kind::dns, proto::family::v4) : std::string();
}

boost::asio::awaitable<result<void>> ready()
{
    co_return result<void>{};
}

}  // namespace

boost::asio::awaitable<result<void>> look_up_rounds::send(wall_time now)
{
    auto const standing = co_await store::standing_look_ups(database_);
    if (!standing) co_return standing.error();
    auto const plan = plan_look_ups(settings_.look_ups, *standing);
    for (auto const each : plan.to_stop) {
        auto const stopped = co_await store::stop_measurement(database_, each);
        if (!stopped) co_return stopped.error();
    }
    auto const wanted = look_ups_of(settings_.look_ups);
    if (wanted.empty()) co_return result<void>{};
    auto const owner = co_await store::platform_account(database_);
    if (!owner) co_return owner.error();
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        auto const kept = co_await keep_up(wanted[i], plan.kept[i], *owner, now);
        if (!kept) co_return kept.error();
    }
    co_return result<void>{};
}

/// Whoever joins is asked soon first: a registry that dies in between lets them be asked again, and not late.
boost::asio::awaitable<result<void>> look_up_rounds::keep_up(look_up what, std::optional<measurement_id> standing,
                                                             account_id owner, wall_time now)
{
    auto capability = proto::capability_for(proto::result_kind::dns, what.af);
    auto unless = capability_elsewhere(what.af);
    auto newcomers = co_await store::look_up_newcomers(database_, std::move(capability), std::move(unless), standing);
    if (!newcomers) co_return newcomers.error();
    if (newcomers->empty()) co_return result<void>{};
    auto soon = first_look_up(settings_.look_ups, what, owner, now, settings_.round);
    auto const asked = co_await create(std::move(soon), *newcomers);
    if (!asked) co_return asked.error();
    if (!standing) {
        auto lasting = standing_look_up(settings_.look_ups, what, owner, now);
        co_return co_await create(std::move(lasting), std::move(*newcomers));
    }
    auto const joined =
        co_await store::add_participants(database_, *standing, std::move(*newcomers), store::no_target_caps);
    if (!joined) co_return joined.error();
    co_return result<void>{};
}

boost::asio::awaitable<result<void>> look_up_rounds::create(store::new_measurement one, std::vector<probe_id> probes)
{
    one.probes_requested = static_cast<std::uint32_t>(probes.size());
    one.participants = std::move(probes);
    std::vector<store::new_measurement> wanted{std::move(one)};
    auto const made = co_await store::create_measurements(database_, std::move(wanted), store::no_target_caps);
    if (!made) co_return made.error();
    co_return result<void>{};
}

boost::asio::awaitable<result<void>> look_up_rounds::read(store::time_span span)
{
    if (settings_.look_ups.name.empty()) co_return result<void>{};
    auto const asked = co_await store::look_ups_in(database_, span);
    if (!asked) co_return asked.error();
    for (auto const& each : *asked) {
        auto const done = co_await read_one(each, span);
        if (!done) co_return done.error();
    }
    co_return result<void>{};
}

boost::asio::awaitable<result<void>> look_up_rounds::read_one(store::look_up_job asked, store::time_span span)
{
    std::vector<store::look_up_finding> found;
    store::result_query query{.measurement = asked.job.measurement, .start = span.from, .stop = span.to, .probes = {}};
    store::result_taker const take = [&](std::vector<store::result_row> const& rows) {
        for (auto const& row : rows) {
            if (row.timestamp >= span.to) continue;
            if (auto one = finding_of(settings_.look_ups, asked, row)) found.push_back(std::move(*one));
        }
        return ready();
    };
    auto const read = co_await store::read_results(database_, std::move(query), take);
    if (!read) co_return read.error();
    if (found.empty()) co_return result<void>{};
    std::vector<probe_id> probes;
    for (auto const& each : found) probes.push_back(each.probe);
    auto const noted =
        co_await store::record_look_ups(database_, std::move(found), periods_valid * settings_.look_ups.every);
    if (!noted) co_return noted.error();
    co_return co_await store::refresh_system_tags(database_, std::move(probes));
}

}  // namespace tp::registry
