#include <gmock/gmock.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "firmware-signing/envelope.hpp"
#include "firmware-signing/factory_list.hpp"
#include "store/hosting.hpp"
#include "tests/unit/api/service_fixture.hpp"

namespace tp::api {
namespace {

using verb = http::method;
using testing::HasSubstr;

/// An API that asks hosts to accept version 2026-11 of a text, and believes one factory.
class hosting_api : public service_fixture {
protected:
    hosting_api()
    {
        host_ = key_of(get(store::create_account(db_, "host@example.net", store::role::host)));
        next_ = key_of(get(store::create_account(db_, "next@example.net", store::role::host)));
    }

    http::response say(verb how, std::string const& path, std::string body, std::string const& key)
    {
        http::request out;
        out.verb = how;
        out.path = "/api/v2/" + path;
        out.authorization = "Key " + key;
        out.body = std::move(body);
        return call(asking_->answer_request(std::move(out)));
    }
    std::string complaint(http::response const& answered)
    {
        auto const answer = expect(400, answered);
        return std::string(answer.at("error").at("errors").at(0).at("detail").as_string());
    }
    std::int64_t add_probe(std::string const& key, std::string const& consent = "2026-11")
    {
        auto const body = R"({"public_key":")" + make_key().text() + R"(","consent":")" + consent + R"("})";
        return expect(201, say(verb::post, "probes/", body, key)).at("id").as_int64();
    }
    boost::json::value page(std::int64_t id, std::string const& key)
    {
        return expect(200, say(verb::get, "probes/" + std::to_string(id) + "/explain/", "", key));
    }

    static signing::private_key const& factory()
    {
        static auto const key = signing::private_key::make().value();
        return key;
    }
    static std::string list_of(std::vector<signing::listed_device> devices, std::uint64_t version,
                               signing::private_key const& by)
    {
        auto const content = signing::write_device_list({"batch-1", std::move(devices)}).content;
        auto const octets =
            signing::octets_to_sign({signing::factory_name, version, wall_now() + std::chrono::hours(1), content})
                .value();
        return signing::seal(octets, {by.sign(octets).value()});
    }
    static signing::listed_device device(std::string serial, std::string const& code)
    {
        return {std::move(serial), make_key(), "hw1", "3", signing::hash_of_claim_code(code)};
    }

    host_terms terms_{"2026-11", "Be nice.", signing::trusted_keys::from({factory().shared()}, 1).value()};
    std::optional<service> asking_{std::in_place,    io_,   api_database_, lab_limits(), trusted(),
                                   abuse_settings{}, terms_};
    std::string host_, next_;
};

TEST_F(hosting_api, shows_the_text_and_claims_nothing_without_consent_to_its_present_version)
{
    auto const text = expect(200, say(verb::get, "consent/", "", host_));
    EXPECT_EQ(text.at("version"), "2026-11");
    EXPECT_EQ(text.at("text"), "Be nice.");
    EXPECT_THAT(complaint(say(verb::post, "probes/claim-codes/", "", host_)), HasSubstr("2026-11"));
    EXPECT_THAT(complaint(say(verb::post, "probes/claim-codes/", R"({"consent":"2025-1"})", host_)),
                HasSubstr("2026-11"));
    EXPECT_THAT(complaint(say(verb::post, "probes/", R"({"public_key":")" + make_key().text() + R"("})", host_)),
                HasSubstr("2026-11"));
    EXPECT_THAT(complaint(say(verb::post, "probes/claim/", R"({"code":"7KQ2"})", host_)), HasSubstr("2026-11"));
    EXPECT_THAT(complaint(say(verb::post, "probes/transfers/", R"({"code":"7KQ2"})", host_)), HasSubstr("2026-11"));
    expect(201, say(verb::post, "probes/claim-codes/", R"({"consent":"2026-11"})", host_));
    // Where nothing is asked for, nothing is recorded.
    EXPECT_TRUE(expect(200, ask(verb::get, "/api/v2/consent/")).at("version").is_null());
    expect(201, ask(verb::post, "/api/v2/probes/claim-codes/", "", host_));
}

TEST_F(hosting_api, shows_on_a_probes_page_what_was_accepted_and_what_is_to_be)
{
    auto const id = add_probe(host_);
    auto consent = page(id, host_).at("consent");
    EXPECT_EQ(consent.at("accepted"), "2026-11");
    EXPECT_TRUE(consent.at("to_be_accepted").is_null());
    asking_.emplace(io_, api_database_, lab_limits(), trusted(), abuse_settings{},
                    host_terms{"2027-01", "Be nicer.", {}});
    consent = page(id, host_).at("consent");
    EXPECT_EQ(consent.at("accepted"), "2026-11");
    EXPECT_EQ(consent.at("to_be_accepted"), "2027-01");
    auto const path = "probes/" + std::to_string(id) + "/consent/";
    complaint(say(verb::post, path, R"({"consent":"2026-11"})", host_));
    expect(404, say(verb::post, path, R"({"consent":"2027-01"})", next_));
    expect(201, say(verb::post, path, R"({"consent":"2027-01"})", host_));
    EXPECT_TRUE(page(id, host_).at("consent").at("to_be_accepted").is_null());
}

TEST_F(hosting_api, hands_a_probe_over_by_a_code)
{
    auto const id = add_probe(host_);
    auto const path = "probes/" + std::to_string(id) + "/transfer/";
    expect(403, say(verb::post, path, "", next_));
    complaint(say(verb::post, path, R"({"lifetime":0})", host_));
    auto const offer = expect(201, say(verb::post, path, "", host_));
    EXPECT_FALSE(page(id, host_).at("offered_until").is_null());
    auto const body = R"({"code":")" + std::string(offer.at("code").as_string()) + R"(","consent":"2026-11"})";
    EXPECT_EQ(expect(201, say(verb::post, "probes/transfers/", body, next_)).at("id"), id);
    expect(403, say(verb::get, "probes/" + std::to_string(id) + "/explain/", "", host_));
    EXPECT_EQ(page(id, next_).at("history").at(0).at("event"), "transferred");
    expect(404, say(verb::delete_, path, "", next_));
    expect(201, say(verb::post, path, "", next_));
    expect(204, say(verb::delete_, path, "", next_));
}

TEST_F(hosting_api, imports_the_lists_of_a_factory_that_it_trusts)
{
    auto const devices = std::vector{device("A1", "7KQ2-1"), device("A2", "7KQ2-2")};
    auto const list = list_of(devices, 1, factory());
    expect(403, say(verb::post, "factory-lists/", list, host_));
    EXPECT_THAT(complaint(say(verb::post, "factory-lists/", list_of(devices, 1, first_officer()), admin_)),
                HasSubstr("not trusted"));
    auto damaged = list;
    damaged.replace(damaged.find("hw1"), 3, "hw2");
    EXPECT_THAT(complaint(say(verb::post, "factory-lists/", damaged, admin_)), HasSubstr("wrong"));
    complaint(say(verb::post, "factory-lists/", "no list", admin_));
    auto const done = expect(201, say(verb::post, "factory-lists/", list, admin_));
    EXPECT_EQ(done.at("batch"), "batch-1");
    EXPECT_EQ(done.at("added"), 2);
    expect(409, say(verb::post, "factory-lists/", list, admin_));
    expect(409, ask(verb::post, "/api/v2/factory-lists/", list, admin_));  // no factory is trusted there
    auto const claim = [&](std::string code) {
        return say(verb::post, "probes/claim/", R"({"code":")" + code + R"(","consent":"2026-11"})", host_);
    };
    auto const id = expect(201, claim("7kq2-1")).at("id").as_int64();
    auto const shown = page(id, host_);
    EXPECT_EQ(shown.at("state"), "pending");
    EXPECT_EQ(shown.at("device").at("serial"), "A1");
    EXPECT_EQ(shown.at("consent").at("accepted"), "2026-11");
    auto const batches = expect(200, say(verb::get, "factory-lists/", "", admin_));
    EXPECT_EQ(batches.at("results").at(0).at("claimed"), 1);
    expect(403, say(verb::get, "factory-lists/", "", host_));
    EXPECT_THAT(complaint(claim("7KQ2-9")), HasSubstr("unknown"));
}

TEST_F(hosting_api, freezes_a_batch_with_a_reason_and_thaws_it)
{
    expect(201, say(verb::post, "factory-lists/", list_of({device("A1", "7KQ2-1")}, 1, factory()), admin_));
    auto const path = std::string("factory-lists/batch-1/");
    EXPECT_THAT(complaint(say(verb::patch, path, R"({"frozen":"all"})", admin_)), HasSubstr("required"));
    complaint(say(verb::patch, path, R"({"frozen":"a bit","reason":"x"})", admin_));
    complaint(say(verb::patch, path, "{}", admin_));
    expect(403, say(verb::patch, path, R"({"frozen":"all","reason":"bad flash"})", host_));
    expect(404, say(verb::patch, "factory-lists/none/", R"({"frozen":"all","reason":"bad flash"})", admin_));
    expect(200, say(verb::patch, path, R"({"frozen":"unclaimed","reason":"bad flash"})", admin_));
    auto const claim = R"({"code":"7KQ2-1","consent":"2026-11"})";
    expect(409, say(verb::post, "probes/claim/", claim, host_));
    expect(200, say(verb::patch, path, R"({"frozen":"no"})", admin_));
    expect(201, say(verb::post, "probes/claim/", claim, host_));
}

TEST_F(hosting_api, tells_operators_what_is_lost_and_hosts_what_their_disk_does)
{
    auto const id = add_probe(host_);
    get(store::note_storage(db_, probe_id::from(id).value(), std::string("spool: Input/output error")));
    EXPECT_EQ(page(id, host_).at("storage").at("trouble"), "spool: Input/output error");
    expect(403, say(verb::get, "probes/lost/", "", host_));
    EXPECT_EQ(expect(200, say(verb::get, "probes/lost/", "", admin_)).at("silent"), 0);
    auto const wish = R"({"to":"written_off","reason":"it broke"})";
    expect(200, say(verb::post, "probes/" + std::to_string(id) + "/trust/", wish, host_));
    auto const lost = expect(200, say(verb::get, "probes/lost/", "", admin_));
    EXPECT_EQ(lost.at("written_off"), 1);
    EXPECT_EQ(lost.at("results").at(0).at("reason"), "failing storage: spool: Input/output error");
}

TEST_F(hosting_api, asks_a_probe_for_a_new_key_by_its_hosts_or_an_operators_word)
{
    auto const id = add_probe(host_);
    auto const path = "probes/" + std::to_string(id) + "/key-rotation/";
    expect(403, say(verb::post, path, "", next_));
    expect(409, say(verb::post, path, "", host_));  // pending
    get(store::change_trust(db_, probe_id::from(id).value(), store::trust_event::admitted, ""));
    EXPECT_EQ(expect(202, say(verb::post, path, "", host_)).at("key_wanted"), true);
    expect(202, say(verb::post, path, "", admin_));
    expect(404, say(verb::post, "probes/999999/key-rotation/", "", admin_));
    EXPECT_EQ(page(id, host_).at("history").at(0).at("event"), "key_wanted");
}

}  // namespace
}  // namespace tp::api
