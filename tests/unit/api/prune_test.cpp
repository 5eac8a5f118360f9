#include <gmock/gmock.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "firmware-signing/lines.hpp"
#include "firmware-signing/tuf/digest.hpp"
#include "store/firmware_files.hpp"
#include "store/firmware_leftovers.hpp"
#include "store/pool.hpp"
#include "store/rollouts.hpp"
#include "tests/unit/api/service_fixture.hpp"
#include "tests/unit/repository/officers.hpp"

namespace tp::api {
namespace {

using verb = http::method;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr auto leftovers = "/api/v2/firmware/leftovers/";

/// "targets/deb-amd64/stable/HASH.NAME" of a file whose octets are its name.
std::string target_path(std::string const& name)
{
    return "targets/deb-amd64/stable/" + tuf::sha256_hex(name) + '.' + name;
}

/// A repository that officers make, published step by step.
class prune_test : public service_fixture {
protected:
    prune_test() { publish({1}); }

    void put(std::string const& path, std::string const& octets)
    {
        store::firmware_part part{path, octets.size(), signing::from_hex(tuf::sha256_hex(octets), 32).value(), 0,
                                  octets};
        get(store::put_firmware_part(api_database_, std::move(part)));
    }
    /// All that is there by now, with the images of these releases.
    void publish(std::vector<std::uint64_t> releases)
    {
        for (auto const each : releases) {
            auto const name = "probe-" + std::to_string(each) + ".deb";
            put(target_path(name), name);
        }
        std::string const timestamp = "timestamp.json";
        for (auto const& [name, octets] : officers_.files)
            if (name != timestamp) put("metadata/" + name, octets);
        put("metadata/" + timestamp, officers_.files.at(timestamp));
    }
    /// A release that takes the place of the one before it.
    void replace(std::uint64_t release)
    {
        auto const before = "probe-" + std::to_string(release - 1) + ".deb";
        auto draft = officers_.next_releases({"deb-amd64", "stable", repository::some_release(release), {before}});
        ASSERT_EQ(officers_.publish({repository::signed_by(std::move(draft), {"ann", "eve"})}), "");
        publish({release});
    }
    /// So long passes.
    void pass(std::string const& time)
    {
        for (std::string const sql : {"update firmware_file set stored_at = stored_at - interval '",
                                      "update firmware_replaced set replaced_at = replaced_at - interval '"})
            get(db_.connections().run(sql + time + "'"));
    }
    std::vector<std::string> paths()
    {
        std::vector<std::string> out;
        for (auto const& each : get(store::firmware_files(db_))) out.push_back(each.path);
        return out;
    }
    static std::vector<std::string> paths_in(boost::json::value const& answer)
    {
        std::vector<std::string> out;
        for (auto const& each : answer.at("results").as_array()) out.emplace_back(each.at("path").as_string());
        return out;
    }
    boost::json::value would_go(std::string const& query = "")
    {
        return expect(200, ask(verb::get, leftovers + query, "", admin_));
    }
    boost::json::value prune(std::string const& query = "")
    {
        return expect(200, ask(verb::delete_, leftovers + query, "", admin_));
    }
    std::string refused(http::method how = verb::delete_)
    {
        auto const answer = expect(409, ask(how, leftovers, "", admin_));
        return std::string(answer.at("error").at("detail").as_string());
    }

    repository::shelf officers_;
};

TEST_F(prune_test, removes_what_was_replaced_a_week_ago_and_roots_never)
{
    replace(2);
    replace(3);
    pass("169 hours");
    auto const before = paths();
    std::vector<std::string> const old{"metadata/1.deb-amd64.stable.json", "metadata/1.snapshot.json",
                                       "metadata/2.deb-amd64.stable.json", "metadata/2.snapshot.json",
                                       target_path("probe-1.deb"),         target_path("probe-2.deb")};
    auto const said = would_go();
    EXPECT_EQ(said.at("removed"), false);
    EXPECT_EQ(said.at("count"), 6);
    EXPECT_EQ(said.at("kept").at("count"), before.size() - 6);
    EXPECT_THAT(paths_in(said), testing::UnorderedElementsAreArray(old));
    EXPECT_EQ(paths(), before) << "nothing was done";

    auto const done = prune();
    EXPECT_EQ(done.at("removed"), true);
    EXPECT_THAT(paths_in(done), testing::UnorderedElementsAreArray(old));
    EXPECT_EQ(done.at("size"), said.at("size"));
    EXPECT_THAT(paths(), UnorderedElementsAre("metadata/1.root.json", "metadata/1.targets.json",
                                              "metadata/3.deb-amd64.stable.json", "metadata/3.snapshot.json",
                                              "metadata/timestamp.json", target_path("probe-3.deb")));
    EXPECT_THAT(paths_in(prune()), IsEmpty()) << "there is no more";
}

TEST_F(prune_test, keeps_what_clients_may_be_on_their_way_through)
{
    replace(2);
    pass("100 hours");
    replace(3);
    pass("69 hours");
    // The second one was in force until 69 hours ago, the first one until 169 hours ago.
    EXPECT_THAT(paths_in(would_go()), UnorderedElementsAre("metadata/1.deb-amd64.stable.json",
                                                           "metadata/1.snapshot.json", target_path("probe-1.deb")));
    EXPECT_EQ(would_go("?hours=70").at("count"), 3);
    EXPECT_EQ(would_go("?hours=68").at("count"), 6);
    EXPECT_EQ(paths_in(prune("?hours=68")).size(), 6U);
}

TEST_F(prune_test, keeps_what_was_in_force_lately_however_long_ago_it_was_stored)
{
    pass("5000 hours");
    replace(2);
    EXPECT_THAT(paths_in(would_go("?hours=1")), IsEmpty());
    pass("2 hours");
    EXPECT_EQ(would_go("?hours=1").at("count"), 3);
    EXPECT_EQ(would_go().at("count"), 0);
}

TEST_F(prune_test, keeps_a_publication_that_is_under_way)
{
    replace(2);
    pass("169 hours");
    put("targets/deb-amd64/stable/h.probe-9.deb", "new");
    put("metadata/9.snapshot.json", "new");
    EXPECT_EQ(prune().at("count"), 3);
    EXPECT_THAT(paths(), testing::IsSupersetOf({"targets/deb-amd64/stable/h.probe-9.deb", "metadata/9.snapshot.json"}));
}

TEST_F(prune_test, keeps_what_a_rollout_is_about)
{
    replace(2);
    store::rollout_wish wanted{"lazy", "100%", "lab", 60s, 30s, 90s, {100, 200, 1, 2, 9'700, 500, 1'000}, 1, "why"};
    get(store::create_rollout(db_, std::move(wanted), {"deb-amd64/stable/probe-1.deb"},
                              get(store::first_administrator(db_))));
    pass("169 hours");
    EXPECT_THAT(paths_in(prune()),
                UnorderedElementsAre("metadata/1.deb-amd64.stable.json", "metadata/1.snapshot.json"));
}

TEST_F(prune_test, judges_nothing_by_a_repository_that_is_not_whole)
{
    replace(2);
    pass("169 hours");
    get(db_.connections().run("delete from firmware_file where path = 'metadata/2.snapshot.json'"));
    auto const before = paths();
    EXPECT_EQ(refused(), "The repository is not whole: metadata/2.snapshot.json: not found.");
    EXPECT_EQ(refused(verb::get), "The repository is not whole: metadata/2.snapshot.json: not found.");
    put("metadata/timestamp.json", "{}");
    EXPECT_THAT(refused(), testing::HasSubstr("metadata/timestamp.json: "));
    EXPECT_EQ(paths(), before);
    get(db_.connections().run("delete from firmware_file where path = 'metadata/timestamp.json'"));
    EXPECT_EQ(refused(), "No repository is published: it has no timestamp.");
}

TEST_F(prune_test, removes_nothing_for_a_week_where_nobody_knows_what_was_in_force)
{
    replace(2);
    pass("169 hours");
    get(db_.connections().run("insert into firmware_replaced (octets) values (null)"));
    EXPECT_EQ(would_go().at("count"), 0);
    pass("167 hours");
    EXPECT_EQ(would_go().at("count"), 0);
    pass("2 hours");
    EXPECT_EQ(would_go().at("count"), 3);
}

TEST_F(prune_test, is_for_those_who_publish_and_is_shown_to_those_who_list)
{
    auto const operator_key = [this](std::vector<std::string> scopes) {
        auto const who = get(store::create_account(db_, scopes.front() + "@example.net", store::role::operator_));
        return key_of(who, std::move(scopes));
    };
    for (auto const& key : {std::string(), user_, operator_key({"firmware.publish"})})
        expect(403, ask(verb::delete_, leftovers, "", key));
    auto const lists = operator_key({"firmware.list"});
    expect(200, ask(verb::get, leftovers, "", lists));
    expect(403, ask(verb::delete_, leftovers, "", lists));
    expect(403, ask(verb::get, leftovers, "", user_));
    for (auto const* hours : {"0", "169", "-1", "x"})
        expect(400, ask(verb::delete_, leftovers + std::string("?hours=") + hours, "", admin_));
}

TEST_F(prune_test, is_what_one_is_told_to_do_when_the_repository_is_full)
{
    get(db_.connections().run(
        "insert into firmware_file (path, size, sha256, stored_at) "
        "select 'targets/' || i, 67108864, decode(repeat('00', 32), 'hex'), now() from generate_series(1, 32) i"));
    auto const full = expect(
        413, ask(verb::put, "/api/v2/firmware/files/?path=targets/a&offset=0&size=3&sha256=" + tuf::sha256_hex("abc"),
                 "abc", admin_));
    EXPECT_EQ(
        full.at("error").at("detail"),
        "The repository is full, at 2048 MiB or 20000 files. `trigpoint firmware prune` removes what nobody needs "
        "any more.");
}

}  // namespace
}  // namespace tp::api
