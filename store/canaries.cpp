#include "store/canaries.hpp"

#include "store/pool.hpp"
#include "store/read_rows.hpp"

namespace tp::store {
namespace asio = boost::asio;

asio::awaitable<result<account_id>> platform_account(database& database)
{
    auto const found = co_await database.connections().run("select platform_account()");
    if (!found) co_return found.error();
    co_return account_id::from(found->integer(0, 0));
}

asio::awaitable<result<std::vector<probe_id>>> canary_probes(database& database, std::string capability,
                                                             canary_rotation most)
{
    auto const found = co_await database.connections().run(
        "(select id from probe where session is not null and trust = 'active' and $1 = any(capabilities) "
        "order by random() limit $2::bigint) union all "
        "(select id from probe where session is not null and trust in ('suspect', 'isolated', 'probation') "
        "and $1 = any(capabilities) order by random() limit $3::bigint)",
        parameters::of(capability, static_cast<std::int64_t>(most.active), static_cast<std::int64_t>(most.watched)));
    co_return probe_ids_from(found);
}

asio::awaitable<result<std::vector<canary_job>>> canaries_in(database& database, time_span span)
{
    auto const found = co_await database.connections().run(
        "select id, job, canary from measurement where canary is not null and start_time < moment($2::bigint) and "
        "(ends_at is null or ends_at > moment($1::bigint)) and (stopped_at is null or stopped_at > moment($1::bigint)) "
        "order by id",
        parameters::of(span.from, span.to));
    co_return platform_jobs_from<canary_job>(found);
}

}  // namespace tp::store
