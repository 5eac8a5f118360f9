#include "api/cli/rehearsal_text.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace tp::cli {
namespace {

TEST(rehearsal_text, tells_where_the_probes_would_go)
{
    auto const answer = boost::json::parse(R"({"lost": ["a", "b"], "probes": 60, "at_once": 30, "by_the_registry": 20,
        "waiting": 10, "controllers": [{"name": "c", "before": 50, "arriving": 50, "after": 100, "capacity": 100}]})");
    EXPECT_EQ(rehearsal_text(answer),
              "without a,b: 60 probes are concerned\n"
              "30  go to their second controller at once\n"
              "20  ask a registry for another one\n"
              "10  find no room, and wait\n"
              "\n"
              "controller  before  arriving  after  capacity\n"
              "c               50        50    100       100\n");
}

TEST(rehearsal_text, survives_what_is_no_rehearsal)
{
    EXPECT_EQ(rehearsal_text(boost::json::parse("[]")), "");
    EXPECT_NE(rehearsal_text(boost::json::parse("{}")).find("no controller would be left"), std::string::npos);
}

}  // namespace
}  // namespace tp::cli
