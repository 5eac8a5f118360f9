#include "controller/deliveries.hpp"

#include "controller_fixture.hpp"

namespace tp::controller {
namespace {

using namespace std::chrono_literals;

class deliveries_test : public testing::Test {
protected:
    static constexpr std::size_t spool = 64UL << 20, record = 30;  // octets on the probe's disk; of a record's frame

    static proto::result_batch batch_of(std::size_t results, std::size_t report)
    {
        proto::result_batch out;
        out.results.resize(results, {.measurement = *measurement_id::from(1), .report = std::string(report, 'r')});
        return out;
    }
    /// Delivers as fast as it may until then, and answers how many octets of reports those are.
    std::size_t flood(steady_time until, proto::result_batch const& batch)
    {
        std::size_t octets = 0;
        while (now_ < until) {
            now_ = std::max(now_, taken_.turn_of(probe_, batch, now_));
            for (auto const& item : batch.results) octets += item.report.size();
        }
        return octets;
    }

    deliveries taken_{usual_delivery_rate};
    probe_id probe_ = *probe_id::from(1);
    steady_time now_ = steady_time{} + 24h;
};

TEST_F(deliveries_test, a_full_spool_is_taken_at_once)
{
    for (std::size_t const report : {12UL, 36UL, 200UL, 4'000UL}) {
        deliveries fresh(usual_delivery_rate);
        auto const batch = batch_of(100, report);
        for (std::size_t on_disk = 0; on_disk < spool; on_disk += 100 * (report + record))
            ASSERT_EQ(fresh.turn_of(probe_, batch, now_), now_) << report;
    }
}

TEST_F(deliveries_test, a_flood_is_taken_at_the_rate_and_others_do_not_wait_for_it)
{
    auto const batch = batch_of(1, 4'096 - deliveries::row);
    flood(now_ + 1s, batch);  // what may go at once
    auto const begun = now_;
    EXPECT_NEAR(static_cast<double>(flood(begun + 100s, batch)), 100.0 * 1'048'576, 3e6);
    EXPECT_EQ(taken_.turn_of(*probe_id::from(2), batch, now_), now_);
    EXPECT_EQ(taken_.known(), 2U);
    taken_.forget_idle(now_ + 1s);
    EXPECT_EQ(taken_.known(), 1U) << "the other one has nothing to wait for";
    EXPECT_GT(taken_.turn_of(probe_, batch, now_), now_);
    taken_.forget_idle(now_ + 1h);
    EXPECT_EQ(taken_.known(), 0U);
}

class flooded : public controller_fixture {};

TEST_F(flooded, makes_the_session_wait_and_takes_everything)
{
    terms slow;
    slow.delivery_rate = {8 * 1'000, 0ms};
    play(
        [](auto& self) -> asio::awaitable<void> {
            auto const probe = co_await self.add_probe("probe");
            auto const measurement = co_await self.measure(self.ids(probe));
            auto to = co_await self.join(probe);
            auto const begun = std::chrono::steady_clock::now();
            constexpr std::uint64_t batches = 20;
            for (std::uint64_t i = 0; i < batches; ++i) {
                if (i == batches / 2) to = co_await self.join(probe);  // a new session is no way round
                proto::to_controller const batch = proto::result_batch{i, {item(measurement, i)}};
                co_await self.say(to, batch);
                co_await self.template hear<proto::acknowledge>(to);
            }
            auto const lasted = std::chrono::steady_clock::now() - begun;
            EXPECT_GE(lasted, std::chrono::milliseconds((batches - 1) * deliveries::row));
            auto const stored = co_await store::count_results(self.owner_, measurement);
            EXPECT_EQ(self.need(stored).results, batches);
        },
        slow);
}

}  // namespace
}  // namespace tp::controller
