#include "controller/intake.hpp"

#include <gmock/gmock.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <set>

#include "base/coroutine.hpp"
#include "proto/report.hpp"

namespace tp::controller {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int foreign = 666;  // a measurement that nobody was given

measurement_id measurement(int number)
{
    return measurement_id::from(number).value();
}

/// Stands in for a session.
struct listener final : receiver {
    void acknowledge(std::vector<std::uint64_t> batches) override
    {
        heard.insert(heard.end(), batches.begin(), batches.end());
        ++times;
    }
    std::vector<std::uint64_t> heard;
    int times = 0;
};

/// An intake whose store is this test: a commit waits until the test lets it end, and how.
class intake_test : public testing::Test {
protected:
    static constexpr std::chrono::seconds patience{30};

    struct commit {
        std::int64_t number;
        std::vector<store::result_row> rows;
        std::vector<store::refused_result> refused;
    };

    void SetUp() override
    {
        intake::seams seams{
            .commit =
                [this](auto number, auto rows, auto refused) {
                    return keep({number, std::move(rows), std::move(refused)});
                },
            .history = [this](auto measurements,
                              auto probes) { return look_up(std::move(measurements), std::move(probes)); }};
        intake_.emplace(io_.get_executor(), std::move(seams), 42, backoff(milliseconds(1), milliseconds(2), 1));
        asio::co_spawn(io_, intake_->run(), asio::bind_cancellation_slot(stop_.slot(), expect_cancelled));
        settle();
    }
    void TearDown() override
    {
        stop_.emit(asio::cancellation_type::terminal);
        outcome_ = store::commit_outcome{};
        gate_.cancel();
        settle();
    }

    asio::awaitable<result<store::commit_outcome>> keep(commit one)
    {
        if (never_ != 0) co_return judged(std::move(one));
        commits_.push_back(std::move(one));
        outcome_.reset();
        while (!outcome_) co_await gate_.async_wait(as_values);
        co_return *outcome_;
    }
    /// A store that cannot hold one of the results, and answers at once.
    result<store::commit_outcome> judged(commit one)
    {
        for (auto const& row : one.rows) {
            if (row.sequence == never_) return errc::rejected;
        }
        commits_.push_back(std::move(one));
        return store::commit_outcome{};
    }
    asio::awaitable<result<std::vector<store::participation>>> look_up(std::vector<measurement_id> measurements,
                                                                       std::vector<probe_id> probes)
    {
        ++look_ups_;
        if (history_fails_-- > 0) co_return errc::unavailable;
        std::vector<store::participation> out;
        for (std::size_t i = 0; i < measurements.size(); ++i) {
            if (measurements[i] != measurement(foreign)) out.push_back({measurements[i], probes[i], {}});
        }
        co_return out;
    }

    /// Runs what can run without waiting.
    void settle()
    {
        io_.restart();
        io_.poll();
    }
    template <class Condition>
    void run_until(Condition condition)
    {
        auto const deadline = std::chrono::steady_clock::now() + patience;
        while (!condition()) {
            ASSERT_LT(std::chrono::steady_clock::now(), deadline);
            io_.restart();
            io_.run_one_for(milliseconds(50));
        }
    }
    void finish_commit(result<store::commit_outcome> how = store::commit_outcome{})
    {
        outcome_ = how;
        gate_.cancel();
        settle();
    }

    static proto::result_item item(int of, std::uint64_t sequence, std::string report = proto::encode(proto::report{}))
    {
        return {measurement(of), from_unix_seconds(1'000), sequence, proto::result_kind::ping, std::move(report)};
    }
    /// A batch whose taking-over is begun; `entered_` counts those that were let in.
    void offer(std::uint64_t number, std::vector<proto::result_item> items)
    {
        proto::result_batch batch{number, std::move(items)};
        auto const address = parse_address("192.0.2.7").value();
        asio::co_spawn(io_, intake_->take(listener_, probe_, address, std::move(batch)),
                       [this](std::exception_ptr thrown) {
                           ++entered_;
                           if (thrown) std::rethrow_exception(thrown);
                       });
        settle();
    }

    asio::io_context io_;
    asio::cancellation_signal stop_;
    asio::steady_timer gate_{io_, asio::steady_timer::time_point::max()};
    std::optional<result<store::commit_outcome>> outcome_;
    std::vector<commit> commits_;
    std::int64_t never_ = 0;  // the sequence of a result that the store cannot hold
    int look_ups_ = 0, history_fails_ = 0, entered_ = 0;
    probe_id probe_ = probe_id::from(5).value();
    std::shared_ptr<listener> listener_ = std::make_shared<listener>();
    std::optional<intake> intake_;
};

TEST_F(intake_test, commits_at_once_when_nothing_is_under_way_and_acknowledges_only_then)
{
    offer(1, {item(10, 1), item(11, 2)});
    ASSERT_THAT(commits_, SizeIs(1));
    EXPECT_EQ(commits_[0].number, 42);
    EXPECT_THAT(commits_[0].rows, SizeIs(2));
    EXPECT_EQ(commits_[0].rows[1].sequence, 2);
    EXPECT_EQ(commits_[0].rows[0].probe, probe_);
    EXPECT_THAT(listener_->heard, IsEmpty());
    finish_commit();
    EXPECT_THAT(listener_->heard, ElementsAre(1U));
}

TEST_F(intake_test, adds_the_address_that_was_seen)
{
    offer(1, {item(10, 1)});
    auto const report = proto::decode_report(commits_.at(0).rows.at(0).payload);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->seen_from, parse_address("192.0.2.7").value());
}

TEST_F(intake_test, collects_the_next_commit_while_one_is_under_way)
{
    offer(1, {item(10, 1)});
    for (std::uint64_t i = 2; i <= 5; ++i) offer(i, {item(10, i)});
    ASSERT_THAT(commits_, SizeIs(1));
    finish_commit();
    ASSERT_THAT(commits_, SizeIs(2));
    EXPECT_EQ(commits_[1].number, 43);
    EXPECT_THAT(commits_[1].rows, SizeIs(4));
    finish_commit();
    EXPECT_THAT(listener_->heard, ElementsAre(1U, 2U, 3U, 4U, 5U));
    EXPECT_EQ(listener_->times, 2);  // one acknowledgement for each commit
}

TEST_F(intake_test, repeats_a_commit_word_for_word_until_the_store_has_it)
{
    offer(1, {item(10, 1)});
    offer(2, {item(10, 2)});
    for (auto const why : {errc::unavailable, errc::timed_out, errc::conflict}) {
        auto const before = commits_.size();
        finish_commit(why);
        run_until([&] { return commits_.size() == before + 1; });
        EXPECT_EQ(commits_.back().number, 42);
        ASSERT_THAT(commits_.back().rows, SizeIs(1));
        EXPECT_EQ(commits_.back().rows[0].sequence, 1);
        EXPECT_THAT(listener_->heard, IsEmpty());
    }
    finish_commit();
    EXPECT_THAT(listener_->heard, ElementsAre(1U));
    EXPECT_EQ(commits_.back().number, 43);
}

TEST_F(intake_test, a_result_that_the_store_cannot_hold_is_refused_and_all_others_are_committed)
{
    never_ = 7;
    constexpr std::uint64_t batch = 11;
    for (std::uint64_t number = 0; number < 3; ++number) {
        std::vector<proto::result_item> items;
        for (std::uint64_t i = 1; i <= batch; ++i) items.push_back(item(10, number * batch + i));
        items.push_back(item(foreign, 100 + number));
        offer(number, std::move(items));
    }
    EXPECT_THAT(listener_->heard, ElementsAre(0U, 1U, 2U));
    std::vector<std::int64_t> stored;
    std::vector<std::string> reasons;
    for (std::size_t i = 0; i < commits_.size(); ++i) {
        EXPECT_EQ(commits_[i].number, 42 + static_cast<std::int64_t>(i)) << "none is used twice";
        for (auto const& row : commits_[i].rows) stored.push_back(row.sequence);
        for (auto const& each : commits_[i].refused) reasons.push_back(each.reason);
    }
    EXPECT_THAT(stored, SizeIs(3 * batch - 1));
    EXPECT_THAT(std::set(stored.begin(), stored.end()), SizeIs(3 * batch - 1));
    EXPECT_THAT(stored, testing::Not(testing::Contains(never_)));
    EXPECT_THAT(reasons, SizeIs(4));
    EXPECT_THAT(reasons, testing::Contains(testing::HasSubstr("cannot be stored")).Times(1));
}

TEST_F(intake_test, keeps_out_what_was_never_given_and_acknowledges_it)
{
    offer(1, {item(foreign, 1), item(10, 2)});
    ASSERT_THAT(commits_, SizeIs(1));
    ASSERT_THAT(commits_[0].rows, SizeIs(1));
    EXPECT_EQ(commits_[0].rows[0].measurement, measurement(10));
    ASSERT_THAT(commits_[0].refused, SizeIs(1));
    EXPECT_EQ(commits_[0].refused[0].measurement, foreign);
    finish_commit();
    EXPECT_THAT(listener_->heard, ElementsAre(1U));
}

TEST_F(intake_test, keeps_out_what_cannot_be_read)
{
    offer(1, {item(10, 1, "no report"), item(10, 2, std::string(proto::largest_report + 1, 'x'))});
    ASSERT_THAT(commits_, SizeIs(1));
    EXPECT_THAT(commits_[0].rows, IsEmpty());
    ASSERT_THAT(commits_[0].refused, SizeIs(2));
    EXPECT_THAT(commits_[0].refused[0].reason, testing::HasSubstr("cannot be read"));
    EXPECT_THAT(commits_[0].refused[1].reason, testing::HasSubstr("too large"));
}

TEST_F(intake_test, stores_what_a_newer_probe_measured_as_it_came)
{
    std::string const findings_of_later = "\x8a\x7d\x02hi";  // field 2001
    auto later = item(10, 1, findings_of_later);
    later.kind = static_cast<proto::result_kind>(7);
    offer(1, {later, item(10, 2, findings_of_later)});
    ASSERT_THAT(commits_, SizeIs(1));
    ASSERT_THAT(commits_[0].rows, SizeIs(1));
    EXPECT_EQ(commits_[0].rows[0].kind, 7);
    EXPECT_THAT(commits_[0].rows[0].payload, testing::StartsWith(findings_of_later));
    EXPECT_THAT(commits_[0].refused, SizeIs(1)) << "no ping is like this";
    finish_commit();
    EXPECT_THAT(listener_->heard, ElementsAre(1U));
}

TEST_F(intake_test, asks_once_for_what_is_true_and_each_time_for_what_is_not)
{
    offer(1, {item(10, 1), item(10, 2)});
    finish_commit();
    offer(2, {item(10, 3)});
    finish_commit();
    EXPECT_EQ(look_ups_, 1);
    offer(3, {item(foreign, 1)});
    finish_commit();
    offer(4, {item(foreign, 2)});
    finish_commit();
    EXPECT_EQ(look_ups_, 3);
}

TEST_F(intake_test, waits_for_the_history_rather_than_judge_without_it)
{
    history_fails_ = 2;
    offer(1, {item(10, 1)});
    EXPECT_THAT(commits_, IsEmpty());
    run_until([&] { return !commits_.empty(); });
    EXPECT_EQ(look_ups_, 3);
    EXPECT_THAT(commits_[0].rows, SizeIs(1));
}

TEST_F(intake_test, acknowledges_an_empty_batch)
{
    offer(1, {});
    EXPECT_THAT(commits_, IsEmpty());
    EXPECT_THAT(listener_->heard, ElementsAre(1U));
}

TEST_F(intake_test, commits_for_a_session_that_is_gone)
{
    offer(1, {item(10, 1)});
    listener_.reset();
    finish_commit();
    offer(2, {item(10, 2)});
    EXPECT_THAT(commits_, SizeIs(2));
}

TEST_F(intake_test, bounds_a_commit_and_what_waits_and_lets_everybody_in_in_the_end)
{
    constexpr std::size_t batch = 500;
    constexpr int batches = 60;
    std::vector<proto::result_item> items;
    for (std::size_t i = 0; i < batch; ++i) items.push_back(item(10, i));
    for (int i = 0; i < batches; ++i) offer(static_cast<std::uint64_t>(i), items);
    EXPECT_LT(entered_, batches);
    EXPECT_LT(intake_->rows_waiting(), intake::most_rows_waiting + batch);
    while (listener_->heard.size() < batches) {
        EXPECT_LE(commits_.back().rows.size(), intake::most_rows);
        finish_commit();
    }
    EXPECT_EQ(entered_, batches);
    EXPECT_LE(commits_.size(), 8U);
    EXPECT_EQ(intake_->rows_waiting(), 0U);
}

TEST_F(intake_test, bounds_a_commit_by_octets_too)
{
    proto::report report;
    report.target = std::string(250, 'x');
    report.failed = proto::failure{proto::failure_source::probe, std::string(1'000, 'y')};
    std::vector<proto::result_item> items;
    for (std::uint64_t i = 0; i < 400; ++i) items.push_back(item(10, i, proto::encode(report)));
    for (std::uint64_t i = 0; i < 12; ++i) offer(i, items);
    finish_commit();
    ASSERT_THAT(commits_, SizeIs(2));
    std::size_t octets = 0;
    for (auto const& row : commits_[1].rows) octets += row.payload.size();
    EXPECT_LE(octets, intake::most_octets);
    EXPECT_LT(commits_[1].rows.size(), 11U * 400U);
}

}  // namespace
}  // namespace tp::controller
