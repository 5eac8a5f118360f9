#include "firmware-signing/repository/rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/repository/officers.hpp"

namespace tp::repository {
namespace {

using testing::HasSubstr;

std::string wrong(content const& what)
{
    return complaint_about(what).value_or("");
}

release_content releases(std::vector<release> some, std::uint64_t version = 1)
{
    return {{version, some_day}, "deb-amd64", "stable", std::move(some)};
}

std::string wrong_after(std::vector<release> before, std::vector<release> after)
{
    return complaint_about_successor(releases(std::move(after), 2), releases(std::move(before))).value_or("");
}

TEST(rules, of_a_root)
{
    auto root = std::get<root_content>(prepare_root(usual_plan(), nullptr, some_day).made->says());
    EXPECT_EQ(wrong(root), "");
    auto unreachable = root;
    unreachable.targets.threshold = 4;
    EXPECT_THAT(wrong(unreachable), HasSubstr("targets: a threshold of 4 with 3 holders"));
    auto online = root;
    online.timestamp.names = {"ann"};
    EXPECT_THAT(wrong(online), HasSubstr("\"ann\" holds a key of root or targets"));
}

TEST(rules, of_targets)
{
    auto targets = std::get<targets_content>(prepare_targets(usual_plan(), nullptr, some_day).made->says());
    EXPECT_EQ(wrong(targets), "");
    targets.channels.push_back(targets.channels.front());
    EXPECT_THAT(wrong(targets), HasSubstr("deb-amd64.stable is there twice"));
}

TEST(rules, of_control)
{
    auto targets = std::get<targets_content>(prepare_targets(usual_plan(), nullptr, some_day).made->says());
    targets.control = role_holders{{"ann"}, 2};
    EXPECT_THAT(wrong(targets), HasSubstr("control: a threshold of 2 with 1 holders"));
    targets.control->threshold = 1;
    EXPECT_EQ(wrong(targets), "");
    targets.channels.front().model = "control";
    EXPECT_THAT(wrong(targets), HasSubstr("and of no model"));

    control_content control{{1, some_day}, {some_control(control::content::hosts, control::largest_content)}};
    EXPECT_EQ(wrong(control), "");
    control.files.front().length = control::largest_content + 1;
    EXPECT_THAT(wrong(control), HasSubstr("hosts is larger than probes take"));
    auto next = control;
    next.version = 3;
    EXPECT_THAT(complaint_about_successor(next, control).value_or(""), HasSubstr("comes version 2"));
}

TEST(rules, of_releases)
{
    EXPECT_EQ(wrong(releases({})), "");
    EXPECT_EQ(wrong(releases({some_release(1), some_release(2, 2, 1)})), "");
    EXPECT_THAT(wrong(releases({some_release(2, 3)})), HasSubstr("floor is above it"));
    EXPECT_THAT(wrong(releases({some_release(2, 1, 2)})), HasSubstr("come after it"));
    EXPECT_THAT(wrong(releases({some_release(2, 2), some_release(3, 1)})), HasSubstr("floor is below"));
    EXPECT_THAT(wrong(releases({some_release(2), some_release(2)})), HasSubstr("another one has a file of that name"));
    auto twin = some_release(2);
    twin.image.name = "x";
    twin.sbom.name = "y";
    EXPECT_THAT(wrong(releases({some_release(2), twin})), HasSubstr("is there twice"));
    twin.sbom.name = "x";
    EXPECT_THAT(wrong(releases({twin})), HasSubstr("image and SBOM"));
    std::vector<release> many;
    for (std::uint64_t i = 1; i <= most_releases; ++i) many.push_back(some_release(i));
    EXPECT_EQ(wrong(releases(many)), "");
    many.push_back(some_release(most_releases + 1));
    EXPECT_NE(wrong(releases(many)), "");
}

TEST(rules, of_how_large_a_file_of_a_release_may_be)
{
    auto one = some_release(1);
    one.image.length = one.sbom.length = largest_target;
    EXPECT_EQ(wrong(releases({one})), "");
    auto image = one, sbom = one;
    ++image.image.length;
    EXPECT_THAT(wrong(releases({image})), HasSubstr("release 1: probe-1.deb has 67108865 octets, and the platform"));
    ++sbom.sbom.length;
    EXPECT_THAT(wrong(releases({sbom})), HasSubstr("release 1: probe-1.deb.cdx.json has 67108865 octets"));
    one.image.length = 0;
    EXPECT_THAT(wrong(releases({one})), HasSubstr("release 1: probe-1.deb is empty"));
}

TEST(rules, of_what_comes_next)
{
    auto const one = some_release(1), two = some_release(2, 2), three = some_release(3, 2);
    EXPECT_EQ(wrong_after({}, {one}), "");
    EXPECT_EQ(wrong_after({one}, {one, two}), "");
    EXPECT_EQ(wrong_after({one, two}, {two, three}), "") << "old ones may go";
    EXPECT_THAT(wrong_after({one, two}, {one}), HasSubstr("cannot go"));
    EXPECT_THAT(wrong_after({two}, {one, two}), HasSubstr("not above release 2"));
    EXPECT_THAT(wrong_after({two}, {two, some_release(3, 1)}), HasSubstr("floor is below 2"));
    auto changed = two;
    changed.image.sha256 = one.image.sha256;
    EXPECT_THAT(wrong_after({one, two}, {one, changed}), HasSubstr("release 2 is not known"));
    for (auto const version : {std::uint64_t{1}, std::uint64_t{3}})
        EXPECT_THAT(complaint_about_successor(releases({one}, version), releases({one})).value_or(""),
                    HasSubstr("after version 1 comes version 2"));
}

}  // namespace
}  // namespace tp::repository
