#include "firmware-signing/tool/shown_metadata.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/repository/officers.hpp"

namespace tp::signing::tool {
namespace {

using namespace tp::repository;
using testing::HasSubstr;

std::string text(draft const& of, shelf const& by)
{
    auto const ground = ground_for(role_of(of.says()), by.files);
    EXPECT_FALSE(ground.complaint) << *ground.complaint;
    return draft_text(of, &ground, by.now);
}

TEST(shown_metadata, says_all_that_a_first_root_says)
{
    auto const of = signed_by(*prepare_root(usual_plan(), nullptr, some_day).made, {"ann"});
    auto const shown = draft_text(of, nullptr, some_day);
    for (auto const& part :
         {std::string("role        root\nversion     1\nexpires     "), std::string(", in 365 days\nSHA-256"),
          std::string("itself      3 of ann, bob, dan, eve, joe; signed by ann, not enough\n"),
          std::string("    root: 3 of ann, bob, dan, eve, joe\n    targets: 2 of ann, bob, eve\n"),
          "    joe holds " + key_of("joe").shared.text() + '\n'})
        EXPECT_THAT(shown, HasSubstr(part));
}

TEST(shown_metadata, marks_what_is_new_and_what_goes)
{
    shelf made;
    add_holder(made.wish, "kim");
    made.wish.root.names = {"ann", "bob", "eve", "joe", "kim"};
    auto const of = signed_by(made.next_root(made.wish), {"ann", "bob", "kim"});
    auto const shown = text(of, made);
    for (auto const& part :
         {std::string(
              "before it   version 1\nbefore it   3 of ann, bob, dan, eve, joe; signed by ann, bob, not enough\n"),
          std::string("itself      3 of ann, bob, eve, joe, kim; signed by ann, bob, kim\n"),
          std::string("  + root: 3 of ann, bob, eve, joe, kim\n    targets: 2 of ann, bob, eve\n"),
          "  + kim holds " + key_of("kim").shared.text() + '\n', "  - dan holds " + key_of("dan").shared.text() + '\n'})
        EXPECT_THAT(shown, HasSubstr(part));
}

TEST(shown_metadata, says_which_release_is_new)
{
    shelf const made;
    auto fresh = some_release(9, 2, 1);
    fresh.hardware = {"rev-a", "rev-b"};
    auto const shown = text(signed_by(made.next_release(fresh), {"ann", "joe"}), made);
    EXPECT_THAT(shown, HasSubstr("needs       2 of ann, bob, eve; signed by ann, not enough\nsignatures  2\n"));
    EXPECT_THAT(shown, HasSubstr("    release 1 for any hardware; updates from release 0 on"));
    EXPECT_THAT(shown,
                HasSubstr("  + release 9 for hardware rev-a, rev-b; updates from release 1 on; once known, nothing "
                          "below release 2 runs\n      image   probe-9.deb, 109 octets\n              SHA-256 " +
                          fresh.image.sha256 + "\n      SBOM    probe-9.deb.cdx.json"));
}

TEST(shown_metadata, says_when_something_does_not_follow)
{
    shelf made;
    auto const old = made.next_release(some_release(2));
    ASSERT_EQ(made.publish({signed_by(made.next_release(some_release(3)), {"ann", "bob"})}), "");
    EXPECT_THAT(text(old, made), HasSubstr("NOT ITS SUCCESSOR: it is version 2"));
    auto bad = std::get<release_content>(old.says());
    bad.releases.back().floor = 100;
    EXPECT_THAT(draft_text(draft(bad), nullptr, some_day), HasSubstr("WRONG       release 2: its floor is above it"));
}

TEST(shown_metadata, believes_of_a_repository_what_is_signed)
{
    shelf made;
    auto const of = made.next_release(some_release(2));
    auto forged = std::get<release_content>(made.next_release(some_release(2)).says());
    made.files["2.deb-amd64.stable.json"] = signed_by(draft(forged), {"joe", "dan"}).octets();
    EXPECT_THAT(text(of, made), HasSubstr("before it   nothing"));
    made.files["2.root.json"] = made.files["1.root.json"];
    EXPECT_TRUE(ground_for("root", made.files).complaint);
}

}  // namespace
}  // namespace tp::signing::tool
