// Whom the probe calls and believes, and where it never sends: as officers signed it, whoever brings it.
#include <gtest/gtest.h>

#include "base/files.hpp"
#include "probe/agent/known_places.hpp"
#include "probe/guard/prefix_set.hpp"
#include "probe/guard/targets.hpp"
#include "tests/unit/base/temporary_folder.hpp"

namespace tp::probe {
namespace {

ssh::public_key key(char letter)
{
    std::string const base64 =
        "AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" + std::string(1, letter) + "AAAA";
    return ssh::public_key::parse("ssh-ed25519 " + base64).value();
}

class known_places_test : public testing::Test {
protected:
    known_places_test()
    {
        from_.registries = {{"shipped.example", 1}};
        from_.registry_keys = {key('A')};
    }
    static std::string list(std::string const& controllers = {})
    {
        return "registry one.example:1\nregistry two.example:2\nregistry-key " + key('B').text() + '\n' + controllers;
    }
    static std::string controller_key(char letter) { return "controller-key " + key(letter).text() + '\n'; }
    static proto::assignment placed(std::vector<ssh::public_key> keys)
    {
        proto::assignment out{.version = 1, .probe = probe_id::from(7).value()};
        out.controllers.push_back({"c", {"192.0.2.1:1"}, std::move(keys)});
        return out;
    }

    tp::test::temporary_folder folder_;
    configuration from_;
    known_places places_{from_, folder_ / "registries"};
};

TEST_F(known_places_test, are_those_of_the_configuration_as_long_as_officers_say_nothing)
{
    EXPECT_EQ(places_.count(), 1u);
    EXPECT_EQ(places_.at(5).at.host, "shipped.example");
    EXPECT_TRUE(places_.know(placed({key('Z')})));
    places_.answered(0);
    EXPECT_FALSE(places_.adopted());
}

TEST_F(known_places_test, a_signed_list_is_tried_first_and_adopted_when_one_of_it_has_answered)
{
    ASSERT_TRUE(places_.use(list()));
    ASSERT_EQ(places_.count(), 3u);
    EXPECT_EQ(places_.at(0).at.host, "one.example");
    EXPECT_EQ(places_.at(0).keys, std::vector{key('B')});
    EXPECT_EQ(places_.at(2).at.host, "shipped.example");
    EXPECT_EQ(places_.at(2).keys, std::vector{key('A')}) << "each with its own keys";
    places_.answered(2);
    EXPECT_FALSE(places_.adopted()) << "the list may still lock us out";
    places_.answered(4);  // the second of the list, round and round
    EXPECT_TRUE(places_.adopted());
    EXPECT_EQ(places_.count(), 2u) << "what was shipped may have been stolen";
}

TEST_F(known_places_test, what_was_adopted_stays_so_over_a_restart_and_another_list_begins_anew)
{
    ASSERT_TRUE(places_.use(list()));
    places_.answered(0);
    known_places again(from_, folder_ / "registries");
    ASSERT_TRUE(again.use(list()));
    EXPECT_TRUE(again.adopted());
    ASSERT_TRUE(again.use(list(controller_key('C'))));
    EXPECT_FALSE(again.adopted());
    ASSERT_TRUE(again.use(std::nullopt));
    EXPECT_EQ(again.count(), 1u);
    EXPECT_EQ(again.at(0).at.host, "shipped.example");
}

TEST_F(known_places_test, controllers_whose_keys_officers_did_not_list_are_not_known)
{
    ASSERT_TRUE(places_.use(list(controller_key('C') + controller_key('D'))));
    EXPECT_TRUE(places_.know(placed({key('C')})));
    EXPECT_TRUE(places_.know(placed({key('D'), key('C')})));
    EXPECT_FALSE(places_.know(placed({key('E')})));
    EXPECT_FALSE(places_.know(placed({key('C'), key('E')})));
}

TEST_F(known_places_test, a_list_that_is_none_changes_nothing)
{
    ASSERT_TRUE(places_.use(list(controller_key('C'))));
    EXPECT_FALSE(places_.use("registry nobody\n"));
    EXPECT_EQ(places_.count(), 3u);
    EXPECT_FALSE(places_.know(placed({key('E')})));
}

prefix_set set_of(std::initializer_list<char const*> texts)
{
    std::vector<ip_prefix> out;
    for (auto const* each : texts) out.push_back(ip_prefix::parse(each).value());
    return prefix_set(out);
}

ip_address at(char const* text)
{
    return parse_address(text).value();
}

TEST(prefix_set, has_what_lies_in_one_of_its_blocks)
{
    auto const set = set_of({"192.0.2.0/24", "198.51.100.7/32", "2001:db8::/33", "2001:db9::1/128", "10.0.0.0/8",
                             "10.1.0.0/16", "10.255.255.255/32"});
    for (auto const* each : {"192.0.2.0", "192.0.2.255", "198.51.100.7", "2001:db8::", "2001:db8:7fff:ffff::1",
                             "2001:db9::1", "10.0.0.0", "10.1.2.3", "10.2.0.0", "10.255.255.255"})
        EXPECT_TRUE(set.has(at(each))) << each;
    for (auto const* each : {"192.0.1.255", "192.0.3.0", "198.51.100.6", "198.51.100.8",
                             "2001:db8:8000::", "2001:db7:ffff::", "2001:db9::", "2001:db9::2", "9.255.255.255",
                             "11.0.0.0", "::", "0.0.0.0"})
        EXPECT_FALSE(set.has(at(each))) << each;
    EXPECT_TRUE(prefix_set().empty());
    EXPECT_FALSE(prefix_set().has(at("192.0.2.1")));
    EXPECT_TRUE(set_of({"0.0.0.0/0"}).has(at("255.255.255.255")));
    EXPECT_FALSE(set_of({"0.0.0.0/0"}).has(at("2001:db8::1")));
    EXPECT_TRUE(set_of({"::/0"}).has(at("ffff::")));
}

TEST(signed_blocks, are_refused_besides_what_is_special_anyway_and_the_log_says_which_list)
{
    target_policy policy;
    policy.set_special(set_of({"8.8.8.0/24"}));
    policy.set_opted_out(set_of({"9.9.9.0/24", "2620:fe::/48"}));
    EXPECT_EQ(policy.refuses(at("8.8.8.8")), "special-purpose, signed list");
    EXPECT_EQ(policy.refuses(at("9.9.9.9")), "its network opted out, signed list");
    EXPECT_EQ(policy.refuses(at("2620:fe::9")), "its network opted out, signed list");
    EXPECT_TRUE(policy.refuses(at("10.0.0.1")));
    EXPECT_EQ(policy.refuses(at("1.1.1.1")), std::nullopt);
    EXPECT_TRUE(policy.refuses(at("2002:0909:0909::1"))) << "inside an address of IPv6";
}

TEST(signed_blocks, can_be_listed_by_the_host_but_not_those_of_networks_that_opted_out)
{
    target_policy policy({ip_prefix::parse("8.8.8.8").value(), ip_prefix::parse("9.9.9.9").value()});
    policy.set_special(set_of({"8.8.8.0/24"}));
    policy.set_opted_out(set_of({"9.9.9.0/24"}));
    EXPECT_EQ(policy.refuses(at("8.8.8.8")), std::nullopt);
    EXPECT_EQ(policy.refuses(at("9.9.9.9")), "its network opted out, signed list");
}

}  // namespace
}  // namespace tp::probe
