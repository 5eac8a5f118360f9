#include "api/http/router.hpp"

#include <gmock/gmock.h>

#include <array>

namespace tp::api::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::array patterns{
    pattern{method::get, "things"},
    pattern{method::post, "things"},
    pattern{method::get, "things/my"},
    pattern{method::get, "things/{id}"},
    pattern{method::delete_, "things/{id}"},
    pattern{method::get, "things/{id}/parts/{word}"},
    pattern{method::get, ""},
};

TEST(router, matches_with_and_without_trailing_slash)
{
    struct row {
        method verb;
        std::string_view path;
        std::size_t index;
    };
    for (auto const& [verb, path, index] : {
             row{method::get, "/things/", 0},
             row{method::get, "/things", 0},
             row{method::head, "/things", 0},
             row{method::post, "/things", 1},
             row{method::get, "/things/my/", 2},
             row{method::delete_, "/things/12", 4},
             row{method::get, "/", 6},
             row{method::get, "", 6},
         }) {
        SCOPED_TRACE(path);
        EXPECT_EQ(find_route(patterns, verb, path).index, index);
    }
}

TEST(router, hands_over_what_stood_in_the_path)
{
    EXPECT_THAT(find_route(patterns, method::get, "/things/7/parts/a-b").values, ElementsAre("7", "a-b"));
}

TEST(router, knows_no_other_path)
{
    for (auto const* path : {"/thing", "/things/x", "/things/1/parts", "/things/1/parts/", "/things//", "//things",
                             "/things/-1", "/things/1/parts/a/b"}) {
        auto const found = find_route(patterns, method::get, path);
        EXPECT_FALSE(found.index) << path;
        EXPECT_THAT(found.allowed, IsEmpty()) << path;
    }
}

TEST(router, tells_the_methods_of_a_path)
{
    auto const found = find_route(patterns, method::put, "/things/3/");
    EXPECT_FALSE(found.index);
    EXPECT_EQ(allow_text(found.allowed), "GET, HEAD, DELETE, OPTIONS");
}

}  // namespace
}  // namespace tp::api::http
