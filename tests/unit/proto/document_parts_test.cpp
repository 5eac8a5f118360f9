#include "proto/document_parts.hpp"

#include <gmock/gmock.h>

#include "proto/codec.hpp"

namespace tp::proto {
namespace {

using testing::SizeIs;

constexpr std::string_view name = document_part::anchors;

std::string octets(std::size_t size)
{
    std::string out(size, '\0');
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>(i * 31 % 251);
    return out;
}

/// What came of a row of parts: nothing, a document, or an error.
std::vector<std::string> told(document_joiner& joiner, std::vector<document_part> const& parts)
{
    std::vector<std::string> out;
    for (auto const& each : parts) {
        auto const one = joiner.take(each);
        if (one) out.push_back(*one ? "whole " + std::to_string((*one)->size()) : one->error().message());
    }
    return out;
}

std::string text(errc code)
{
    return make_error_code(code).message();
}

TEST(document_parts, every_size_comes_back_whole)
{
    for (std::size_t const size : {std::size_t{0}, std::size_t{1}, document_part::usual, document_part::usual + 1,
                                   document_part::largest_document}) {
        SCOPED_TRACE(size);
        auto const sent = octets(size);
        auto const parts = parts_of(name, sent);
        EXPECT_THAT(parts, SizeIs(std::max<std::size_t>(1, (size + document_part::usual - 1) / document_part::usual)));
        document_joiner joiner(name);
        for (auto const& each : parts) {
            EXPECT_EQ(each.first, &each == &parts.front());
            EXPECT_EQ(each.last, &each == &parts.back());
            auto const frame = encode(from_controller(each));
            EXPECT_LE(frame.size(), 4'000U - 4) << "with its length in front, one packet";
            auto const joined = joiner.take(std::get<document_part>(decode_from_controller(frame).value()));
            ASSERT_EQ(joined.has_value(), each.last);
            if (joined) {
                EXPECT_EQ(joined->value(), sent);
            }
        }
    }
}

TEST(document_joiner, a_first_part_begins_anew)
{
    document_joiner joiner(name);
    auto parts = parts_of(name, octets(3 * document_part::usual));
    parts.pop_back();
    for (auto const& each : parts_of(name, "newer")) parts.push_back(each);
    EXPECT_THAT(told(joiner, parts), testing::ElementsAre("whole 5"));
}

TEST(document_joiner, other_names_disturb_nothing)
{
    document_joiner joiner(name);
    std::vector<document_part> mixed;
    for (auto const& each : parts_of(name, octets(2 * document_part::usual))) {
        mixed.push_back({.name = "later", .first = true, .octets = "x"});
        mixed.push_back(each);
        mixed.push_back({.name = "later", .last = true, .octets = "y"});
    }
    EXPECT_THAT(told(joiner, mixed), testing::ElementsAre("whole " + std::to_string(2 * document_part::usual)));
}

TEST(document_joiner, a_part_that_follows_nothing_is_told_once_until_the_next_first)
{
    document_joiner joiner(name);
    document_part const middle{.name = std::string(name), .octets = "x"};
    auto last = middle;
    last.last = true;
    std::vector<document_part> row{middle, middle, last};
    for (auto const& each : parts_of(name, "good")) row.push_back(each);
    row.push_back(last);
    row.push_back(last);
    EXPECT_THAT(told(joiner, row), testing::ElementsAre(text(errc::malformed), "whole 4", text(errc::malformed)));
}

TEST(document_joiner, gives_up_what_is_too_large)
{
    document_joiner joiner(name);
    auto parts = parts_of(name, octets(document_part::largest_document + 1));
    for (auto const& each : parts_of(name, "good")) parts.push_back(each);
    EXPECT_THAT(told(joiner, parts), testing::ElementsAre(text(errc::too_large), "whole 4"));
    document_part without_end{.name = std::string(name), .first = true, .octets = octets(document_part::largest)};
    std::vector<document_part> endless(20, without_end);
    for (std::size_t i = 1; i < endless.size(); ++i) endless[i].first = false;
    EXPECT_THAT(told(joiner, endless), testing::ElementsAre(text(errc::too_large)));
}

TEST(document_joiner, forgets_what_a_session_left)
{
    document_joiner joiner(name);
    auto const parts = parts_of(name, octets(2 * document_part::usual));
    EXPECT_FALSE(joiner.take(parts[0]));
    joiner.clear();
    EXPECT_EQ(joiner.take(parts[1]).value().error(), errc::malformed);
}

}  // namespace
}  // namespace tp::proto
