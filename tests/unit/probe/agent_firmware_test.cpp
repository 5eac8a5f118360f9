// What the agent says of its own program, and how it comes to be replaced.
#include <fstream>

#include "probe/firmware/changing.hpp"
#include "probe/firmware/sha256.hpp"
#include "proto/codec.hpp"
#include "proto/version_report.hpp"
#include "tests/unit/probe/agent_fixture.hpp"
#include "tests/unit/update/world.hpp"

namespace tp::probe {
namespace {

TEST_F(agent_test, a_release_on_trial_is_committed_once_its_signed_report_was_answered)
{
    static std::vector<proto::signed_report> reports;
    reports.clear();
    auto const& controller = add_controller([](channel with) -> asio::awaitable<void> {
        bool const up = co_await welcome(with, 1s);
        while (up) {
            auto const frame = co_await with->read();
            if (!frame) co_return;
            auto const message = proto::decode_to_controller(*frame).value();
            auto const* const report = std::get_if<proto::signed_report>(&message);
            auto answer = proto::encode(proto::from_controller(proto::keepalive{}));
            if (report) {
                reports.push_back(*report);
                answer = proto::encode(proto::from_controller(proto::report_taken{report->number}));
            }
            auto const sent = co_await with->write(std::move(answer));
            if (!sent) co_return;
        }
    });
    answers_ = {placed({&controller})};
    configuration_.commit_after = 0s;
    firmware::real_disk disk;
    firmware::slots_on_disk slots(disk, folder_.path() / "slots");
    std::filesystem::create_directory(slots.folder());
    std::ofstream(folder_.path() / "program") << "program";
    firmware::offer const what{.content = {"p", "m", 17, 3, 7, firmware::sha256_hex("program")}};
    auto const installed =
        firmware::install(slots, what, {"m", {}}, std::nullopt, [&] { return disk.open(folder_.path() / "program"); });
    ASSERT_EQ(installed.why, firmware::cause::none);
    agent one(io_, configuration_, own_slot{slots.folder(), {installed.into, 17}});
    run_until([&] { return reports.size() == 2; });
    stop(one);
    EXPECT_EQ(slots.load()->state.of(installed.into).is, firmware::standing::committed);
    auto const key = ssh::private_key::load(configuration_.key()).value();
    for (auto const& each : reports)
        EXPECT_TRUE(key.shared().verifies(proto::signed_octets_of_report(each.report), each.signature));
    auto const first = proto::decode_version_report(reports[0].report).value();
    EXPECT_EQ(first.from->standing, 1U);
    EXPECT_EQ(first.from->release, 17U);
    EXPECT_EQ(proto::decode_version_report(reports[1].report)->from->standing, 2U);
}

/// A controller that gives an instruction, and the files that the probe asks for.
struct update_giver {
    update::test::platform platform;
    proto::signed_instruction order;
    std::vector<proto::version_report> reports;
    std::size_t requests = 0;

    static asio::awaitable<void> serve(update_giver* self, channel with)
    {
        auto const hello = co_await with->read();
        if (!hello) co_return;
        std::vector<proto::from_controller> said;
        said.emplace_back(proto::welcome{1, wall_now(), 60s});
        said.emplace_back(self->order);
        co_await say(with, std::move(said));
        for (;;) {
            auto const frame = co_await with->read();
            if (!frame) co_return;
            auto const answer = self->answer(proto::decode_to_controller(*frame).value());
            if (!answer) continue;
            auto out = proto::encode(*answer);
            co_await with->write(std::move(out));
        }
    }
    std::optional<proto::from_controller> answer(proto::to_controller const& message)
    {
        if (auto const* const asked = std::get_if<proto::file_request>(&message)) {
            ++requests;
            return platform.answer(*asked);
        }
        auto const* const report = std::get_if<proto::signed_report>(&message);
        if (!report) return std::nullopt;
        reports.push_back(proto::decode_version_report(report->report).value());
        return proto::report_taken{report->number};
    }
};

TEST_F(agent_test, an_instruction_is_carried_out_through_the_session_and_the_agent_ends_to_be_replaced)
{
    update_giver giver;
    auto const wish = giver.platform.wish(17);
    giver.order = giver.platform.order(wish);
    auto const& controller = add_controller([&](channel with) { return update_giver::serve(&giver, with); });
    answers_ = {placed({&controller})};
    update::test::machine machine(folder_.path() / "slots");
    agent one(io_, configuration_, own_slot{machine.slots.folder(), {firmware::slot::a, 16}},
              giver.platform.repository.files.at("1.root.json"));
    run_until([&] { return one.ended; });
    EXPECT_TRUE(one.handed_over);
    EXPECT_EQ(machine.program_in(firmware::slot::b), update::test::program_of(17));
    ASSERT_FALSE(giver.reports.empty());
    auto const& last = giver.reports.back();
    EXPECT_EQ(last.update_state, 3U) << "the platform heard of it before it happened";
    EXPECT_EQ(last.instruction, wish.nonce);
    EXPECT_EQ(last.root_version, 1U);
    EXPECT_EQ(last.from->release, 16U);
}

}  // namespace
}  // namespace tp::probe
