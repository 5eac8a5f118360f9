// Jobs in and results out, and whom the agent turns to when a registry or a controller is not as it should be.
#include <boost/asio/ip/udp.hpp>
#include <fstream>

#include "base/files.hpp"
#include "proto/codec.hpp"
#include "proto/report.hpp"
#include "tests/unit/probe/agent_fixture.hpp"

namespace tp::probe {
namespace {

TEST_F(agent_test, a_job_becomes_a_result_and_is_forgotten_once_acknowledged)
{
    auto const& controller = add_controller(controlling());
    answers_ = {placed({&controller})};
    configuration_.claim_code = "AB-12";
    jobs_ = {one_off(1), one_off(2, "10.9.9.9")};
    agent one(io_, configuration_);
    run_until([&] { return results_.size() == 2; });
    ASSERT_EQ(asked_.size(), 1U);
    EXPECT_EQ(asked_[0].claim_code, "AB-12");
    EXPECT_EQ(asked_[0].boot_count, 1U);
    EXPECT_EQ(asked_[0].local_v4, parse_address("127.0.0.1").value());

    std::map<int, proto::report> reports;
    for (auto const& item : results_) {
        EXPECT_EQ(item.sequence >> 32, 1U);
        reports.emplace(item.measurement.value(), proto::decode_report(item.report).value());
    }
    EXPECT_EQ(reports.at(2).failed, (proto::failure{proto::failure_source::guard, "address not allowed"}));
    if (one.measures.can().of(proto::result_kind::ping)->can(proto::family::v4)) {
        auto const& found = std::get<proto::ping_report>(reports.at(1).found);
        ASSERT_EQ(found.packets.size(), 2U);
        EXPECT_TRUE(found.packets[0].round_trip);
        EXPECT_EQ(reports.at(1).source, parse_address("127.0.0.1").value());
    }
    run_until([&] { return one.results.in_flight() == 0; });
    stop(one);

    agent again(io_, configuration_);
    EXPECT_FALSE(again.results.next());
    EXPECT_EQ(again.boot, 2U);
    run_until([&] { return controller.opened() == 2; });
    stop(again);
    EXPECT_EQ(results_.size(), 2U) << "one-offs run once, also after a restart";
    EXPECT_EQ(asked_.size(), 1U) << "the lease held: no need to ask the registry";
}

TEST_F(agent_test, a_name_is_resolved_by_the_probe_itself_and_then_asked_of_the_guard)
{
    auto const& controller = add_controller(controlling());
    answers_ = {placed({&controller})};
    auto found = one_off(1), missing = one_off(2);
    found.target = "localhost";
    missing.target = "no-such-name.invalid";
    found.address = missing.address = std::nullopt;
    jobs_ = {found, missing};
    std::ofstream(folder_.path() / "allowed", std::ios::trunc) << "";
    agent one(io_, configuration_);
    run_until([&] { return results_.size() == 2; });
    for (auto const& item : results_) {
        auto const report = proto::decode_report(item.report).value();
        EXPECT_TRUE(report.resolve_time);
        ASSERT_TRUE(report.failed);
        if (item.measurement == msm(1)) {
            EXPECT_EQ(report.destination, parse_address("127.0.0.1").value());
            EXPECT_EQ(*report.failed, (proto::failure{proto::failure_source::guard, "address not allowed"}));
        } else {
            EXPECT_EQ(report.failed->source, proto::failure_source::resolver);
            EXPECT_EQ(report.failed->text.substr(0, 23), "dns resolution failed: ");
        }
    }
    stop(one);
}

TEST_F(agent_test, results_are_sent_again_until_they_are_acknowledged)
{
    auto const& controller = add_controller(controlling());
    answers_ = {placed({&controller})};
    jobs_ = {one_off(1)};
    acknowledging_ = false;  // it takes the results and dies
    agent one(io_, configuration_);
    run_until([&] { return results_.size() == 3; });
    EXPECT_EQ(results_[0].sequence, results_[2].sequence);
    acknowledging_ = true;
    run_until([&] { return results_.size() >= 4 && one.results.in_flight() == 0 && !one.results.next(); });
    stop(one);
}

TEST_F(agent_test, a_dead_controller_is_left_for_the_second_one)
{
    auto& first = add_controller(controlling());
    auto const& second = add_controller(controlling());
    answers_ = {placed({&first, &second})};
    agent one(io_, configuration_);
    run_until([&] { return first.opened() == 1; });
    first.stop();
    jobs_ = {one_off(1)};
    run_until([&] { return results_.size() == 1; });
    EXPECT_EQ(second.opened(), 1U);
    EXPECT_EQ(asked_.size(), 1U);
    stop(one);
}

TEST_F(agent_test, a_registry_with_another_host_key_is_never_talked_to)
{
    auto const& controller = add_controller(controlling());
    answers_ = {placed({&controller})};
    configuration_.registry_keys = {controller.key()};
    agent one(io_, configuration_);
    auto const end = std::chrono::steady_clock::now() + 1s;
    while (std::chrono::steady_clock::now() < end) io_.run_one_for(50ms);
    EXPECT_TRUE(asked_.empty());
    configuration_.registry_keys = {registry_->key()};  // it kept trying
    run_until([&] { return controller.opened() == 1; });
    stop(one);
}

TEST_F(agent_test, a_refusal_a_wait_and_then_an_assignment_lead_to_a_session)
{
    auto const& controller = add_controller(controlling());
    answers_ = {proto::refuse{proto::refusal::unknown_key, "nobody claimed it", 0s}, proto::wait{0s, "busy"},
                placed({&controller})};
    agent one(io_, configuration_);
    run_until([&] { return controller.opened() == 1; });
    EXPECT_EQ(asked_.size(), 3U);
    stop(one);
}

TEST_F(agent_test, a_controller_that_says_nothing_is_left_after_three_keepalives)
{
    static int greeted;
    greeted = 0;
    auto const& controller = add_controller([](channel with) -> asio::awaitable<void> {
        ++greeted;
        bool const up = co_await welcome(with, 1s);
        if (!up) co_return;
        for (;;) {  // reads the probe's keepalives, and never says anything
            auto const frame = co_await with->read();
            if (!frame) co_return;
            EXPECT_TRUE(std::holds_alternative<proto::keepalive>(proto::decode_to_controller(*frame).value()));
        }
    });
    answers_ = {placed({&controller})};
    agent one(io_, configuration_);
    run_until([&] { return greeted == 2; });
    stop(one);
}

TEST_F(agent_test, jobs_go_on_without_a_controller_and_over_a_restart_until_they_are_too_old)
{
    auto& controller = add_controller(controlling());
    answers_ = {placed({&controller})};
    auto periodic = one_off(1, "10.9.9.9");  // a refused target needs no socket
    periodic.when.interval = 1s;
    jobs_ = {periodic};
    {
        agent one(io_, configuration_);
        run_until([&] { return !results_.empty(); });
        controller.stop();
        stop(one);
    }
    {
        agent one(io_, configuration_);
        auto const before = one.results.octets();
        run_until([&] { return one.results.octets() > before; });
        stop(one);
    }
    configuration_.jobs_kept = 0s;
    agent one(io_, configuration_);
    std::vector<proto::event> seen;
    run_until([&] {
        for (auto& event : one.measures.take_events()) seen.push_back(std::move(event));
        return std::any_of(seen.begin(), seen.end(), [](auto const& event) { return event.kind == "jobs_expired"; });
    });
    stop(one);
    EXPECT_TRUE(one.files.jobs()->jobs.empty());
}

TEST_F(agent_test, a_measurement_has_one_run_at_a_time_and_the_next_when_that_is_over)
{
    asio::ip::udp::socket silent(io_, asio::ip::udp::endpoint(asio::ip::address_v4::loopback(), 0));
    auto job = one_off(1);
    job.when.interval = 1s;
    proto::dns_options told;
    told.query_argument = "example";
    told.port = silent.local_endpoint().port();
    told.timeout = 2500ms;
    job.options = told;
    jobs_ = {job};
    auto const& controller = add_controller(controlling());
    answers_ = {placed({&controller})};
    agent one(io_, configuration_);
    run_until([&] { return results_.size() == 2; });
    EXPECT_GT(results_[1].timestamp - results_[0].timestamp, 2500ms);
    auto const log = read_file(configuration_.state / "log", 1024 * 1024);
    ASSERT_TRUE(log);
    EXPECT_NE(log->find(" refused: run skipped (the one before is still on)\n"), std::string::npos);
    for (auto const& item : results_) EXPECT_FALSE(proto::decode_report(item.report).value().failed);
    stop(one);
}

TEST_F(agent_test, a_clock_that_is_set_after_the_jobs_came_is_no_silence)
{
    auto const& controller = add_controller(controlling());
    answers_ = {placed({&controller})};
    auto periodic = one_off(1, "10.9.9.9");
    periodic.when.interval = 1s;
    jobs_ = {periodic};
    agent one(io_, configuration_);
    run_until([&] { return !results_.empty(); });
    auto const has_expired = [&] {
        auto const events = one.measures.take_events();
        return std::any_of(events.begin(), events.end(), [](auto const& each) { return each.kind == "jobs_expired"; });
    };
    auto const now = clocks::now();
    one.measures.tick({now.wall + 720h, now.steady + 1s});
    EXPECT_FALSE(has_expired());
    one.measures.tick({now.wall + 720h, now.steady + configuration_.jobs_kept + 1min});
    EXPECT_TRUE(has_expired()) << "that is one";
    stop(one);
}

class names_to_look_up : public agent_test {
protected:
    /// So many one-offs towards a name that this machine knows itself, and whose address the guard refuses.
    void ask(int count)
    {
        std::ofstream(folder_.path() / "allowed", std::ios::trunc) << "";
        answers_ = {placed({&add_controller(controlling())})};
        for (int number = 1; number <= count; ++number) {
            auto job = one_off(number);
            job.target = "localhost";
            job.address = std::nullopt;
            jobs_.push_back(job);
        }
    }
    proto::failure how_ended(std::size_t at) const
    {
        return proto::decode_report(results_.at(at).report)->failed.value();
    }
};

TEST_F(names_to_look_up, wait_for_the_packets_that_they_cost)
{
    configuration_.limits.packets_per_second = look_up_cost::packets;
    ask(4);
    agent one(io_, configuration_);
    run_until([&] { return !results_.empty(); });
    auto const first = std::chrono::steady_clock::now();
    run_until([&] { return results_.size() == 4; });
    EXPECT_GT(std::chrono::steady_clock::now() - first, 1500ms) << "one a second";
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(how_ended(i).text, "address not allowed");
    stop(one);
}

TEST_F(names_to_look_up, are_dropped_when_it_stops_while_they_wait)
{
    configuration_.limits.packets_per_second = look_up_cost::packets;
    ask(40);
    agent one(io_, configuration_);
    run_until([&] { return !results_.empty(); });
    stop(one);
    auto const taken = results_.size();
    io_.run_for(100ms);  // what was cancelled ends before the agent is gone
    EXPECT_LT(taken, 10U);
}

TEST_F(names_to_look_up, end_with_the_days_octets)
{
    configuration_.limits.bytes_per_day = look_up_cost::octets - 1;
    ask(1);
    agent one(io_, configuration_);
    run_until([&] { return results_.size() == 1; });
    EXPECT_EQ(how_ended(0), (proto::failure{proto::failure_source::guard, "the day's bytes are used up"}));
    stop(one);
}

TEST_F(agent_test, what_is_no_name_is_never_looked_up)
{
    auto const& controller = add_controller(controlling());
    answers_ = {placed({&controller})};
    int number = 0;
    for (auto const* text : {"127.1", "0x7f.1", "2130706433", "fe80::1%lo", "second-hop"}) {
        auto job = one_off(++number);
        job.target = text;
        job.address = std::nullopt;
        jobs_.push_back(job);
    }
    agent one(io_, configuration_);
    run_until([&] { return results_.size() == jobs_.size(); });
    for (auto const& item : results_) {
        auto const report = proto::decode_report(item.report).value();
        ASSERT_TRUE(report.failed);
        EXPECT_NE(report.failed->source, proto::failure_source::target);
        EXPECT_EQ(report.failed->text.substr(0, 23), "dns resolution failed: ");
        EXPECT_FALSE(report.resolve_time) << "nobody was asked";
        EXPECT_FALSE(report.destination);
    }
    stop(one);
}

TEST_F(agent_test, a_failed_look_up_is_worded_as_atlas_words_it_for_the_type)
{
    auto const& controller = add_controller(controlling());
    answers_ = {placed({&controller})};
    proto::options const types[] = {proto::traceroute_options{}, proto::tls_options{}, proto::ntp_options{}};
    for (int number = 0; auto const& one : types) {
        auto job = one_off(++number, "127.0.0.1");
        job.target = "127.1";
        job.address = std::nullopt;
        job.options = one;
        jobs_.push_back(job);
    }
    agent one(io_, configuration_);
    run_until([&] { return results_.size() == jobs_.size(); });
    for (auto const& item : results_)
        EXPECT_EQ(proto::decode_report(item.report).value().failed,
                  (proto::failure{proto::failure_source::resolver, "name resolution failed: not a host name"}));
    stop(one);
}

TEST_F(agent_test, near_hops_are_no_target_for_users)
{
    auto const& controller = add_controller(controlling());
    answers_ = {placed({&controller})};
    for (int const number : {999'999, 1'000'001}) {
        for (auto const* text : {"first-hop", "second-hop"}) {
            auto job = one_off(number + static_cast<int>(jobs_.size()) % 2);
            job.target = text;
            job.address = std::nullopt;
            job.options = proto::ping_options{.packets = 1};
            jobs_.push_back(job);
        }
    }
    agent one(io_, configuration_);
    run_until([&] { return results_.size() == jobs_.size(); });
    proto::failure const refused{proto::failure_source::guard, "address not allowed"};
    for (auto const& item : results_) {
        auto const report = proto::decode_report(item.report).value();
        EXPECT_EQ(report.failed == refused, item.measurement > msm(1'000'000)) << item.measurement.value();
        EXPECT_TRUE(report.failed != refused || !report.destination) << "nobody learns the router's address";
    }
    stop(one);
}

}  // namespace
}  // namespace tp::probe
