#include "store/documents.hpp"

#include "store/pool.hpp"
#include "tests/unit/store/fixture.hpp"

namespace tp::store {
namespace {

using namespace std::chrono_literals;

class documents_test : public store_test {
protected:
    static anchor_entry entry(std::string name, std::string const& address)
    {
        return {.name = std::move(name), .addresses = {parse_address(address).value()}, .ports = {80, 443}};
    }

    error_code publish(std::uint64_t version, std::vector<anchor_entry> entries, std::chrono::seconds left = 1h)
    {
        signed_octets document{"anchors", version, wall_now() + left, std::string("octets\0\n", 8)};
        auto const done = wait(publish_anchors(database_, std::move(document), std::move(entries)));
        return done ? error_code() : done.error();
    }

    std::vector<std::string> names(anchor_filter filter = {})
    {
        std::vector<std::string> out;
        for (auto const& each : wait(list_anchors(database_, std::move(filter))).value().rows)
            out.push_back(each.says.name);
        return out;
    }

    bool is_anchor(std::string target)
    {
        auto const found = wait(anchor_of(database_, std::move(target)));
        EXPECT_TRUE(found || found.error() == errc::not_found);
        return found.has_value();
    }

    std::int64_t announcements()
    {
        return wait(database_.connections().run("select count(*) from change where kind = 'document'"))
            .value()
            .integer(0, 0);
    }
};

TEST_F(documents_test, what_was_published_comes_out_as_it_went_in)
{
    auto one = entry("a.example.net", "192.0.2.1");
    one.addresses.push_back(parse_address("2001:db8::1").value());
    one.ports = {8080};
    one.country = "NL";
    one.city = "a, \"b\" {c}\\";
    one.company = "Example";
    one.probe = probe_id::from(7).value();
    one.as_v4 = 4'200'000'000U;
    one.latitude = 52.5;
    one.longitude = -4.25;
    ASSERT_EQ(publish(3, {one, entry("b.example.net", "192.0.2.2")}), error_code());

    auto const documents = wait(newest_documents(database_)).value();
    ASSERT_EQ(documents.size(), 1U);
    EXPECT_EQ(documents[0].version, 3U);
    EXPECT_EQ(documents[0].octets, std::string("octets\0\n", 8));
    EXPECT_EQ(announcements(), 1);

    auto const page = wait(list_anchors(database_, {})).value();
    ASSERT_EQ(page.count, 2U);
    auto const& found = page.rows[0].says;
    EXPECT_EQ(found.addresses, one.addresses);
    EXPECT_EQ(found.ports, one.ports);
    EXPECT_EQ(found.city, one.city);
    EXPECT_EQ(found.probe, one.probe);
    EXPECT_EQ(found.as_v4, one.as_v4);
    EXPECT_EQ(found.as_v6, std::nullopt);
    EXPECT_EQ(found.latitude, one.latitude);
    EXPECT_EQ(found.longitude, one.longitude);
    EXPECT_FALSE(page.rows[0].ended);
}

TEST_F(documents_test, versions_only_grow)
{
    ASSERT_EQ(publish(3, {entry("a", "192.0.2.1")}), error_code());
    EXPECT_EQ(publish(3, {entry("b", "192.0.2.2")}), errc::conflict);
    EXPECT_EQ(publish(2, {entry("b", "192.0.2.2")}), errc::conflict);
    EXPECT_EQ(names(), std::vector<std::string>{"a"});
    EXPECT_EQ(announcements(), 1);
    EXPECT_EQ(publish(4, {}), error_code());
    EXPECT_TRUE(names().empty());
}

TEST_F(documents_test, an_anchor_keeps_its_number_when_it_leaves_and_comes_back)
{
    ASSERT_EQ(publish(1, {entry("a", "192.0.2.1"), entry("b", "192.0.2.2")}), error_code());
    auto const id = wait(list_anchors(database_, {})).value().rows[0].id;
    ASSERT_EQ(publish(2, {entry("b", "192.0.2.2")}), error_code());
    EXPECT_EQ(names(), std::vector<std::string>{"b"});
    EXPECT_TRUE(wait(find_anchor(database_, id)).value().ended);
    EXPECT_FALSE(is_anchor("a"));
    ASSERT_EQ(publish(3, {entry("a", "192.0.2.3")}), error_code());
    auto const back = wait(find_anchor(database_, id)).value();
    EXPECT_FALSE(back.ended);
    EXPECT_EQ(back.says.addresses, std::vector{parse_address("192.0.2.3").value()});
    EXPECT_EQ(wait(find_anchor(database_, anchor_id::from(999).value())).error(), errc::not_found);
}

TEST_F(documents_test, a_target_is_an_anchor_by_its_name_or_an_address_of_it)
{
    EXPECT_FALSE(is_anchor("a.example.net")) << "no list yet";
    auto one = entry("a.example.net", "192.0.2.1");
    one.addresses.push_back(parse_address("2001:db8::1").value());
    ASSERT_EQ(publish(1, {one}), error_code());
    for (auto const* yes : {"a.example.net", "A.Example.NET", "192.0.2.1", "2001:DB8:0::1"})
        EXPECT_TRUE(is_anchor(yes)) << yes;
    for (auto const* no : {"", "b.example.net", "example.net", "192.0.2.2", "a.example.net'", "192.0.2.1/24", "%"})
        EXPECT_FALSE(is_anchor(no)) << no;
    ASSERT_EQ(publish(2, {one}, -1s), error_code());
    EXPECT_FALSE(is_anchor("a.example.net")) << "its list has expired";
}

TEST_F(documents_test, anchors_are_found_by_what_is_said_about_them)
{
    auto one = entry("a", "192.0.2.1"), other = entry("b", "192.0.2.2");
    one.country = "NL";
    one.company = "Example B.V.";
    one.as_v4 = 64'500;
    other.country = "DE";
    other.as_v6 = 64'501;
    ASSERT_EQ(publish(1, {one, other}), error_code());
    using list = std::vector<std::string>;
    EXPECT_EQ(names({.country = "nl"}), list{"a"});
    EXPECT_EQ(names({.search = "example"}), list{"a"});
    EXPECT_EQ(names({.as_v4 = 64'500}), list{"a"});
    EXPECT_EQ(names({.as_v6 = 64'501}), list{"b"});
    EXPECT_EQ(names({.offset = 1, .limit = 1}), list{"b"});
    EXPECT_TRUE(names({.search = "%"}).empty());
}

TEST_F(documents_test, controllers_read_documents_and_cannot_write_them)
{
    auto conninfo = conninfo_;
    database controller(io_, {.conninfo = conninfo.replace(conninfo.find("user=owner"), 10, "user=tp_controller")});
    conninfo = conninfo_;
    database api(io_, {.conninfo = conninfo.replace(conninfo.find("user=owner"), 10, "user=tp_api")});
    signed_octets const document{"anchors", 1, wall_now() + 1h, "x"};
    EXPECT_EQ(wait(publish_anchors(controller, document, {entry("a", "192.0.2.1")})).error(), errc::rejected);
    EXPECT_TRUE(wait(publish_anchors(api, document, {entry("a", "192.0.2.1")})));
    EXPECT_EQ(wait(newest_documents(controller)).value().size(), 1U);
}

}  // namespace
}  // namespace tp::store
