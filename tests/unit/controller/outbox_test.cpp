#include "controller/outbox.hpp"

#include <gmock/gmock.h>

namespace tp::controller {
namespace {

using testing::ElementsAre;

document_ptr document(std::string name, std::uint64_t version, std::size_t frames)
{
    auto out = std::make_shared<framed_document>();
    out->name = name;
    out->version = version;
    for (std::size_t i = 0; i < frames; ++i)
        out->frames.push_back(name + std::to_string(version) + '.' + std::to_string(i));
    return out;
}

std::vector<std::string> take_all(outbox& from)
{
    std::vector<std::string> out;
    while (auto frame = from.take()) out.push_back(std::move(*frame));
    return out;
}

TEST(outbox, keeps_the_order_of_frames_and_documents)
{
    outbox box;
    EXPECT_TRUE(box.empty());
    EXPECT_TRUE(box.add("a"));
    box.add(document("d", 1, 2));
    EXPECT_TRUE(box.add("b"));
    EXPECT_FALSE(box.next_is_document());
    EXPECT_EQ(box.take(), "a");
    EXPECT_TRUE(box.next_is_document());
    EXPECT_EQ(box.take(), "d1.0");
    EXPECT_TRUE(box.next_is_document());
    EXPECT_EQ(box.take(), "d1.1");
    EXPECT_FALSE(box.next_is_document());
    EXPECT_FALSE(box.has_documents());
    EXPECT_EQ(box.take(), "b");
    EXPECT_EQ(box.take(), std::nullopt);
}

TEST(outbox, holds_so_many_octets_of_frames_and_no_copy_of_a_document)
{
    outbox box;
    box.add(document("d", 1, 100'000));
    std::string const half(outbox::most_octets / 2, 'x');
    EXPECT_TRUE(box.add(half));
    EXPECT_TRUE(box.add(half));
    EXPECT_FALSE(box.add("x"));
    while (box.next_is_document()) box.take();
    EXPECT_FALSE(box.add("x"));
    EXPECT_EQ(box.take(), half);
    EXPECT_TRUE(box.add(half));
    box.clear();
    EXPECT_TRUE(box.empty());
    EXPECT_TRUE(box.add(half));
    EXPECT_TRUE(box.add(half));
}

TEST(outbox, a_newer_document_takes_the_place_of_the_older_even_when_that_has_begun_to_leave)
{
    outbox box;
    box.add(document("d", 1, 3));
    box.add(document("e", 1, 1));
    EXPECT_EQ(box.take(), "d1.0");
    box.add(document("d", 2, 2));
    box.add(document("e", 2, 1));
    EXPECT_THAT(take_all(box), ElementsAre("d2.0", "d2.1", "e2.0"));
}

TEST(outbox, lets_go_of_documents_that_nobody_waits_for)
{
    auto const old = document("d", 1, 3);
    std::vector<outbox> boxes(100);
    for (auto& each : boxes) each.add(old);
    EXPECT_EQ(boxes[0].take(), "d1.0");
    EXPECT_EQ(old.use_count(), 101) << "one document for all";
    for (auto& each : boxes) each.add(document("d", 2, 1));
    EXPECT_EQ(old.use_count(), 1);
}

TEST(outbox, forgets_news_that_a_whole_list_makes_needless)
{
    outbox box;
    std::string const half(outbox::most_octets / 2, 'x');
    EXPECT_TRUE(box.add_news(half));
    EXPECT_TRUE(box.add("a"));
    box.add(document("d", 1, 1));
    EXPECT_TRUE(box.add_news("b"));
    EXPECT_FALSE(box.add(half));
    box.drop_news();
    EXPECT_TRUE(box.add(half)) << "their room is free";
    EXPECT_THAT(take_all(box), ElementsAre("a", "d1.0", half));
}

TEST(outbox, says_the_last_word_without_the_documents_before_it)
{
    outbox box;
    box.add(document("d", 1, 3));
    EXPECT_TRUE(box.add("news"));
    box.drop_documents();
    EXPECT_TRUE(box.add("last"));
    EXPECT_THAT(take_all(box), ElementsAre("news", "last"));
}

}  // namespace
}  // namespace tp::controller
