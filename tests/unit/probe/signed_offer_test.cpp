#include "probe/firmware/signed_offer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tp::firmware {
namespace {

constexpr std::string_view path = "hw1/stable/17";
constexpr std::string_view custom =
    R"({"channel":"stable","floor":10,"from":12,"hardware":["r1","r2"],"kind":"firmware","model":"hw1","release":17})";

tuf::target_file target(std::string says)
{
    tuf::target_file out;
    out.length = 1234;
    out.hashes.sha256 = std::string(64, 'a');
    out.custom = std::move(says);
    return out;
}

std::string with(std::string_view old, std::string_view now)
{
    std::string out(custom);
    return out.replace(out.find(old), old.size(), now);
}

TEST(signed_offer, is_what_the_metadata_says)
{
    auto const read = signed_offer(path, target(std::string(custom)));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->content, (manifest{std::string(path), "hw1", 17, 10, 1234, std::string(64, 'a')}));
    EXPECT_THAT(read->revisions, testing::ElementsAre("r1", "r2"));
    EXPECT_EQ(read->lowest_from, 12u);
    EXPECT_FALSE(read->again);
    EXPECT_TRUE(manifest::parse(read->content.text())) << "it can be kept";
}

TEST(signed_offer, says_all_of_it_or_is_none)
{
    EXPECT_EQ(signed_offer(path, target(with("firmware", "sbom"))).error(), errc::unsupported);
    EXPECT_EQ(signed_offer(path, target("{}")).error(), errc::unsupported);
    EXPECT_EQ(signed_offer(path, target("")).error(), errc::malformed);
    auto hashless = target(std::string(custom));
    hashless.hashes.sha256.reset();
    EXPECT_EQ(signed_offer(path, hashless).error(), errc::unsupported);
    struct row {
        std::string_view old, now;
    };
    for (auto const& [old, now] :
         {row{"\"model\":\"hw1\"", "\"model\":1"}, row{"\"model\":\"hw1\"", "\"model\":\"hw 1\""},
          row{"\"model\"", "\"name\""}, row{"\"release\":17", "\"release\":0"},
          row{"\"release\":17", "\"release\":\"17\""}, row{"\"release\":17", "\"release\":1000000000001"},
          row{"\"floor\":10", "\"floor\":-1"}, row{"\"floor\"", "\"ground\""}, row{"\"from\"", "\"to\""},
          row{"[\"r1\",\"r2\"]", "[1]"}, row{"[\"r1\",\"r2\"]", "\"r1\""}})
        EXPECT_EQ(signed_offer(path, target(with(old, now))).error(), errc::malformed) << now;
    EXPECT_EQ(signed_offer("a b", target(std::string(custom))).error(), errc::malformed);
}

TEST(signed_offer, names_so_many_revisions_at_most)
{
    std::string const one = "\"r\"";
    std::string most = one;
    for (int i = 1; i < 64; ++i) most += ',' + one;
    auto const listed = [](std::string const& revisions) {
        return signed_offer(path, target(with("\"r1\",\"r2\"", revisions)));
    };
    ASSERT_TRUE(listed(most));
    EXPECT_EQ(listed(most)->revisions.size(), 64u);
    EXPECT_EQ(listed(most + ',' + one).error(), errc::malformed);
}

}  // namespace
}  // namespace tp::firmware
