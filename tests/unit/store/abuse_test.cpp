#include "store/abuse.hpp"

#include <gmock/gmock.h>

#include "store/pool.hpp"
#include "store/watching.hpp"
#include "tests/unit/store/fixture.hpp"

namespace tp::store {
namespace {

using namespace std::chrono_literals;

class abuse_test : public store_test {
protected:
    abuse_case_id claim(std::string const& target)
    {
        new_abuse_case out;
        if (auto const prefix = ip_prefix::parse(target))
            out.prefix = *prefix;
        else
            out.name = target;
        out.contact = "noc@example.net";
        out.complaint = "stop it";
        out.source = *parse_address("198.51.100.9");
        return wait(open_abuse_case(database_, std::move(out))).value().id;
    }
    new_measurement towards(std::string const& target, probe_id by)
    {
        auto out = ping({by}, 60s);
        out.job.target = target;
        if (auto const address = parse_address(target)) out.job.address = *address;
        if (out.job.address && out.job.address->is_v6()) out.job.af = proto::family::v6;
        return out;
    }
    std::size_t jobs(probe_id of) { return wait(jobs_of(database_, of)).value().size(); }
    std::size_t announced(measurement_id id)
    {
        auto const found = wait(database_.connections().run(
            "select count(*) from change where kind = 'measurement' and key = $1::int", parameters::of(id.value())));
        return static_cast<std::size_t>(found->integer(0, 0));
    }
    std::optional<abuse_case_id> refusal_of(std::string const& target, probe_id by)
    {
        auto const done = wait(create_measurements(database_, {towards(target, by)}, no_target_caps)).value();
        return done.refused.empty() ? std::nullopt : done.refused.at(0).blocked_by;
    }
};

TEST_F(abuse_test, an_unproven_claim_stops_nothing)
{
    auto const one = probe(1);
    ASSERT_TRUE(create({towards("192.0.2.7", one)}));
    auto const id = claim("192.0.2.7");
    EXPECT_EQ(jobs(one), 1U);
    EXPECT_EQ(refusal_of("192.0.2.7", one), std::nullopt);
    EXPECT_FALSE(wait(find_abuse_case(database_, id))->blocks);
    EXPECT_EQ(wait(blocked_prefixes(database_))->version, 0U);
}

TEST_F(abuse_test, a_proved_claim_withdraws_jobs_and_refuses_new_measurements)
{
    auto const one = probe(1);
    auto const inside = create({towards("192.0.2.7", one)})->at(0);
    auto const outside = create({towards("192.0.3.7", one)})->at(0);
    auto const id = claim("192.0.2.0/24");
    ASSERT_TRUE(wait(prove_abuse_case(database_, id, abuse_proof::dns)));
    EXPECT_EQ(jobs(one), 1U);
    EXPECT_FALSE(wait(job_state_of(database_, inside, {one}))->job);
    EXPECT_TRUE(wait(job_state_of(database_, outside, {one}))->job);
    EXPECT_EQ(announced(inside), 2U);
    EXPECT_EQ(announced(outside), 1U);
    EXPECT_EQ(refusal_of("192.0.2.200", one), id);
    EXPECT_EQ(refusal_of("192.0.3.200", one), std::nullopt);
    EXPECT_EQ(wait(find_measurement(database_, inside))->paused_by, id);
    EXPECT_EQ(wait(find_measurement(database_, outside))->paused_by, std::nullopt);
    auto const found = wait(find_abuse_case(database_, id)).value();
    EXPECT_TRUE(found.blocks);
    EXPECT_EQ(found.paused, 1U);
    EXPECT_EQ(found.proved_by, abuse_proof::dns);
    EXPECT_EQ(wait(list_alerts(database_, 10))->at(0).what.subject, "192.0.2.0/24");
}

TEST_F(abuse_test, a_proof_that_comes_twice_is_one)
{
    auto const one = probe(1);
    auto const id = create({towards("192.0.2.7", one)})->at(0);
    auto const about = claim("192.0.2.7");
    ASSERT_TRUE(wait(prove_abuse_case(database_, about, abuse_proof::http)));
    ASSERT_TRUE(wait(prove_abuse_case(database_, about, abuse_proof::dns)));
    EXPECT_EQ(announced(id), 2U);
    EXPECT_EQ(wait(find_abuse_case(database_, about))->proved_by, abuse_proof::http);
    EXPECT_EQ(wait(list_alerts(database_, 10))->size(), 1U);
}

TEST_F(abuse_test, names_are_compared_without_regard_to_case)
{
    auto const one = probe(1);
    ASSERT_TRUE(create({towards("WWW.example.net", one)}));
    auto const id = claim("www.example.net");
    ASSERT_TRUE(wait(prove_abuse_case(database_, id, abuse_proof::http)));
    EXPECT_EQ(jobs(one), 0U);
    EXPECT_EQ(refusal_of("www.EXAMPLE.net", one), id);
    EXPECT_EQ(refusal_of("example.net", one), std::nullopt);
    EXPECT_TRUE(wait(blocked_prefixes(database_))->prefixes.empty());
}

TEST_F(abuse_test, an_operators_word_is_the_last)
{
    auto const one = probe(1);
    auto const id = create({towards("2001:db8::7", one)})->at(0);
    auto const about = claim("2001:db8::/48");
    ASSERT_TRUE(wait(prove_abuse_case(database_, about, abuse_proof::dns)));
    ASSERT_TRUE(wait(decide_abuse_case(database_, about, abuse_decision::reopen, account(), "it is ours")));
    EXPECT_EQ(jobs(one), 1U);
    EXPECT_EQ(announced(id), 3U);
    ASSERT_TRUE(wait(prove_abuse_case(database_, about, abuse_proof::dns)));
    EXPECT_EQ(jobs(one), 1U);
    ASSERT_TRUE(
        wait(decide_abuse_case(database_, about, abuse_decision::keep_blocked, account(), "on second thought")));
    EXPECT_EQ(jobs(one), 0U);
    EXPECT_EQ(wait(find_abuse_case(database_, about))->reason, "on second thought");
    EXPECT_EQ(wait(list_abuse_cases(database_, true, 0, 10))->count, 0U);
    EXPECT_EQ(wait(list_abuse_cases(database_, false, 0, 10))->count, 1U);
}

TEST_F(abuse_test, an_operator_may_block_what_nobody_proved)
{
    auto const about = claim("192.0.2.7");
    ASSERT_TRUE(wait(decide_abuse_case(database_, about, abuse_decision::keep_blocked, account(), "by telephone")));
    EXPECT_EQ(refusal_of("192.0.2.7", probe(1)), about);
    EXPECT_EQ(
        wait(decide_abuse_case(database_, *abuse_case_id::from(99), abuse_decision::reopen, account(), "x")).error(),
        errc::not_found);
    EXPECT_EQ(wait(prove_abuse_case(database_, *abuse_case_id::from(99), abuse_proof::dns)).error(), errc::not_found);
}

TEST_F(abuse_test, the_list_of_blocks_has_a_version_that_grows_with_each_change)
{
    auto const first = claim("192.0.2.7"), second = claim("192.0.2.7"), third = claim("198.51.100.0/24");
    for (auto const id : {first, second, third}) ASSERT_TRUE(wait(prove_abuse_case(database_, id, abuse_proof::dns)));
    auto const full = wait(blocked_prefixes(database_)).value();
    EXPECT_THAT(full.prefixes,
                testing::ElementsAre(*ip_prefix::parse("192.0.2.7"), *ip_prefix::parse("198.51.100.0/24")));
    for (auto const id : {first, second, third})
        ASSERT_TRUE(wait(decide_abuse_case(database_, id, abuse_decision::reopen, account(), "x")));
    auto const empty = wait(blocked_prefixes(database_)).value();
    EXPECT_TRUE(empty.prefixes.empty());
    EXPECT_GT(empty.version, full.version);
}

class target_caps_test : public abuse_test {
protected:
    /// One packet a second for each probe.
    new_measurement steady(std::string const& address, std::vector<probe_id> by)
    {
        auto out = towards(address, by.at(0));
        out.job.options = proto::ping_options{.packets = 10};
        out.job.when.interval = 10s;
        out.participants = std::move(by);
        return out;
    }
    creation ask(std::vector<new_measurement> wanted, target_caps caps)
    {
        return wait(create_measurements(database_, std::move(wanted), caps)).value();
    }
};

TEST_F(target_caps_test, all_running_measurements_towards_a_target_are_added_up)
{
    auto const one = probe(1), two = probe(2);
    target_caps const caps{3, 100};
    auto const first = ask({steady("192.0.2.7", {one, two})}, caps).made.at(0);
    auto const refused = ask({steady("192.0.2.7", {one, two})}, caps).refused;
    ASSERT_EQ(refused.size(), 1U);
    EXPECT_EQ(refused[0].of, "192.0.2.7");
    EXPECT_DOUBLE_EQ(refused[0].running, 2);
    EXPECT_DOUBLE_EQ(refused[0].wanted, 2);
    EXPECT_DOUBLE_EQ(refused[0].most, 3);
    EXPECT_EQ(ask({steady("192.0.2.7", {one})}, caps).made.size(), 1U);
    EXPECT_EQ(ask({steady("192.0.2.8", {one, two})}, caps).made.size(), 1U);
    ASSERT_TRUE(wait(stop_measurement(database_, first)));
    EXPECT_EQ(ask({steady("192.0.2.7", {one, two})}, caps).made.size(), 1U);
}

TEST_F(target_caps_test, the_addresses_of_a_prefix_are_added_up)
{
    auto const one = probe(1), two = probe(2);
    target_caps const caps{2, 3};
    ASSERT_EQ(ask({steady("2001:db8:1::7", {one, two})}, caps).made.size(), 1U);
    auto const refused = ask({steady("2001:db8:1:ffff::9", {one, two})}, caps).refused;
    ASSERT_EQ(refused.size(), 1U);
    EXPECT_EQ(refused[0].of, "2001:db8:1::/48");
    EXPECT_EQ(ask({steady("2001:db8:2::9", {one, two})}, caps).made.size(), 1U);
}

TEST_F(target_caps_test, the_measurements_of_one_request_count_for_each_other_and_none_is_made)
{
    auto const one = probe(1), two = probe(2);
    auto const done = ask({steady("192.0.2.7", {one, two}), steady("192.0.2.7", {one, two})}, {3, 100});
    EXPECT_TRUE(done.made.empty());
    ASSERT_EQ(done.refused.size(), 1U);
    EXPECT_EQ(done.refused[0].which, 1U);
    EXPECT_EQ(jobs(one), 0U);
}

TEST_F(target_caps_test, names_that_probes_resolve_are_added_up_by_name)
{
    auto const one = probe(1), two = probe(2);
    ASSERT_EQ(ask({steady("www.example.net", {one, two})}, {3, 3}).made.size(), 1U);
    EXPECT_EQ(ask({steady("WWW.example.net", {one, two})}, {3, 3}).refused.at(0).of, "www.example.net");
    EXPECT_EQ(ask({steady("other.example.net", {one, two})}, {3, 3}).made.size(), 1U);
}

TEST_F(target_caps_test, probes_that_join_count_too_and_those_that_are_there_once)
{
    auto const one = probe(1), two = probe(2), three = probe(3);
    target_caps const caps{2, 100};
    auto const id = ask({steady("192.0.2.7", {one})}, caps).made.at(0);
    auto const refused = wait(add_participants(database_, id, {two, three}, caps)).value();
    ASSERT_TRUE(refused);
    EXPECT_DOUBLE_EQ(refused->wanted, 2);
    EXPECT_EQ(wait(participants_of(database_, id))->size(), 1U);
    EXPECT_FALSE(wait(add_participants(database_, id, {one, two}, caps)).value());
    EXPECT_EQ(wait(participants_of(database_, id))->size(), 2U);
    ASSERT_TRUE(wait(change_participants(database_, id, {{one}, {three, probe(4)}}, caps)).value());
    EXPECT_EQ(wait(participants_of(database_, id)).value(), (std::vector{one, two})) << "all of it or nothing";
    EXPECT_FALSE(wait(change_participants(database_, id, {{one}, {three}}, caps)).value());
    EXPECT_EQ(wait(participants_of(database_, id)).value(), (std::vector{two, three}));
}

TEST_F(target_caps_test, those_who_ask_at_the_same_time_do_not_go_beyond_it_together)
{
    constexpr int askers = 16;
    auto const one = probe(1), two = probe(2);
    std::vector<std::optional<result<creation>>> outcomes(askers);
    for (int i = 0; i < askers; ++i) {
        // Addresses of one prefix: each alone is far below its own cap.
        auto const address = "192.0.2." + std::to_string(i + 1);
        std::vector<new_measurement> wanted{steady(address, {one, two}), steady("198.51.100.7", {one})};
        if (i % 2 == 0) std::swap(wanted[0], wanted[1]);
        asio::co_spawn(
            io_,
            put(create_measurements(database_, std::move(wanted), {1'000, 10}), outcomes[static_cast<std::size_t>(i)]),
            [](std::exception_ptr thrown) {
                if (thrown) std::rethrow_exception(thrown);
            });
    }
    io_.restart();
    io_.run();
    int made = 0;
    for (auto const& each : outcomes) {
        ASSERT_TRUE(each && *each);
        made += (**each).made.empty() ? 0 : 1;
        EXPECT_NE((**each).made.empty(), (**each).refused.empty());
    }
    EXPECT_EQ(made, 5);
    EXPECT_EQ(jobs(one), 10U);
}

}  // namespace
}  // namespace tp::store
