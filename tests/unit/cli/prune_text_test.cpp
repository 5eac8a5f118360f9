#include "api/cli/prune_text.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace tp::cli {
namespace {

std::string text(char const* answer)
{
    return prune_text(boost::json::parse(answer));
}

TEST(prune_text, tells_what_would_go_and_what_stays)
{
    EXPECT_EQ(text(R"({"removed": false, "count": 3, "size": 1200600, "kept": {"count": 1, "size": 900},
        "largest": {"count": 20000, "size": 2147483648}, "results": [
            {"path": "metadata/1.snapshot.json", "size": 600, "stored_at": 1700000000},
            {"path": "targets/a/h.x", "size": 1200000, "stored_at": 1700000001}]})"),
              "path                       octets  since (UTC)\n"
              "metadata/1.snapshot.json      600  2023-11-14 22:13:20\n"
              "targets/a/h.x             1200000  2023-11-14 22:13:21\n"
              "... and 1 more\n"
              "would be removed: 3 files, 1.2 MB\n"
              "kept: 1 file, 0.9 kB (at most 20000 files, 2147.5 MB)\n");
}

TEST(prune_text, tells_that_it_is_done)
{
    EXPECT_EQ(text(R"({"removed": true, "count": 0, "size": 0, "kept": {"count": 2, "size": 1000}, "results": [],
        "largest": {"count": 20000, "size": 2147483648}})"),
              "removed: 0 files, 0.0 kB\nkept: 2 files, 1.0 kB (at most 20000 files, 2147.5 MB)\n");
}

TEST(prune_text, survives_what_is_no_answer)
{
    EXPECT_EQ(text("[]"), "");
    EXPECT_NE(text("{}").find("would be removed: 0 files"), std::string::npos);
    EXPECT_NE(text(R"({"results": [1], "count": "x", "kept": 3, "removed": 1})").find("would be"), std::string::npos);
}

}  // namespace
}  // namespace tp::cli
