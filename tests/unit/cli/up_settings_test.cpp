#include "api/cli/up/up_settings.hpp"

#include <gmock/gmock.h>

#include "base/files.hpp"

namespace tp::cli {
namespace {

std::string complaint_of(std::string_view text)
{
    auto from = settings::parse(text, "up.toml");
    read_up_settings(from);
    return from.finish().value_or("");
}

up_settings read(std::string_view text)
{
    auto from = settings::parse(text, "up.toml");
    auto const out = read_up_settings(from);
    EXPECT_EQ(from.finish().value_or(""), "");
    return out;
}

void expect_same(up_settings const& a, up_settings const& b)
{
    EXPECT_EQ(a.host, b.host);
    EXPECT_EQ(a.advertise, b.advertise);
    EXPECT_EQ(a.registry_port, b.registry_port);
    EXPECT_EQ(a.controllers_port, b.controllers_port);
    EXPECT_EQ(a.controllers, b.controllers);
    EXPECT_EQ(a.http_port, b.http_port);
    EXPECT_EQ(a.https_port, b.https_port);
    EXPECT_EQ(a.tls_certificate, b.tls_certificate);
    EXPECT_EQ(a.tls_key, b.tls_key);
    EXPECT_EQ(a.geo_country, b.geo_country);
    EXPECT_EQ(a.geo_asn, b.geo_asn);
    EXPECT_EQ(a.trust.keys(), b.trust.keys());
    EXPECT_EQ(a.trust.threshold(), b.trust.threshold());
    EXPECT_EQ(a.shared_buffers, b.shared_buffers);
    EXPECT_EQ(a.shortest_interval, b.shortest_interval);
    EXPECT_EQ(a.running_per_account, b.running_per_account);
    EXPECT_EQ(a.allow_special_targets, b.allow_special_targets);
    EXPECT_EQ(registry::watch_settings_text(a.detectors), registry::watch_settings_text(b.detectors));
    EXPECT_EQ(a.probe_caps, b.probe_caps);
}

TEST(up_settings, the_example_shows_every_default)
{
    auto const text = read_file(TP_DEPLOY_FOLDER "/trigpoint.toml", settings::largest_file);
    ASSERT_TRUE(text) << text.error().message();
    expect_same(read(*text), read(""));
    for (auto const* key : {"host",
                            "advertise",
                            "controllers",
                            "controllers_port",
                            "port",
                            "http_port",
                            "https_port",
                            "tls_certificate",
                            "tls_key",
                            "country",
                            "asn",
                            "keys",
                            "threshold",
                            "shared_buffers",
                            "shortest_interval",
                            "running_per_account",
                            "allow_special_targets",
                            "packets_per_second",
                            "bits_per_second",
                            "bytes_per_day",
                            "jobs_at_once",
                            "refused_types"})
        EXPECT_THAT(*text, testing::HasSubstr(std::string("\n") + key + " = "));
}

TEST(up_settings, reads_every_key)
{
    auto const got = read(R"(
        host = ["192.0.2.1", "::1", "192.0.2.1"]
        advertise = ["203.0.113.1"]
        controllers = 3
        controllers_port = 8000
        registry.port = 7000
        api = {http_port = -1, https_port = 443, tls_certificate = "/c.pem", tls_key = "/k.pem"}
        geo = {country = "/country.mmdb", asn = "/asn.mmdb"}
        trust = {keys = ["ed25519:3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                         "ed25519:d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"], threshold = 2}
        postgresql.shared_buffers = "2GB"
        limits = {shortest_interval = 10, running_per_account = 7, allow_special_targets = true}
        detectors = {round = 60, rules = {clock = "off"}}
        probe_caps = {jobs_at_once = 7}
    )");
    EXPECT_EQ(got.host.size(), 2U);
    EXPECT_EQ(got.advertise.front().to_string(), "203.0.113.1");
    EXPECT_EQ(got.controllers, 3U);
    EXPECT_EQ(got.controller_port(2), 8002);
    EXPECT_EQ(got.registry_port, 7000);
    EXPECT_EQ(got.http_port, -1);
    EXPECT_EQ(got.https_port, 443);
    EXPECT_EQ(got.tls_certificate, "/c.pem");
    EXPECT_EQ(got.tls_key, "/k.pem");
    EXPECT_EQ(got.geo_country, "/country.mmdb");
    EXPECT_EQ(got.geo_asn, "/asn.mmdb");
    EXPECT_EQ(got.trust.keys().size(), 2U);
    EXPECT_EQ(got.trust.threshold(), 2U);
    EXPECT_EQ(got.shared_buffers, "2GB");
    EXPECT_EQ(got.shortest_interval, std::chrono::seconds(10));
    EXPECT_EQ(got.running_per_account, 7U);
    EXPECT_TRUE(got.allow_special_targets);
    EXPECT_EQ(got.detectors.round, std::chrono::seconds(60));
    EXPECT_EQ(got.probe_caps.jobs_at_once, 7U);
}

TEST(up_settings, says_what_is_wrong)
{
    using testing::HasSubstr;
    struct row {
        char const *text, *expected;
    };
    for (auto const& [text, expected] : {
             row{"host = [\"localhost\"]", "holds \"localhost\""},
             row{"advertise = [\"0.0.0.0\"]", "nobody can dial"},
             row{"advertise = [\"::1\",\"::2\",\"::3\",\"::4\",\"::5\",\"::6\",\"::7\",\"::8\",\"::9\"]",
                 "more than 8"},
             row{"controllers = -1", "controllers"},
             row{"controllers = 65", "controllers"},
             row{"registry.port = 7441", "used twice: 7441"},
             row{"api.http_port = 7443", "used twice: 7443"},
             row{"api.http_port = 0", "is 0"},
             row{"controllers_port = 65535", "no room"},
             row{"api.http_port = -1\napi.https_port = -1", "both -1"},
             row{"api.tls_key = \"/k\"", "go together"},
             row{"postgresql.shared_buffers = \"128\"", "such as"},
             row{"postgresql.shared_buffers = \"MB\"", "such as"},
             row{"postgresql.shared_buffers = \"1MB -c x\"", "such as"},
             row{"limits.shortest_interval = 0", "shortest_interval"},
             row{"trust.keys = [\"ed25519:x\"]", "64 hexadecimal digits"},
             row{"registry.prot = 1", "did you mean \"registry.port\""},
             row{"controllers = \"2\"", "whole number"},
             row{"host = ", "line 1"},
         }) {
        SCOPED_TRACE(text);
        EXPECT_THAT(complaint_of(text), HasSubstr(expected));
    }
}

}  // namespace
}  // namespace tp::cli
