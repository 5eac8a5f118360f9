#include "firmware-signing/repository/draft.hpp"

#include <gtest/gtest.h>

#include "firmware-signing/tuf/checks.hpp"
#include "tests/unit/repository/officers.hpp"

namespace tp::repository {
namespace {

draft some_draft()
{
    return *prepare_root(usual_plan(), nullptr, some_day).made;
}

TEST(draft, is_read_as_it_was_written)
{
    for (auto const& each : {some_draft(), signed_by(some_draft(), {"joe", "ann"})}) {
        auto const again = draft::read(each.octets());
        ASSERT_TRUE(again);
        EXPECT_EQ(again->octets(), each.octets());
        EXPECT_EQ(again->signatures().size(), each.signatures().size());
    }
}

TEST(draft, that_enough_officers_signed_is_trusted_by_clients)
{
    EXPECT_FALSE(tuf::check_first_root(signed_by(some_draft(), {"ann", "bob"}).octets()));
    EXPECT_TRUE(tuf::check_first_root(signed_by(some_draft(), {"ann", "bob", "eve"}).octets()));
}

TEST(draft, has_one_spelling)
{
    auto const octets = signed_by(some_draft(), {"ann", "bob"}).octets();
    EXPECT_FALSE(draft::read(octets + " "));
    EXPECT_FALSE(draft::read("{\"more\":1," + octets.substr(1)));
    auto upper = octets;
    auto const sig = upper.find("\"sig\":\"") + 7;
    upper[upper.find_first_of("abcdef", sig)] = 'A';
    EXPECT_FALSE(draft::read(upper));
    EXPECT_FALSE(draft::read("{\"signatures\":[],\"signed\":{}}"));
    EXPECT_FALSE(draft::read(""));
}

TEST(draft, is_signed_by_a_key_once)
{
    auto const signed_once = signed_by(some_draft(), {"ann"});
    auto again = signed_once;
    auto const id = listed_id(key_of("ann").shared);
    EXPECT_EQ(again.add({id, std::string(64, 'x')}).error(), errc::conflict);
    EXPECT_TRUE(again.is_signed_by(key_of("ann").shared));
    EXPECT_FALSE(again.is_signed_by(key_of("bob").shared));
    auto wrong = some_draft();
    ASSERT_TRUE(wrong.add({id, std::string(64, 'x')}));
    EXPECT_FALSE(wrong.is_signed_by(key_of("ann").shared));
}

}  // namespace
}  // namespace tp::repository
