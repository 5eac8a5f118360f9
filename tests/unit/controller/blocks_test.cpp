#include "controller_fixture.hpp"
#include "proto/block_list.hpp"
#include "proto/document_parts.hpp"
#include "store/abuse.hpp"

namespace tp::controller {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class blocks : public controller_fixture {
public:
    asio::awaitable<store::abuse_case_id> claim(std::string prefix)
    {
        store::new_abuse_case said;
        said.prefix = need(ip_prefix::parse(prefix));
        said.source = need(parse_address("198.51.100.7"));
        co_return need(co_await store::open_abuse_case(owner_, std::move(said))).id;
    }
    asio::awaitable<measurement_id> measure_address(std::string address, std::vector<probe_id> participants)
    {
        proto::job job{.measurement = measurement_id::from(1).value(), .target = address};
        job.address = need(parse_address(address));
        job.when.start = wall_now();
        job.when.interval = std::chrono::seconds(60);
        std::vector<store::new_measurement> wanted{
            {.job = job, .owner = *account_, .probes_requested = 1, .participants = std::move(participants)}};
        auto const done = need(co_await store::create_measurements(owner_, std::move(wanted), store::no_target_caps));
        co_return done.made.front();
    }
    static asio::awaitable<proto::block_list> hear_blocks(link from)
    {
        proto::document_joiner joiner(proto::blocks_document);
        for (;;) {
            auto const part = co_await hear<proto::document_part>(from);
            if (auto const list = joiner.take(part)) co_return need(proto::decode_blocks(need(*list)));
        }
    }
};

TEST_F(blocks, take_the_jobs_away_and_are_told_to_every_probe)
{
    play([](auto& base) -> asio::awaitable<void> {
        auto& self = static_cast<blocks&>(base);
        auto const one = co_await self.add_probe("one");
        auto const other = co_await self.add_probe("other");
        auto const inside = co_await self.measure_address("192.0.2.7", self.ids(one));
        auto const to_one = co_await self.join(one);
        auto const to_other = co_await self.join(other);
        auto const id = co_await self.claim("192.0.2.0/24");
        self.need(co_await store::prove_abuse_case(self.owner_, id, store::abuse_proof::dns));

        auto list = co_await self.hear_blocks(to_one);
        EXPECT_THAT(list.prefixes, ElementsAre(*ip_prefix::parse("192.0.2.0/24")));
        auto change = co_await self.template hear<proto::job_change>(to_one);
        EXPECT_THAT(change.removed, ElementsAre(inside));
        list = co_await self.hear_blocks(to_other);
        EXPECT_EQ(list.prefixes.size(), 1U);

        self.need(co_await store::decide_abuse_case(self.owner_, id, store::abuse_decision::reopen, *self.account_,
                                                    std::string("it is ours")));
        list = co_await self.hear_blocks(to_one);
        EXPECT_THAT(list.prefixes, IsEmpty());
        change = co_await self.template hear<proto::job_change>(to_one);
        EXPECT_EQ(change.changed.at(0).measurement, inside);
    });
}

TEST_F(blocks, come_before_the_jobs_of_a_session_unless_the_probe_has_them)
{
    play([](auto& base) -> asio::awaitable<void> {
        auto& self = static_cast<blocks&>(base);
        auto const one = co_await self.add_probe("one");
        auto const id = co_await self.claim("2001:db8::/48");
        self.need(co_await store::prove_abuse_case(self.owner_, id, store::abuse_proof::dns));
        auto const list = need(co_await store::blocked_prefixes(self.owner_));
        auto const to_one = co_await self.call(one);
        proto::to_controller const hello = self.hello_of(one);
        co_await self.say(to_one, hello);
        auto const heard = co_await self.hear_blocks(to_one);
        EXPECT_EQ(heard.version, list.version);
        co_await self.template hear<proto::job_page>(to_one);
    });
}

}  // namespace
}  // namespace tp::controller
