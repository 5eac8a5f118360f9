#include <gmock/gmock.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "store/documents.hpp"
#include "tests/unit/api/service_fixture.hpp"
#include "tests/unit/firmware_signing/samples.hpp"

namespace tp::api {
namespace {

using namespace std::chrono_literals;
using verb = http::method;

constexpr auto documents = "/api/v2/anchors/documents/";

class anchors_test : public service_fixture {
protected:
    static std::string list(std::uint64_t version, std::string const& content)
    {
        auto const expires = from_unix_seconds(to_unix_seconds(wall_now())) + 24h;
        return signing::sealed({"anchors", version, expires, content}, {&first_officer(), &second_officer()});
    }

    boost::json::value publish(std::uint64_t version, std::string const& content)
    {
        return expect(201, ask(verb::post, documents, list(version, content), admin_));
    }

    std::vector<std::string> names(std::string const& query = "")
    {
        std::vector<std::string> out;
        auto const found = expect(200, ask(verb::get, "/api/v2/anchors/" + query));
        for (auto const& each : found.at("results").as_array()) out.emplace_back(each.at("fqdn").as_string());
        return out;
    }
};

TEST_F(anchors_test, are_published_by_operators_and_shown_to_everybody)
{
    auto const said = publish(3,
                              "anchor a1.example.net 80,8080 192.0.2.1 2001:db8::1\nabout asn_v4 64500\n"
                              "about city Amsterdam\nabout company Example\nabout country NL\nabout latitude 52.5\n"
                              "about longitude 4.25\nanchor b.example.net 443 192.0.2.2\n");
    EXPECT_EQ(said.at("version"), 3);
    EXPECT_EQ(said.at("anchors"), 2);
    auto const found = expect(200, ask(verb::get, "/api/v2/anchors/"));
    EXPECT_EQ(found.at("count"), 2);
    auto const& one = found.at("results").at(0);
    for (auto const& [name, value] : std::initializer_list<std::pair<char const*, boost::json::value>>{
             {"type", "Anchor"},
             {"hostname", "a1"},
             {"fqdn", "a1.example.net"},
             {"probe", nullptr},
             {"is_ipv4_only", false},
             {"ip_v4", "192.0.2.1"},
             {"ip_v6", "2001:db8::1"},
             {"as_v4", 64'500},
             {"as_v6", nullptr},
             {"city", "Amsterdam"},
             {"country", "NL"},
             {"company", "Example"},
             {"is_disabled", false},
             {"date_decommissioned", nullptr},
             {"tlsa_record", nullptr},
             {"ports", boost::json::array{80, 8080}},
         })
        EXPECT_EQ(one.at(name), value) << name;
    EXPECT_EQ(one.at("geometry").at("coordinates"), (boost::json::array{4.25, 52.5}));
    EXPECT_TRUE(found.at("results").at(1).at("geometry").is_null());
    EXPECT_TRUE(found.at("results").at(1).at("is_ipv4_only").as_bool());

    auto const id = std::to_string(one.at("id").as_int64());
    EXPECT_EQ(expect(200, ask(verb::get, "/api/v2/anchors/" + id)), one);
    expect(404, ask(verb::get, "/api/v2/anchors/999/"));
    auto const known = expect(200, ask(verb::get, documents));
    EXPECT_EQ(known.at("count"), 1);
    EXPECT_EQ(known.at("results").at(0).at("version"), 3);
    EXPECT_EQ(known.at("results").at(0).at("expires"), said.at("expires"));
}

TEST_F(anchors_test, keep_their_number_and_are_shown_as_ended)
{
    publish(1, "anchor a.net 80 192.0.2.1\nanchor b.net 80 192.0.2.2\n");
    auto const id =
        expect(200, ask(verb::get, "/api/v2/anchors/?search=a.net")).at("results").at(0).at("id").as_int64();
    publish(2, "anchor b.net 80 192.0.2.2\n");
    EXPECT_EQ(names(), std::vector<std::string>{"b.net"});
    auto const ended = expect(200, ask(verb::get, "/api/v2/anchors/" + std::to_string(id) + '/'));
    EXPECT_TRUE(ended.at("is_disabled").as_bool());
    EXPECT_TRUE(ended.at("date_decommissioned").is_string());
}

TEST_F(anchors_test, are_not_published_without_right_or_reason)
{
    auto const good = list(2, "anchor a.net 80 192.0.2.1\n");
    expect(403, ask(verb::post, documents, good));
    expect(403, ask(verb::post, documents, good, user_));
    auto const refused = expect(400, ask(verb::post, documents, "nonsense", admin_));
    EXPECT_EQ(refused.at("error").at("errors").at(0).at("detail"), "This is no signed document.");
    expect(413, ask(verb::post, documents, std::string(600'000, 'x'), admin_));
    EXPECT_TRUE(names().empty());
    expect(201, ask(verb::post, documents, good, admin_));
    auto const again = expect(409, ask(verb::post, documents, good, admin_));
    EXPECT_EQ(again.at("error").at("detail"), "Version 2 is published, and this document is not newer.");
    expect(409, ask(verb::post, documents, list(1, ""), admin_));
    EXPECT_EQ(names(), std::vector<std::string>{"a.net"});
}

TEST_F(anchors_test, are_found_page_by_page_with_their_probes)
{
    auto const beside = connected_probe();
    publish(1, "anchor a.net 80 192.0.2.1\nabout asn_v4 64500\nabout country NL\nabout probe " + beside.text() +
                   "\nanchor b.net 80 192.0.2.2\nabout asn_v6 64501\nabout country DE\nabout probe 999999\n");
    using list = std::vector<std::string>;
    EXPECT_EQ(names("?country=NL"), list{"a.net"});
    EXPECT_EQ(names("?search=B.net"), list{"b.net"});
    EXPECT_EQ(names("?as_v4=64500"), list{"a.net"});
    EXPECT_EQ(names("?as_v6=64501"), list{"b.net"});
    expect(400, ask(verb::get, "/api/v2/anchors/?as_v4=x"));
    auto const first = expect(200, ask(verb::get, "/api/v2/anchors/?page_size=1&fields=fqdn,probe&include=probe"));
    EXPECT_EQ(first.at("count"), 2);
    EXPECT_EQ(first.at("next"),
              "http://api.example:7480/api/v2/anchors/?page_size=1&fields=fqdn,probe&include=probe&page=2");
    EXPECT_EQ(first.at("results").at(0).as_object().size(), 4U);
    EXPECT_EQ(first.at("results").at(0).at("probe").at("id"), beside.value());
    auto const both = expect(200, ask(verb::get, "/api/v2/anchors/?include=probe"));
    EXPECT_EQ(both.at("results").at(1).at("probe"), 999'999) << "nobody here knows that probe";
}

TEST_F(anchors_test, are_what_http_measurements_take)
{
    auto const body = R"({"definitions":[{"type":"http","af":4,"target":"a.net","description":"d"}],)"
                      R"("probes":[{"type":"area","value":"WW","requested":1}],"is_oneoff":true})";
    expect(400, ask(verb::post, "/api/v2/measurements/", body, user_));
    publish(1, "anchor a.net 80 192.0.2.1\n");
    expect(201, ask(verb::post, "/api/v2/measurements/", body, user_));
    publish(2, "");
    expect(400, ask(verb::post, "/api/v2/measurements/", body, user_));
}

}  // namespace
}  // namespace tp::api
