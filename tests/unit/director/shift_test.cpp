// What updated probes measure is held against what the others do, as it lies in the database.
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "proto/report.hpp"
#include "store/result_store.hpp"
#include "tests/unit/director/director_fixture.hpp"

namespace tp::registry {
namespace {

using testing::HasSubstr;

/// Thirty probes that ping an anchor every four minutes, since ten hours before the rollout, and something else. The
/// director has the database as a registry has it.
class shift_test : public director_test {
protected:
    static constexpr unsigned fleet = 30, runs_an_hour = 15;
    static constexpr wall_time begin = repository::some_day;  // a full hour: rounds begin with it

    shift_test()
    {
        director_ = std::make_unique<director>(registry_, director_settings{},
                                               scribe(signing::private_key::load(key()).value()),
                                               officers_.files.at("1.root.json"), stored_, 7);
        for (unsigned number = 1; number <= fleet; ++number) all_.push_back(runs(number));
        sql("update probe set capabilities = '{ping4}'");
        sql("insert into anchor (name, addresses, ports, latitude, longitude) "
            "values ('a.example', '{192.0.2.7}', '{80}', 52, 5)");
        auto elsewhere = ping(all_, 240s);
        elsewhere.job.target = "192.0.2.8";
        auto const made = create({ping(all_, 240s), elsewhere}).value();
        anchor_ = made.at(0);
        elsewhere_ = made.at(1);
        auto const since = store::parameters::of(begin - 10h);
        EXPECT_TRUE(wait(database_.connections().run("update measurement set start_time = moment($1::bigint)", since)));
        EXPECT_TRUE(wait(database_.connections().run("update participant set since = moment($1::bigint)", since)));
    }

    store::database::options as_registry() const
    {
        auto conninfo = conninfo_;
        return {.conninfo = conninfo.replace(conninfo.find("user=owner"), 10, "user=tp_registry")};
    }
    void sql(std::string text) { EXPECT_TRUE(wait(database_.connections().run(std::move(text)))) << text; }

    /// A rollout in which half of them are updated at once, and watched for a day.
    store::rollout_id half_updated(std::uint64_t release = 2, wall_time created = begin)
    {
        auto path = "deb-amd64/stable/probe-" + std::to_string(release) + ".deb";
        store::rollout_wish wanted{
            "lazy", "50%,100%", "lab", 86400s, 600s, 3600s, rollout::numbers_of(rollout::limits{}), 1, "because"};
        auto const id = wait(store::create_rollout(database_, std::move(wanted), {std::move(path)}, account())).value();
        EXPECT_TRUE(wait(database_.connections().run("update rollout set created_at = moment($1::bigint)",
                                                     store::parameters::of(created))));
        look();
        approve(id);
        look();
        for (auto const each : all_) {
            if (!told_to_install(each)) continue;
            updated_.insert(each);
            commits(each, release);
        }
        look();
        EXPECT_EQ(phase(id), "soaking 0");
        EXPECT_EQ(updated_.size(), fleet / 2);
        return id;
    }

    struct behaviour {
        double trip = 1;                    // times the usual round trip to the anchor
        double elsewhere = 1;               // likewise
        unsigned delivered = runs_an_hour;  // of each measurement
    };
    /// All probes measured for an hour, so many after the beginning.
    void measured(int hour, behaviour updated, behaviour others)
    {
        std::vector<store::result_row> rows;
        for (auto const each : all_) {
            auto const& how = updated_.contains(each) ? updated : others;
            for (unsigned i = 0; i < how.delivered; ++i) {
                auto const at = begin + std::chrono::hours{hour} + i * 240s + std::chrono::seconds{each.value() % 200};
                rows.push_back(row(anchor_, each, at, how.trip));
                rows.push_back(row(elsewhere_, each, at + 1s, how.elsewhere));
            }
        }
        auto const count = rows.size();
        auto const done = wait(store::commit_results(database_, where_, ++commit_, std::move(rows), {}));
        ASSERT_TRUE(done);
        ASSERT_EQ(done->stored, count);
    }
    store::result_row row(measurement_id of, probe_id by, wall_time at, double times)
    {
        // Each has a distance of its own, and no two runs are alike.
        auto const usual = 20.0 + by.value() % 7 * 10 + static_cast<double>(++sequence_ * 37 % 11) / 100;
        proto::ping_report found{48, {{}}};
        found.packets[0].round_trip = std::chrono::microseconds(static_cast<std::int64_t>(usual * times * 1000));
        proto::report told;
        told.found = std::move(found);
        return {of, by, at, sequence_, 1, 0, {}, proto::encode(told)};
    }
    /// Results of this hour are in, and the director looks.
    void look_after(int hour)
    {
        auto const at = begin + std::chrono::hours{hour + 1} + 11min;
        look(std::chrono::duration_cast<std::chrono::seconds>(at - now_));
    }
    std::size_t told()
    {
        return static_cast<std::size_t>(
            std::count_if(all_.begin(), all_.end(), [this](probe_id each) { return told_to_install(each); }));
    }

    store::database registry_{io_, as_registry()};
    stored_files stored_{registry_};
    std::vector<probe_id> all_;
    std::set<probe_id> updated_;
    measurement_id anchor_ = *measurement_id::from(1), elsewhere_ = anchor_;
    std::int64_t commit_ = 0, sequence_ = 0;
};

TEST_F(shift_test, a_rollout_is_halted_when_round_trips_of_updated_probes_alone_change)
{
    for (int const hour : {-2, -1}) measured(hour, {}, {});
    auto const id = half_updated();
    for (int const hour : {0, 1}) measured(hour, {.trip = 1.3}, {});
    look_after(0);
    EXPECT_EQ(at(id).phase, "soaking") << "none has run the new release for a whole round";
    look_after(1);
    EXPECT_EQ(at(id).phase, "halted");
    EXPECT_THAT(at(id).because, HasSubstr("round trips of updated probes changed by 30."));
    EXPECT_EQ(told(), fleet / 2) << "the others never heard of it";
}

TEST_F(shift_test, a_rollout_is_halted_when_updated_probes_alone_deliver_less)
{
    for (int const hour : {-2, -1}) measured(hour, {}, {});
    auto const id = half_updated();
    for (int const hour : {0, 1}) measured(hour, {.delivered = 5}, {});
    look_after(1);
    EXPECT_EQ(at(id).phase, "halted");
    EXPECT_EQ(at(id).because, "100.0 % of the updated probes deliver much less than before, and 0.0 % of the others");
}

TEST_F(shift_test, a_rollout_goes_on_when_what_changes_changes_for_all)
{
    for (int const hour : {-2, -1}) measured(hour, {}, {});
    auto const id = half_updated();
    // The way to the anchor is longer, and a third of all results is lost.
    for (int const hour : {0, 1, 2}) {
        measured(hour, {.trip = 1.3, .delivered = 10}, {.trip = 1.3, .delivered = 10});
        look_after(hour);
        EXPECT_EQ(phase(id), "soaking 0") << at(id).because;
    }
    for (int const hour : {23, 24}) measured(hour, {.trip = 1.3}, {.trip = 1.3});
    look_after(24);
    look();
    EXPECT_EQ(phase(id), "running 1") << at(id).because;
    EXPECT_EQ(told(), fleet);
}

TEST_F(shift_test, failures_halt_a_rollout_although_nothing_can_be_compared)
{
    auto const id = half_updated();
    for (auto const each : all_) {
        if (updated_.contains(each)) goes_back(each);
    }
    sql("update rollout_probe set stage = 'back'");
    sql("alter table result_hot rename to elsewhere");
    look_after(1);
    EXPECT_EQ(at(id).phase, "halted");
    EXPECT_THAT(at(id).because, HasSubstr("went back"));
}

TEST_F(shift_test, a_rollout_is_held_against_what_was_measured_before_it_and_not_before_another)
{
    for (int const hour : {-2, -1}) measured(hour, {}, {});
    half_updated();
    for (int const hour : {0, 1, 2, 3}) measured(hour, {.trip = 1.3}, {.trip = hour < 2 ? 1.3 : 1});
    look_after(3);
    publish(3);
    auto const next = half_updated(3, begin + 4h);
    for (int const hour : {4, 5}) measured(hour, {.trip = 1.3}, {});
    look_after(5);
    EXPECT_EQ(phase(next), "soaking 0") << at(next).because;
}

TEST_F(shift_test, round_trips_to_what_is_no_anchor_say_nothing)
{
    for (int const hour : {-2, -1}) measured(hour, {}, {});
    auto const id = half_updated();
    for (int const hour : {0, 1}) measured(hour, {.elsewhere = 3}, {});
    look_after(1);
    EXPECT_EQ(phase(id), "soaking 0") << at(id).because;
}

}  // namespace
}  // namespace tp::registry
