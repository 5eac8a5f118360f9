#include "api/config.hpp"

#include <gmock/gmock.h>

namespace tp::api {
namespace {

TEST(config, of_the_example_file_is_the_default)
{
    auto example = settings::read_file(TP_EXAMPLE_CONFIG);
    auto const read = read_config(example);
    EXPECT_EQ(example.finish(), std::nullopt);
    auto none = settings::parse("database = \"x\"", "none");
    auto const usual = read_config(none);
    EXPECT_EQ(none.finish(), std::nullopt);

    EXPECT_EQ(read.database_connections, usual.database_connections);
    EXPECT_EQ(read.listen, usual.listen);
    EXPECT_EQ(read.http_port, usual.http_port);
    EXPECT_EQ(read.https_port, usual.https_port);
    EXPECT_EQ(read.tls_folder, usual.tls_folder);
    EXPECT_EQ(read.limits.shortest_interval, limits{}.shortest_interval);
    EXPECT_EQ(read.limits.running_per_account, limits{}.running_per_account);
    EXPECT_EQ(read.limits.running_per_target, limits{}.running_per_target);
    EXPECT_EQ(read.limits.probes_per_measurement, limits{}.probes_per_measurement);
    EXPECT_EQ(read.limits.definitions_per_request, limits{}.definitions_per_request);
    EXPECT_EQ(read.limits.of_targets.per_target, limits{}.of_targets.per_target);
    EXPECT_EQ(read.limits.of_targets.per_prefix, limits{}.of_targets.per_prefix);
    EXPECT_EQ(read.abuse.http_port, abuse_settings{}.http_port);
    EXPECT_FALSE(read.abuse.name_server);
    EXPECT_FALSE(read.limits.allow_special_targets);
    EXPECT_TRUE(read.trusted.empty());
    EXPECT_EQ(read.trusted.threshold(), usual.trusted.threshold());
    http::server::options const server;
    EXPECT_EQ(read.server.limits.body, server.limits.body);
    EXPECT_EQ(read.server.limits.header, server.limits.header);
    EXPECT_EQ(read.server.limits.read, server.limits.read);
    EXPECT_EQ(read.server.limits.write, server.limits.write);
    EXPECT_EQ(read.server.connections, server.connections);
    EXPECT_EQ(read.server.connections_of_an_address, server.connections_of_an_address);
}

TEST(config, tells_what_is_wrong)
{
    for (auto const* text : {"", "database = \"x\"\nlisten = [\"host\"]", "database = \"x\"\nhttp_port = 70000",
                             "database = \"x\"\n[tls]\nkey = \"a\"", "database = \"x\"\nhttps_prt = 1",
                             "database = \"x\"\n[limits]\nbody = 0", "database = \"x\"\n[trust]\nkeys = [\"x\"]"}) {
        auto from = settings::parse(text, "test");
        read_config(from);
        EXPECT_NE(from.finish(), std::nullopt) << text;
    }
}

TEST(config, says_where_to_listen)
{
    auto from = settings::parse("database = \"x\"\nlisten = [\"127.0.0.1\", \"::1\"]\nhttps_port = -1", "test");
    auto const where = listeners(read_config(from));
    ASSERT_EQ(where.size(), 2U);
    EXPECT_EQ(where[1].at.address(), parse_address("::1").value());
    EXPECT_EQ(where[1].at.port(), 7480);
    EXPECT_FALSE(where[1].secure);
}

}  // namespace
}  // namespace tp::api
