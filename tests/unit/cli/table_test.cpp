#include "api/cli/table.hpp"

#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "api/cli/listing.hpp"

namespace tp::cli {
namespace {

using enum table::side;

TEST(table, columns_are_as_wide_as_their_widest_cell)
{
    table out({{"id", right}, {"target", left}, {"x", left}});
    out.add({"7", "ping.example.net", "a"});
    out.add({"1000001", "b", ""});
    EXPECT_EQ(out.text(),
              "     id  target            x\n"
              "      7  ping.example.net  a\n"
              "1000001  b\n");
}

TEST(table, counts_characters_and_not_octets)
{
    table out({{"a"}, {"b"}});
    out.add({"K\u00f6ln", "1"});
    out.add({"Bonn", "2"});
    EXPECT_EQ(out.text(), "a     b\nK\u00f6ln  1\nBonn  2\n");
}

TEST(table, missing_cells_are_empty_and_surplus_ones_dropped)
{
    table out({{"a"}, {"b"}});
    out.add({"1"});
    out.add({"1", "2", "3"});
    EXPECT_EQ(out.text(), "a  b\n1\n1  2\n");
}

TEST(table, a_cell_cannot_steer_the_terminal)
{
    EXPECT_EQ(printable("a\x1b[2Jb\nc\x7f"), "a?[2Jb?c?");
    EXPECT_EQ(printable("a\xc2\x9b"
                        "2J"),
              "a?2J");
    EXPECT_EQ(printable("K\u00f6ln"), "K\u00f6ln");
}

TEST(listing, reads_nested_fields_times_and_lists)
{
    auto const answer = boost::json::parse(R"({"count": 7, "results": [
        {"id": 5, "status": {"id": 2, "name": "Ongoing"}, "start_time": 0, "tags": [{"name": "A b", "slug": "a-b"}, "c"],
         "interval": null},
        "not an object"]})");
    EXPECT_EQ(list_text(answer, {{"id", "id"},
                                 {"status", "status.name"},
                                 {"start", "start_time"},
                                 {"tags", "tags"},
                                 {"interval", "interval"},
                                 {"none", "no.such.key"}}),
              "id  status   start                tags   interval  none\n"
              "5   Ongoing  1970-01-01 00:00:00  a-b,c\n"
              "(1 of 7)\n");
}

TEST(listing, shows_an_object_without_its_empty_fields)
{
    auto const answer = boost::json::parse(R"({"id": 5, "description": "", "asn_v4": null, "is_public": true})");
    EXPECT_EQ(object_text(answer), "field      value\nid         5\nis_public  true\n");
}

}  // namespace
}  // namespace tp::cli
