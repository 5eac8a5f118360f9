#include <gmock/gmock.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "store/documents.hpp"
#include "tests/unit/api/measurements_fixture.hpp"

namespace tp::api {
namespace {

using verb = http::method;
using testing::HasSubstr;

class measurements_test : public measurements_fixture {};

TEST_F(measurements_test, are_created_and_shown)
{
    auto const probe = connected_probe();
    auto const id = create(request());
    EXPECT_GE(id.value(), 1'000'001);
    auto const object = shown(id);
    EXPECT_EQ(object.at("type"), "ping");
    EXPECT_EQ(object.at("target"), "192.0.2.1");
    EXPECT_EQ(object.at("target_ip"), "192.0.2.1");
    EXPECT_EQ(object.at("status").at("name"), "Ongoing");
    EXPECT_EQ(object.at("is_oneoff"), true);
    EXPECT_TRUE(object.at("interval").is_null());
    EXPECT_EQ(object.at("packets"), 3);
    EXPECT_EQ(object.at("probes_requested"), 10);
    EXPECT_EQ(object.at("participant_count"), 1);
    EXPECT_EQ(object.at("result").as_string(),
              "http://api.example:7480/api/v2/measurements/" + id.text() + "/results/");
    EXPECT_FALSE(object.as_object().contains("probes"));
    auto const some = shown(id, "?fields=probes,status&key=&defeatcaching=dc1");
    EXPECT_EQ(some.as_object().size(), 4U);
    EXPECT_EQ(some.at("probes").at(0).at("id"), probe.value());
    EXPECT_EQ(shown(id, "?format[datetime]=iso-8601").at("creation_time").as_string().back(), 'Z');
}

TEST_F(measurements_test, need_a_key_that_may)
{
    expect(403, ask(verb::post, "/api/v2/measurements/", request()));
    auto const host = service_fixture::get(store::create_account(db_, "h@example.net", store::role::host));
    expect(403, ask(verb::post, "/api/v2/measurements/", request(), key_of(host)));
    expect(403, ask(verb::post, "/api/v2/measurements/", request(), key_of(account("b@example.net"), {"probes.add"})));
}

TEST_F(measurements_test, choose_connected_probes_whose_family_works)
{
    auto const both = connected_probe();
    auto const four = connected_probe({"ping4"});
    probe();  // never connected
    using testing::UnorderedElementsAre;
    EXPECT_THAT(probes_of(create(request())), UnorderedElementsAre(both.value(), four.value()));
    std::string six = request("2001:db8::1");
    six.replace(six.find("\"af\":4"), 6, "\"af\":6");
    EXPECT_THAT(probes_of(create(six)), UnorderedElementsAre(both.value()));
    auto const named = R"({"type":"probes","value":")" + four.text() + R"(","requested":1},)" +
                       R"({"type":"probes","value":")" + four.text() + ',' + both.text() + R"(","requested":2})";
    EXPECT_THAT(probes_of(create(request("192.0.2.1", "", named))), UnorderedElementsAre(both.value(), four.value()));
    EXPECT_EQ(probes_of(create(request("192.0.2.1", "", R"({"type":"area","value":"WW","requested":1})"))).size(), 1U);
    auto const first = create(request("192.0.2.1", "", R"({"type":"probes","value":")" + four.text() + "\"}"));
    auto const again = R"({"type":"msm","value":")" + first.text() + R"(","requested":500})";
    EXPECT_THAT(probes_of(create(request("192.0.2.1", "", again))), UnorderedElementsAre(four.value()));
}

TEST_F(measurements_test, choose_probes_that_can_do_it)
{
    auto const both = connected_probe({"ping4", "traceroute4", "dns4"});
    auto const pings = connected_probe({"ping4"});
    using testing::IsEmpty;
    using testing::UnorderedElementsAre;
    auto const trace = [&](std::string const& source) {
        auto body = request("192.0.2.1", "", source);
        return body.replace(body.find("\"ping\""), 6, "\"traceroute\"");
    };
    std::string const named = R"({"type":"probes","value":")" + both.text() + ',' + pings.text() + "\"}";
    EXPECT_THAT(probes_of(create(trace(R"({"type":"area","value":"WW","requested":10})"))),
                UnorderedElementsAre(both.value()));
    EXPECT_THAT(probes_of(create(trace(named))), UnorderedElementsAre(both.value()));

    // Several types at once: who can do one of them takes part in that.
    std::string const definitions =
        R"({"definitions":[{"type":"ping","af":4,"description":"","target":"192.0.2.1"},)"
        R"({"type":"traceroute","af":4,"description":"","target":"192.0.2.1"}],"is_oneoff":true,"probes":[)";
    auto const made = expect(201, ask(verb::post, "/api/v2/measurements/", definitions + named + "]}", user_));
    auto const number = [&](std::size_t at) {
        return measurement_id::from(made.at("measurements").at(at).as_int64()).value();
    };
    EXPECT_THAT(probes_of(number(0)), UnorderedElementsAre(both.value(), pings.value()));
    EXPECT_THAT(probes_of(number(1)), UnorderedElementsAre(both.value()));
    auto const path = "/api/v2/measurements/" + number(1).text() + "/participation-requests/";
    expect(201, ask(verb::post, path,
                    R"([{"action":"add","requested":1,"type":"probes","value":")" + pings.text() + "\"}]", user_));
    EXPECT_THAT(probes_of(number(1)), UnorderedElementsAre(both.value()));
}

TEST_F(measurements_test, of_each_type_are_created_shown_and_listed)
{
    connected_probe({"traceroute4", "dns4", "tls4", "ntp4", "ping4"});
    std::string const question = R"(,"query_class":"CHAOS","query_type":"TXT","query_argument":"id.server")";
    struct row {
        std::string type, more, protocol;
    };
    for (auto const& [type, more, protocol] :
         {row{"ping", "", ""}, row{"traceroute", R"(,"protocol":"ICMP")", "ICMP"}, row{"dns", question, "UDP"},
          row{"dns", question + ",\"tls\":true", "TCP"}, row{"sslcert", "", ""}, row{"ntp", "", ""}}) {
        auto body = request("192.0.2.1", more);
        body.replace(body.find("\"ping\""), 6, '"' + type + '"');
        auto const of_type = "/api/v2/measurements/" + type + '/';
        auto const made = expect(201, ask(verb::post, of_type, body, user_));
        auto const id = made.at("measurements").at(0).as_int64();
        auto const object = shown(measurement_id::from(id).value());
        EXPECT_EQ(object.at("type").as_string(), type);
        EXPECT_EQ(object.at("participant_count"), 1);
        auto const query = protocol.empty() ? std::string() : "?type=" + type + "&protocol=" + protocol;
        auto const list = expect(200, ask(verb::get, of_type + query));
        EXPECT_EQ(list.at("count"), 1) << type << protocol;
        EXPECT_EQ(list.at("results").at(0).at("id").as_int64(), id);
        if (type != "ping") expect(400, ask(verb::post, "/api/v2/measurements/ping/", body, user_));
    }
    EXPECT_EQ(expect(200, ask(verb::get, "/api/v2/measurements/?type=dns")).at("count"), 2);
    EXPECT_EQ(expect(200, ask(verb::get, "/api/v2/measurements/?type=dns&protocol=SCTP")).at("count"), 0);
    EXPECT_EQ(expect(200, ask(verb::get, "/api/v2/measurements/?type=ntp&protocol=TCP")).at("count"), 1);
    EXPECT_EQ(expect(200, ask(verb::get, "/api/v2/measurements/")).at("count"), 6);
}

TEST_F(measurements_test, by_http_are_to_anchors_only)
{
    auto const probe = connected_probe({"http4"});
    auto const http = [&](std::string const& target, std::string const& more = "") {
        auto body = request(target, more);
        return body.replace(body.find("\"ping\""), 6, "\"http\"");
    };
    EXPECT_EQ(complaint(http("192.0.2.80")), "/definitions/0/target: target: This target is not an anchor");
    store::signed_octets document{"anchors", 1, wall_now() + std::chrono::hours(1), "signed elsewhere"};
    store::anchor_entry const anchor{
        .name = "a1.example", .addresses = {parse_address("192.0.2.80").value()}, .ports = {80, 443}};
    std::vector<store::anchor_entry> entries{anchor};
    service_fixture::get(store::publish_anchors(db_, std::move(document), std::move(entries)));
    auto const by_name = create(http("A1.example", R"(,"path":"/4096")"));
    EXPECT_EQ(shown(by_name).at("target_ip"), "192.0.2.80");
    EXPECT_EQ(shown(by_name).at("path"), "/4096");
    EXPECT_THAT(probes_of(by_name), testing::ElementsAre(probe.value()));
    EXPECT_EQ(shown(create(http("192.0.2.80", R"(,"port":443)"))).at("port"), 443);
    EXPECT_TRUE(shown(create(http("a1.example", R"(,"resolve_on_probe":true)"))).at("target_ip").is_null());
    EXPECT_EQ(complaint(http("192.0.2.81")), "/definitions/0/target: target: This target is not an anchor");
    EXPECT_EQ(complaint(http("a1.example", R"(,"port":8080)")),
              "/definitions/0/port: This anchor does not serve HTTP at this port.");
    auto six = http("a1.example");
    six.replace(six.find("\"af\":4"), 6, "\"af\":6");
    EXPECT_EQ(complaint(six), "/definitions/0/target: target: This anchor has no address of this family");
}

TEST_F(measurements_test, by_the_resolvers_of_a_probe_have_no_target)
{
    auto const probe = connected_probe({"dns4"});
    auto const id =
        create(R"({"definitions":[{"type":"dns","af":4,"description":"My zone","query_class":"IN","query_type":"A",)"
               R"("query_argument":"example.net","use_probe_resolver":true}],"is_oneoff":true,)"
               R"("probes":[{"type":"area","value":"WW","requested":1}]})");
    auto const object = shown(id, "?optional_fields=probes");
    EXPECT_EQ(expect(200, ask(verb::get, "/api/v2/measurements/?search=ZONE")).at("count"), 1);
    EXPECT_TRUE(object.at("target").is_null());
    EXPECT_TRUE(object.at("target_ip").is_null());
    EXPECT_EQ(object.at("resolve_on_probe"), false);
    EXPECT_EQ(object.at("probes").at(0).at("id"), probe.value());
}

TEST_F(measurements_test, without_a_suitable_probe_say_so)
{
    auto const id = create(request());
    EXPECT_EQ(shown(id).at("status").at("name"), "No suitable probes");
    EXPECT_EQ(
        shown(create(request("192.0.2.1", "", R"({"type":"asn","value":"1","requested":-1})"))).at("probes_requested"),
        -1);
}

TEST_F(measurements_test, of_one_request_are_a_group)
{
    connected_probe();
    auto const made =
        expect(201, ask(verb::post, "/api/v2/measurements",
                        R"({"definitions":[{"type":"ping","af":4,"description":"a","target":"192.0.2.1"},)"
                        R"({"type":"ping","af":4,"description":"b","target":"192.0.2.2"}],"interval":60,)"
                        R"("probes":[{"type":"area","value":"WW","requested":1}]})",
                        user_));
    auto const first = made.at("measurements").at(0).as_int64();
    auto const second = measurement_id::from(made.at("measurements").at(1).as_int64()).value();
    EXPECT_EQ(shown(second).at("group_id"), first);
    EXPECT_TRUE(shown(second).at("group").is_null()) << "there is no such page";
    EXPECT_EQ(expect(200, ask(verb::get, "/api/v2/measurements/?group_id=" + std::to_string(first))).at("count"), 2);
    EXPECT_EQ(shown(second).at("interval"), 60);
    EXPECT_TRUE(shown(second).at("stop_time").is_null());
}

TEST_F(measurements_test, tell_what_is_wrong)
{
    EXPECT_THAT(complaint(request("no-such-name.invalid")),
                HasSubstr("/definitions/0/target: target: This target cannot be resolved"));
    EXPECT_THAT(complaint(request("192.0.2.1", "", R"({"type":"msm","value":77,"requested":1})")),
                HasSubstr("/probes/0/value: There is no such measurement."));
    EXPECT_THAT(complaint(request("192.0.2.1", R"(,"packets":99)")), HasSubstr("/definitions/0/packets: "));
    auto const id = create(request("no-such-name.invalid", R"(,"resolve_on_probe":true)"));
    EXPECT_EQ(shown(id).at("resolve_on_probe"), true);
    EXPECT_EQ(shown(create(request("localhost"))).at("target_ip"), "127.0.0.1");
    auto const unchecked = create(request("no-such-name.invalid", R"(,"skip_dns_check":true)"));
    EXPECT_EQ(shown(unchecked).at("resolve_on_probe"), true);
    EXPECT_EQ(shown(create(request("localhost", R"(,"skip_dns_check":true)"))).at("target_ip"), "127.0.0.1");
}

class quotas_test : public measurements_test {};

TEST_F(quotas_test, bound_what_runs)
{
    limits small;
    small.running_per_account = 3;
    small.running_per_target = 2;
    service strict(io_, api_database_, small);
    auto const post_to = [&](std::string const& target, std::string const& key) {
        http::request given;
        given.verb = verb::post;
        given.path = "/api/v2/measurements/";
        given.host = "a";
        given.authorization = "Key " + key;
        given.body = request(target);
        return call(strict.answer_request(given));
    };
    expect(201, post_to("9.9.9.9", user_));
    expect(201, post_to("9.9.9.9", user_));
    EXPECT_THAT(post_to("9.9.9.9", admin_).body,
                HasSubstr("We do not allow more than 2 concurrent measurements to the same target: 9.9.9.9."));
    expect(201, post_to("9.9.9.10", user_));
    EXPECT_THAT(post_to("9.9.9.11", user_).body, HasSubstr("We do not allow more than 3 concurrent measurements"));
    expect(201, post_to("9.9.9.11", admin_));
    EXPECT_THAT(post_to("10.0.0.1", admin_).body, HasSubstr("special-purpose"));
}

TEST_F(measurements_test, that_are_private_are_seen_by_their_owner_and_operators)
{
    auto const id = create(request("192.0.2.1", R"(,"is_public":false)"));
    auto const path = "/api/v2/measurements/" + id.text() + "/";
    auto const stranger = key_of(account("stranger@example.net"));
    for (auto const* rest : {"", "results/", "latest/"}) {
        expect(404, ask(verb::get, path + rest));
        expect(404, ask(verb::get, path + rest, "", stranger));
        expect(200, ask(verb::get, path + rest, "", user_));
        expect(200, ask(verb::get, path + rest, "", admin_));
    }
    expect(404, ask(verb::delete_, path, "", stranger));
    EXPECT_EQ(expect(200, ask(verb::get, "/api/v2/measurements/")).at("count"), 0);
    EXPECT_EQ(expect(200, ask(verb::get, "/api/v2/measurements/", "", stranger)).at("count"), 0);
    EXPECT_EQ(expect(200, ask(verb::get, "/api/v2/measurements/my/", "", user_)).at("count"), 1);
    EXPECT_EQ(expect(200, ask(verb::get, "/api/v2/measurements/", "", admin_)).at("count"), 1);
    expect(200, ask(verb::patch, path, R"({"is_public":true,"description":"shown"})", user_));
    EXPECT_EQ(shown(id).at("description"), "shown");
    auto const tags = [&] { return boost::json::serialize(shown(id).at("tags")); };
    expect(200, ask(verb::patch, path, R"({"tags":["a","b,c"]})", user_));
    EXPECT_EQ(tags(), R"(["a","b,c"])");
    expect(200, ask(verb::patch, path, R"({"description":"shown","tags":null})", user_));
    EXPECT_EQ(tags(), R"(["a","b,c"])");
    EXPECT_EQ(expect(200, ask(verb::get, "/api/v2/measurements/?tags=a")).at("count"), 1);
    expect(200, ask(verb::patch, path, R"({"tags":[]})", user_));
    EXPECT_EQ(tags(), "[]");
    expect(400, ask(verb::patch, path, R"({"tags":[7]})", user_));
    expect(400, ask(verb::patch, path, R"({"is_public":false})", user_));
    expect(403, ask(verb::patch, path, R"({"description":"mine"})", stranger));
}

TEST_F(measurements_test, stop_and_stay_readable)
{
    auto const probe = connected_probe();
    auto const id = create(request());
    store_result(id, probe, wall_now());
    auto const path = "/api/v2/measurements/" + id.text();
    expect(403, ask(verb::delete_, path, "", key_of(account("stranger@example.net"))));
    expect(204, ask(verb::delete_, path, "", user_));
    expect(204, ask(verb::delete_, path + "/", "", user_));
    EXPECT_EQ(shown(id).at("status").at("name"), "Stopped");
    EXPECT_EQ(expect(200, ask(verb::get, path + "/results")).as_array().size(), 1U);
}

TEST_F(measurements_test, stream_their_results)
{
    auto const one = connected_probe();
    auto const two = connected_probe();
    auto const id = create(request());
    auto const now = from_unix_seconds(to_unix_seconds(wall_now()));
    store_result(id, one, now - std::chrono::seconds(30), 1);
    store_result(id, one, now - std::chrono::seconds(20), 2);
    store_result(id, two, now - std::chrono::seconds(10), 1);
    auto const path = "/api/v2/measurements/" + id.text();
    auto const count = [&](std::string const& query) {
        return expect(200, ask(verb::get, path + query)).as_array().size();
    };
    EXPECT_EQ(count("/results"), 3U);
    EXPECT_EQ(count("/results/?key=&probe_ids=" + one.text()), 2U);
    EXPECT_EQ(count("/results/?probe_ids=" + one.text() + "-" + two.text()), 3U);
    EXPECT_EQ(count("/results/?start=" + std::to_string(to_unix_seconds(now) - 20)), 2U);
    EXPECT_EQ(count("/results/?stop=" + std::to_string(to_unix_seconds(now) - 20)), 2U);
    expect(200, ask(verb::patch, "/api/v2/probes/" + two.text() + "/", R"({"is_public":false})", admin_));
    EXPECT_EQ(count("/results/?public-only=true"), 2U);
    EXPECT_EQ(count("/latest/?public_only=True"), 1U);
    EXPECT_EQ(count("/results/?anchors_only=true"), 0U);
    EXPECT_EQ(count("/latest/?anchors-only=true"), 0U);
    EXPECT_EQ(count("/results/?anchors-only=false"), 3U);
    EXPECT_EQ(count("/latest"), 2U);
    EXPECT_EQ(count("/latest/?versions=10"), 3U);
    EXPECT_EQ(count("/latest/?probe_ids=" + two.text()), 1U);
    auto const lines = ask(verb::get, path + "/results/?format=txt");
    EXPECT_EQ(lines.content_type, "text/plain");
    EXPECT_EQ(std::count(lines.body.begin(), lines.body.end(), '\n'), 3);
    auto const result = expect(200, ask(verb::get, path + "/results/?probe_ids=" + two.text())).at(0);
    EXPECT_EQ(result.at("prb_id"), two.value());
    EXPECT_EQ(result.at("avg"), 1.5);
    for (auto const* old : {"/api/v2/measurement-latest/", "/api/v2/measurements-latest/"}) {
        auto const by_probe = expect(200, ask(verb::get, old + id.text() + "/?versions=2"));
        EXPECT_EQ(by_probe.at(one.text()).as_array().size(), 2U);
        EXPECT_EQ(by_probe.at(two.text()).as_array().size(), 1U);
    }
    for (auto const* bad : {"/results/?start=x", "/results/?probe_ids=x", "/results/?format=xml", "/latest/?versions=0",
                            "/latest/?versions=11", "/latest/?lookback_days=-1", "/results/?anchors-only=some",
                            "/latest/?public_only=none"}) {
        expect(400, ask(verb::get, path + bad));
    }
}

TEST_F(measurements_test, without_results_answer_an_empty_list)
{
    auto const id = create(request());
    EXPECT_EQ(ask(verb::get, "/api/v2/measurements/" + id.text() + "/results/").body, "[]");
    EXPECT_EQ(ask(verb::get, "/api/v2/measurements/" + id.text() + "/results/?format=txt").body, "");
    EXPECT_EQ(ask(verb::get, "/api/v2/measurements-latest/" + id.text() + "/").body, "{}");
}

}  // namespace
}  // namespace tp::api
