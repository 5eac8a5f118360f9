#include "controller/documents.hpp"

#include "controller_fixture.hpp"
#include "proto/document_parts.hpp"

namespace tp::controller {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::string_view anchors = proto::document_part::anchors;

store::signed_octets stored(std::string_view name, std::uint64_t version, std::string octets)
{
    return {std::string(name), version, wall_time{}, std::move(octets)};
}

std::vector<std::uint64_t> versions_of(std::vector<document_ptr> const& list)
{
    std::vector<std::uint64_t> out;
    for (auto const& each : list) out.push_back(each->version);
    return out;
}

/// The octets that frames come to at a probe.
std::string joined(std::vector<std::string> const& frames)
{
    proto::document_joiner joiner(anchors);
    for (auto const& each : frames) {
        auto const message = proto::decode_from_controller(each).value();
        if (auto whole = joiner.take(std::get<proto::document_part>(message))) return whole->value();
    }
    return "not whole";
}

TEST(document_shelf, has_the_newest_document_of_each_known_name_as_frames)
{
    document_shelf shelf;
    EXPECT_THAT(shelf.put({}), IsEmpty());
    EXPECT_THAT(shelf.all(), IsEmpty());
    std::string const large(proto::document_part::largest_document, 'l');
    EXPECT_THAT(versions_of(shelf.put({stored("of a later version", 9, "?"), stored(anchors, 1, large)})),
                ElementsAre(1U));
    ASSERT_THAT(shelf.all(), SizeIs(1));
    EXPECT_TRUE(joined(shelf.all()[0]->frames) == large);
    EXPECT_THAT(shelf.put({stored(anchors, 1, large)}), IsEmpty()) << "nothing new";
    EXPECT_THAT(versions_of(shelf.put({stored(anchors, 2, "two")})), ElementsAre(2U));
    EXPECT_THAT(versions_of(shelf.all()), ElementsAre(2U));
    EXPECT_EQ(joined(shelf.all()[0]->frames), "two");
}

TEST(document_shelf, keeps_the_older_one_when_the_newest_is_too_large_for_probes)
{
    document_shelf shelf;
    shelf.put({stored(anchors, 1, "one")});
    EXPECT_THAT(shelf.put({stored(anchors, 2, std::string(proto::document_part::largest_document + 1, 'l'))}),
                IsEmpty());
    EXPECT_THAT(versions_of(shelf.all()), ElementsAre(1U));
}

TEST(document_shelf, gives_nobody_what_he_holds)
{
    document_shelf shelf;
    shelf.put({stored(anchors, 7, "seven")});
    EXPECT_THAT(lacking(shelf.all(), {{"other", 7}, {std::string(anchors), 7}}), IsEmpty());
    EXPECT_THAT(lacking(shelf.all(), {{std::string(anchors), 6}}), SizeIs(1));
    EXPECT_THAT(lacking(shelf.all(), {{std::string(anchors), 8}}), SizeIs(1)) << "who is right is for the probe to say";
    EXPECT_THAT(lacking(shelf.all(), {{"other", 7}}), SizeIs(1));
}

class documents : public controller_fixture {};
using link = controller_fixture::link;

asio::awaitable<void> publish(controller_fixture& at, std::uint64_t version, std::string octets)
{
    auto document = stored(anchors, version, std::move(octets));
    document.expires = wall_now() + std::chrono::hours(1);
    std::vector<store::anchor_entry> entries;
    at.need(co_await store::publish_anchors(at.owner_, std::move(document), std::move(entries)));
}

/// The next document; and whether it came before any job.
asio::awaitable<std::string> hear_document(link from, bool* before_jobs = nullptr)
{
    proto::document_joiner joiner(anchors);
    for (;;) {
        auto const frame = controller_fixture::need(co_await within(controller_fixture::answer_limit, from->read()));
        auto const message = controller_fixture::need(proto::decode_from_controller(frame));
        bool const job =
            std::holds_alternative<proto::job_page>(message) || std::holds_alternative<proto::job_change>(message);
        if (job && before_jobs != nullptr) *before_jobs = false;
        auto const* const part = std::get_if<proto::document_part>(&message);
        auto whole = part != nullptr ? joiner.take(*part) : std::nullopt;
        if (whole) co_return controller_fixture::need(std::move(*whole));
    }
}

/// Returns when the controller has it.
asio::awaitable<void> publish_and_spread(controller_fixture& at, std::uint64_t version, std::string octets)
{
    auto const witness = co_await at.add_probe("witness");
    auto const to = co_await at.join(witness);
    co_await publish(at, version, std::move(octets));
    co_await hear_document(to);
}

asio::awaitable<link> greet(controller_fixture& at, controller_fixture::player const& who,
                            std::vector<proto::held_document> holds)
{
    auto to = co_await at.call(who);
    auto hello = at.hello_of(who);
    hello.holds = std::move(holds);
    proto::to_controller const message = std::move(hello);
    co_await at.say(to, message);
    co_await at.hear<proto::welcome>(to);
    co_return to;
}

TEST_F(documents, come_whole_after_the_welcome_and_before_the_jobs)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const probe = co_await self.add_probe("probe");
        std::string const large(proto::document_part::largest_document, 'l');
        co_await publish_and_spread(self, 1, large);
        std::vector<proto::held_document> holds;
        auto const to = co_await greet(self, probe, holds);
        bool before_jobs = true;
        auto const heard = co_await hear_document(to, &before_jobs);
        EXPECT_TRUE(heard == large);
        EXPECT_TRUE(before_jobs);
        auto const page = co_await self.template hear<proto::job_page>(to);
        EXPECT_TRUE(page.first);
    });
}

TEST_F(documents, come_to_every_session_when_they_are_published_and_before_a_job_that_may_need_them)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const probe = co_await self.add_probe("probe");
        auto const other = co_await self.add_probe("other");
        auto const to = co_await self.join(probe);
        auto const to_other = co_await self.join(other);
        std::string const large(proto::document_part::largest_document, 'l');
        co_await publish(self, 1, large);
        co_await self.measure(self.ids(probe, other));
        for (auto const& each : {to, to_other}) {
            bool before_jobs = true;
            auto const heard = co_await hear_document(each, &before_jobs);
            EXPECT_TRUE(heard == large);
            EXPECT_TRUE(before_jobs);
            co_await self.template hear<proto::job_change>(each);
        }
        co_await publish(self, 2, "two");
        auto const heard = co_await hear_document(to);
        EXPECT_EQ(heard, "two");
    });
}

TEST_F(documents, are_not_sent_again_to_a_probe_that_holds_them)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const probe = co_await self.add_probe("probe");
        co_await publish_and_spread(self, 7, "seven");
        std::vector<proto::held_document> holds{{std::string(anchors), 7}};
        auto const to = co_await greet(self, probe, holds);
        for (;;) {
            auto const frame = self.need(co_await within(self.answer_limit, to->read()));
            auto const message = self.need(proto::decode_from_controller(frame));
            EXPECT_FALSE(std::holds_alternative<proto::document_part>(message));
            auto const* const page = std::get_if<proto::job_page>(&message);
            if (page != nullptr && page->last) break;
        }
        co_await publish(self, 8, "eight");
        auto const heard = co_await hear_document(to);
        EXPECT_EQ(heard, "eight");
    });
}

}  // namespace
}  // namespace tp::controller
