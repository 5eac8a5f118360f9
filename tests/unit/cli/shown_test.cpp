#include "api/cli/shown/tally.hpp"

#include <gmock/gmock.h>

#include <boost/json.hpp>

namespace tp::cli {
namespace {

shown_result read(char const* text)
{
    return read_result(boost::json::parse(text)).value();
}

constexpr auto good = R"({"type": "ping", "prb_id": 3, "timestamp": 1700000000, "dst_name": "a.example",
    "dst_addr": "192.0.2.1", "sent": 3, "rcvd": 2, "result": [{"rtt": 9.125}, {"x": "*"}, {"rtt": 7}]})";
constexpr auto silent = R"({"type": "ping", "prb_id": 4, "timestamp": 1700000001, "dst_addr": "192.0.2.1",
    "sent": 3, "rcvd": 0, "min": -1, "result": [{"x": "*"}, {"x": "*"}, {"x": "*"}]})";
constexpr auto refused = R"({"type": "ping", "prb_id": 5, "timestamp": 1700000002, "dst_name": "10.0.0.1",
    "sent": 0, "rcvd": 0, "result": [{"error": "address not allowed"}]})";

TEST(pings, shows_what_came_back)
{
    EXPECT_EQ(line_of(read(good)), "2023-11-14 22:13:20  probe 3  192.0.2.1  2/3 received  ms: 9.12 7.00");
    EXPECT_EQ(line_of(read(silent)), "2023-11-14 22:13:21  probe 4  192.0.2.1  0/3 received");
    EXPECT_EQ(line_of(read(refused)), "2023-11-14 22:13:22  probe 5  10.0.0.1  address not allowed");
}

TEST(pings, takes_no_shape_for_granted)
{
    using boost::json::parse;
    EXPECT_FALSE(read_result(parse("3")));
    EXPECT_FALSE(read_result(parse(R"({"timestamp": 1})")));
    EXPECT_FALSE(read_result(parse(R"({"prb_id": "3"})")));
    EXPECT_EQ(line_of(read(R"({"type": "ping", "prb_id": 1, "result": [1, {"rtt": "x"}], "sent": -1})")),
              "1970-01-01 00:00:00  probe 1  0/0 received");
    EXPECT_EQ(read(R"({"prb_id": 1, "dst_name": "\u001b[2J"})").target, "\x1b[2J");
    EXPECT_EQ(line_of(read(R"({"prb_id": 1, "dst_name": "\u001b[2J"})")),
              "1970-01-01 00:00:00  probe 1  ?[2J  a result, shown by --json only");
    EXPECT_EQ(read(R"({"prb_id": 1, "type": "wifi"})").told, "wifi, shown by --json only");
}

TEST(pings, sums_up_by_probe)
{
    tally all;
    EXPECT_TRUE(all.empty());
    for (auto const* each : {silent, good, good, refused}) all.add(read(each));
    EXPECT_EQ(all.text(4),
              "probe  target     sent  received   lost  min ms  median ms  max ms  last\n"
              "    3  192.0.2.1     6         4   33 %    7.00       8.06    9.12\n"
              "    4  192.0.2.1     3         0  100 %       *          *       *\n"
              "    5  10.0.0.1      0         0      -       *          *       *  address not allowed\n"
              "3 of 4 probes answered, 1 reached the target\n");
}

}  // namespace
}  // namespace tp::cli
