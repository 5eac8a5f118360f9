#include "controller/dispatcher.hpp"

#include <algorithm>

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "proto/block_list.hpp"
#include "proto/codec.hpp"
#include "store/abuse.hpp"
#include "store/measurements.hpp"

namespace tp::controller {
namespace {

constexpr std::chrono::seconds unknown_retry{60};
constexpr std::chrono::seconds revoked_retry{std::chrono::hours{24}};

job_news news_of(measurement_id measurement, std::optional<proto::job> const& job)
{
    proto::job_change change;
    if (job)
        change.changed.push_back(*job);
    else
        change.removed.push_back(measurement);
    proto::from_controller const message = std::move(change);
    return {measurement, job.has_value(), std::make_shared<std::string const>(proto::encode(message))};
}

/// For the probes' own look at addresses that the platform did not resolve. Beyond what a probe takes, the rest is left
/// out: no jobs are handed out for it all the same.
store::signed_octets as_document(store::block_list blocked)
{
    if (blocked.prefixes.size() > proto::block_list::most) {
        log::error("controller", "more address blocks are to be left alone than probes can be told");
        blocked.prefixes.resize(proto::block_list::most, blocked.prefixes.front());
    }
    auto text = proto::encode_blocks({blocked.version, std::move(blocked.prefixes)});
    return {std::string(proto::blocks_document), blocked.version, {}, std::move(text)};
}

}  // namespace

proto::refuse refusal_for(store::admitted const& judged)
{
    switch (judged.verdict) {
        case store::admission::revoked:
            return {proto::refusal::revoked,
                    "this probe was " + std::string(name_of(judged.trust)) + "; its host can see why", revoked_retry};
        case store::admission::not_placed_here:
            return {proto::refusal::not_placed_here, "the registry has not placed this probe here; ask it again", {}};
        case store::admission::frozen:
            return {
                proto::refusal::not_placed_here, "the batch of this device is frozen; its operators can say why", {}};
        case store::admission::unknown_key:
        case store::admission::granted:
            break;
    }
    return {proto::refusal::unknown_key, "nobody has announced this key; ask the registry first", unknown_retry};
}

boost::asio::awaitable<result<void>> dispatcher::take(std::vector<store::change> changes)
{
    auto const due = sort_out(changes);
    for (auto const probe : due.probes) recent_.note(probe);
    for (auto const probe : due.probes) {
        auto const checked = co_await check(probe);
        if (!checked) co_return checked.error();
    }
    // Before the jobs, which may need them.
    if (due.documents) {
        auto const read = co_await read_documents();
        if (!read) co_return read.error();
    }
    if (due.repository) {
        auto const read = co_await files_.read_catalogue();
        if (!read) co_return read.error();
    }
    // After the files that they speak of.
    if (due.instructions) instructions_.ask();
    for (auto const measurement : due.measurements) {
        auto const spread_out = co_await spread(measurement);
        if (!spread_out) co_return spread_out.error();
    }
    co_return result<void>{};
}

boost::asio::awaitable<result<void>> dispatcher::check(probe_id probe)
{
    auto const concerned = sessions_.find(probe);
    if (!concerned) co_return result<void>{};
    auto key = concerned->channel().peer();
    auto const admitted = co_await store::admit_probe(database_, self_, std::move(key));
    if (!admitted) co_return admitted.error();
    if (admitted->verdict == store::admission::granted) {
        if (admitted->key_wanted) concerned->want_new_key();
        if (!concerned->trust(admitted->trust)) co_return result<void>{};
        log::info("controller", "probe " + probe.text() + " is " + std::string(name_of(admitted->trust)) +
                                    (concerned->isolated() ? " and loses its jobs" : " and gets its jobs back"));
        // Its owner is the session, as of all that is sent to it: a slow reader must not hold up the feed.
        if (concerned->ask_jobs_again())
            boost::asio::co_spawn(executor_, renew_jobs(database_, concerned), expect_cancelled);
        co_return result<void>{};
    }
    auto why = refusal_for(*admitted);
    log::info("controller", "probe " + probe.text() + ": session ended: " + why.reason);
    concerned->end(std::move(why));
    co_return result<void>{};
}

boost::asio::awaitable<result<void>> dispatcher::read_documents()
{
    auto found = co_await store::newest_documents(database_);
    if (!found) co_return found.error();
    auto blocked = co_await store::blocked_prefixes(database_);
    if (!blocked) co_return blocked.error();
    if (blocked->version != 0) found->push_back(as_document(std::move(*blocked)));
    for (auto const& one : shelf_.put(*found)) {
        log::info("controller",
                  "probes are given the document \"" + one->name + "\", version " + std::to_string(one->version));
        for (auto const& each : sessions_.all()) each->give(one);
    }
    co_return result<void>{};
}

boost::asio::awaitable<void> dispatcher::renew_jobs(store::database& database, std::shared_ptr<session> of)
{
    session::job_reader read = [&database, probe = of->probe()] { return store::jobs_of(database, probe); };
    auto const sent = co_await of->send_jobs(std::move(read));
    if (sent || sent.error() == errc::closed) co_return;
    // It must not go on with a list that is not its own any more; in its next session it gets the right one.
    log::info("controller", "probe " + of->probe().text() +
                                ": session ended, it could not be given its jobs: " + sent.error().message());
    of->channel().abort();
}

boost::asio::awaitable<result<void>> dispatcher::spread(measurement_id measurement)
{
    // Sessions that come after this line read a job list that is newer than the change.
    auto const present = sessions_.all();
    if (present.empty()) co_return result<void>{};
    std::vector<probe_id> probes;
    probes.reserve(present.size());
    for (auto const& each : present) probes.push_back(each->probe());

    auto state = co_await store::job_state_of(database_, measurement, std::move(probes));
    if (!state) co_return state.error();
    auto& participants = state->participants;
    std::sort(participants.begin(), participants.end());
    auto const done = news_of(measurement, std::nullopt);
    auto const current = news_of(measurement, state->job);
    for (auto const& each : present) {
        bool const takes_part = std::binary_search(participants.begin(), participants.end(), each->probe());
        each->tell(takes_part ? current : done);
    }
    co_return result<void>{};
}

}  // namespace tp::controller
