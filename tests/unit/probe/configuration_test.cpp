#include "probe/agent/configuration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include "base/files.hpp"
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

TEST(configuration, passes_over_keys_of_a_later_release_only_where_it_is_told_to)
{
    auto const text = "registry.addresses = [\"192.0.2.1:7440\"]\nregistry.host_keys = [\"" + std::string(key) +
                      "\"]\ncaps.packets_per_second = 7\nspool.compress = true\n";
    EXPECT_FALSE(configuration::read(settings::parse(text, "probe.toml")));
    auto const got = configuration::read(settings::parse(text, "probe.toml"), settings::unknown_keys::passed_over);
    ASSERT_TRUE(got) << got.error();
    EXPECT_EQ(got->limits.packets_per_second, 7U);
    EXPECT_FALSE(
        configuration::read(settings::parse(text + "state = 3\n", "probe.toml"), settings::unknown_keys::passed_over))
        << "what it knows has to be right";
}

TEST(configuration, the_example_file_shows_every_default)
{
    auto const got = configuration::read(settings::read_file(EXAMPLE_CONFIGURATION));
    ASSERT_TRUE(got) << got.error();
    configuration const defaults;
    EXPECT_EQ(got->state, defaults.state);
    EXPECT_EQ(got->user, defaults.user);
    EXPECT_EQ(got->verbose, defaults.verbose);
    EXPECT_EQ(got->claim_code, defaults.claim_code);
    EXPECT_EQ(got->allow_file, defaults.allow_file);
    EXPECT_TRUE(got->trust.empty());
    EXPECT_EQ(got->limits, caps::home());
    EXPECT_EQ(got->utc_offset, defaults.utc_offset);
    EXPECT_EQ(got->log_octets, defaults.log_octets);
    EXPECT_EQ(got->spool.octets, defaults.spool.octets);
    EXPECT_EQ(got->redial.first_pause, defaults.redial.first_pause);
    EXPECT_EQ(got->redial.longest_pause, defaults.redial.longest_pause);
    EXPECT_EQ(got->jobs_kept, defaults.jobs_kept);
    EXPECT_EQ(got->slots, defaults.slots);
    EXPECT_EQ(got->commit_after, defaults.commit_after);
    EXPECT_EQ(got->updates_root, defaults.updates_root);
    EXPECT_EQ(got->updates.how, defaults.updates.how);
    EXPECT_EQ(got->updates.window, defaults.updates.window);
    EXPECT_EQ(got->updates.jitter, defaults.updates.jitter);
    EXPECT_EQ(got->hardware, defaults.hardware);
}

TEST(configuration, says_when_updates_are_wanted)
{
    using mode = update::host_wishes::mode;
    EXPECT_EQ(read("updates.mode = \"forced-only\"\n")->updates.how, mode::forced_only);
    EXPECT_EQ(read("updates.mode = \"off\"\n")->updates.how, mode::off);
    auto const got = read(
        "updates.root = \"/r\"\nupdates.window = [\"02:00-05:00\"]\nupdates.jitter = 60\nupdates.hardware = \"r3\"\n"
        "caps.utc_offset = \"+02:00\"\n");
    ASSERT_TRUE(got) << got.error();
    EXPECT_EQ(got->updates_root, "/r");
    EXPECT_EQ(got->updates.window.text(), "02:00-05:00");
    EXPECT_EQ(got->updates.jitter, 60s);
    EXPECT_EQ(got->updates.utc_offset, 120min);
    EXPECT_EQ(got->hardware, "r3");
    EXPECT_EQ(read("updates.mode = \"never\"\n").error(),
              "probe.toml: \"updates.mode\" is none of \"auto\", \"forced-only\", \"off\"");
    EXPECT_FALSE(read("updates.window = [\"at night\"]\n"));
}

TEST(configuration, takes_what_the_host_says)
{
    auto const got = read(
        "user = \"probe\"\nstate = \"/tmp/x\"\ntargets.allow_file = \"/etc/a\"\ncaps.packets_per_second = 5\n"
        "caps.shortest_interval = 60\nspool.mebibytes = 2\nlink.jobs_kept = 10\nregistry.claim_code = \"AB-12\"\n"
        "log.kibibytes = 64\nlink.first_pause_ms = 50\nlink.longest_pause_ms = 100\n"
        "trust.keys = [\"ed25519:3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c\"]\n");
    ASSERT_TRUE(got) << got.error();
    EXPECT_EQ(got->user, "probe");
    EXPECT_EQ(got->allow_file, "/etc/a");
    EXPECT_EQ(got->limits.packets_per_second, 5U);
    EXPECT_EQ(got->limits.shortest_interval, 60s);
    EXPECT_EQ(got->spool.octets, 2U * 1024 * 1024);
    EXPECT_EQ(got->jobs_kept, 10s);
    EXPECT_EQ(got->claim_code, "AB-12");
    EXPECT_EQ(got->redial.first_pause, 50ms);
    EXPECT_EQ(got->log_octets, 64U * 1024);
    EXPECT_FALSE(got->trust.empty());
}

TEST(configuration, the_example_names_every_cap)
{
    auto const text = read_file(EXAMPLE_CONFIGURATION, settings::largest_file).value();
    for (auto const* name :
         {"profile", "types", "packets_per_second", "bits_per_second", "bytes_per_day", "jobs_at_once",
          "shortest_interval", "largest_size", "http_body_bytes", "quiet_hours", "utc_offset", "[log]", "[caps.http]"})
        EXPECT_THAT(text, testing::HasSubstr(name));
}

TEST(configuration, a_profile_gives_the_caps_that_the_host_does_not)
{
    auto const anchor = read("caps.profile = \"anchor\"\ncaps.jobs_at_once = 7\n");
    ASSERT_TRUE(anchor) << anchor.error();
    auto wanted = caps::anchor();
    wanted.jobs_at_once = 7;
    EXPECT_EQ(anchor->limits, wanted);
}

TEST(configuration, caps_can_be_given_for_each_type_and_for_hours)
{
    auto const got = read(
        "caps.types = [\"ping\", \"dns\"]\ncaps.quiet_hours = [\"23:00-06:30\"]\ncaps.utc_offset = \"-05:30\"\n"
        "caps.ping.packets_per_second = 5\ncaps.dns.jobs_at_once = 2\ncaps.dns.bits_per_second = 8000\n"
        "caps.bytes_per_day = 5000\n");
    ASSERT_TRUE(got) << got.error();
    using enum proto::result_kind;
    EXPECT_TRUE(got->limits.of(ping).allowed);
    EXPECT_TRUE(got->limits.of(dns).allowed);
    for (auto const kind : {traceroute, http, tls, ntp}) EXPECT_FALSE(got->limits.of(kind).allowed);
    EXPECT_EQ(got->limits.of(ping).packets_per_second, 5U);
    EXPECT_EQ(got->limits.of(dns).jobs_at_once, 2U);
    EXPECT_EQ(got->limits.of(dns).bits_per_second, 8000U);
    EXPECT_EQ(got->limits.bytes_per_day, 5000U);
    EXPECT_EQ(got->limits.quiet.text(), "23:00-06:30");
    EXPECT_EQ(got->utc_offset, -330min);
    auto const none = read("caps.types = []");
    ASSERT_TRUE(none) << none.error();
    EXPECT_FALSE(none->limits.of(ping).allowed) << "an empty list allows nothing";
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
             row{"caps.profile = \"office\"", "caps.profile"},
             row{"caps.types = [\"ping\", \"pong\"]", "caps.types"},
             row{"caps.quiet_hours = [\"23:00\"]", "caps.quiet_hours"},
             row{"caps.utc_offset = \"CET\"", "caps.utc_offset"},
             row{"caps.http.jobs_at_once = 0", "caps.http.jobs_at_once"},
             row{"caps.smtp.jobs_at_once = 1", "unknown key"},
             row{"caps.bits_per_second = -1", "caps.bits_per_second"},
             row{"caps.largest_size = 5000", "caps.largest_size"},
             row{"link.first_pause_ms = 1000\nlink.longest_pause_ms = 10", "link.longest_pause_ms"},
             row{"spool.mebibytes = \"many\"", "spool.mebibytes"},
             row{"trust.keys = [\"mine\"]", "trust.keys"},
             row{"trust.threshold = 0", "trust.threshold"},
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
