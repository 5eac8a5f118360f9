#include "api/rollouts/endpoints.hpp"

#include <gmock/gmock.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "store/director.hpp"
#include "tests/unit/api/service_fixture.hpp"

namespace tp::api {
namespace {

using verb = http::method;
using namespace std::chrono_literals;

TEST(rollout_request, takes_what_is_usual_for_its_mode)
{
    auto const lazy = parse_rollout_request(R"({"targets": ["m/stable/7"], "reason": "new"})");
    ASSERT_TRUE(lazy);
    EXPECT_EQ(lazy->wanted.mode, "lazy");
    EXPECT_EQ(lazy->wanted.waves, "lab,1%,5%,25%,100%");
    EXPECT_EQ(lazy->wanted.soak, 24h);
    EXPECT_EQ(lazy->targets, (std::vector<std::string>{"m/stable/7"}));
    auto const forced = parse_rollout_request(R"({"mode": "forced", "targets": ["m/stable/7"], "reason": "new"})");
    ASSERT_TRUE(forced);
    EXPECT_EQ(forced->wanted.waves, "lab,1%,100%");
    EXPECT_EQ(forced->wanted.soak, 30s);
}

TEST(rollout_request, takes_what_is_wished)
{
    auto const read = parse_rollout_request(
        R"({"targets": "a/7,b/7", "reason": "new", "waves": "2.5%,100%", "lab": "lab-first", "soak": 60, "back_within": 30,
            "deadline": 90, "failed": 2.5, "silent": "3", "success": 90, "few_failed": 0, "seed": 42})");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->wanted.waves, "2.5%,100%");
    EXPECT_EQ(read->wanted.lab_tag, "lab-first");
    EXPECT_EQ(read->wanted.soak, 60s);
    EXPECT_EQ(read->wanted.limits, (std::vector<std::int32_t>{250, 300, 0, 2, 9'000, 500, 1'000}));
    EXPECT_EQ(read->wanted.seed, 42);
    EXPECT_EQ(read->targets.size(), 2U);
}

TEST(rollout_request, names_each_thing_that_is_wrong)
{
    struct row {
        char const *body, *where;
    };
    for (auto const& [body, where] : {
             row{R"({"reason": "x"})", "/targets"},
             row{R"({"targets": ["a"]})", "/reason"},
             row{R"({"targets": ["a"], "reason": "x", "mode": "quick"})", "/mode"},
             row{R"({"targets": ["a"], "reason": "x", "waves": "5%,1%"})", "/waves"},
             row{R"({"targets": ["a"], "reason": "x", "soak": 0})", "/soak"},
             row{R"({"targets": ["a"], "reason": "x", "lab": "home"})", "/lab"},
             row{R"({"targets": ["a"], "reason": "x", "deadline": 99999999})", "/deadline"},
             row{R"({"targets": ["a"], "reason": "x", "failed": 0})", "/failed"},
             row{R"({"targets": ["a"], "reason": "x", "success": 101})", "/success"},
             row{R"({"targets": [], "reason": "x"})", "/targets"},
             row{"[]", ""},
         }) {
        SCOPED_TRACE(body);
        auto const read = parse_rollout_request(body);
        ASSERT_FALSE(read);
        ASSERT_FALSE(read.error().faults.empty());
        EXPECT_EQ(read.error().faults.front().where, where);
    }
}

class rollouts_test : public service_fixture {
protected:
    static std::string path(std::string const& what = {}) { return "/api/v2/firmware/rollouts/" + what; }
    void found(int id)
    {
        auto const number = *store::rollout_id::from(id);
        get(store::describe_target(db_, number, {"m/stable/7", "m", 10, std::string(32, '\xab'), 7}));
        auto const at = get(store::find_rollout(db_, number)).at;
        auto next = at;
        next.phase = "waiting";
        get(store::move_rollout(db_, number, at, next, "found"));
    }
    static constexpr auto forced = R"({"mode": "forced", "targets": ["m/stable/7"], "reason": "CVE"})";
};

TEST_F(rollouts_test, are_made_approved_and_steered_by_operators)
{
    expect(403, ask(verb::post, path(), forced, user_));
    expect(403, ask(verb::get, path(), "", user_));
    expect(404, ask(verb::get, path("9/"), "", admin_));
    auto const made = expect(201, ask(verb::post, path(), forced, admin_));
    EXPECT_EQ(made.at("phase"), "draft");
    EXPECT_EQ(made.at("approvals_needed"), 2);
    EXPECT_EQ(made.at("targets").at(0).at("found"), false);
    auto const hurried = R"({"targets": ["m/stable/7"], "reason": "new", "waves": "100%", "deadline": 3600})";
    EXPECT_EQ(expect(201, ask(verb::post, path(), hurried, admin_)).at("approvals_needed"), 2);
    auto const usual = R"({"targets": ["m/stable/7"], "reason": "new"})";
    EXPECT_EQ(expect(201, ask(verb::post, path(), usual, admin_)).at("approvals_needed"), 1);
    expect(409, ask(verb::post, path("1/approve/"), "", admin_));  // not found yet
    found(1);
    auto const approved = expect(200, ask(verb::post, path("1/approve/"), "", admin_));
    EXPECT_EQ(approved.at("approved_by").as_array().size(), 1U);
    EXPECT_EQ(approved.at("targets").at(0).at("release"), 7);
    EXPECT_EQ(approved.at("by_wave").as_array().size(), 3U);
    expect(409, ask(verb::post, path("1/approve/"), "", admin_));  // the same person
    expect(403, ask(verb::post, path("1/approve/"), "", user_));
    expect(400, ask(verb::post, path("1/pause/"), "{}", admin_));
    EXPECT_EQ(expect(200, ask(verb::post, path("1/pause/"), R"({"reason": "wait"})", admin_)).at("wish"), "pause");
    EXPECT_EQ(expect(200, ask(verb::post, path("1/resume/"), "", admin_)).at("wish"), "go");
    EXPECT_EQ(expect(200, ask(verb::post, path("1/halt/"), R"({"reason": "bad"})", admin_)).at("wish"), "halt");
    expect(409, ask(verb::post, path("1/resume/"), "", admin_));
    auto const shown = expect(200, ask(verb::get, path("1/"), "", admin_));
    EXPECT_EQ(shown.at("history").at(0).at("said"), "wants it to halt: bad");
    EXPECT_EQ(expect(200, ask(verb::get, path(), "", admin_)).at("count"), 3);
}

}  // namespace
}  // namespace tp::api
