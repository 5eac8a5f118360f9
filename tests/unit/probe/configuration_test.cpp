#include "probe/agent/configuration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include "probe/agent/privileges.hpp"
#include "tests/unit/probe/support.hpp"

namespace tp::probe {
namespace {

constexpr char const* key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJpb6UbTqVuNVqrWnmM7w0wYkmHzE7Yh2VqtFZbnWC3k";

auto read(std::string const& more)
{
    return configuration::read(settings::parse(
        "registry.addresses = [\"192.0.2.1:7440\"]\nregistry.host_keys = [\"" + std::string(key) + "\"]\n" + more,
        "probe.toml"));
}

TEST(configuration, needs_a_registry_and_its_key_and_has_defaults_for_the_rest)
{
    auto const got = read("");
    ASSERT_TRUE(got) << got.error();
    EXPECT_EQ(got->registries, (std::vector<host_port>{{"192.0.2.1", 7440}}));
    EXPECT_EQ(got->state, "/var/lib/trigpoint-probe");
    EXPECT_EQ(got->spool.octets, 64U * 1024 * 1024);
    EXPECT_EQ(got->jobs_kept, std::chrono::days{7});
    EXPECT_EQ(got->limits.packets_per_second, 200U);
    EXPECT_FALSE(configuration::read(settings::parse("", "probe.toml")));
}

TEST(configuration, the_example_file_shows_every_default)
{
    auto const got = configuration::read(settings::read_file(EXAMPLE_CONFIGURATION));
    ASSERT_TRUE(got) << got.error();
    configuration const defaults;
    EXPECT_EQ(got->state, defaults.state);
    EXPECT_EQ(got->user, defaults.user);
    EXPECT_EQ(got->journal, defaults.journal);
    EXPECT_EQ(got->verbose, defaults.verbose);
    EXPECT_EQ(got->claim_code, defaults.claim_code);
    EXPECT_EQ(got->allow_file, defaults.allow_file);
    EXPECT_EQ(got->limits.packets_per_second, defaults.limits.packets_per_second);
    EXPECT_EQ(got->limits.jobs_at_once, defaults.limits.jobs_at_once);
    EXPECT_EQ(got->limits.largest_size, defaults.limits.largest_size);
    EXPECT_EQ(got->limits.shortest_interval, defaults.limits.shortest_interval);
    EXPECT_EQ(got->spool.octets, defaults.spool.octets);
    EXPECT_EQ(got->redial.first_pause, defaults.redial.first_pause);
    EXPECT_EQ(got->redial.longest_pause, defaults.redial.longest_pause);
    EXPECT_EQ(got->jobs_kept, defaults.jobs_kept);
}

TEST(configuration, takes_what_the_host_says)
{
    auto const got = read(
        "user = \"probe\"\nstate = \"/tmp/x\"\ntargets.allow_file = \"/etc/a\"\ncaps.packets_per_second = 5\n"
        "caps.shortest_interval = 60\nspool.mebibytes = 2\nlink.jobs_kept = 10\nregistry.claim_code = \"AB-12\"\n"
        "journal = \"/var/log/j\"\nlink.first_pause_ms = 50\nlink.longest_pause_ms = 100\n");
    ASSERT_TRUE(got) << got.error();
    EXPECT_EQ(got->user, "probe");
    EXPECT_EQ(got->allow_file, "/etc/a");
    EXPECT_EQ(got->limits.packets_per_second, 5U);
    EXPECT_EQ(got->limits.shortest_interval, 60s);
    EXPECT_EQ(got->spool.octets, 2U * 1024 * 1024);
    EXPECT_EQ(got->jobs_kept, 10s);
    EXPECT_EQ(got->claim_code, "AB-12");
    EXPECT_EQ(got->redial.first_pause, 50ms);
}

TEST(configuration, names_what_is_wrong)
{
    struct row {
        char const* text;
        char const* part;
    };
    for (auto const& [text, part] : {
             row{"stat = \"x\"", "did you mean \"state\""},
             row{"caps.packets_per_second = 0", "caps.packets_per_second"},
             row{"caps.largest_size = 5000", "caps.largest_size"},
             row{"link.first_pause_ms = 1000\nlink.longest_pause_ms = 10", "link.longest_pause_ms"},
             row{"spool.mebibytes = \"many\"", "spool.mebibytes"},
             row{"= 5", "line"},
         }) {
        auto const got = read(text);
        ASSERT_FALSE(got) << text;
        EXPECT_THAT(got.error(), testing::HasSubstr(part)) << text;
    }
}

TEST(host_port, takes_addresses_and_names_with_a_port)
{
    struct row {
        char const* text;
        host_port wanted;
    };
    for (auto const& [text, wanted] : {
             row{"192.0.2.1:7440", {"192.0.2.1", 7440}},
             row{"[2001:db8::1]:7440", {"2001:db8::1", 7440}},
             row{"registry.example.net:1", {"registry.example.net", 1}},
             row{"localhost:65535", {"localhost", 65535}},
         }) {
        EXPECT_EQ(host_port::parse(text).value(), wanted) << text;
    }
    for (auto const* text : {"", ":1", "a", "a:", "a:0", "a:65536", "a:1x", "a b:1", "2001:db8::1:7440",
                             "[192.0.2.1]:1", "[x]:1", "[]:1", "-a:1", ".a:1", "a/b:1"}) {
        EXPECT_FALSE(host_port::parse(text)) << text;
    }
}

TEST(privileges, users_are_found_by_name)
{
    auto const root = find_user("root");
    ASSERT_TRUE(root);
    EXPECT_EQ(root->user, 0U);
    EXPECT_EQ(find_user("no-such-user-here").error(), errc::not_found);
    EXPECT_EQ(find_user("").error(), errc::not_found);
}

TEST(privileges, the_state_folder_is_private_and_a_folder)
{
    temporary_folder folder;
    user_ids const own{::geteuid(), ::getegid()};
    ASSERT_TRUE(prepare_folder(folder.path() / "state", own));
    EXPECT_TRUE(prepare_folder(folder.path() / "state", own)) << "again";
    auto const mode = std::filesystem::status(folder.path() / "state").permissions();
    EXPECT_EQ(mode & std::filesystem::perms::all, std::filesystem::perms::owner_all);
    std::filesystem::create_symlink("state", folder.path() / "link");
    EXPECT_EQ(prepare_folder(folder.path() / "link", own).error(), errc::conflict);
    EXPECT_FALSE(prepare_folder(folder.path() / "no/such", own));
}

}  // namespace
}  // namespace tp::probe
