#include "base/frame.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace tp {
namespace {

constexpr std::size_t largest = 1000;

TEST(frame, writes_the_length_big_endian)
{
    EXPECT_EQ(encode_frame("abc"), std::string("\0\0\0\3abc", 7));
    EXPECT_EQ(encode_frame(""), std::string(4, '\0'));
    auto const header = frame_header(0x01020384);
    EXPECT_EQ(std::string(header.data(), header.size()), "\x01\x02\x03\x84");
}

TEST(frame, comes_out_whole_however_it_was_cut)
{
    std::vector<std::string> const bodies = {"", "a", std::string(largest, 'x'), "", std::string("\0\0\0\1", 4)};
    std::string stream;
    for (auto const& body : bodies) stream += encode_frame(body);
    for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
        SCOPED_TRACE(piece);
        frame_reader reader(largest);
        for (std::size_t at = 0; at < stream.size(); at += piece)
            ASSERT_TRUE(reader.feed(std::string_view(stream).substr(at, piece)));
        for (auto const& body : bodies) ASSERT_EQ(reader.take(), body);
        EXPECT_EQ(reader.take(), std::nullopt);
        EXPECT_FALSE(reader.in_midst());
    }
}

TEST(frame, counts_what_waits)
{
    frame_reader reader(largest);
    ASSERT_TRUE(reader.feed(encode_frame("abc") + encode_frame("de") + std::string("\0\0\0\2f", 5)));
    EXPECT_EQ(reader.waiting(), 5U);
    EXPECT_TRUE(reader.in_midst());
    EXPECT_EQ(reader.take(), "abc");
    EXPECT_EQ(reader.waiting(), 2U);
    ASSERT_TRUE(reader.feed("g"));
    EXPECT_FALSE(reader.in_midst());
    EXPECT_EQ(reader.take(), "de");
    EXPECT_EQ(reader.take(), "fg");
    EXPECT_TRUE(reader.empty());
}

TEST(frame, beyond_the_limit_ends_the_stream_but_not_the_frames_before)
{
    for (auto const length : {std::uint32_t{largest + 1}, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
        SCOPED_TRACE(length);
        frame_reader reader(largest);
        auto const header = frame_header(length);
        auto const stream = encode_frame("good") + std::string(header.data(), header.size()) + encode_frame("after");
        EXPECT_EQ(reader.feed(stream).error(), errc::too_large);
        EXPECT_EQ(reader.take(), "good");
        EXPECT_EQ(reader.take(), std::nullopt);
        EXPECT_EQ(reader.feed(encode_frame("again")).error(), errc::too_large);
        EXPECT_EQ(reader.take(), std::nullopt);
    }
}

TEST(frame, forgets_when_cleared)
{
    frame_reader reader(largest);
    ASSERT_TRUE(reader.feed(encode_frame("abc") + std::string("\0\0\0\2f", 5)));
    reader.clear();
    EXPECT_EQ(reader.waiting(), 0U);
    ASSERT_TRUE(reader.feed(encode_frame("new")));
    EXPECT_EQ(reader.take(), "new");
}

}  // namespace
}  // namespace tp
