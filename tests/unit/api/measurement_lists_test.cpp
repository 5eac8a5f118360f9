#include <gmock/gmock.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "tests/unit/api/measurements_fixture.hpp"

namespace tp::api {
namespace {

using verb = http::method;

class measurement_lists_test : public measurements_fixture {};
class participation_requests_test : public measurements_fixture {};

TEST_F(measurement_lists_test, are_listed_by_filter)
{
    auto const probe = connected_probe();
    auto const first = create(request("192.0.2.1"));
    auto const second = create(request("192.0.2.2"));
    auto const ids = [&](std::string const& query, std::string const& key = "") {
        std::vector<std::int64_t> out;
        auto const list = expect(200, ask(verb::get, "/api/v2/measurements/?" + query, "", key));
        for (auto const& each : list.at("results").as_array()) out.push_back(each.at("id").as_int64());
        return out;
    };
    using testing::ElementsAre;
    EXPECT_THAT(ids(""), ElementsAre(first.value(), second.value()));
    EXPECT_THAT(ids("sort=-id"), ElementsAre(second.value(), first.value()));
    EXPECT_THAT(ids("target=192.0.2.2"), ElementsAre(second.value()));
    EXPECT_THAT(ids("search=.2.1"), ElementsAre(first.value()));
    EXPECT_THAT(ids("id__in=" + first.text()), ElementsAre(first.value()));
    EXPECT_THAT(ids("status__in=ongoing,4&type=ping&af=4"), ElementsAre(first.value(), second.value()));
    EXPECT_THAT(ids("status__in=4,5,6,7"), ElementsAre());  // "stopped" of ripe-atlas-tools
    EXPECT_THAT(ids("status__in=archived,2"), ElementsAre(first.value(), second.value()));
    EXPECT_THAT(ids("type=dns"), ElementsAre());
    EXPECT_THAT(ids("mine=true", admin_), ElementsAre());
    EXPECT_THAT(ids("mine=True", admin_), ElementsAre());
    EXPECT_THAT(ids("mine=False", admin_), ElementsAre(first.value(), second.value()));
    EXPECT_THAT(ids("id__gt=" + first.text()), ElementsAre(second.value()));
    EXPECT_THAT(ids("id__gte=" + first.text() + "&id__lt=" + second.text()), ElementsAre(first.value()));
    EXPECT_THAT(ids("start_time__gt=2100-01-01T00:00:00"), ElementsAre());
    EXPECT_THAT(ids("stop_time__gt=1700000000&is_oneoff=True"), ElementsAre(first.value(), second.value()));
    EXPECT_THAT(ids("is_public=0"), ElementsAre());
    EXPECT_THAT(ids("interval__gte=60"), ElementsAre());
    EXPECT_THAT(ids("target__endswith=.2&description__startswith=te"), ElementsAre(second.value()));
    EXPECT_THAT(ids("target_ip=192.0.2.1"), ElementsAre(first.value()));
    EXPECT_THAT(ids("current_probes=" + probe.text() + "&sort=-start_time"),
                ElementsAre(second.value(), first.value()));
    EXPECT_THAT(ids("current_probes=999999"), ElementsAre());
    EXPECT_THAT(ids("tags=nobody-has-it"), ElementsAre());
    EXPECT_THAT(ids("sort=nonsense&favourite=true"), ElementsAre(first.value(), second.value()));
    for (auto const* wrong : {"id__lt=x", "start_time__gte=soon", "interval=1.5", "is_oneoff=perhaps", "target_ip=name",
                              "current_probes=x", "group_id=x"})
        expect(400, ask(verb::get, std::string("/api/v2/measurements/?") + wrong));
    expect(400, ask(verb::get, "/api/v2/measurements/?status=x"));
    expect(400, ask(verb::get, "/api/v2/measurements/?status=3"));
    expect(400, ask(verb::get, "/api/v2/measurements/?af=5"));
}

TEST_F(measurement_lists_test, are_all_reached_by_following_links)
{
    connected_probe();
    std::vector<std::int64_t> made;
    for (int i = 0; i < 5; ++i) made.push_back(create(request()).value());
    auto const walk = [&](std::string path) {
        std::vector<std::int64_t> out;
        while (!path.empty()) {
            auto const list = expect(200, ask(verb::get, path));
            EXPECT_EQ(list.at("count"), 5);
            for (auto const& each : list.at("results").as_array()) out.push_back(each.at("id").as_int64());
            auto const* next = list.at("next").if_string();
            path = next == nullptr ? std::string() : std::string(*next);
            if (!path.empty()) path.erase(0, path.find("/api/"));
        }
        return out;
    };
    EXPECT_EQ(walk("/api/v2/measurements/?page_size=2"), made);
    EXPECT_EQ(walk("/api/v2/measurements/?page_size=2&sort=start_time"), made);
    EXPECT_EQ(walk("/api/v2/measurements/?page_size=2&page=2"), std::vector(made.begin() + 2, made.end()));
    auto const backwards = std::vector(made.rbegin(), made.rend());
    EXPECT_EQ(walk("/api/v2/measurements/?page_size=2&sort=-id"), backwards);
    EXPECT_EQ(walk("/api/v2/measurements/?page_size=5&sort=-id"), backwards);
    expect(400, ask(verb::get, "/api/v2/measurements/?after=1000001"));
}

TEST_F(participation_requests_test, gain_and_lose_probes)
{
    auto const one = connected_probe();
    auto const id = create(request());
    auto const two = connected_probe();
    auto const path = "/api/v2/measurements/" + id.text() + "/participation-requests/";
    auto const add = R"([{"action":"add","requested":5,"type":"area","value":"WW"}])";
    auto const done = expect(201, ask(verb::post, path, add, user_));
    EXPECT_EQ(done.at("request_ids").as_array().size(), 1U);
    using testing::UnorderedElementsAre;
    EXPECT_THAT(probes_of(id), UnorderedElementsAre(one.value(), two.value()));
    auto const of_one = "/api/v2/probes/" + one.text() + "/measurements/";
    EXPECT_EQ(expect(200, ask(verb::get, of_one)).at("results").at(0).at("id"), id.value());
    EXPECT_EQ(expect(200, ask(verb::get, of_one + "?type=dns")).at("count"), 0);
    expect(404, ask(verb::get, "/api/v2/probes/999999/measurements/"));
    auto const remove = R"([{"action":"remove","requested":1,"type":"probes","value":")" + one.text() + "\"}]";
    expect(201, ask(verb::post, path, remove, user_));
    EXPECT_EQ(expect(200, ask(verb::get, of_one)).at("count"), 0);
    EXPECT_THAT(probes_of(id), UnorderedElementsAre(two.value()));
    expect(201, ask(verb::post, path, remove, user_));
    expect(403, ask(verb::post, path, add, key_of(account("stranger@example.net"))));
    expect(400, ask(verb::post, path, R"([{"action":"add","requested":1,"type":"msm","value":5}])", user_));
    expect(204, ask(verb::delete_, "/api/v2/measurements/" + id.text(), "", user_));
    expect(400, ask(verb::post, path, add, user_));
    EXPECT_THAT(probes_of(id), UnorderedElementsAre(two.value())) << "nobody joins what has ended";
}

TEST_F(participation_requests_test, take_all_wishes_or_none)
{
    auto const one = connected_probe(), two = connected_probe(), three = connected_probe();
    auto const named = [](std::string const& action, probe_id probe) {
        return R"({"action":")" + action + R"(","requested":1,"type":"probes","value":")" + probe.text() + "\"}";
    };
    auto const of_one = R"({"type":"probes","value":")" + one.text() + "\"}";
    auto regular = request("192.0.2.1", R"(,"interval":60,"packets":6)", of_one);
    regular.replace(regular.find("\"is_oneoff\":true,"), 17, "");
    auto const id = create(regular);
    limits tight = lab_limits();
    tight.of_targets.per_target = 0.25;  // packets a second: two probes send 0.2
    service strict(io_, api_database_, tight);
    auto const wish = [&](std::string const& wishes) {
        http::request given;
        given.verb = verb::post;
        given.path = "/api/v2/measurements/" + id.text() + "/participation-requests/";
        given.host = "a";
        given.authorization = "Key " + user_;
        given.body = '[' + wishes + ']';
        return call(strict.answer_request(given));
    };
    using testing::UnorderedElementsAre;
    auto const refused = expect(400, wish(named("add", two) + ',' + named("add", three)));
    EXPECT_EQ(refused.at("error").at("errors").at(0).at("source").at("pointer"), "");
    EXPECT_THAT(probes_of(id), UnorderedElementsAre(one.value()));
    auto const done = expect(201, wish(named("remove", one) + ',' + named("add", two) + ',' + named("add", three)));
    EXPECT_EQ(done.at("request_ids").as_array().size(), 3U);
    EXPECT_THAT(probes_of(id), UnorderedElementsAre(two.value(), three.value()));
    expect(201, wish(named("add", one) + ',' + named("remove", one)));
    EXPECT_THAT(probes_of(id), UnorderedElementsAre(two.value(), three.value()));
}

}  // namespace
}  // namespace tp::api
