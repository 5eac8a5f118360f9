#include "controller/instructions.hpp"

#include "controller/dispatch.hpp"
#include "controller_fixture.hpp"
#include "store/director.hpp"
#include "store/rollouts.hpp"

namespace tp::controller {
namespace {

using namespace std::chrono_literals;

constexpr wall_time some_time{std::chrono::hours{24 * 365 * 56}};

store::kept_instruction one_for(probe_id probe, wall_time issued, std::string octets = "instruction")
{
    using proto::signed_instruction;
    return {probe, std::move(octets), std::string(signed_instruction::key_length, 'k'),
            std::string(signed_instruction::signature_length, 's'), issued};
}

TEST(handed, instructions_are_told_after_the_welcome_and_only_newer_ones)
{
    handed_instructions handed;
    EXPECT_FALSE(handed.take(some_time)) << "not welcomed";
    handed.open();
    EXPECT_TRUE(handed.take(some_time));
    EXPECT_FALSE(handed.take(some_time)) << "from the other side";
    EXPECT_FALSE(handed.take(some_time - 1us));
    EXPECT_TRUE(handed.take(some_time + 1us));
    EXPECT_EQ(handed.newest(), some_time + 1us);
}

TEST(handed, an_instruction_that_cannot_be_a_frame_is_none)
{
    auto const good = one_for(probe_id::from(1).value(), some_time);
    EXPECT_TRUE(frame_of(good));
    auto const spoilt = [&](auto&& spoil) {
        auto copy = good;
        spoil(copy);
        return frame_of(copy).has_value();
    };
    EXPECT_FALSE(spoilt([](auto& it) { it.octets.clear(); }));
    EXPECT_TRUE(spoilt([](auto& it) { it.octets.assign(proto::signed_instruction::largest, 'o'); }));
    EXPECT_FALSE(spoilt([](auto& it) { it.octets.assign(proto::signed_instruction::largest + 1, 'o'); }));
    EXPECT_FALSE(spoilt([](auto& it) { it.key.pop_back(); }));
    EXPECT_FALSE(spoilt([](auto& it) { it.signature += 's'; }));
}

TEST(handed, changes_of_instructions_are_read_once)
{
    EXPECT_FALSE(sort_out({{1, "probe", 3}}).instructions);
    EXPECT_TRUE(sort_out({{1, "instruction", 3}, {2, "instruction", 3}}).instructions);
}

class instructions : public controller_fixture {};

asio::awaitable<store::rollout_id> make_rollout(controller_fixture& in)
{
    store::rollout_wish wanted{"forced", "100%", "lab", 1s, 1s, 1s, {}, 1, ""};
    std::vector<std::string> paths{"path"};
    auto const made = co_await store::create_rollout(in.owner_, std::move(wanted), std::move(paths), *in.account_);
    co_return made.value();
}
asio::awaitable<void> instruct(controller_fixture& in, store::rollout_id of, probe_id who, wall_time issued,
                               std::string octets)
{
    std::vector<store::kept_instruction> all{one_for(who, issued, std::move(octets))};
    std::vector<store::member_change> none;
    store::rollout_progress at{.phase = "draft", .wave = 0, .since = {}, .wave_since = {}, .because = {}};
    auto const kept = co_await store::note_members(in.owner_, of, std::move(at), std::move(none), std::move(all));
    EXPECT_TRUE(kept);
}

TEST_F(instructions, come_with_the_welcome_and_when_they_are_made)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const probe = co_await self.add_probe("probe");
        auto const other = co_await self.add_probe("other");
        auto const of = co_await make_rollout(self);
        co_await instruct(self, of, *probe.id, some_time, "first");
        auto const to = co_await self.join(probe);
        auto const other_link = co_await self.join(other);
        // join() may have passed over it: what is asked for is that a newer one is heard, too.
        co_await instruct(self, of, *probe.id, some_time + 1s, "second");
        for (;;) {
            auto const heard = co_await self.template hear<proto::signed_instruction>(to);
            if (heard.instruction == "second") break;
            EXPECT_EQ(heard.instruction, "first");
        }
        co_await instruct(self, of, *other.id, some_time, "for the other");
        auto const theirs = co_await self.template hear<proto::signed_instruction>(other_link);
        EXPECT_EQ(theirs.instruction, "for the other");
    });
}

TEST_F(instructions, reach_isolated_probes_and_stay_for_the_next_session)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const probe = co_await self.add_probe("probe");
        co_await self.by_hand(probe, store::trust_event::isolated);
        auto const of = co_await make_rollout(self);
        co_await instruct(self, of, *probe.id, some_time, "only");
        for (int session = 0; session < 2; ++session) {
            auto const to = co_await self.call(probe);
            proto::to_controller const hello = self.hello_of(probe);
            co_await self.say(to, hello);
            auto const heard = co_await self.template hear<proto::signed_instruction>(to);
            EXPECT_EQ(heard.instruction, "only");
            to->close();
        }
    });
}

}  // namespace
}  // namespace tp::controller
