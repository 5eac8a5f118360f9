#include "api/cli/probe_tags.hpp"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "api/cli/commands.hpp"

namespace tp::cli {
namespace {

std::string after(std::string const& probe, std::vector<std::string> const& add, std::vector<std::string> const& remove)
{
    return boost::json::serialize(tags_after(boost::json::parse(probe), add, remove));
}

TEST(probe_tags, are_added_and_removed_among_those_that_are_there)
{
    auto const probe = R"({"tags": [{"name": "Home", "slug": "home"}, {"name": "NAT", "slug": "nat"},
                                    {"name": "IPv4 works", "slug": "system-ipv4-works"}]})";
    EXPECT_EQ(after(probe, {}, {}), R"(["home","nat"])") << "the platform's are left to it";
    EXPECT_EQ(after(probe, {"lab", "nat", "lab"}, {"home", "away"}), R"(["nat","lab"])");
}

TEST(probe_tags, are_none_where_the_answer_has_none)
{
    for (auto const* probe : {"{}", "[]", R"({"tags": null})", R"({"tags": ["home", {"slug": 7}]})"})
        EXPECT_EQ(after(probe, {"lab"}, {}), R"(["lab"])") << probe;
}

TEST(probe_tags, are_told_from_the_probe_in_whatever_order_they_come)
{
    for (auto const* words : {"probe tag 12 --add lab", "probe tag --add lab --remove nat 12"}) {
        program into;
        CLI::App app;
        add_probes(app, into);
        EXPECT_NO_THROW(app.parse(words)) << words;
        EXPECT_TRUE(into.chosen) << words;
    }
}

}  // namespace
}  // namespace tp::cli
