#include "probe/anchor/http/target.hpp"

#include <gtest/gtest.h>

namespace tp::anchor {
namespace {

constexpr std::size_t largest = 10'240;

TEST(target, is_a_size_and_a_nonce)
{
    struct row {
        std::string_view text;
        http_wish expected;
    };
    for (auto const& [text, expected] : {
             row{"/", {std::nullopt, ""}},
             row{"/0", {0, ""}},
             row{"/1", {1, ""}},
             row{"/10240", {10'240, ""}},
             row{"/?", {std::nullopt, ""}},
             row{"/?nonce=Zx81.q-_~", {std::nullopt, "Zx81.q-_~"}},
             row{"/4096?a=b&nonce=1&c", {4'096, "1"}},
             row{"/4096?nonces=%00&Nonce=!", {4'096, ""}},
         }) {
        auto const read = read_target(text, largest);
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(*read, expected) << text;
    }
}

TEST(target, of_another_kind_is_not_found)
{
    for (auto const* text : {"", "*", "x", "/x", "/1x", "/+1", "/-1", "/01", "/00", "//", "/1/", "/ 1", "/%31",
                             "/favicon.ico", "http://a/1", "?nonce=1"}) {
        EXPECT_EQ(read_target(text, largest).error(), errc::not_found) << text;
    }
}

TEST(target, beyond_the_largest_body_is_told_so)
{
    for (auto const* text : {"/10241", "/99999999999999999999999999"}) {
        EXPECT_EQ(read_target(text, largest).error(), errc::too_large) << text;
    }
}

TEST(target, with_a_nonce_that_could_be_more_than_that_is_refused)
{
    auto const of_length = [](std::size_t length) { return "/?nonce=" + std::string(length, 'a'); };
    EXPECT_TRUE(read_target(of_length(longest_nonce), largest));
    for (auto const& text : {of_length(longest_nonce + 1), std::string("/?nonce="), std::string("/?nonce=a%20b"),
                             std::string("/?nonce=a\"b"), std::string("/?nonce=a\r\nb"), std::string("/?nonce=a=b"),
                             std::string("/?nonce=a&nonce=a")}) {
        EXPECT_EQ(read_target(text, largest).error(), errc::malformed) << text;
    }
}

}  // namespace
}  // namespace tp::anchor
