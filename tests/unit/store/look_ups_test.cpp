#include "store/look_ups.hpp"

#include <gmock/gmock.h>

#include "store/pool.hpp"
#include "tests/unit/store/fixture.hpp"

namespace tp::store {
namespace {

using namespace std::chrono_literals;
using proto::family;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class look_ups_test : public store_test {
protected:
    look_ups_test() : where_(controller()), id_(probe(1)) { session(id_); }

    std::int64_t session(probe_id of)
    {
        auto const opened = wait(session_opened(database_, of, where_, *parse_address("192.0.2.9"), "1", {"dns4"}));
        sql("update probe_session set opened_at = now() - interval '1 day' where closed_at is null");
        return opened.value();
    }
    void sql(std::string const& text)
    {
        auto const done = wait(database_.connections().run(text));
        ASSERT_TRUE(done) << text;
    }
    look_up_finding found(std::string record, std::string said, std::chrono::seconds ago = 60s,
                          family af = family::v4) const
    {
        return {.probe = id_, .record = std::move(record), .af = af, .said = std::move(said), .at = wall_now() - ago};
    }
    void record(std::vector<look_up_finding> all)
    {
        ASSERT_TRUE(wait(record_look_ups(database_, std::move(all), 8h)));
        ASSERT_TRUE(wait(refresh_system_tags(database_, {id_})));
    }
    /// Without "system-", and only those that are about resolvers.
    std::vector<std::string> tags()
    {
        auto const all = wait(find_probe_by_id(database_, id_))->tags;
        std::vector<std::string> out;
        for (auto const& each : all) {
            auto const slug = each.substr(7);
            for (auto const* about : {"resolve", "doesnt-resolve", "dns-"})
                if (slug.starts_with(about)) out.push_back(slug);
        }
        return out;
    }

    controller_id where_;
    probe_id id_;
};

TEST_F(look_ups_test, each_record_has_a_tag_of_its_own)
{
    EXPECT_THAT(tags(), IsEmpty());
    record({found("a", "correct"), found("aaaa", "denied")});
    EXPECT_THAT(tags(), UnorderedElementsAre("resolves-a-correctly", "doesnt-resolve-aaaa"));
    record({found("a", "incorrect", 50s), found("aaaa", "correct", 50s)});
    EXPECT_THAT(tags(), UnorderedElementsAre("resolves-a-incorrectly", "resolves-aaaa-correctly"));
}

TEST_F(look_ups_test, both_families_count_together)
{
    struct row {
        char const *v4, *v6, *tag;
    };
    auto ago = 3600s;
    for (auto const& [v4, v6, tag] :
         {row{"correct", "correct", "resolves-a-correctly"}, row{"correct", "unanswered", "resolves-a-correctly"},
          row{"correct", "denied", "resolves-a-incorrectly"}, row{"correct", "incorrect", "resolves-a-incorrectly"},
          row{"incorrect", "unanswered", "resolves-a-incorrectly"}, row{"denied", "unanswered", "doesnt-resolve-a"}}) {
        ago -= 10s;
        record({found("a", v4, ago), found("a", v6, ago, family::v6), found("aaaa", "correct", ago)});
        EXPECT_THAT(tags(), UnorderedElementsAre(tag, "resolves-aaaa-correctly")) << v4 << ' ' << v6;
    }
}

TEST_F(look_ups_test, the_newest_word_counts)
{
    record({found("a", "correct", 120s), found("a", "incorrect", 60s), found("a", "correct", 90s)});
    EXPECT_THAT(tags(), UnorderedElementsAre("resolves-a-incorrectly"));
    record({found("a", "correct", 70s)});
    EXPECT_THAT(tags(), UnorderedElementsAre("resolves-a-incorrectly")) << "an older one that comes later";
}

TEST_F(look_ups_test, nothing_to_be_had_is_a_problem_of_its_dns)
{
    record({found("a", "unanswered")});
    EXPECT_THAT(tags(), UnorderedElementsAre("doesnt-resolve-a", "dns-problem-suspected"));
    record({found("aaaa", "denied")});
    EXPECT_THAT(tags(), UnorderedElementsAre("doesnt-resolve-a", "doesnt-resolve-aaaa", "dns-problem-suspected"));
    record({found("aaaa", "correct", 30s)});
    EXPECT_THAT(tags(), UnorderedElementsAre("doesnt-resolve-a", "resolves-aaaa-correctly"));
}

TEST_F(look_ups_test, silence_counts_only_of_a_probe_that_was_there)
{
    record({found("a", "unanswered", 25h)});
    EXPECT_THAT(tags(), IsEmpty()) << "before its session";
    sql("update probe_session set closed_at = now() - interval '1 hour'");
    record({found("a", "unanswered", 3600s + 60s)});
    EXPECT_THAT(tags(), IsEmpty()) << "when its session may have been dead";
    record({found("a", "unanswered", 3600s + 120s)});
    EXPECT_THAT(tags(), UnorderedElementsAre("doesnt-resolve-a", "dns-problem-suspected"));
    record({found("a", "correct", 60s)});
    EXPECT_THAT(tags(), UnorderedElementsAre("resolves-a-correctly")) << "an answer is one whenever it came";
}

TEST_F(look_ups_test, who_changes_letters_is_named)
{
    auto mangled = found("a", "correct");
    mangled.mangles_case = true;
    record({mangled});
    EXPECT_THAT(tags(), UnorderedElementsAre("resolves-a-correctly", "resolver-mangles-case"));
    record({found("a", "correct", 30s)});
    EXPECT_THAT(tags(), UnorderedElementsAre("resolves-a-correctly"));
}

TEST_F(look_ups_test, a_finding_lapses)
{
    record({found("a", "correct", 8h - 60s)});
    EXPECT_THAT(tags(), UnorderedElementsAre("resolves-a-correctly"));
    sql("update probe_look_up set at = at - interval '2 minutes', valid_until = valid_until - interval '2 minutes'");
    ASSERT_TRUE(wait(refresh_system_tags(database_)));
    EXPECT_THAT(tags(), IsEmpty());
}

TEST_F(look_ups_test, whoever_logs_in_has_the_tags_renewed)
{
    ASSERT_TRUE(wait(record_look_ups(database_, {found("a", "correct")}, 8h)));
    EXPECT_THAT(tags(), IsEmpty());
    session(id_);
    EXPECT_THAT(tags(), UnorderedElementsAre("resolves-a-correctly"));
}

TEST_F(look_ups_test, those_that_stand_have_no_end)
{
    auto lasting = ping({id_}, 60s), soon = ping({id_}, 60s);
    lasting.look_up = "a";
    soon.look_up = "aaaa";
    soon.job.when.stop = wall_now() + 1h;
    auto const made = create({lasting, soon, ping({id_}, 60s)}).value();
    auto standing = wait(standing_look_ups(database_)).value();
    ASSERT_EQ(standing.size(), 1U);
    EXPECT_EQ(standing[0].record, "a");
    EXPECT_EQ(standing[0].job.measurement, made[0]);
    auto const now = wall_now();
    EXPECT_EQ(wait(look_ups_in(database_, {now - 1h, now + 1h}))->size(), 2U);
    EXPECT_EQ(wait(look_ups_in(database_, {now + 2h, now + 3h}))->size(), 1U);
    EXPECT_THAT(wait(look_up_newcomers(database_, "dns4", "", made[0])).value(), IsEmpty());
    ASSERT_TRUE(wait(stop_measurement(database_, made[0])));
    EXPECT_TRUE(wait(standing_look_ups(database_))->empty());
}

TEST_F(look_ups_test, newcomers_are_in_session_can_do_it_and_may_measure)
{
    probe(2);
    auto const watched = probe(3), bad = probe(4);
    session(watched);
    session(bad);
    by_hand(bad, trust_event::isolated);
    EXPECT_TRUE(wait(change_trust(database_, watched, trust_event::doubted, "a rule")));
    EXPECT_THAT(wait(look_up_newcomers(database_, "dns4", "", {})).value(), UnorderedElementsAre(id_, watched));
    EXPECT_THAT(wait(look_up_newcomers(database_, "dns6", "", {})).value(), IsEmpty());
    sql("update probe set capabilities = '{dns4,dns6}' where id = " + std::to_string(id_.value()));
    EXPECT_THAT(wait(look_up_newcomers(database_, "dns6", "", {})).value(), UnorderedElementsAre(id_));
    EXPECT_THAT(wait(look_up_newcomers(database_, "dns6", "dns4", {})).value(), IsEmpty());
    EXPECT_THAT(wait(look_up_newcomers(database_, "dns4", "ping4", {})).value(), UnorderedElementsAre(id_, watched));
}

TEST_F(look_ups_test, a_country_is_tagged_while_it_comes_from_addresses)
{
    auto const tagged = [&] {
        EXPECT_TRUE(wait(refresh_system_tags(database_)));
        auto const all = wait(find_probe_by_id(database_, id_))->tags;
        return std::count(all.begin(), all.end(), "system-auto-geoip-country") == 1;
    };
    EXPECT_FALSE(tagged());
    ASSERT_TRUE(wait(record_location(database_, id_, {.asn_v4 = 64500})));
    EXPECT_FALSE(tagged());
    ASSERT_TRUE(wait(record_location(database_, id_, {.country = "NL"})));
    EXPECT_TRUE(tagged());
    ASSERT_TRUE(wait(change_probe(database_, id_, {.description = "mine"})));
    EXPECT_TRUE(tagged());
    ASSERT_TRUE(wait(change_probe(database_, id_, {.country = "BE"})));
    EXPECT_FALSE(tagged());
}

}  // namespace
}  // namespace tp::store
