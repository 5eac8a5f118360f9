#include "api/probes/trust.hpp"

#include <gmock/gmock.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "store/measurements.hpp"
#include "tests/unit/api/service_fixture.hpp"

namespace tp::api {
namespace {

using verb = http::method;
using testing::HasSubstr;

class trust_test : public service_fixture {
protected:
    static std::string path(probe_id id, std::string const& what) { return "/api/v2/probes/" + id.text() + '/' + what; }
    http::response wish(probe_id id, std::string const& to, std::string const& key)
    {
        return ask(verb::post, path(id, "trust/"), R"({"to":")" + to + R"(","reason":"because"})", key);
    }
    std::string complaint(http::response const& answered)
    {
        auto const answer = expect(400, answered);
        return std::string(answer.at("error").at("errors").at(0).at("detail").as_string());
    }
};

TEST_F(trust_test, is_an_operators_to_take_and_to_give)
{
    auto const id = probe();
    expect(403, wish(id, "isolated", ""));
    expect(403, wish(id, "isolated", user_));
    auto const done = expect(200, wish(id, "isolated", admin_));
    EXPECT_EQ(done.at("from"), "active");
    EXPECT_EQ(done.at("to"), "isolated");
    EXPECT_EQ(done.at("changed"), true);
    EXPECT_EQ(expect(200, wish(id, "isolated", admin_)).at("changed"), false);
    EXPECT_EQ(expect(200, wish(id, "probation", admin_)).at("to"), "probation");
    EXPECT_EQ(expect(200, wish(id, "active", admin_)).at("to"), "active");
    EXPECT_EQ(expect(200, wish(id, "written_off", admin_)).at("to"), "retired");
    EXPECT_EQ(expect(200, ask(verb::get, path(id, ""), "", admin_)).at("status").at("name"), "Written Off");
    EXPECT_EQ(expect(200, wish(id, "pending", admin_)).at("to"), "pending");
    EXPECT_EQ(expect(200, wish(id, "revoked", admin_)).at("to"), "revoked");
    EXPECT_THAT(complaint(wish(id, "active", admin_)), HasSubstr("revoked cannot be released"));
    expect(404, ask(verb::post, "/api/v2/probes/999999/trust/", R"({"to":"revoked","reason":"x"})", admin_));
}

TEST_F(trust_test, wants_a_state_and_a_reason)
{
    auto const id = probe();
    auto const say = [&](std::string body) { return complaint(ask(verb::post, path(id, "trust/"), body, admin_)); };
    EXPECT_THAT(say(R"({"reason":"x"})"), HasSubstr("required"));
    EXPECT_THAT(say(R"({"to":"isolated"})"), HasSubstr("required"));
    EXPECT_THAT(say(R"({"to":"isolated","reason":""})"), HasSubstr("required"));
    EXPECT_THAT(say(R"({"to":"suspect","reason":"x"})"), HasSubstr("valid choice"));
    EXPECT_THAT(say(R"({"to":"isolated","reason":")" + std::string(longest_reason + 1, 'x') + R"("})"),
                HasSubstr("no more than"));
    EXPECT_THAT(say("[]"), HasSubstr("object"));
}

TEST_F(trust_test, a_host_may_give_its_own_probe_up_and_nothing_more)
{
    auto const owner = account("host@example.net");
    auto const key = key_of(owner);
    auto const id = get(store::add_probe(db_, make_key(), owner, ""));
    expect(403, wish(id, "active", key));
    expect(403, wish(id, "retired", user_));
    EXPECT_EQ(expect(200, wish(id, "retired", key)).at("to"), "retired");
    expect(403, wish(id, "pending", key));
}

TEST_F(trust_test, is_explained_to_host_and_operator_alike)
{
    auto const owner = account("host@example.net");
    auto const key = key_of(owner);
    auto const id = get(store::add_probe(db_, make_key(), owner, ""));
    get(store::change_trust(db_, id, store::trust_event::admitted, "it proved its key"));
    store::finding found{id, "canary-reached", store::severity::grave, "an answer", "silence", "silence for a day"};
    get(store::record_finding(db_, found));
    get(store::change_trust(db_, id, store::trust_event::accused, "canary-reached"));

    expect(403, ask(verb::get, path(id, "explain/")));
    expect(403, ask(verb::get, path(id, "explain/"), "", user_));
    expect(404, ask(verb::get, "/api/v2/probes/999999/explain/", "", admin_));
    auto const page = expect(200, ask(verb::get, path(id, "explain/"), "", key));
    EXPECT_EQ(page, expect(200, ask(verb::get, path(id, "explain/"), "", admin_)));
    EXPECT_EQ(page.at("state"), "isolated");
    EXPECT_EQ(page.at("held"), false);
    EXPECT_EQ(page.at("measures"), false);
    auto const& first = page.at("findings").at(0);
    EXPECT_EQ(first.at("rule"), "canary-reached");
    EXPECT_EQ(first.at("severity"), "grave");
    EXPECT_EQ(first.at("saw"), "an answer");
    EXPECT_EQ(first.at("compared_with"), "silence");
    EXPECT_EQ(first.at("clears_when"), "silence for a day");
    EXPECT_TRUE(first.at("cleared_at").is_null());
    auto const& history = page.at("history").as_array();
    ASSERT_EQ(history.size(), 3U);
    EXPECT_EQ(history[0].at("from"), "active");
    EXPECT_EQ(history[0].at("by"), "registry");
    EXPECT_EQ(history[0].at("reason"), "canary-reached");
    EXPECT_TRUE(history[2].at("from").is_null());
}

TEST_F(trust_test, every_state_is_explained)
{
    for (auto const state : store::every_trust_state) EXPECT_FALSE(meaning_of({state, false, {}}).empty());
    EXPECT_NE(meaning_of({store::trust_state::isolated, true, {}}),
              meaning_of({store::trust_state::isolated, false, {}}));
}

TEST_F(trust_test, connections_are_shown_to_host_and_operator)
{
    auto const id = connected_probe();
    expect(403, ask(verb::get, path(id, "connections/"), "", user_));
    auto const log = expect(200, ask(verb::get, path(id, "connections/"), "", admin_));
    EXPECT_EQ(log.at("count"), 1);
    auto const& first = log.at("results").at(0);
    EXPECT_EQ(first.at("controller"), "controller-1");
    EXPECT_THAT(std::string(first.at("address").as_string()), HasSubstr("198.51.100."));
    EXPECT_TRUE(first.at("asn").is_null());
    EXPECT_TRUE(first.at("disconnected_at").is_null());
}

TEST_F(trust_test, probes_are_listed_by_state_for_operators)
{
    auto const id = probe();
    probe();
    expect(200, wish(id, "isolated", admin_));
    EXPECT_EQ(expect(200, ask(verb::get, "/api/v2/probes/?trust=isolated", "", admin_)).at("count"), 1);
    EXPECT_EQ(expect(200, ask(verb::get, "/api/v2/probes/?trust=isolated", "", user_)).at("count"), 2);
    expect(400, ask(verb::get, "/api/v2/probes/?trust=loved", "", admin_));
}

TEST_F(trust_test, results_of_isolated_probes_are_served_if_asked_for)
{
    auto const id = connected_probe();
    auto const body = R"({"definitions":[{"type":"ping","af":4,"description":"test","target":"192.0.2.1"}],
        "is_oneoff":true,"probes":[{"type":"area","value":"WW","requested":1}]})";
    auto const made = expect(201, ask(verb::post, "/api/v2/measurements/", body, user_));
    auto const measurement = measurement_id::from(made.at("measurements").at(0).as_int64()).value();
    store_result(measurement, id, wall_now(), 1);
    store_result(measurement, id, wall_now(), 2, store::flag_isolated);
    auto const root = "/api/v2/measurements/" + measurement.text();
    for (auto const* const what : {"/results/", "/latest/?versions=5"}) {
        auto const address = root + what;
        auto const separator = address.find('?') == std::string::npos ? "?" : "&";
        EXPECT_EQ(expect(200, ask(verb::get, address)).as_array().size(), 1U);
        auto const all = expect(200, ask(verb::get, address + separator + "include_flagged=true"));
        ASSERT_EQ(all.as_array().size(), 2U);
        EXPECT_EQ(all.at(0).as_object().contains("flagged"), false);
        EXPECT_EQ(all.at(1).at("flagged"), true);
        expect(400, ask(verb::get, address + separator + "include_flagged=maybe"));
    }
}

}  // namespace
}  // namespace tp::api
