#include "store/firmware_leftovers.hpp"

#include <gmock/gmock.h>
#include <openssl/sha.h>

#include "store/director.hpp"
#include "store/embedded_migrations.hpp"
#include "store/pool.hpp"
#include "tests/unit/store/fixture.hpp"

namespace tp::store {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class firmware_leftovers_test : public store_test {
protected:
    void put(std::string path, std::string octets, database* by = nullptr)
    {
        unsigned char hash[SHA256_DIGEST_LENGTH];
        ::SHA256(reinterpret_cast<unsigned char const*>(octets.data()), octets.size(), hash);
        firmware_part part{
            std::move(path), octets.size(), {reinterpret_cast<char const*>(hash), sizeof hash}, 0, std::move(octets)};
        EXPECT_EQ(wait(put_firmware_part(by != nullptr ? *by : database_, std::move(part))).value(),
                  firmware_taken::whole);
    }
    void publish(std::string octets) { put(std::string(firmware_timestamp), std::move(octets)); }
    firmware_file_id id_of(std::string path) { return wait(find_firmware_file(database_, std::move(path))).value().id; }
    firmware_file_id in_force() { return id_of(std::string(firmware_timestamp)); }
    std::vector<std::string> paths()
    {
        std::vector<std::string> out;
        for (auto const& each : wait(firmware_files(database_)).value()) out.push_back(each.path);
        return out;
    }
    /// The replaced timestamps; "?" for one that nobody knows.
    std::vector<std::string> replaced(wall_time since)
    {
        std::vector<std::string> out;
        for (auto const& each : wait(replaced_timestamps(database_, since)).value())
            out.push_back(each.octets.value_or("?"));
        return out;
    }
    void run(std::string sql) { ASSERT_TRUE(wait(database_.connections().run(std::move(sql)))); }
    std::int64_t count(std::string const& sql)
    {
        return wait(database_.connections().run("select count(*) from " + sql)).value().integer(0, 0);
    }

    rollout_id rollout(std::string path)
    {
        rollout_wish wanted{"lazy", "100%", "lab", 60s, 30s, 90s, {100, 200, 1, 2, 9'700, 500, 1'000}, -7, "why"};
        return wait(create_rollout(database_, std::move(wanted), {std::move(path)}, account())).value();
    }
    void look_up(rollout_id id, std::string path, std::string model, char hash)
    {
        EXPECT_TRUE(
            wait(describe_target(database_, id, {std::move(path), std::move(model), 1, std::string(32, hash), 7})));
    }
    void move(rollout_id id, std::string phase)
    {
        auto const before = wait(find_rollout(database_, id)).value().at;
        auto after = before;
        after.phase = std::move(phase);
        EXPECT_TRUE(wait(move_rollout(database_, id, before, after, "moved")));
    }
    /// As a member whose stage this is, with an instruction that is good until then.
    void instruct(rollout_id id, probe_id who, std::string stage, wall_time expires)
    {
        EXPECT_TRUE(wait(add_members(database_, id, {{who, "m", 0}})));
        issued_ += 1s;
        auto const at = wait(find_rollout(database_, id))->at;
        EXPECT_TRUE(wait(note_members(database_, id, at, {{who, std::move(stage), issued_, "nonce", expires, ""}},
                                      {{who, "octets", "key", "signature", issued_}})));
    }
    std::vector<std::string> wanted()
    {
        std::vector<std::string> out;
        for (auto const& each : wait(wanted_targets(database_)).value())
            out.push_back(each.path + ' ' + (each.sha256.empty() ? "?" : each.sha256.substr(0, 1)));
        return out;
    }

    static asio::awaitable<result<void>> apply(database& to, std::string sql)
    {
        auto held = co_await to.connections().acquire();
        if (!held) co_return held.error();
        co_return co_await (*held)->script(std::move(sql));
    }

    wall_time now_ = std::chrono::floor<std::chrono::microseconds>(wall_now());
    wall_time issued_ = now_;
};

TEST_F(firmware_leftovers_test, timestamps_that_were_replaced_are_kept_for_a_week)
{
    publish("one");
    put("metadata/1.root.json", "root");
    EXPECT_THAT(replaced(now_ - 1h), IsEmpty()) << "it is in force";
    publish("two");
    publish("two");
    publish("three");
    EXPECT_THAT(replaced(now_ - 1h), ElementsAre("two", "one"));
    run("update firmware_replaced set replaced_at = now() - interval '167 hours' where octets = 'two'");
    run("update firmware_replaced set replaced_at = now() - interval '169 hours' where octets = 'one'");
    EXPECT_THAT(replaced(now_ - 168h), ElementsAre("two"));
    EXPECT_THAT(replaced(now_ - 166h), IsEmpty());
    publish("four");
    EXPECT_THAT(replaced(now_ - 1000h), ElementsAre("three", "two"));
}

TEST_F(firmware_leftovers_test, an_older_platform_did_not_write_down_what_it_replaced)
{
    auto const anew = [this] {
        run("drop table firmware_replaced");
        for (auto const& each : embedded_migrations()) {
            if (each.number != 25) continue;
            EXPECT_TRUE(wait(apply(database_, std::string(each.sql))));
        }
    };
    anew();
    EXPECT_THAT(replaced(now_ - 1h), IsEmpty()) << "there was nothing";
    publish("one");
    anew();
    EXPECT_THAT(replaced(now_ - 1h), ElementsAre("?"));
}

TEST_F(firmware_leftovers_test, what_open_rollouts_are_about_is_wanted)
{
    auto const draft = rollout("m/draft"), runs = rollout("m/runs"), halted = rollout("m/halted"),
               gone = rollout("m/gone"), complete = rollout("n/complete"), older = rollout("o/older");
    auto const newer = rollout("o/newer");
    look_up(runs, "m/runs", "m", '1');
    look_up(halted, "m/halted", "m", '2');
    look_up(gone, "m/gone", "m", '3');
    look_up(complete, "n/complete", "n", '4');
    look_up(older, "o/older", "o", '5');
    look_up(newer, "o/newer", "o", '6');
    move(runs, "paused");
    for (auto const each : {halted, gone}) move(each, "halted");
    for (auto const each : {complete, older, newer}) move(each, "complete");
    run("update rollout set phase_since = now() - interval '25 hours' where id = " + gone.text());
    EXPECT_EQ(wait(find_rollout(database_, draft)).value().at.phase, "draft");
    EXPECT_THAT(wanted(), UnorderedElementsAre("m/draft ?", "m/runs 1", "m/halted 2", "n/complete 4", "o/newer 6"));
}

TEST_F(firmware_leftovers_test, what_a_good_instruction_says_is_wanted_though_its_rollout_has_ended)
{
    auto const id = rollout("m/7");
    look_up(id, "m/7", "m", '1');
    move(id, "halted");
    run("update rollout set phase_since = now() - interval '2 days'");
    EXPECT_THAT(wanted(), IsEmpty());
    auto const one = probe(1), two = probe(2);
    instruct(id, one, "sent", now_ - 1h);
    EXPECT_THAT(wanted(), IsEmpty()) << "it has run out";
    instruct(id, one, "sent", now_ + 1h);
    instruct(id, two, "begun", now_ + 1h);
    EXPECT_THAT(wanted(), ElementsAre("m/7 1"));
    instruct(id, one, "withdrawn", now_ + 1h);
    EXPECT_THAT(wanted(), ElementsAre("m/7 1"));
    instruct(id, two, "withdrawn", now_ + 1h);
    EXPECT_THAT(wanted(), IsEmpty());
}

TEST_F(firmware_leftovers_test, an_instruction_of_a_later_rollout_takes_the_place_of_an_earlier_one)
{
    auto const earlier = rollout("m/7"), later = rollout("m/8");
    look_up(earlier, "m/7", "m", '1');
    look_up(later, "m/8", "m", '2');
    for (auto const each : {earlier, later}) move(each, "halted");
    run("update rollout set phase_since = now() - interval '2 days'");
    auto const one = probe(1);
    instruct(earlier, one, "sent", now_ + 1h);
    instruct(later, one, "sent", now_ + 1h);
    EXPECT_THAT(wanted(), ElementsAre("m/8 2"));
}

TEST_F(firmware_leftovers_test, files_are_removed_with_all_their_pieces_and_that_is_announced)
{
    publish("one");
    put("targets/kept", "x");
    std::vector<firmware_file_id> all;
    for (int i = 0; i < 60; ++i) {
        auto const path = "targets/" + std::to_string(i);
        put(path, "octets " + path);
        all.push_back(id_of(path));
    }
    auto const announced = count("change where kind = 'firmware'");
    EXPECT_TRUE(wait(remove_firmware_files(database_, in_force(), all)));
    EXPECT_THAT(paths(), ElementsAre(firmware_timestamp, "targets/kept"));
    EXPECT_EQ(count("firmware_piece"), 2);
    EXPECT_EQ(count("change where kind = 'firmware'"), announced + 1);
    EXPECT_TRUE(wait(remove_firmware_files(database_, in_force(), all))) << "said again";
    put("targets/1", "octets targets/1");
    EXPECT_EQ(paths().size(), 3U) << "and it can come back";
}

TEST_F(firmware_leftovers_test, nothing_is_removed_by_a_timestamp_that_is_not_in_force_any_more)
{
    publish("one");
    put("targets/a", "a");
    auto const judged_by = in_force();
    publish("two");
    EXPECT_EQ(wait(remove_firmware_files(database_, judged_by, {id_of("targets/a")})).error(), errc::conflict);
    EXPECT_EQ(paths().size(), 2U);
}

TEST_F(firmware_leftovers_test, all_go_or_none)
{
    publish("one");
    std::vector<firmware_file_id> all;
    for (int i = 0; i < 60; ++i) {
        put("targets/" + std::to_string(i), "x");
        all.push_back(id_of("targets/" + std::to_string(i)));
    }
    run("create function refuse() returns trigger language plpgsql as 'begin raise exception ''no''; end'");
    run("create trigger last_one before delete on firmware_file for each row when (old.path = 'targets/59') execute "
        "function refuse()");
    auto const announced = count("change where kind = 'firmware'");
    EXPECT_EQ(wait(remove_firmware_files(database_, in_force(), all)).error(), errc::rejected);
    EXPECT_EQ(paths().size(), 61U);
    EXPECT_EQ(count("change where kind = 'firmware'"), announced);
}

TEST_F(firmware_leftovers_test, small_files_are_read_whole)
{
    std::string const two_pieces(firmware_piece_size + 7, 'x');
    put("metadata/1.targets.json", two_pieces);
    auto const file = wait(find_firmware_file(database_, "metadata/1.targets.json")).value();
    EXPECT_EQ(wait(read_firmware_file(database_, file, two_pieces.size())).value(), two_pieces);
    EXPECT_EQ(wait(read_firmware_file(database_, file, two_pieces.size() - 1)).error(), errc::too_large);
    run("delete from firmware_file");
    EXPECT_EQ(wait(read_firmware_file(database_, file, two_pieces.size())).error(), errc::not_found);
}

TEST_F(firmware_leftovers_test, the_api_alone_removes)
{
    auto const as = [&](std::string const& role) {
        auto conninfo = conninfo_;
        return database::options{.conninfo = conninfo.replace(conninfo.find("user=owner"), 10, "user=" + role)};
    };
    database api(io_, as("tp_api")), controller(io_, as("tp_controller")), registry(io_, as("tp_registry"));
    put(std::string(firmware_timestamp), "one", &api);
    put(std::string(firmware_timestamp), "two", &api);
    put("targets/a", "a", &api);
    auto const a = id_of("targets/a");
    for (auto* each : {&controller, &registry})
        EXPECT_EQ(wait(remove_firmware_files(*each, in_force(), {a})).error(), errc::rejected);
    EXPECT_TRUE(wait(wanted_targets(api)));
    EXPECT_EQ(wait(replaced_timestamps(api, now_ - 1h)).value().size(), 1U);
    EXPECT_TRUE(wait(remove_firmware_files(api, in_force(), {a})));
    EXPECT_THAT(paths(), ElementsAre(firmware_timestamp));
}

}  // namespace
}  // namespace tp::store
