#include "registry/config.hpp"

#include <gtest/gtest.h>

namespace tp::registry {
namespace {

TEST(registry_config, the_example_holds_every_key_with_its_default)
{
    auto example = settings::read_file(TP_SOURCE_DIR "/deploy/trigpoint-registry.toml");
    auto const read = read_config(example);
    EXPECT_EQ(example.finish(), std::nullopt);
    auto empty = settings::parse("", "empty");
    auto const defaults = read_config(empty);
    EXPECT_EQ(read.listen, defaults.listen);
    EXPECT_EQ(read.listen.size(), 2U);
    EXPECT_EQ(read.host_key, defaults.host_key);
    EXPECT_EQ(read.database.conninfo, defaults.database.conninfo);
    EXPECT_EQ(read.terms.lease, defaults.terms.lease);
    EXPECT_EQ(read.terms.ask_again, defaults.terms.ask_again);
    EXPECT_EQ(read.terms.wait, defaults.terms.wait);
    EXPECT_EQ(read.limits.sessions, defaults.limits.sessions);
    EXPECT_EQ(read.terms.approve_by_hand, defaults.terms.approve_by_hand);
    EXPECT_EQ(read.moves_per_second, defaults.moves_per_second);
}

TEST(registry_config, names_what_cannot_be_used)
{
    for (auto const* text : {"listen = [\"localhost:7440\"]", "listen = [\"192.0.2.1\"]", "lisen = []",
                             "[placement]\nlease = 60\nask_again = 61", "[limits]\nsessions = 0",
                             "[placement]\nregions = [\"europe nl\"]", "[placement]\nregions = [\"a NL\", \"b NL\"]"}) {
        SCOPED_TRACE(text);
        auto from = settings::parse(text, "test.toml");
        read_config(from);
        EXPECT_NE(from.finish(), std::nullopt);
    }
}

}  // namespace
}  // namespace tp::registry
