#include "probe/measure/dns/stream_answer.hpp"

#include <gtest/gtest.h>

#include "tests/unit/dns/octets.hpp"

namespace tp::probe {
namespace {

using state = stream_answer::state;

std::string message_of(stream_answer const& from)
{
    auto const octets = from.message();
    return {octets.begin(), octets.end()};
}

TEST(dns_stream_answer, is_whole_however_it_comes)
{
    auto const message = head(7) + std::string(300, 'x');
    auto const stream = framed(message);
    ASSERT_EQ(stream.size(), message.size() + 2);
    for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
        stream_answer answer;
        auto is = state::partial;
        for (std::size_t at = 0; at < stream.size(); at += piece) {
            ASSERT_EQ(is, state::partial);
            is = answer.add(std::string_view(stream).substr(at, piece));
        }
        EXPECT_EQ(is, state::whole);
        EXPECT_EQ(message_of(answer), message);
    }
}

TEST(dns_stream_answer, what_follows_is_not_looked_at)
{
    stream_answer answer;
    EXPECT_EQ(answer.add(framed(head(7)) + framed(head(8))), state::whole);
    EXPECT_EQ(message_of(answer), head(7));
    EXPECT_EQ(answer.add("more"), state::whole);
    EXPECT_EQ(message_of(answer), head(7));
}

TEST(dns_stream_answer, the_largest_message_is_taken)
{
    stream_answer answer;
    std::string const largest = head(7) + std::string(65'535 - 12, 'x');
    EXPECT_EQ(answer.add(framed(largest)), state::whole);
    EXPECT_EQ(message_of(answer).size(), 65'535U);
}

TEST(dns_stream_answer, one_too_small_for_a_header_is_an_error)
{
    stream_answer answer;
    EXPECT_EQ(answer.add(text_of({0, 11})), state::broken);
    EXPECT_EQ(answer.error_name(), "TCPREADSIZE");
    EXPECT_EQ(answer.error_text(), "reply too small, got 11");
    EXPECT_EQ(answer.add(head(7)), state::broken);
}

TEST(dns_stream_answer, says_where_it_was_cut_short)
{
    stream_answer nothing, half_a_length, half_a_message;
    nothing.cut_short(errc::closed);
    EXPECT_EQ(nothing.error_name(), "TU_READ_ERR");
    half_a_length.add(text_of({0}));
    half_a_length.cut_short(errc::closed);
    EXPECT_EQ(half_a_length.error_name(), "TCPREAD");
    EXPECT_EQ(half_a_length.error_text(), "expected 2 bytes and got 1");
    half_a_message.add(framed(head(7)).substr(0, 7));
    half_a_message.cut_short(errc::closed);
    EXPECT_EQ(half_a_message.error_name(), "TU_READ_ERR");
    EXPECT_TRUE(half_a_message.error_text().ends_with("after 5 of 12 octets")) << half_a_message.error_text();
}

TEST(dns_stream_answer, another_id_is_an_error)
{
    proto::dns_exchange right, wrong;
    put_stream_answer(right, octets_of(head(7)), 7, {});
    EXPECT_EQ(right.error_name, "");
    EXPECT_EQ(right.answer, head(7));
    put_stream_answer(wrong, octets_of(head(8)), 7, {});
    EXPECT_EQ(wrong.error_name, "idmismatch");
    EXPECT_EQ(wrong.answer, "");
}

}  // namespace
}  // namespace tp::probe
