#include "controller/conversation.hpp"

#include <numeric>

#include "controller_fixture.hpp"
#include "proto/version_report.hpp"
#include "store/director.hpp"
#include "store/observations.hpp"

namespace tp::controller {
namespace {

using testing::HasSubstr;

class conversation : public controller_fixture {};

TEST_F(conversation, refuses_a_key_that_nobody_announced)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const stranger = self.make_player("stranger");
        auto const to = co_await self.call(stranger);
        proto::to_controller const hello = self.hello_of(stranger);
        co_await self.say(to, hello);
        auto const refused = co_await self.template hear<proto::refuse>(to);
        EXPECT_EQ(refused.code, proto::refusal::unknown_key);
        EXPECT_GT(refused.retry_after, std::chrono::seconds(0));
        auto const over = co_await self.hears_the_end(to);
        EXPECT_TRUE(over);
    });
}

TEST_F(conversation, refuses_a_probe_that_was_placed_elsewhere)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const lost = co_await self.add_probe("lost", false);
        auto const to = co_await self.call(lost);
        proto::to_controller const hello = self.hello_of(lost);
        co_await self.say(to, hello);
        auto const refused = co_await self.template hear<proto::refuse>(to);
        EXPECT_EQ(refused.code, proto::refusal::not_placed_here);
    });
}

TEST_F(conversation, refuses_the_number_of_another_probe)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto liar = co_await self.add_probe("liar");
        auto const other = co_await self.add_probe("other");
        auto const to = co_await self.call(liar);
        proto::to_controller const hello = self.hello_of({liar.key, other.id});
        co_await self.say(to, hello);
        auto const refused = co_await self.template hear<proto::refuse>(to);
        EXPECT_EQ(refused.code, proto::refusal::unknown_key);
        EXPECT_THAT(refused.reason, HasSubstr(other.id->text()));
    });
}

TEST_F(conversation, refuses_a_revoked_probe_and_ends_its_session)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const probe = co_await self.add_probe("probe");
        auto const present = co_await self.join(probe);
        co_await self.by_hand(probe, store::trust_event::revoked);
        auto const told = co_await self.template hear<proto::refuse>(present);
        EXPECT_EQ(told.code, proto::refusal::revoked);
        auto const over = co_await self.hears_the_end(present);
        EXPECT_TRUE(over);

        auto const again = co_await self.call(probe);
        proto::to_controller const hello = self.hello_of(probe);
        co_await self.say(again, hello);
        auto const refused = co_await self.template hear<proto::refuse>(again);
        EXPECT_EQ(refused.code, proto::refusal::revoked);
    });
}

TEST_F(conversation, ends_the_session_of_a_probe_that_is_placed_elsewhere_meanwhile)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const probe = co_await self.add_probe("probe");
        std::vector<std::string> const addresses{"192.0.2.1:7441"};
        auto const key = self.make_player("another").key.shared();
        auto const other = self.need(co_await store::register_controller(self.owner_, "another", addresses, key, 100));
        auto const present = co_await self.join(probe);
        self.need(co_await store::place_probe(self.owner_, *probe.id, self.at(other.id), std::chrono::hours(1)));
        auto const told = co_await self.template hear<proto::refuse>(present);
        EXPECT_EQ(told.code, proto::refusal::not_placed_here);
    });
}

TEST_F(conversation, refuses_a_version_that_it_does_not_speak)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const probe = co_await self.add_probe("probe");
        auto const to = co_await self.call(probe);
        auto hello = self.hello_of(probe);
        hello.versions = {proto::our_versions.highest + 1, proto::our_versions.highest + 3};
        proto::to_controller const message = hello;
        co_await self.say(to, message);
        auto const refused = co_await self.template hear<proto::refuse>(to);
        EXPECT_EQ(refused.code, proto::refusal::version);
    });
}

TEST_F(conversation, says_what_is_wrong_with_frames_that_it_cannot_read)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const probe = co_await self.add_probe("probe");
        auto to = co_await self.call(probe);
        self.need(co_await to->write("this is no protobuf"));
        auto refused = co_await self.template hear<proto::refuse>(to);
        EXPECT_EQ(refused.code, proto::refusal::malformed);
        auto over = co_await self.hears_the_end(to);
        EXPECT_TRUE(over);

        to = co_await self.call(probe);
        proto::to_controller const early = proto::keepalive{};
        co_await self.say(to, early);
        refused = co_await self.template hear<proto::refuse>(to);
        EXPECT_EQ(refused.code, proto::refusal::malformed);
        EXPECT_THAT(refused.reason, HasSubstr("hello"));

        to = co_await self.join(probe);
        self.need(co_await to->write("this is no protobuf"));
        refused = co_await self.template hear<proto::refuse>(to);
        EXPECT_EQ(refused.code, proto::refusal::malformed);
        over = co_await self.hears_the_end(to);
        EXPECT_TRUE(over);
    });
}

TEST_F(conversation, says_what_is_wrong_with_a_frame_that_is_too_long)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const probe = co_await self.add_probe("probe");
        ssh::dial_options options{.host_keys = {*self.host_key_},
                                  .key = probe.key,
                                  .subsystem = std::string(subsystem),
                                  .limits = {.largest_frame = 1024 * 1024}};
        auto const to = self.need(co_await ssh::dial(self.service_->endpoints(), std::move(options)));
        self.need(co_await to->write(std::string(proto::largest_frame + 1, 'x')));
        auto const refused = co_await self.template hear<proto::refuse>(to);
        EXPECT_EQ(refused.code, proto::refusal::malformed);
        EXPECT_THAT(refused.reason, HasSubstr("65536"));
    });
}

TEST_F(conversation, does_not_wait_for_ever_for_a_hello)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const to = co_await self.call(self.make_player("silent"));
        auto const refused = co_await self.template hear<proto::refuse>(to);
        EXPECT_EQ(refused.code, proto::refusal::malformed);
        EXPECT_THAT(refused.reason, HasSubstr("no hello"));
    });
}

TEST_F(conversation, replaces_an_older_session_of_the_same_probe)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const probe = co_await self.add_probe("probe");
        auto const first = co_await self.join(probe);
        auto const second = co_await self.join(probe);
        auto const told = co_await self.template hear<proto::refuse>(first);
        EXPECT_EQ(told.code, proto::refusal::replaced);
        auto const over = co_await self.hears_the_end(first);
        EXPECT_TRUE(over);
        // The second one is the one that hears of jobs, and the probe counts as connected.
        auto const measurement = co_await self.measure(self.ids(probe));
        auto const change = co_await self.template hear<proto::job_change>(second);
        EXPECT_EQ(change.changed.at(0).measurement, measurement);
        auto const record = self.need(co_await store::find_probe_by_id(self.owner_, *probe.id));
        EXPECT_EQ(record.status, store::probe_status::connected);
    });
}

TEST_F(conversation, ends_one_whose_probe_has_a_newer_session_elsewhere_and_is_still_heard_here)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const probe = co_await self.add_probe("probe"), neighbour = co_await self.add_probe("neighbour");
        auto const here = co_await self.join(probe), beside = co_await self.join(neighbour);
        std::vector<std::string> const addresses(1, "192.0.2.1:1"), capabilities;
        std::optional<std::uint32_t> const boots;
        std::optional<std::chrono::microseconds> const trip;
        auto const elsewhere =
            self.need(co_await store::register_controller(self.owner_, "elsewhere", addresses, probe.key.shared(), 10));
        auto const address = *parse_address("192.0.2.9");
        self.need(co_await store::session_opened(self.owner_, *probe.id, elsewhere.id, address, "1", capabilities,
                                                 boots, trip));
        for (;;) {  // until it is told; it is not before it was heard
            proto::to_controller const alive = proto::keepalive{};
            auto const sent = co_await here->write(proto::encode(alive));
            if (!sent) throw std::runtime_error("ended without a word");
            auto const frame = co_await within(std::chrono::seconds(1), here->read());
            if (!frame) continue;
            auto const message = self.need(proto::decode_from_controller(*frame));
            auto const* const told = std::get_if<proto::refuse>(&message);
            if (told == nullptr) continue;
            EXPECT_EQ(told->code, proto::refusal::replaced);
            break;
        }
        auto const measurement = co_await self.measure(self.ids(neighbour));
        auto const change = co_await self.template hear<proto::job_change>(beside);
        EXPECT_EQ(change.changed.at(0).measurement, measurement);
    });
}

TEST_F(conversation, notes_whether_a_replaced_session_was_still_there)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const probe = co_await self.add_probe("probe");
        auto const first = co_await self.join(probe);
        auto const second = co_await self.call(probe);
        proto::to_controller const hello = self.hello_of(probe);
        co_await self.say(second, hello);
        co_await self.template hear<proto::refuse>(first);
        first->close();  // two devices have the key: the first one is told, and says goodbye
        co_await self.template hear<proto::welcome>(second);
        auto const third = co_await self.join(probe);  // while nobody answers on the second, as after a line failed
        store::time_span const span{wall_now() - std::chrono::hours(1), wall_now() + std::chrono::hours(1)};
        for (;;) {
            auto const seen = self.need(co_await store::sessions_in(self.owner_, span));
            EXPECT_EQ(seen.size(), 3U);
            if (seen.size() != 3 || seen[0].still_answered) {
                EXPECT_FALSE(seen.size() == 3 && (seen[1].still_answered || seen[2].still_answered));
                break;
            }
            co_await pause_for(std::chrono::milliseconds(50));
        }
        auto const over = co_await self.hears_the_end(second);
        EXPECT_TRUE(over);
    });
}

TEST_F(conversation, keeps_an_idle_session_alive_and_ends_a_silent_one)
{
    terms const hasty{.capacity = 10, .keepalive = std::chrono::seconds(4)};
    play(
        [](auto& self) -> asio::awaitable<void> {
            auto const probe = co_await self.add_probe("probe");
            auto const to = co_await self.join(probe);
            co_await self.template hear<proto::keepalive>(to);
            // From here on this side is silent.
            for (;;) {
                auto const frame = co_await within(self.answer_limit, to->read());
                if (frame) continue;
                EXPECT_NE(frame.error(), errc::timed_out);
                break;
            }
            for (;;) {
                auto const record = self.need(co_await store::find_probe_by_id(self.owner_, *probe.id));
                if (record.status == store::probe_status::disconnected) break;
                co_await pause_for(std::chrono::milliseconds(50));
            }
        },
        hasty);
}

TEST_F(conversation, tells_a_probe_the_caps_before_its_jobs)
{
    terms with;
    with.probe_caps.packets_per_second = 50;
    play(
        [](auto& self) -> asio::awaitable<void> {
            auto const probe = co_await self.add_probe("probe");
            auto const to = co_await self.call(probe);
            proto::to_controller const hello = self.hello_of(probe);
            co_await self.say(to, hello);
            co_await self.template hear<proto::welcome>(to);
            auto const next = co_await to->read();
            auto const message = proto::decode_from_controller(next.value());
            auto const* const caps = std::get_if<proto::cap_limits>(&message.value());
            EXPECT_TRUE(caps && caps->packets_per_second == 50U);
            co_await self.template hear<proto::job_page>(to);
        },
        with);
}

TEST_F(conversation, tells_probes_beyond_its_capacity_to_wait)
{
    terms const small{.capacity = 1, .keepalive = std::chrono::seconds(20)};
    play(
        [](auto& self) -> asio::awaitable<void> {
            auto const first = co_await self.add_probe("first");
            auto const second = co_await self.add_probe("second");
            auto const inside = co_await self.join(first);
            auto const outside = co_await self.call(second);
            proto::to_controller const hello = self.hello_of(second);
            co_await self.say(outside, hello);
            auto const told = co_await self.template hear<proto::wait>(outside);
            EXPECT_GE(told.length, wait_when_busy);
            EXPECT_LE(told.length, 2 * wait_when_busy);
            auto const again = co_await self.join(first);  // the one inside may come back
        },
        small);
}

TEST_F(conversation, is_not_filled_beyond_its_capacity_by_probes_that_come_at_once)
{
    static constexpr unsigned coming = 12;
    terms const small{.capacity = 3, .keepalive = std::chrono::seconds(20)};
    play(
        [](auto& self) -> asio::awaitable<void> {
            std::vector<player> all;
            std::vector<link> links;
            for (unsigned i = 0; i < coming; ++i) all.push_back(co_await self.add_probe("probe" + std::to_string(i)));
            for (auto const& each : all) links.push_back(co_await self.call(each));
            for (unsigned i = 0; i < coming; ++i) {
                proto::to_controller const hello = self.hello_of(all[i]);
                co_await self.say(links[i], hello);
            }
            unsigned inside = 0;
            for (auto const& each : links) {
                auto const frame = self.need(co_await within(answer_limit, each->read()));
                auto const message = self.need(proto::decode_from_controller(frame));
                bool const welcome = std::holds_alternative<proto::welcome>(message);
                inside += welcome;
                EXPECT_TRUE(welcome || std::holds_alternative<proto::wait>(message));
            }
            EXPECT_EQ(inside, 3U);
        },
        small);
}

TEST_F(conversation, records_what_a_probe_tells)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const probe = co_await self.add_probe("probe");
        auto const to = co_await self.join(probe);
        proto::to_controller const message = proto::events{{{wall_now(), "spool_dropped", "12 results"}}};
        co_await self.say(to, message);
        // Frames are taken in order: once the batch is acknowledged, the events were taken.
        proto::to_controller const batch = proto::result_batch{1, {item(*measurement_id::from(1), 1)}};
        co_await self.say(to, batch);
        auto const heard = co_await self.template hear<proto::acknowledge>(to);
        EXPECT_THAT(heard.batches, testing::ElementsAre(1U));
    });
}

TEST_F(conversation, answers_a_version_report_once_it_is_kept_and_no_other_ones)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const probe = co_await self.add_probe("probe");
        auto const to = co_await self.join(probe);
        proto::version_report const report{.probe = *probe.id, .number = 3, .software = "0.1.0"};
        proto::signed_report unsigned_one{3, proto::encode(report), std::string(64, 's')};
        auto signed_one = unsigned_one;
        signed_one.signature = probe.key.sign(proto::signed_octets_of_report(signed_one.report)).value();
        proto::to_controller const first = unsigned_one;
        co_await self.say(to, first);
        proto::to_controller const batch = proto::result_batch{1, {item(*measurement_id::from(1), 1)}};
        co_await self.say(to, batch);
        co_await self.template hear<proto::acknowledge>(to);
        proto::to_controller const second = signed_one;
        co_await self.say(to, second);
        auto const heard = co_await self.template hear<proto::report_taken>(to);
        EXPECT_EQ(heard.number, 3u);
        auto const state = co_await store::firmware_state_of(self.owner_, *probe.id);
        EXPECT_EQ(self.need(state).says.software, "0.1.0");
    });
}

TEST_F(conversation, takes_so_many_version_reports_of_a_session_at_most)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const probe = co_await self.add_probe("probe");
        auto const to = co_await self.join(probe);
        for (std::uint64_t number = 1; number <= most_version_reports + 1; ++number) {
            proto::version_report const report{.probe = *probe.id, .number = number, .software = "0.1.0"};
            proto::signed_report one{number, proto::encode(report), {}};
            one.signature = probe.key.sign(proto::signed_octets_of_report(one.report)).value();
            proto::to_controller const message = one;
            co_await self.say(to, message);
        }
        // Frames are taken in order: once the batch is acknowledged, all reports were taken or passed over.
        proto::to_controller const batch = proto::result_batch{1, {item(*measurement_id::from(1), 1)}};
        co_await self.say(to, batch);
        std::vector<std::uint64_t> taken;
        for (bool acknowledged = false; !acknowledged;) {
            auto const frame = self.need(co_await within(self.answer_limit, to->read()));
            auto const message = self.need(proto::decode_from_controller(frame));
            if (auto const* const each = std::get_if<proto::report_taken>(&message)) taken.push_back(each->number);
            acknowledged = std::holds_alternative<proto::acknowledge>(message);
        }
        std::vector<std::uint64_t> expected(most_version_reports);  // all but the last one
        std::iota(expected.begin(), expected.end(), 1);
        EXPECT_EQ(taken, expected);
    });
}

}  // namespace
}  // namespace tp::controller
