#include "controller_fixture.hpp"

namespace tp::controller {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class jobs : public controller_fixture {};

TEST_F(jobs, come_whole_after_the_welcome)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const probe = co_await self.add_probe("probe");
        auto const other = co_await self.add_probe("other");
        auto const first = co_await self.measure(self.ids(probe));
        auto const both = co_await self.measure(self.ids(probe, other));
        co_await self.measure(self.ids(other));
        std::vector<proto::job> given;
        auto const to = co_await self.join(probe, &given);
        std::vector<measurement_id> numbers;
        for (auto const& job : given) numbers.push_back(job.measurement);
        EXPECT_THAT(numbers, UnorderedElementsAre(first, both));
    });
}

TEST_F(jobs, come_in_pages_when_they_are_many)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const probe = co_await self.add_probe("probe");
        for (std::size_t i = 0; i < jobs_in_page + 3; ++i) co_await self.measure(self.ids(probe));
        std::vector<proto::job> given;
        auto const to = co_await self.join(probe, &given);
        EXPECT_THAT(given, SizeIs(jobs_in_page + 3));
    });
}

TEST_F(jobs, are_pushed_when_made_and_taken_back_when_stopped)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const probe = co_await self.add_probe("probe");
        auto const other = co_await self.add_probe("other");
        auto const to = co_await self.join(probe);
        auto const to_other = co_await self.join(other);
        co_await self.measure(self.ids(other));
        auto const measurement = co_await self.measure(self.ids(probe));
        auto change = co_await self.template hear<proto::job_change>(to);
        EXPECT_THAT(change.changed, SizeIs(1));
        EXPECT_EQ(change.changed.at(0).measurement, measurement);
        EXPECT_EQ(change.changed.at(0).target, "target.example");

        self.need(co_await store::stop_measurement(self.owner_, measurement));
        change = co_await self.template hear<proto::job_change>(to);
        EXPECT_THAT(change.changed, IsEmpty());
        EXPECT_THAT(change.removed, ElementsAre(measurement));
    });
}

TEST_F(jobs, that_this_version_cannot_read_hold_up_no_others)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const probe = co_await self.add_probe("probe");
        auto const to = co_await self.join(probe);
        co_await self.measure(self.ids(probe), 2 * proto::timetable::longest_interval);
        auto const measurement = co_await self.measure(self.ids(probe));
        proto::job_change change;
        do {
            change = co_await self.template hear<proto::job_change>(to);
        } while (change.changed.empty());
        EXPECT_EQ(change.changed.at(0).measurement, measurement);
        std::vector<proto::job> given;
        auto const again = co_await self.join(probe, &given);
        EXPECT_THAT(given, SizeIs(1));
    });
}

TEST_F(jobs, follow_participants)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const probe = co_await self.add_probe("probe");
        auto const other = co_await self.add_probe("other");
        auto const to = co_await self.join(probe);
        auto const measurement = co_await self.measure(self.ids(other));
        self.need(co_await store::add_participants(self.owner_, measurement, self.ids(probe), store::no_target_caps));
        auto change = co_await self.template hear<proto::job_change>(to);
        EXPECT_EQ(change.changed.at(0).measurement, measurement);
        self.need(co_await store::remove_participants(self.owner_, measurement, self.ids(probe)));
        // Read late, both changes of before show the probe as a participant: then it is told so twice.
        do {
            change = co_await self.template hear<proto::job_change>(to);
        } while (change.removed.empty());
        EXPECT_THAT(change.removed, ElementsAre(measurement));
    });
}

}  // namespace
}  // namespace tp::controller
