#include <set>

#include "controller_fixture.hpp"
#include "store/connections.hpp"

namespace tp::controller {
namespace {

using store::trust_event;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class isolation : public controller_fixture {
public:
    /// A whole job list, from its first page to its last.
    static asio::awaitable<std::vector<proto::job>> hear_list(link from)
    {
        std::vector<proto::job> out;
        for (bool over = false; !over;) {
            auto page = co_await hear<proto::job_page>(from);
            if (page.first) out.clear();
            out.insert(out.end(), page.jobs.begin(), page.jobs.end());
            over = page.last;
        }
        co_return out;
    }
    /// Reads lists, and changes of the list that this side held, until it holds just what is wanted.
    static asio::awaitable<void> hear_until(link from, std::set<measurement_id> held, std::set<measurement_id> wanted)
    {
        while (held != wanted) {
            auto const frame = need(co_await within(answer_limit, from->read()));
            auto const message = need(proto::decode_from_controller(frame));
            if (auto const* page = std::get_if<proto::job_page>(&message)) {
                if (page->first) held.clear();
                for (auto const& each : page->jobs) held.insert(each.measurement);
            }
            if (auto const* change = std::get_if<proto::job_change>(&message))
                for (auto const& each : change->changed) held.insert(each.measurement);
        }
    }
    /// Sends one result, and waits until it is stored.
    static asio::awaitable<void> deliver(link to, measurement_id of, std::uint64_t number)
    {
        proto::to_controller const batch = proto::result_batch{number, {item(of, number)}};
        co_await say(to, batch);
        co_await hear<proto::acknowledge>(to);
    }
    asio::awaitable<std::vector<std::int64_t>> stored(measurement_id of, bool flagged)
    {
        std::vector<std::int64_t> out;
        store::result_query query{.measurement = of, .flagged = flagged};
        store::result_taker const take = [&out](std::vector<store::result_row> rows) {
            for (auto const& row : rows) out.push_back(row.sequence);
            return done();
        };
        need(co_await store::read_results(owner_, std::move(query), take));
        co_return out;
    }
    static asio::awaitable<result<void>> done() { co_return result<void>{}; }
};

TEST_F(isolation, takes_the_jobs_away_and_gives_them_back)
{
    play([](auto& base) -> asio::awaitable<void> {
        auto& self = static_cast<isolation&>(base);
        auto const bad = co_await self.add_probe("bad");
        auto const good = co_await self.add_probe("good");
        auto const both = co_await self.measure(self.ids(bad, good));
        auto const to_bad = co_await self.join(bad);
        auto const to_good = co_await self.join(good);
        co_await self.by_hand(bad, trust_event::isolated);
        auto jobs = co_await self.hear_list(to_bad);
        EXPECT_THAT(jobs, IsEmpty());

        // News of what it no longer takes part in are not for it; its neighbour hears them.
        auto const later = co_await self.measure(self.ids(bad, good));
        std::set<measurement_id> const before{both}, all{both, later};
        co_await self.hear_until(to_good, before, all);

        co_await self.by_hand(bad, trust_event::released);
        jobs = co_await self.hear_list(to_bad);
        std::vector<measurement_id> numbers;
        for (auto const& job : jobs) numbers.push_back(job.measurement);
        EXPECT_THAT(numbers, ElementsAre(both, later));
    });
}

TEST_F(isolation, flags_what_the_probe_delivers_meanwhile)
{
    play([](auto& base) -> asio::awaitable<void> {
        auto& self = static_cast<isolation&>(base);
        auto const bad = co_await self.add_probe("bad");
        auto const good = co_await self.add_probe("good");
        auto const both = co_await self.measure(self.ids(bad, good));
        auto const to_bad = co_await self.join(bad);
        auto const to_good = co_await self.join(good);
        co_await self.deliver(to_bad, both, 1);
        co_await self.by_hand(bad, trust_event::isolated);
        co_await self.hear_list(to_bad);
        co_await self.deliver(to_bad, both, 2);
        co_await self.deliver(to_good, both, 3);
        co_await self.by_hand(bad, trust_event::tried);
        co_await self.hear_list(to_bad);
        co_await self.deliver(to_bad, both, 4);
        auto const served = co_await self.stored(both, false);
        EXPECT_THAT(served, ElementsAre(1, 3, 4));
        auto const all = co_await self.stored(both, true);
        EXPECT_THAT(all, ElementsAre(1, 2, 3, 4));
    });
}

TEST_F(isolation, holds_for_a_probe_that_comes_back)
{
    play([](auto& base) -> asio::awaitable<void> {
        auto& self = static_cast<isolation&>(base);
        auto const probe = co_await self.add_probe("probe");
        auto const measurement = co_await self.measure(self.ids(probe));
        co_await self.by_hand(probe, trust_event::isolated);
        std::vector<proto::job> jobs;
        auto const to = co_await self.join(probe, &jobs);
        EXPECT_THAT(jobs, IsEmpty());
        co_await self.deliver(to, measurement, 1);
        auto const served = co_await self.stored(measurement, false);
        EXPECT_THAT(served, IsEmpty());
        co_await self.by_hand(probe, trust_event::released);
        jobs = co_await self.hear_list(to);
        EXPECT_THAT(jobs, testing::SizeIs(1));
    });
}

TEST_F(isolation, of_a_probe_that_changes_often_ends_with_the_last_word)
{
    play([](auto& base) -> asio::awaitable<void> {
        auto& self = static_cast<isolation&>(base);
        auto const probe = co_await self.add_probe("probe");
        std::set<measurement_id> all;
        for (std::size_t i = 0; i < 2 * jobs_in_page; ++i) all.insert(co_await self.measure(self.ids(probe)));
        auto const to = co_await self.join(probe);
        for (int i = 0; i < 5; ++i) {
            co_await self.by_hand(probe, trust_event::isolated);
            co_await self.by_hand(probe, trust_event::released);
        }
        co_await self.by_hand(probe, trust_event::isolated);
        auto const measurement = co_await self.measure(self.ids(probe));
        co_await self.by_hand(probe, trust_event::tried);
        // The newest comes with a list, or as news in front of one or without, as the changes of trust are heard of.
        auto wanted = all;
        wanted.insert(measurement);
        co_await self.hear_until(to, all, wanted);
    });
}

TEST_F(isolation, and_other_ends_of_ours_stand_in_the_connection_log)
{
    play([](auto& base) -> asio::awaitable<void> {
        auto& self = static_cast<isolation&>(base);
        auto const probe = co_await self.add_probe("probe");
        auto const to = co_await self.join(probe);
        co_await self.by_hand(probe, trust_event::revoked);
        auto const told = co_await self.hear<proto::refuse>(to);
        EXPECT_EQ(told.code, proto::refusal::revoked);
        store::connection_page log;
        do {
            co_await pause_for(std::chrono::milliseconds(20));
            log = self.need(co_await store::connections_of(self.owner_, *probe.id, 0, 10));
        } while (log.rows.empty() || !log.rows[0].closed);
        EXPECT_EQ(log.rows[0].reason, told.reason);
        EXPECT_THAT(log.rows[0].reason, HasSubstr("revoked"));
        EXPECT_TRUE(log.rows[0].by_platform);
        EXPECT_EQ(log.rows[0].controller, "controller-under-test");
    });
}

}  // namespace
}  // namespace tp::controller
