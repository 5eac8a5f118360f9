#include <gmock/gmock.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <set>

#include "store/probes.hpp"
#include "tests/unit/api/service_fixture.hpp"

namespace tp::api {
namespace {

using verb = http::method;

class service_test : public service_fixture {};

std::string header(http::response const& answer, std::string_view name)
{
    for (auto const& [key, value] : answer.headers) {
        if (key == name) return value;
    }
    return "";
}

TEST_F(service_test, has_an_index_and_tells_its_health)
{
    EXPECT_EQ(expect(200, ask(verb::get, "/api/v2/")).at("measurements"),
              "http://api.example:7480/api/v2/measurements/");
    EXPECT_EQ(expect(200, ask(verb::get, "/api/v2")).at("probes"), "http://api.example:7480/api/v2/probes/");
    EXPECT_EQ(expect(200, ask(verb::get, "/healthz")).at("status"), "ok");
}

TEST_F(service_test, tells_which_methods_a_path_has)
{
    auto const refused = ask(verb::put, "/api/v2/measurements/");
    expect(405, refused);
    EXPECT_EQ(header(refused, "Allow"), "GET, HEAD, POST, OPTIONS");
    auto const described = ask(verb::options, "/api/v2/measurements/1000001/");
    expect(200, described);
    EXPECT_EQ(header(described, "Allow"), "GET, HEAD, PATCH, DELETE, OPTIONS");
    expect(404, ask(verb::options, "/api/v2/nothing/"));
    expect(404, ask(verb::get, "/nothing"));
    expect(404, ask(verb::get, "/api/v2/measurements/99999999999999999999/"));
    expect(404, ask(verb::get, "/api/v2/measurements/0/"));
}

TEST_F(service_test, takes_text_only)
{
    expect(400, ask(verb::get, "/api/v2/measurements/?search=%ff"));
    expect(400, ask(verb::get, "/api/v2/measurements/?search=%00"));
    expect(200, ask(verb::get, "/api/v2/measurements/?search=%C3%A9'%20or%201=1--"));
}

TEST_F(service_test, knows_callers_by_header_and_parameter)
{
    auto const unknown = expect(403, ask(verb::get, "/api/v2/probes/?key=00000000-0000-0000-0000-000000000000"));
    EXPECT_EQ(unknown.at("error").at("code"), 104);
    EXPECT_EQ(unknown.at("error").at("detail"), "The provided API key does not exist");
    expect(200, ask(verb::get, "/api/v2/probes/?key="));
    expect(200, ask(verb::get, "/api/v2/keys/?key=" + user_));
    expect(200, ask(verb::get, "/api/v2/keys/", "", user_));
    expect(403, ask(verb::get, "/api/v2/keys/"));
}

TEST_F(service_test, answers_503_while_the_database_is_away)
{
    store::database nowhere(io_, {.conninfo = "host=/nonexistent dbname=x"});
    service alone(io_, nowhere, limits{});
    http::request given;
    given.path = "/api/v2/probes/";
    given.host = "a";
    auto const answer = call(alone.answer_request(given));
    EXPECT_EQ(answer.status, 503U);
    EXPECT_EQ(header(answer, "Retry-After"), "1");
    given.path = "/healthz";
    EXPECT_EQ(call(alone.answer_request(given)).status, 503U);
}

TEST_F(service_test, adds_probes_and_shows_them)
{
    auto const key = make_key();
    auto const body = R"({"public_key":")" + key.text() + R"( somebody@home","description":"attic"})";
    auto const id = expect(201, ask(verb::post, "/api/v2/probes/", body, user_)).at("id").as_int64();
    auto const twice = expect(400, ask(verb::post, "/api/v2/probes", body, user_));
    EXPECT_EQ(twice.at("error").at("errors").at(0).at("source").at("pointer"), "/public_key");
    expect(400, ask(verb::post, "/api/v2/probes/", R"({"public_key":"ssh-rsa AAAA"})", user_));
    expect(403, ask(verb::post, "/api/v2/probes/", body));

    auto const shown = expect(200, ask(verb::get, "/api/v2/probes/" + std::to_string(id)));
    EXPECT_EQ(shown.at("description"), "attic");
    EXPECT_EQ(shown.at("status").at("name"), "Never Connected");
    expect(404, ask(verb::get, "/api/v2/probes/999999/"));
}

TEST_F(service_test, lists_probes_by_filter)
{
    auto const first = connected_probe();
    auto const second = connected_probe({"ping4"});
    auto const idle = probe();
    auto const ids = [&](std::string const& query) {
        std::vector<std::int64_t> out;
        auto const list = expect(200, ask(verb::get, "/api/v2/probes/?" + query));
        for (auto const& each : list.at("results").as_array()) out.push_back(each.at("id").as_int64());
        return out;
    };
    using testing::ElementsAre;
    EXPECT_THAT(ids(""), ElementsAre(first.value(), second.value(), idle.value()));
    EXPECT_THAT(ids("status=1"), ElementsAre(first.value(), second.value()));
    EXPECT_THAT(ids("status_name=Never%20Connected"), ElementsAre(idle.value()));
    EXPECT_THAT(ids("tags=system-ipv6-works"), ElementsAre(first.value()));
    EXPECT_THAT(ids("id__in=" + idle.text() + ",999999"), ElementsAre(idle.value()));
    EXPECT_THAT(ids("sort=-id&page_size=1"), ElementsAre(idle.value()));
    EXPECT_THAT(ids("no_such_filter=x&status=1&page=2&page_size=1"), ElementsAre(second.value()));
    EXPECT_THAT(ids("is_public=True&status=1"), ElementsAre(first.value(), second.value()));  // as cousteau writes it
    EXPECT_THAT(ids("is_public=false"), ElementsAre());
    EXPECT_THAT(ids("is_anchor=true"), ElementsAre());
    EXPECT_THAT(ids("id__gt=" + first.text() + "&id__lte=" + second.text()), ElementsAre(second.value()));
    EXPECT_THAT(ids("asn_v4__in=64496,64497"), ElementsAre());
    EXPECT_THAT(ids("asn46diff=true"), ElementsAre());
    EXPECT_THAT(ids("firmware_version=5120"), ElementsAre(first.value(), second.value()));
    EXPECT_THAT(ids("firmware_version=0"), ElementsAre(idle.value()));
    auto const running = expect(200, ask(verb::get, "/api/v2/probes/" + first.text()));
    EXPECT_EQ(running.at("firmware_version"), 5120);
    EXPECT_EQ(running.at("software"), "0.1.0");
    auto const silent = expect(200, ask(verb::get, "/api/v2/probes/" + idle.text()));
    EXPECT_EQ(silent.at("firmware_version"), 0);
    EXPECT_TRUE(silent.at("software").is_null());
    auto const path = "/api/v2/probes/?format[datetime]=iso-8601&id=" + first.text();
    EXPECT_TRUE(expect(200, ask(verb::get, path)).at("results").at(0).at("first_connected").is_string());
    EXPECT_THAT(ids("firmware_version=4790"), ElementsAre());
    for (auto const* wrong : {"id__lt=x", "asn_v6__in=AS1", "is_anchor=perhaps", "firmware_version=new"})
        expect(400, ask(verb::get, std::string("/api/v2/probes/?") + wrong));
    expect(400, ask(verb::get, "/api/v2/probes/?is_public=maybe"));
    expect(400, ask(verb::get, "/api/v2/probes/?mine=2"));
    expect(400, ask(verb::get, "/api/v2/probes/?status=9"));
    expect(400, ask(verb::get, "/api/v2/probes/?prefix=x"));
    EXPECT_EQ(expect(200, ask(verb::get, "/api/v2/probes/?mine=True", "", user_)).at("count"), 0);
    auto const one = expect(200, ask(verb::get, "/api/v2/probes/?page_size=2&fields=status"));
    EXPECT_EQ(one.at("count"), 3);
    EXPECT_EQ(one.at("next"), "http://api.example:7480/api/v2/probes/?page_size=2&fields=status&page=2");
    EXPECT_EQ(one.at("results").at(0).as_object().size(), 3U);
}

TEST_F(service_test, finds_probes_around_the_place_that_strangers_are_shown)
{
    auto const amsterdam = connected_probe(), sydney = probe();
    probe();  // nobody knows where
    expect(200, ask(verb::patch, "/api/v2/probes/" + amsterdam.text() + "/",
                    R"({"latitude":52.37449,"longitude":4.89449,"description":"At the Canal"})", admin_));
    expect(200, ask(verb::patch, "/api/v2/probes/" + sydney.text() + "/", R"({"latitude":-33.87,"longitude":151.21})",
                    admin_));
    auto const ids = [&](std::string const& query) {
        std::vector<std::int64_t> out;
        auto const list = expect(200, ask(verb::get, "/api/v2/probes/?" + query));
        for (auto const& each : list.at("results").as_array()) out.push_back(each.at("id").as_int64());
        return out;
    };
    using testing::ElementsAre;
    EXPECT_THAT(ids("radius=52.5,4.9:15"), ElementsAre(amsterdam.value()));
    EXPECT_THAT(ids("radius=52.5,4.9:14"), ElementsAre());  // 14.5 km from 52.37
    EXPECT_THAT(ids("radius=52.37,4.89:0.001"), ElementsAre(amsterdam.value()));
    EXPECT_THAT(ids("radius=52.37449,4.89449:0.1"), ElementsAre());  // where it is indeed
    EXPECT_THAT(ids("radius=-34,-180:3000"), ElementsAre(sydney.value()));
    EXPECT_THAT(ids("radius=0,0:25000"), ElementsAre(amsterdam.value(), sydney.value()));
    EXPECT_THAT(ids("latitude__gt=52.37"), ElementsAre());
    EXPECT_THAT(ids("latitude=52.37&longitude__lte=4.89"), ElementsAre(amsterdam.value()));
    EXPECT_THAT(ids("latitude__lt=0"), ElementsAre(sydney.value()));
    EXPECT_THAT(ids("search=canal"), ElementsAre(amsterdam.value()));
    for (auto const* wrong : {"radius=52.37,4.89", "radius=52.37:15", "radius=91,0:1", "radius=0,181:1",
                              "radius=0,0:-1", "radius=0,0:x", "radius=0,0:1:2", "radius=nan,0:1", "latitude=north"})
        expect(400, ask(verb::get, std::string("/api/v2/probes/?") + wrong));
}

TEST_F(service_test, hides_the_address_of_a_probe_that_is_not_public)
{
    auto const owner = account("host@example.net");
    auto const host = key_of(owner);
    auto const id = service_fixture::get(store::add_probe(db_, make_key(), owner, ""));
    auto const address = parse_address("198.51.100.9").value();
    service_fixture::get(store::session_opened(db_, id, *controller_, address, "0.1.0", {"ping4"}));
    auto const path = "/api/v2/probes/" + id.text() + "/";
    EXPECT_EQ(expect(200, ask(verb::get, path)).at("address_v4"), "198.51.100.9");
    expect(403, ask(verb::patch, path, R"({"is_public":false})", user_));
    expect(403, ask(verb::patch, path, R"({"is_public":false})"));
    EXPECT_EQ(expect(200, ask(verb::patch, path,
                              R"({"is_public":false,"description":"new","tags":["home"],)"
                              R"("geometry":{"type":"Point","coordinates":[4.12345,52.12345]}})",
                              host))
                  .at("description"),
              "new");
    auto const hidden = expect(200, ask(verb::get, path, "", user_));
    EXPECT_TRUE(hidden.at("address_v4").is_null());
    EXPECT_EQ(hidden.at("geometry").at("coordinates").at(0), 4.12);
    auto const found = [&](std::string const& list, std::string const& who) {
        return expect(200, ask(verb::get, "/api/v2/" + list + "?prefix_v4=198.51.100.9/32", "", who)).at("count");
    };
    EXPECT_EQ(found("probes/", user_), 0) << "who tries prefixes does not find its address";
    EXPECT_EQ(found("probes/", admin_), 1);
    EXPECT_EQ(found("probes/my/", host), 1);
    EXPECT_EQ(expect(200, ask(verb::get, path, "", host)).at("address_v4"), "198.51.100.9");
    EXPECT_EQ(expect(200, ask(verb::get, path, "", admin_)).at("geometry").at("coordinates").at(0), 4.12345);
    expect(400, ask(verb::patch, path, R"({"tags":["Bad Tag"]})", host));
    expect(400, ask(verb::patch, path, R"({"latitude":1})", host));
    expect(400, ask(verb::patch, path, R"({"country_code":"nl"})", host));
}

TEST_F(service_test, leaves_the_lab_to_operators)
{
    auto const owner = account("host@example.net");
    auto const host = key_of(owner);
    auto const id = service_fixture::get(store::add_probe(db_, make_key(), owner, ""));
    auto const path = "/api/v2/probes/" + id.text() + "/";
    auto const tags = [&] {
        auto const found = service_fixture::get(store::find_probe_by_id(db_, id)).tags;
        return std::set<std::string>(found.begin(), found.end());
    };
    using set = std::set<std::string>;
    expect(403, ask(verb::patch, path, R"({"tags":["lab"]})", host));
    expect(403, ask(verb::patch, path, R"({"tags":["home","lab-2"]})", host));
    expect(200, ask(verb::patch, path, R"({"tags":["labour"]})", host));
    EXPECT_EQ(tags(), (set{"labour"}));
    expect(200, ask(verb::patch, path, R"({"tags":["lab"]})", admin_));
    expect(200, ask(verb::patch, path, R"({"tags":["home"]})", host));
    EXPECT_EQ(tags(), (set{"home", "lab"})) << "it is not the host's to remove";
    expect(200, ask(verb::patch, path, R"({"tags":["lab","away"]})", host));
    EXPECT_EQ(tags(), (set{"away", "lab"})) << "what it read may come back";
    expect(200, ask(verb::patch, path, R"({"tags":["away"]})", admin_));
    EXPECT_EQ(tags(), (set{"away"}));
}

TEST_F(service_test, makes_claim_codes)
{
    auto const made = expect(201, ask(verb::post, "/api/v2/probes/claim-codes/", R"({"lifetime":60})", user_));
    auto const id = service_fixture::get(store::claim_probe(db_, std::string(made.at("code").as_string()), make_key()));
    EXPECT_GT(id.value(), 0);
    expect(201, ask(verb::post, "/api/v2/probes/claim-codes/", "", user_));
    expect(400, ask(verb::post, "/api/v2/probes/claim-codes/", R"({"lifetime":0})", user_));
    expect(403, ask(verb::post, "/api/v2/probes/claim-codes/", ""));
}

TEST_F(service_test, lets_operators_revoke_and_list_controllers)
{
    auto const id = probe();
    auto const path = "/api/v2/probes/" + id.text() + "/";
    expect(403, ask(verb::delete_, path, "", user_));
    expect(204, ask(verb::delete_, path, "", admin_));
    EXPECT_EQ(expect(200, ask(verb::get, path, "", admin_)).at("trust"), "revoked");
    expect(404, ask(verb::delete_, "/api/v2/probes/999999/", "", admin_));

    expect(403, ask(verb::get, "/api/v2/controllers/", "", user_));
    auto const list = expect(200, ask(verb::get, "/api/v2/controllers/", "", admin_));
    EXPECT_EQ(list.at("results").at(0).at("name"), "controller-1");
}

TEST_F(service_test, makes_accounts_and_keys_that_are_no_stronger_than_the_asking_one)
{
    auto const body = R"({"email":"new@example.net","role":"user"})";
    expect(403, ask(verb::post, "/api/v2/accounts/", body, user_));
    auto const made = expect(201, ask(verb::post, "/api/v2/accounts/", body, admin_));
    expect(400, ask(verb::post, "/api/v2/accounts/", body, admin_));
    expect(400, ask(verb::post, "/api/v2/accounts/", R"({"email":"x","role":"king"})", admin_));
    std::string const whole(made.at("key").as_string());

    auto const small =
        expect(201, ask(verb::post, "/api/v2/keys/",
                        R"({"label":"ci","scopes":["keys.create","keys.list_keys"],"valid_to":4000000000})", whole));
    std::string const limited(small.at("key").as_string());
    expect(400, ask(verb::post, "/api/v2/keys/", R"({"scopes":["*"]})", limited));
    expect(400, ask(verb::post, "/api/v2/keys/", R"({"scopes":["probes.add"]})", limited));
    expect(400, ask(verb::post, "/api/v2/keys/", R"({"scopes":["keys.create"],"valid_to":4000000001})", limited));
    expect(400, ask(verb::post, "/api/v2/keys/", R"({"scopes":["no.such"]})", whole));
    auto const child =
        expect(201, ask(verb::post, "/api/v2/keys/", R"({"grants":[{"permission":"keys.create"}]})", limited));
    EXPECT_EQ(child.at("valid_to"), 4'000'000'000);

    auto const list = expect(200, ask(verb::get, "/api/v2/keys/", "", whole));
    EXPECT_EQ(list.at("count"), 3);
    EXPECT_FALSE(list.at("results").at(0).as_object().contains("key"));
    EXPECT_EQ(small.at("uuid").as_string(), limited) << "what Atlas calls uuid is the key";
    EXPECT_EQ(list.at("results").at(1).at("uuid"), small.at("id")) << "later it is its name";
    expect(204, ask(verb::delete_, "/api/v2/keys/" + std::string(child.at("uuid").as_string()), "", whole));
    expect(403, ask(verb::get, "/api/v2/keys/", "", std::string(child.at("key").as_string())));
    auto const path = "/api/v2/keys/" + std::string(small.at("id").as_string());
    expect(404, ask(verb::delete_, path, "", user_));  // of another account
    expect(403, ask(verb::delete_, path, "", limited));
    expect(204, ask(verb::delete_, path, "", whole));
    expect(403, ask(verb::get, "/api/v2/keys/", "", limited));
    expect(404, ask(verb::delete_, "/api/v2/keys/nonsense", "", whole));
    EXPECT_GT(expect(200, ask(verb::get, "/api/v2/keys/permissions/")).at("count").as_int64(), 5);
}

}  // namespace
}  // namespace tp::api
