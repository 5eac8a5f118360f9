#include "controller/dispatch.hpp"

#include <gmock/gmock.h>

#include "controller/participation_cache.hpp"

namespace tp::controller {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using next = job_ledger::next;

measurement_id measurement(int number)
{
    return measurement_id::from(number).value();
}

probe_id probe(int number)
{
    return probe_id::from(number).value();
}

proto::job job(int number)
{
    return {.measurement = measurement(number), .target = "example.net"};
}

std::vector<proto::job> jobs(int count)
{
    std::vector<proto::job> out;
    for (int i = 1; i <= count; ++i) out.push_back(job(i));
    return out;
}

job_news news(int number, bool takes_part, std::string text = {})
{
    return {measurement(number), takes_part, std::make_shared<std::string const>(std::move(text))};
}

TEST(dispatch, sorts_changes_and_keeps_each_once)
{
    auto const due = sort_out({{1, "measurement", 7},
                               {2, "probe", 3},
                               {3, "measurement", 5},
                               {4, "placement", 3},
                               {5, "measurement", 7},
                               {6, "something new", 9},
                               {7, "placement", 4},
                               {8, "measurement", 0},
                               {9, "trust", 5},
                               {10, "trust", 4}});
    EXPECT_THAT(due.measurements, ElementsAre(measurement(7), measurement(5)));
    EXPECT_THAT(due.probes, ElementsAre(probe(3), probe(4), probe(5)));
    EXPECT_FALSE(due.documents);
    EXPECT_TRUE(sort_out({{1, "measurement", 7}, {2, "document", 1}}).documents);
}

TEST(dispatch, cuts_a_job_list_into_pages)
{
    struct row {
        int jobs;
        std::size_t pages;
    };
    constexpr int page = jobs_in_page;
    for (auto const& [count, expected] : {row{0, 1}, row{1, 1}, row{page, 1}, row{page + 1, 2}, row{page * 3, 3}}) {
        SCOPED_TRACE(count);
        auto const pages = pages_of(jobs(count));
        ASSERT_THAT(pages, SizeIs(expected));
        std::size_t jobs_in_all = 0;
        for (std::size_t i = 0; i < pages.size(); ++i) {
            EXPECT_EQ(pages[i].first, i == 0);
            EXPECT_EQ(pages[i].last, i + 1 == pages.size());
            jobs_in_all += pages[i].jobs.size();
        }
        EXPECT_EQ(jobs_in_all, static_cast<std::size_t>(count));
    }
}

TEST(dispatch, counts_the_octets_of_a_page)
{
    proto::http_options options;
    options.path.assign(proto::http_options::longest_path, '/');
    options.query_string.assign(proto::http_options::longest_query, 'q');
    auto list = jobs(100);
    for (std::size_t i = 0; i < list.size(); i += 2) list[i].options = options;
    auto const pages = pages_of(list);
    std::vector<proto::job> sent;
    for (auto const& page : pages) {
        EXPECT_LE(proto::encode(proto::from_controller(page)).size(), page_octets + 2 * jobs_in_page + 16);
        EXPECT_FALSE(page.jobs.empty());
        sent.insert(sent.end(), page.jobs.begin(), page.jobs.end());
    }
    EXPECT_EQ(sent, list);
    EXPECT_THAT(pages, SizeIs(testing::Lt(list.size())));
}

TEST(job_ledger, tells_additions_and_only_those_ends_that_concern_the_session)
{
    job_ledger ledger;
    ledger.listed(jobs(2));
    EXPECT_THAT(ledger.caught_up(), IsEmpty());
    EXPECT_EQ(ledger.note(news(9, false)), next::nothing);
    EXPECT_EQ(ledger.note(news(9, true)), next::send);
    EXPECT_EQ(ledger.note(news(9, true)), next::send);  // changed
    EXPECT_EQ(ledger.note(news(9, false)), next::send);
    EXPECT_EQ(ledger.note(news(9, false)), next::nothing);
    EXPECT_EQ(ledger.note(news(1, false)), next::send);
    EXPECT_FALSE(ledger.holds(measurement(1)));
    EXPECT_TRUE(ledger.holds(measurement(2)));
}

TEST(job_ledger, lets_news_wait_until_the_list_was_sent)
{
    job_ledger ledger;
    EXPECT_EQ(ledger.note(news(7, true, "older")), next::nothing);
    ledger.listed(jobs(3));
    EXPECT_EQ(ledger.note(news(7, true, "newer")), next::nothing);
    EXPECT_EQ(ledger.note(news(2, false, "stopped")), next::nothing);
    EXPECT_EQ(ledger.note(news(8, false, "not ours")), next::nothing);
    auto const due = ledger.caught_up();
    ASSERT_THAT(due, SizeIs(2));
    EXPECT_EQ(*due[0], "newer");
    EXPECT_EQ(*due[1], "stopped");
    EXPECT_FALSE(ledger.holds(measurement(2)));
    EXPECT_TRUE(ledger.holds(measurement(7)));
}

TEST(job_ledger, is_listed_again_by_one_at_a_time)
{
    job_ledger ledger;
    ledger.begin();
    EXPECT_FALSE(ledger.ask_again()) << "the first list is on its way";
    EXPECT_TRUE(ledger.outdated());
    ledger.begin();
    ledger.listed(jobs(2));
    EXPECT_FALSE(ledger.outdated());
    ledger.caught_up();

    EXPECT_TRUE(ledger.ask_again());
    EXPECT_FALSE(ledger.outdated());
    EXPECT_EQ(ledger.note(news(7, true)), next::nothing) << "told after the list";
    EXPECT_FALSE(ledger.ask_again());
    EXPECT_TRUE(ledger.outdated());
    ledger.begin();
    ledger.listed({});
    EXPECT_THAT(ledger.caught_up(), SizeIs(1));
    EXPECT_TRUE(ledger.holds(measurement(7)));
    EXPECT_FALSE(ledger.holds(measurement(1)));
}

TEST(job_ledger, bounds_what_waits)
{
    job_ledger ledger;
    for (int i = 1; i <= static_cast<int>(job_ledger::most_deferred); ++i) {
        ASSERT_EQ(ledger.note(news(i, true)), next::nothing);
    }
    EXPECT_EQ(ledger.note(news(1, true)), next::nothing);  // takes the place of the older one
    EXPECT_EQ(ledger.note(news(5'000, true)), next::too_many);
}

TEST(recent_changes, remembers_what_came_since_a_mark)
{
    recent_changes recent;
    recent.note(probe(1));
    auto const mark = recent.now();
    EXPECT_FALSE(recent.touched_since(mark, probe(1)));
    recent.note(probe(2));
    EXPECT_TRUE(recent.touched_since(mark, probe(2)));
    EXPECT_FALSE(recent.touched_since(mark, probe(1)));
}

TEST(recent_changes, says_touched_when_it_has_forgotten)
{
    recent_changes recent;
    auto const mark = recent.now();
    for (std::size_t i = 0; i < recent_changes::most; ++i) recent.note(probe(2));
    EXPECT_FALSE(recent.touched_since(mark, probe(1)));
    recent.note(probe(2));
    EXPECT_TRUE(recent.touched_since(mark, probe(1)));
}

TEST(participation_cache, keeps_what_is_asked_for_and_stays_bounded)
{
    participation_cache cache(100);
    auto const kept = participation_cache::of(measurement(1), probe(1));
    cache.add(kept);
    for (int i = 2; i <= 1'000; ++i) {
        cache.add(participation_cache::of(measurement(i), probe(1)));
        ASSERT_TRUE(cache.contains(kept));
        ASSERT_LE(cache.size(), 101U);
    }
    EXPECT_FALSE(cache.contains(participation_cache::of(measurement(2), probe(1))));
    EXPECT_FALSE(cache.contains(participation_cache::of(measurement(1), probe(2))));
}

}  // namespace
}  // namespace tp::controller
