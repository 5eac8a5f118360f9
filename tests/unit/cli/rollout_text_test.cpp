#include "api/cli/rollout_text.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace tp::cli {
namespace {

boost::json::value page(std::string const& phase)
{
    return boost::json::parse(R"({"id": 3, "mode": "forced", "phase": ")" + phase + R"(", "phase_since": 60,
        "because": "3 of 60 went\u001bback", "wave": 2, "waves": "lab,1%,100%", "reason": "CVE", "wish": "go",
        "approved_by": ["a@example.net", "b@example.net"], "approvals_needed": 2,
        "targets": [{"target": "m/stable/7", "found": true, "model": "m", "release": 7},
                    {"target": "n/stable/7", "found": false, "model": null, "release": null}],
        "probes": {"probes": 100, "planned": 40, "sent": 1, "begun": 2, "back": 3, "done": 50, "failed": 3, "silent": 1},
        "by_wave": [{"reach": "lab", "probes": 10, "done": 10},
                    {"reach": "1%", "probes": 50, "done": 40, "failed": 3, "silent": 1},
                    {"reach": "100%", "probes": 40, "planned": 40}],
        "troubles": [{"probe": 12, "stage": "failed", "because": "ended", "at": 0}],
        "history": [{"at": 60, "by": null, "said": "halted"}, {"at": 0, "by": "a@example.net", "said": "created"}]})");
}

TEST(rollout_text, tells_how_far_it_is_who_failed_and_what_happened)
{
    EXPECT_EQ(rollout_text(page("halted")),
              "rollout 3, forced: halted wave 2 of 3 (1%) since 1970-01-01 00:01:00 UTC\n"
              "  3 of 60 went?back\n"
              "reason:   CVE\n"
              "approved: 2 of 2 (a@example.net,b@example.net)\n"
              "target:   m/stable/7, release 7 of m\n"
              "target:   n/stable/7, not found yet\n"
              "\n"
              "wave  reach  probes  to come  told  begun  on trial  done  failed  silent  excused  withdrawn\n"
              "1     lab        10        0     0      0         0    10       0       0        0          0\n"
              "2     1%         50        0     0      0         0    40       3       1        0          0\n"
              "3     100%       40       40     0      0         0     0       0       0        0          0\n"
              "\n"
              "when (UTC)           probe          because\n"
              "1970-01-01 00:00:00     12  failed  ended\n"
              "\n"
              "when (UTC)           by             what\n"
              "1970-01-01 00:01:00  director       halted\n"
              "1970-01-01 00:00:00  a@example.net  created\n");
}

TEST(rollout_text, fits_on_a_line_for_who_follows)
{
    EXPECT_EQ(rollout_line(page("halted")),
              "halted wave 2 of 3 (1%), 3 of 60 went?back: 50 done, 6 under way, 4 failed or silent of 60 told, 40 to "
              "come");
}

TEST(rollout_text, knows_when_nothing_more_will_happen)
{
    EXPECT_TRUE(rollout_rests(page("halted")));
    EXPECT_TRUE(rollout_rests(page("complete")));
    for (auto const* const phase : {"draft", "waiting", "running", "soaking", "paused"})
        EXPECT_FALSE(rollout_rests(page(phase))) << phase;
}

TEST(rollout_text, takes_what_is_no_rollout)
{
    EXPECT_EQ(rollout_text(nullptr), "");
    EXPECT_EQ(rollout_line(nullptr), "");
    EXPECT_FALSE(rollout_text(boost::json::object{{"by_wave", 3}}).empty());
}

}  // namespace
}  // namespace tp::cli
