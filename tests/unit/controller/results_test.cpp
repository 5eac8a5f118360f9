#include "controller_fixture.hpp"

namespace tp::controller {
namespace {

using testing::ElementsAre;

/// Results over a real session into a real database.
class results : public controller_fixture {
public:
    asio::awaitable<std::uint64_t> stored(measurement_id measurement)
    {
        for (;;) {  // connections that are left from before a restart fail once
            auto const count = co_await store::count_results(owner_, measurement);
            if (count) co_return count->results;
        }
    }
    /// Whether a batch is acknowledged before the session ends.
    asio::awaitable<bool> delivers(link to, proto::result_item one)
    {
        proto::to_controller const batch = proto::result_batch{1, {std::move(one)}};
        auto frame = proto::encode(batch);
        auto const said = co_await to->write(std::move(frame));
        if (!said) co_return false;
        for (;;) {
            auto const heard = co_await within(answer_limit, to->read());
            if (!heard) co_return false;
            auto const message = need(proto::decode_from_controller(*heard));
            if (std::holds_alternative<proto::acknowledge>(message)) co_return true;
        }
    }

    std::unique_ptr<service> older_;
};

TEST_F(results, are_stored_and_then_acknowledged)
{
    play([](auto& base) -> asio::awaitable<void> {
        auto& self = static_cast<results&>(base);
        auto const probe = co_await self.add_probe("probe");
        auto const measurement = co_await self.measure(self.ids(probe));
        auto const to = co_await self.join(probe);
        proto::to_controller const batch = proto::result_batch{7, {item(measurement, 1), item(measurement, 2)}};
        co_await self.say(to, batch);
        auto const heard = co_await self.template hear<proto::acknowledge>(to);
        EXPECT_THAT(heard.batches, ElementsAre(7U));
        auto const count = co_await self.stored(measurement);
        EXPECT_EQ(count, 2U);
    });
}

TEST_F(results, are_stored_once_however_often_they_come)
{
    play([](auto& base) -> asio::awaitable<void> {
        auto& self = static_cast<results&>(base);
        auto const probe = co_await self.add_probe("probe");
        auto const measurement = co_await self.measure(self.ids(probe));
        auto batch = proto::result_batch{1, {item(measurement, 1), item(measurement, 2)}};
        for (int i = 0; i < 2; ++i) {  // the second time in another session, as after a lost acknowledgement
            auto const to = co_await self.join(probe);
            proto::to_controller const message = batch;
            co_await self.say(to, message);
            co_await self.template hear<proto::acknowledge>(to);
            ++batch.number;
            proto::to_controller const again = batch;
            co_await self.say(to, again);
            co_await self.template hear<proto::acknowledge>(to);
        }
        auto const count = co_await self.stored(measurement);
        EXPECT_EQ(count, 2U);
    });
}

TEST_F(results, that_were_never_the_probes_to_take_are_kept_out_and_acknowledged)
{
    play([](auto& base) -> asio::awaitable<void> {
        auto& self = static_cast<results&>(base);
        auto const probe = co_await self.add_probe("probe");
        auto const other = co_await self.add_probe("other");
        auto const own = co_await self.measure(self.ids(probe));
        auto const foreign = co_await self.measure(self.ids(other));
        auto const nothing = measurement_id::from(77'777'777).value();
        auto const to = co_await self.join(probe);
        proto::to_controller const batch = proto::result_batch{3, {item(foreign, 1), item(own, 2), item(nothing, 3)}};
        co_await self.say(to, batch);
        auto const heard = co_await self.template hear<proto::acknowledge>(to);
        EXPECT_THAT(heard.batches, ElementsAre(3U));
        auto count = co_await self.stored(own);
        EXPECT_EQ(count, 1U);
        count = co_await self.stored(foreign);
        EXPECT_EQ(count, 0U);
    });
}

TEST_F(results, of_a_stopped_measurement_are_stored)
{
    play([](auto& base) -> asio::awaitable<void> {
        auto& self = static_cast<results&>(base);
        auto const probe = co_await self.add_probe("probe");
        auto const measurement = co_await self.measure(self.ids(probe));
        auto const to = co_await self.join(probe);
        self.need(co_await store::stop_measurement(self.owner_, measurement));
        proto::to_controller const batch = proto::result_batch{1, {item(measurement, 1)}};
        co_await self.say(to, batch);
        co_await self.template hear<proto::acknowledge>(to);
        auto const count = co_await self.stored(measurement);
        EXPECT_EQ(count, 1U);
    });
}

TEST_F(results, with_impossible_dates_are_stored_too)
{
    play([](auto& base) -> asio::awaitable<void> {
        auto& self = static_cast<results&>(base);
        auto const probe = co_await self.add_probe("probe");
        auto const measurement = co_await self.measure(self.ids(probe));
        auto const to = co_await self.join(probe);
        auto early = item(measurement, 1), late = item(measurement, 2);
        early.timestamp = from_unix_seconds(0);
        late.timestamp = from_unix_seconds(4'000'000'000);
        proto::to_controller const batch = proto::result_batch{1, {early, late}};
        co_await self.say(to, batch);
        co_await self.template hear<proto::acknowledge>(to);
        auto const count = co_await self.stored(measurement);
        EXPECT_EQ(count, 2U);
    });
}

TEST_F(results, are_not_lost_to_another_process_of_the_same_name_and_the_older_one_ends)
{
    play([](auto& base) -> asio::awaitable<void> {
        auto& self = static_cast<results&>(base);
        auto const probe = co_await self.add_probe("probe");
        auto const other = co_await self.add_probe("other");
        auto const measurement = co_await self.measure(self.ids(probe, other));
        auto const to_older = co_await self.join(probe);
        self.older_ = std::move(self.service_);
        self.start_controller({});
        auto const to_newer = co_await self.join(other);
        bool const by_newer = co_await self.delivers(to_newer, item(measurement, 1));
        EXPECT_TRUE(by_newer);
        bool const by_older = co_await self.delivers(to_older, item(measurement, 2));
        auto const count = co_await self.stored(measurement);
        EXPECT_GE(count, by_older ? 2U : 1U);
        while (!self.older_->replaced()) co_await pause_for(std::chrono::milliseconds(50));
        bool const at_newer = co_await self.delivers(to_newer, item(measurement, 3));
        EXPECT_TRUE(at_newer);
    });
}

TEST_F(results, survive_a_restart_of_the_database)
{
    play([](auto& base) -> asio::awaitable<void> {
        auto& self = static_cast<results&>(base);
        auto const probe = co_await self.add_probe("probe");
        auto const measurement = co_await self.measure(self.ids(probe));
        auto const to = co_await self.join(probe);
        test::cluster::shared().kill();
        for (std::uint64_t i = 1; i <= 3; ++i) {
            proto::to_controller const batch = proto::result_batch{i, {item(measurement, i)}};
            co_await self.say(to, batch);
        }
        co_await pause_for(std::chrono::milliseconds(300));  // some attempts fail; the outcome does not depend on it
        test::cluster::shared().start();
        std::vector<std::uint64_t> heard;
        while (heard.size() < 3) {
            auto const some = co_await self.template hear<proto::acknowledge>(to);
            heard.insert(heard.end(), some.batches.begin(), some.batches.end());
        }
        EXPECT_THAT(heard, ElementsAre(1U, 2U, 3U));
        auto const count = co_await self.stored(measurement);
        EXPECT_EQ(count, 3U);
    });
}

}  // namespace
}  // namespace tp::controller
