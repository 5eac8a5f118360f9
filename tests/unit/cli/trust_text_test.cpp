#include "api/cli/trust_text.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace tp::cli {
namespace {

TEST(trust_text, tells_state_findings_and_history)
{
    auto const answer = boost::json::parse(R"({"id": 7, "state": "isolated", "since": 60, "held": false,
        "meaning": "Isolated.", "status": {"id": 1, "name": "Connected", "since": 0},
        "findings": [
          {"rule": "canary-reached", "severity": "grave", "saw": "an answer", "compared_with": "silence",
           "clears_when": "silence for a day", "at": 0, "seen_at": 30, "seen": 2, "held_back_by": "AS64500",
           "cleared_at": null, "cleared_by": null},
          {"rule": "flapping", "severity": "note", "saw": "a", "compared_with": "b", "clears_when": "c", "at": 0,
           "seen_at": 0, "seen": 1, "cleared_at": 60, "cleared_by": "a quiet day"}],
        "history": [{"at": 60, "from": "active", "to": "isolated", "event": "accused", "by": "registry",
                     "reason": "canary\u001breached"},
                    {"at": 0, "from": null, "to": "active", "event": "announced", "by": "host", "reason": "known"}]})");
    EXPECT_EQ(explanation_text(answer),
              "probe 7 is isolated since 1970-01-01 00:01:00 UTC, Connected\n"
              "  Isolated.\n"
              "\n"
              "findings\n"
              "  1970-01-01 00:00:00  canary-reached (grave, open, 2 times, last 1970-01-01 00:00:30)\n"
              "    saw:           an answer\n"
              "    compared with: silence\n"
              "    clears when:   silence for a day\n"
              "    held back:     no isolation while others have it, too: AS64500\n"
              "  1970-01-01 00:00:00  flapping (note, cleared)\n"
              "    saw:           a\n"
              "    compared with: b\n"
              "    clears when:   c\n"
              "    cleared:       1970-01-01 00:01:00, a quiet day\n"
              "\n"
              "history\n"
              "when (UTC)           from    to        by        because\n"
              "1970-01-01 00:01:00  active  isolated  registry  canary?reached\n"
              "1970-01-01 00:00:00          active    host      known\n");
}

TEST(trust_text, survives_what_is_no_such_page)
{
    EXPECT_EQ(explanation_text(boost::json::parse("[]")), "");
    EXPECT_NE(explanation_text(boost::json::parse(R"({"findings": [1, {}], "history": [2, {}]})")), "");
}

}  // namespace
}  // namespace tp::cli
