#include "store/target_check.hpp"

#include <algorithm>
#include <set>

#include "proto/planned_rate.hpp"
#include "store/pool.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

constexpr unsigned prefix_v4 = 24, prefix_v6 = 48;  // bits
constexpr double tolerance = 1e-9;                  // of sums of fractions

ip_prefix prefix_of(ip_address const& address)
{
    return *ip_prefix::around(address, address.is_v4() ? prefix_v4 : prefix_v6);
}

/// What is sent already, by everything that runs.
struct sums {
    std::optional<abuse_case_id> blocked_by;
    double target = 0, prefix = 0;
};

asio::awaitable<result<sums>> sums_of(connection& link, target_load const& load)
{
    constexpr char sql[] =
        "with running as (select m.address, m.packet_rate * (select count(*) from participant p where "
        "    p.measurement_id = m.id and p.until is null) as rate from measurement m "
        "  where m.stopped_at is null and (m.ends_at is null or m.ends_at > now()) "
        "    and (m.address <<= $1::cidr or ($1::cidr is null and m.address is null and lower(m.target) = $3))) "
        "select blocking_case($2::inet, $3), coalesce(sum(rate) filter (where address is not distinct from $2::inet), "
        "  0), coalesce(sum(rate), 0) from running";
    auto const block = load.address ? std::optional(prefix_of(*load.address).text()) : std::nullopt;
    auto const address = load.address ? std::optional(load.address->to_string()) : std::nullopt;
    auto const found = co_await link.run(sql, parameters::of(block, address, load.target));
    if (!found) co_return found.error();
    sums out;
    if (!found->null(0, 0)) out.blocked_by = *abuse_case_id::from(found->integer(0, 0));
    out.target = found->real(0, 1);
    out.prefix = found->real(0, 2);
    co_return out;
}

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

}  // namespace

target_load load_of(proto::job const& job, std::size_t probes)
{
    if (!proto::needs_target(job.options)) return {};
    return {job.address, lower(job.target), proto::packets_per_second(job) * static_cast<double>(probes)};
}

asio::awaitable<result<void>> lock_targets(connection& link, std::vector<target_load> const& loads)
{
    std::set<std::string> keys;
    for (auto const& load : loads) {
        if (load.address)
            keys.insert(prefix_of(*load.address).text());
        else if (!load.target.empty())
            keys.insert(load.target);
    }
    if (keys.empty()) co_return result<void>{};
    // In one order, so that two who want the same several ones do not wait for each other.
    auto const locked = co_await link.run(
        "select pg_advisory_xact_lock(7441004, x.number) from (select distinct hashtext(key) as number from "
        "unnest($1::text[]) as key order by number) x",
        parameters::of(std::vector<std::string>(keys.begin(), keys.end())));
    if (!locked) co_return locked.error();
    co_return result<void>{};
}

asio::awaitable<result<std::optional<target_refusal>>> judge_target(connection& link, target_load load,
                                                                    target_caps caps)
{
    std::optional<target_refusal> out;
    if (!load.address && load.target.empty()) co_return out;
    auto const found = co_await sums_of(link, load);
    if (!found) co_return found.error();
    auto const wanted = load.packets_per_second;
    auto const beyond = [&](double running, double most) { return running + wanted > most * (1 + tolerance); };
    if (found->blocked_by)
        out = target_refusal{0, found->blocked_by, {}, 0, wanted, 0};
    else if (beyond(found->target, caps.per_target))
        out = target_refusal{
            0, {}, load.address ? load.address->to_string() : load.target, found->target, wanted, caps.per_target};
    else if (load.address && beyond(found->prefix, caps.per_prefix))
        out = target_refusal{0, {}, prefix_of(*load.address).text(), found->prefix, wanted, caps.per_prefix};
    co_return out;
}

}  // namespace tp::store
