#include "firmware-signing/control/hosts.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "firmware-signing/refusal.hpp"

namespace tp::control {
namespace {

using signing::refusal;

std::string key(std::size_t number = 0)
{
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + std::string(43, 'A');
    out[out.size() - 1] = digits[number % 64];
    out[out.size() - 2] = digits[number / 64];
    return out;
}

std::string lines(std::string_view word, std::size_t count)
{
    std::vector<std::string> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(std::string(word) + ' ' + key(i) + '\n');
    std::sort(out.begin(), out.end());
    std::string all;
    for (auto const& each : out) all += each;
    return all;
}

std::string registries(std::size_t count)
{
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += std::string("registry r") + static_cast<char>('a' + i) + ".net:1\n";
    return out;
}

TEST(hosts, are_read_by_kind)
{
    auto const read = read_hosts(
        "registry 192.0.2.1:7440\nregistry [2001:db8::1]:7440\nregistry registry.example.net:443\n"
        "registry-key " +
        key(1) + "\ncontroller-key " + key(2) + "\ncontroller-key " + key(3) + '\n');
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(read->registries,
              (std::vector<place>{{"192.0.2.1", 7440}, {"2001:db8::1", 7440}, {"registry.example.net", 443}}));
    EXPECT_EQ(read->registries[1].text(), "[2001:db8::1]:7440");
    EXPECT_EQ(read->registry_keys, std::vector{ssh::public_key::parse(key(1)).value()});
    EXPECT_EQ(read->controller_keys.size(), 2);
}

TEST(hosts, need_a_registry_and_its_key_and_no_controller)
{
    EXPECT_TRUE(read_hosts(registries(1) + lines("registry-key", 1)));
    EXPECT_EQ(read_hosts(registries(1)).error(), refusal::malformed);
    EXPECT_EQ(read_hosts(lines("registry-key", 1)).error(), refusal::malformed);
    EXPECT_EQ(read_hosts("").error(), refusal::malformed);
}

TEST(hosts, have_limits)
{
    auto const fullest = registries(16) + lines("registry-key", 16) + lines("controller-key", 1'000);
    EXPECT_EQ(read_hosts(fullest).value().controller_keys.size(), hosts::most_controller_keys);
    EXPECT_EQ(read_hosts(registries(17) + lines("registry-key", 1)).error(), refusal::too_large);
    EXPECT_EQ(read_hosts(registries(1) + lines("registry-key", 17)).error(), refusal::too_large);
    EXPECT_EQ(read_hosts(registries(1) + lines("registry-key", 1) + lines("controller-key", 1'001)).error(),
              refusal::too_large);
}

TEST(hosts, have_one_order_and_repeat_nothing)
{
    auto const registry = registries(1), registry_key = lines("registry-key", 1),
               controller_key = lines("controller-key", 1);
    for (auto const& wrong : {
             registry_key + registry,
             registry + controller_key + registry_key,
             registry + registry + registry_key,
             "registry b.net:1\nregistry a.net:1\n" + registry_key,
             registry + registry_key + registry_key,
             registry + "registry-key " + key(1) + "\nregistry-key " + key(0) + '\n',
             registry + registry_key + controller_key + controller_key,
             registry + registry_key + registry,
             registry + registry_key + "\n",
             registry + registry_key + "more\n",
             registry + registry_key.substr(0, registry_key.size() - 1),
             registry + "registry-key " + key() + " ann\n",
             registry + "registry-key " + key().substr(12) + '\n',
             registry + "registry-key  " + key() + '\n',
             registry + "registry-key ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ==\n",
         }) {
        SCOPED_TRACE(wrong);
        EXPECT_EQ(read_hosts(wrong).error(), refusal::malformed);
    }
}

TEST(place, has_one_spelling)
{
    for (std::string_view const right :
         {"a:1", "a.example.net:65535", "192.0.2.1:80", "[2001:db8::1]:7440", "4.test:1"})
        EXPECT_EQ(place::parse(right).value().text(), right);
    for (std::string_view const wrong : {
             "",
             ":",
             "a",
             "a:",
             ":1",
             "a:0",
             "a:65536",
             "a:01",
             "a: 1",
             "A.net:1",
             "a.net.:1",
             "a_b:1",
             "-a:1",
             "2001:db8::1:7440",
             "[192.0.2.1]:1",
             "[2001:DB8::1]:1",
             "[a]:1",
             "[]:1",
             "[fe80::1%1]:1",
             "192.0.2:1",
             "192.0.2.01:1",
             "127.1:1",
             "2130706433:1",
             "a.1:1",
             " a:1",
             "a b:1",
             "a:1 ",
             "a:-1",
         }) {
        SCOPED_TRACE(wrong);
        EXPECT_EQ(place::parse(wrong).error(), refusal::malformed);
    }
}

TEST(hosts, know_their_lines)
{
    EXPECT_TRUE(is_line_of_hosts("registry a.net:1"));
    EXPECT_TRUE(is_line_of_hosts("registry-key " + key()));
    EXPECT_TRUE(is_line_of_hosts("controller-key " + key()));
    EXPECT_FALSE(is_line_of_hosts("registry " + key()));
    EXPECT_FALSE(is_line_of_hosts("controller-key a.net:1"));
    EXPECT_FALSE(is_line_of_hosts("controller " + key()));
    EXPECT_FALSE(is_line_of_hosts(""));
}

}  // namespace
}  // namespace tp::control
