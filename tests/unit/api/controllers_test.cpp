#include "api/controllers/endpoints.hpp"

#include <gmock/gmock.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "tests/unit/api/service_fixture.hpp"

namespace tp::api {
namespace {

using verb = http::method;

class controllers_test : public service_fixture {
protected:
    controllers_test()
    {
        std::vector<std::string> addresses{"192.0.2.2:7441"};
        store::controller_site site{"europe", "hall 2"};
        second_ = get(store::register_controller(db_, "controller-2", std::move(addresses), make_key(), 10, site)).id;
    }
    static std::string path(std::string const& what) { return "/api/v2/controllers/" + what; }

    std::optional<controller_id> second_;
};

TEST_F(controllers_test, are_drained_and_resumed_by_operators)
{
    auto const drain = R"({"drained": true, "reason": "new disks"})";
    expect(403, ask(verb::patch, path("controller-2/"), drain, user_));
    expect(404, ask(verb::patch, path("controller-9/"), drain, admin_));
    expect(400, ask(verb::patch, path("controller-2/"), R"({"drained": true})", admin_));
    expect(400, ask(verb::patch, path("controller-2/"), R"({"reason": "x"})", admin_));
    auto const shown = expect(200, ask(verb::patch, path("controller-2/"), drain, admin_));
    EXPECT_EQ(shown.at("drained"), true);
    EXPECT_EQ(shown.at("drained_because"), "new disks");
    EXPECT_EQ(shown.at("region"), "europe");
    EXPECT_EQ(shown.at("failure_domain"), "hall 2");
    auto const resumed = expect(200, ask(verb::patch, path("controller-2/"), R"({"drained": false})", admin_));
    EXPECT_EQ(resumed.at("drained"), false);
    EXPECT_TRUE(resumed.at("drained_because").is_null());
}

TEST_F(controllers_test, can_be_lost_in_a_rehearsal)
{
    for (int i = 0; i < 12; ++i) {
        std::vector<controller_id> ranked{*controller_, *second_};
        get(store::place_probe(db_, probe(), std::move(ranked), std::chrono::hours(1)));
    }
    expect(403, ask(verb::get, path("controller-1/rehearsal/"), "", user_));
    expect(404, ask(verb::get, path("controller-9/rehearsal/"), "", admin_));
    auto const played = expect(200, ask(verb::get, path("controller-1/rehearsal/"), "", admin_));
    EXPECT_EQ(played.at("lost"), (boost::json::array{"controller-1"}));
    EXPECT_EQ(played.at("probes"), 12);
    EXPECT_EQ(played.at("at_once"), 10);
    EXPECT_EQ(played.at("waiting"), 2);
    EXPECT_EQ(played.at("controllers").at(0).at("name"), "controller-2");
    EXPECT_EQ(played.at("controllers").at(0).at("after"), 10);
    auto const other = expect(200, ask(verb::get, path("controller-2/rehearsal/?domain=true"), "", admin_));
    EXPECT_EQ(other.at("probes"), 0);
}

}  // namespace
}  // namespace tp::api
