#include "registry/watch/look_up_rounds.hpp"

#include <gmock/gmock.h>

#include "tests/unit/store/fixture.hpp"
#include "tests/unit/watch/dns_message.hpp"

namespace tp::registry {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::Not;

/// One question: A records over IPv4.
class look_up_rounds_test : public store::store_test {
protected:
    look_up_rounds_test()
    {
        settings_.look_ups.name = "look.example";
        settings_.look_ups.a = {parse_address("192.0.2.7").value()};
        where_ = controller();
    }

    probe_id online(unsigned number, std::vector<std::string> capabilities = {"dns4"})
    {
        auto const id = probe(number);
        EXPECT_TRUE(wait(store::session_opened(database_, id, where_, *parse_address("192.0.2.9"), "1", capabilities)));
        return id;
    }
    void send() { ASSERT_TRUE(wait(rounds_.send(now_))); }
    std::vector<store::look_up_job> standing() { return wait(store::standing_look_ups(database_)).value(); }
    std::vector<store::look_up_job> all() { return wait(store::look_ups_in(database_, around_)).value(); }
    std::vector<probe_id> members(store::look_up_job const& of)
    {
        return wait(store::participants_of(database_, of.job.measurement)).value();
    }
    void answered(measurement_id measurement, probe_id by, std::vector<test::record> const& records,
                  std::string_view question = "lOoK.eXaMpLe", std::int16_t flags = 0)
    {
        proto::dns_report found{.by_resolvers = true};
        found.exchanges.emplace_back().answer = test::answer(question, records);
        proto::report const told{.found = std::move(found)};
        std::vector<store::result_row> rows{{measurement, by, now_, ++sequence_, 3, flags, {}, proto::encode(told)}};
        ASSERT_TRUE(wait(store::commit_results(database_, where_, sequence_, std::move(rows), {})));
    }
    std::vector<std::string> tags(probe_id id) { return wait(store::find_probe_by_id(database_, id))->tags; }

    watch_settings settings_;
    look_up_rounds rounds_{database_, settings_};
    controller_id where_ = *controller_id::from(1);
    wall_time now_ = std::chrono::floor<std::chrono::microseconds>(wall_now());
    store::time_span around_{now_ - 1h, now_ + 1h};
    std::int64_t sequence_ = 0;
};

TEST_F(look_up_rounds_test, who_can_is_asked_for_good_and_whoever_joins_also_soon)
{
    auto const first = online(1);
    online(2, {"ping4"});
    send();
    ASSERT_EQ(standing().size(), 1U) << "over IPv6 nobody can";
    EXPECT_EQ(all().size(), 2U);
    send();
    EXPECT_EQ(all().size(), 2U) << "nobody is new";

    auto const later = online(3), bad = online(4);
    by_hand(bad, store::trust_event::isolated);
    send();
    ASSERT_EQ(standing().size(), 1U);
    EXPECT_THAT(members(standing()[0]), ElementsAre(first, later));
    ASSERT_EQ(all().size(), 3U);
    auto const soon = all().back();
    EXPECT_THAT(members(soon), ElementsAre(later));
    EXPECT_EQ(soon.job.when.stop, soon.job.when.start + settings_.round);
    EXPECT_EQ(wait(store::jobs_of(database_, later))->size(), 2U);
}

TEST_F(look_up_rounds_test, who_has_both_families_is_asked_once)
{
    auto const both = online(1, {"dns4", "dns6"}), six = online(2, {"dns6"});
    send();
    ASSERT_EQ(standing().size(), 2U);
    EXPECT_THAT(members(standing()[0]), ElementsAre(both));
    EXPECT_THAT(members(standing()[1]), ElementsAre(six));
}

TEST_F(look_up_rounds_test, what_is_configured_otherwise_begins_anew_and_ends_without_a_name)
{
    auto const id = online(1);
    send();
    auto const before = standing().at(0).job.measurement;
    settings_.look_ups.every = 2h;
    send();
    ASSERT_EQ(standing().size(), 1U);
    EXPECT_NE(standing()[0].job.measurement, before);
    EXPECT_THAT(members(standing()[0]), ElementsAre(id));
    settings_.look_ups.name.clear();
    send();
    EXPECT_TRUE(standing().empty());
}

TEST_F(look_up_rounds_test, what_is_answered_becomes_tags_at_once)
{
    auto const good = online(1), bad = online(2), late = online(3);
    send();
    auto const asked = standing().at(0).job.measurement;
    answered(asked, good, {test::address("192.0.2.7")});
    answered(asked, bad, {test::address("192.0.2.66")}, "look.example");
    now_ += 90min;
    answered(asked, late, {test::address("192.0.2.7")});
    ASSERT_TRUE(wait(rounds_.read(around_)));
    EXPECT_THAT(tags(good), Contains("system-resolves-a-correctly"));
    EXPECT_THAT(tags(good), Not(Contains("system-resolver-mangles-case")));
    EXPECT_THAT(tags(bad), Contains("system-resolves-a-incorrectly"));
    EXPECT_THAT(tags(bad), Contains("system-resolver-mangles-case"));
    EXPECT_THAT(tags(late), Not(Contains("system-resolves-a-correctly"))) << "after the span";
}

TEST_F(look_up_rounds_test, what_isolated_probes_say_is_not_believed)
{
    auto const id = online(1);
    send();
    answered(standing().at(0).job.measurement, id, {test::address("192.0.2.7")}, "lOoK.eXaMpLe", store::flag_isolated);
    ASSERT_TRUE(wait(rounds_.read(around_)));
    EXPECT_THAT(tags(id), Not(Contains("system-resolves-a-correctly")));
}

}  // namespace
}  // namespace tp::registry
