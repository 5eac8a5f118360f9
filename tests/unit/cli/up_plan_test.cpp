#include "api/cli/up/up_plan.hpp"

#include <gmock/gmock.h>

#include "api/cli/up/cluster.hpp"
#include "firmware-signing/trust_settings.hpp"
#include "proto/cap_settings.hpp"

namespace tp::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto example_key = "ed25519:3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";

ip_address address(char const* text)
{
    return parse_address(text).value();
}

up_plan example()
{
    up_plan plan;
    plan.places.data = "/srv/tri";
    plan.settings.host = {address("0.0.0.0"), address("::")};
    plan.listen = plan.settings.host;
    plan.advertise = {address("192.0.2.1"), address("2001:db8::1")};
    return plan;
}

TEST(configs, of_the_registry)
{
    auto plan = example();
    plan.settings.geo_asn = "/geo/asn \"1\".mmdb";
    auto from = settings::parse(registry_toml(plan), "registry.toml");
    EXPECT_THAT(from.texts("listen"), ElementsAre("0.0.0.0:7440", "[::]:7440"));
    EXPECT_EQ(from.text("host_key", ""), "/srv/tri/keys/registry");
    EXPECT_EQ(from.text("database.conninfo", ""), "host='/srv/tri/socket' port=5432 dbname=trigpoint user=tp_registry");
    EXPECT_EQ(from.text("location.asn", ""), "/geo/asn \"1\".mmdb");
    EXPECT_EQ(from.text("location.country", "none"), "none");
    EXPECT_EQ(registry::read_watch_settings(from).round, plan.settings.detectors.round);
    EXPECT_EQ(registry::read_director_settings(from).compare, plan.settings.director.compare);
    EXPECT_EQ(from.finish(), std::nullopt);
}

TEST(configs, of_a_controller)
{
    auto from = settings::parse(controller_toml(example(), 1), "controller.toml");
    EXPECT_EQ(from.text("name", ""), "controller-2");
    EXPECT_THAT(from.texts("listen"), ElementsAre("0.0.0.0:7442", "[::]:7442"));
    EXPECT_THAT(from.texts("advertise"), ElementsAre("192.0.2.1:7442", "[2001:db8::1]:7442"));
    EXPECT_EQ(from.text("host_key", ""), "/srv/tri/keys/controller-2");
    EXPECT_THAT(from.text("database.conninfo", ""), HasSubstr("user=tp_controller"));
    EXPECT_EQ(from.finish(), std::nullopt);
}

TEST(configs, tell_controllers_what_probes_are_asked_to_stay_below)
{
    auto plan = example();
    auto& wish = plan.settings.probe_caps;
    wish.packets_per_second = 50;
    wish.bits_per_second = 64'000;
    wish.bytes_per_day = 1'000'000;
    wish.jobs_at_once = 20;
    wish.shortest_interval = std::chrono::seconds(60);
    wish.refused_kinds = {proto::result_kind::http, proto::result_kind::ntp};
    auto from = settings::parse(controller_toml(plan, 0), "controller.toml");
    EXPECT_EQ(proto::read_cap_limits(from), wish);
}

TEST(configs, of_the_api)
{
    auto plan = example();
    plan.settings.http_port = -1;
    plan.settings.allow_special_targets = true;
    auto const key = signing::public_key::parse(example_key).value();
    plan.settings.trust = signing::trusted_keys::from({key}, 1).value();
    auto from = settings::parse(api_toml(plan), "api.toml");
    EXPECT_THAT(from.text("database", ""), HasSubstr("user=tp_api"));
    EXPECT_THAT(from.texts("listen"), ElementsAre("0.0.0.0", "::"));
    EXPECT_EQ(from.integer("http_port", 0, -1, 65'535), -1);
    EXPECT_EQ(from.integer("https_port", 0, -1, 65'535), 7443);
    EXPECT_EQ(from.text("tls.folder", ""), "/srv/tri/tls");
    EXPECT_THAT(from.texts("tls.names"), ElementsAre("192.0.2.1", "2001:db8::1"));
    EXPECT_EQ(from.text("tls.certificate", "none"), "none");
    EXPECT_EQ(from.integer("limits.shortest_interval", 0, 0, 1'000), 60);
    EXPECT_EQ(from.integer("limits.running_per_account", 0, 0, 1'000), 100);
    EXPECT_TRUE(from.flag("limits.allow_special_targets", false));
    EXPECT_THAT(from.texts("trust.keys"), ElementsAre(example_key));
    EXPECT_EQ(from.integer("trust.threshold", 0, 1, 9), 1);
    EXPECT_EQ(from.text("consent.version", "none"), "");
    EXPECT_TRUE(from.texts("factory.keys").empty());
    EXPECT_EQ(from.integer("factory.threshold", 0, 1, 9), 1);
    EXPECT_EQ(from.integer("abuse.http_port", 0, 1, 65'535), 80);
    EXPECT_EQ(from.finish(), std::nullopt);
}

TEST(configs, trust_nobody_unless_told)
{
    auto from = settings::parse(api_toml(example()), "api.toml");
    EXPECT_TRUE(signing::read_trusted_keys(from).empty());
}

TEST(configs, with_the_operators_database_everybody_uses_its_url)
{
    auto plan = example();
    plan.database_url = "postgresql://u:p\"w@db/x";
    auto from = settings::parse(controller_toml(plan, 0), "controller.toml");
    EXPECT_EQ(from.text("database.conninfo", ""), plan.database_url);
    EXPECT_EQ(conninfo_for(plan, owner_role), plan.database_url);
}

TEST(advertise, is_what_the_operator_says_else_where_we_listen_else_our_own)
{
    std::vector<ip_address> const own{address("192.0.2.7"), address("2001:db8::7")};
    up_settings chosen;
    chosen.host = {address("0.0.0.0"), address("::")};
    EXPECT_THAT(addresses_to_advertise(chosen, own), ElementsAre(own[0], own[1]));
    chosen.host = {address("0.0.0.0")};
    EXPECT_THAT(addresses_to_advertise(chosen, own), ElementsAre(own[0]));
    EXPECT_THAT(addresses_to_advertise(chosen, {}), ElementsAre(address("127.0.0.1")));
    chosen.host = {address("192.0.2.9"), address("::")};
    EXPECT_THAT(addresses_to_advertise(chosen, own), ElementsAre(address("192.0.2.9"), own[1]));
    chosen.host = {address("::")};
    EXPECT_THAT(addresses_to_advertise(chosen, {}), ElementsAre(address("::1")));
    chosen.advertise = {address("203.0.113.1")};
    EXPECT_THAT(addresses_to_advertise(chosen, own), ElementsAre(address("203.0.113.1")));
}

TEST(cluster, listens_on_a_socket_only)
{
    auto const command = server_command("/pg/bin", example());
    EXPECT_EQ(command.front(), "/pg/bin/postgres");
    EXPECT_THAT(command, Contains("listen_addresses="));
    EXPECT_THAT(command, Contains("unix_socket_directories=\"/srv/tri/socket\""));
    EXPECT_THAT(command, Contains("unix_socket_permissions=0700"));
    EXPECT_THAT(command, Contains("hba_file=/srv/tri/postgres-access/pg_hba.conf"));
    EXPECT_THAT(command, Contains("shared_buffers=128MB"));
}

TEST(cluster, is_made_for_our_roles_and_rejects_hosts)
{
    EXPECT_THAT(initdb_command("/pg/bin", "/d"),
                ElementsAre("/pg/bin/initdb", "-D", "/d", "-U", "tp_migrate", "--auth-local=peer", "--auth-host=reject",
                            "--encoding=UTF8", "--locale=C"));
    EXPECT_THAT(single_user_command("/pg/bin", "/d"),
                ElementsAre("/pg/bin/postgres", "--single", "-j", "-D", "/d", "postgres"));
    EXPECT_THAT(hba_text(), HasSubstr("\nlocal all all peer map=trigpoint\n"));
    EXPECT_THAT(ident_text({"root"}), HasSubstr("\ntrigpoint \"root\" tp_controller\n"));
    EXPECT_THAT(ident_text({"root"}), HasSubstr("\ntrigpoint \"root\" tp_migrate\n"));
}

TEST(cluster, needs_a_folder_that_fits_a_socket)
{
    EXPECT_EQ(complaint_about_folder("/srv/tri"), std::nullopt);
    auto const room = longest_socket_path - std::string("/socket/.s.PGSQL.5432").size();
    EXPECT_EQ(complaint_about_folder('/' + std::string(room - 1, 'a')), std::nullopt);
    EXPECT_THAT(complaint_about_folder('/' + std::string(room, 'a')).value_or(""), HasSubstr("too long by 1 octets"));
    for (auto const* odd : {"/a'b", "/a\"b", "/a,b", "/a\\b", "/a\nb"}) EXPECT_TRUE(complaint_about_folder(odd)) << odd;
}

TEST(cluster, keeps_to_the_version_that_made_it)
{
    EXPECT_EQ(choose_postgres({13, 15, 16}, std::nullopt), 16);
    EXPECT_EQ(choose_postgres({13, 15, 16}, 15), 15);
    EXPECT_EQ(choose_postgres({16}, 15), std::nullopt);
    EXPECT_EQ(choose_postgres({13}, std::nullopt), std::nullopt);
    EXPECT_EQ(choose_postgres({}, std::nullopt), std::nullopt);
    EXPECT_EQ(postgres_version("15\n"), 15);
    for (auto const* odd : {"", "9.6", "x", "-1", "0"}) EXPECT_EQ(postgres_version(odd), std::nullopt) << odd;
}

TEST(cluster, reads_the_number_in_postmaster_pid)
{
    EXPECT_EQ(postmaster_pid("1234\n/srv/tri/postgres\n"), 1234);
    EXPECT_EQ(postmaster_pid("77"), 77);
    for (auto const* odd : {"", "\n", "x\n", "1\n", "-5\n", "12x\n", "99999999999\n"})
        EXPECT_EQ(postmaster_pid(odd), std::nullopt) << odd;
}

}  // namespace
}  // namespace tp::cli
