// What the platform asks of an agent: lower caps, addresses to leave alone, and the list of anchors.
#include <fstream>

#include "base/files.hpp"
#include "firmware-signing/signer.hpp"
#include "proto/block_list.hpp"
#include "proto/codec.hpp"
#include "proto/document_parts.hpp"
#include "proto/report.hpp"
#include "tests/unit/firmware_signing/samples.hpp"
#include "tests/unit/probe/agent_fixture.hpp"

namespace tp::probe {
namespace {

/// A controller that asks for less, and then sends jobs.
asio::awaitable<void> limiting(channel with, proto::cap_limits limits, std::vector<proto::job> jobs)
{
    auto const hello = co_await with->read();
    if (!hello) co_return;
    std::vector<proto::from_controller> said;
    said.emplace_back(proto::welcome{1, wall_now(), 60s});
    if (limits != proto::cap_limits{}) said.emplace_back(limits);
    said.emplace_back(proto::job_page{true, true, std::move(jobs)});
    co_await say(with, std::move(said));
    for (;;) {
        auto const frame = co_await with->read();
        if (!frame) co_return;
    }
}

TEST_F(agent_test, what_the_platform_asks_holds_over_a_restart_until_it_asks_no_more)
{
    static proto::cap_limits limits;
    limits = {};
    limits.packets_per_second = 3;
    limits.refused_kinds = {proto::result_kind::ping, static_cast<proto::result_kind>(7)};  // one of a later platform
    auto const& controller = add_controller([](channel with) {
        return limiting(std::move(with), limits, {one_off(limits.refused_kinds.empty() ? 2 : 1)});
    });
    answers_ = {placed({&controller})};
    auto const logged = [&] {
        auto const file = read_file(configuration_.state / "log", 1024 * 1024);
        return file ? *file : std::string();
    };
    {
        agent one(io_, configuration_);
        constexpr auto line =
            " 1 ping 127.0.0.1 127.0.0.1 sent 0/0 received 0/0 refused: type of measurement not allowed ";
        run_until([&] { return logged().find(line) != std::string::npos; });
        stop(one);
        EXPECT_EQ(one.files.platform_limits(), limits);
    }
    limits = {};
    agent one(io_, configuration_);
    run_until([&] { return one.files.platform_limits() == proto::cap_limits{}; });
    run_until([&] { return logged().find(" 2 ping 127.0.0.1 127.0.0.1 ") != std::string::npos; });
    EXPECT_EQ(logged().find(" 2 ping 127.0.0.1 127.0.0.1 sent 0/0 received 0/0 refused"), std::string::npos);
    stop(one);
}

TEST_F(agent_test, a_list_of_blocks_holds_from_the_start_before_any_controller_is_heard)
{
    auto& controller = add_controller(controlling());
    answers_ = {placed({&controller})};
    auto periodic = one_off(1);
    periodic.when.interval = 1s;
    jobs_ = {periodic};
    auto const is_logged = [&](std::string_view what, std::size_t from = 0) {
        auto const file = read_file(configuration_.state / "log", 1024 * 1024);
        return file && file->find(what, from) != std::string::npos;
    };
    auto const log_size = [&] { return std::filesystem::file_size(configuration_.state / "log"); };
    constexpr auto blocked = "its holder asked not to be measured";
    {
        agent one(io_, configuration_);
        one.measures.take_blocks(proto::encode_blocks({1, {ip_prefix::parse("127.0.0.0/8").value()}}));
        EXPECT_EQ(one.measures.held_documents().size(), 1U);
        run_until([&] { return is_logged(blocked); });
        controller.stop();
        stop(one);
    }
    {
        auto const before = log_size();
        agent one(io_, configuration_);
        EXPECT_TRUE(one.measures.held_documents().empty()) << "a controller is to send its own";
        run_until([&] { return is_logged(blocked, before); });
        stop(one);
    }
    EXPECT_FALSE(is_logged("sent 2/"));
    std::ofstream(configuration_.state / "blocks", std::ios::trunc) << "damaged";
    agent one(io_, configuration_);
    run_until([&] { return is_logged("sent 2/"); });
    stop(one);
}

/// A controller that gives documents, and then jobs; it keeps what probes say in their hellos, results and events.
struct document_giver {
    std::vector<std::string> documents;
    std::vector<proto::job> jobs;
    std::vector<proto::held_document> held;
    std::vector<proto::report> reports;
    std::vector<proto::event> events;

    static asio::awaitable<void> serve(document_giver* self, channel with)
    {
        auto const hello = co_await with->read();
        if (!hello) co_return;
        self->held = std::get<proto::controller_hello>(proto::decode_to_controller(*hello).value()).holds;
        std::vector<proto::from_controller> said;
        said.emplace_back(proto::welcome{1, wall_now(), 60s});
        for (auto const& each : self->documents)
            for (auto& part : proto::parts_of(proto::document_part::anchors, each)) said.emplace_back(std::move(part));
        said.emplace_back(proto::job_page{true, true, self->jobs});
        co_await say(with, std::move(said));
        for (;;) {
            auto const frame = co_await with->read();
            if (!frame) co_return;
            self->hear(proto::decode_to_controller(*frame).value());
        }
    }
    void hear(proto::to_controller message)
    {
        if (auto* const batch = std::get_if<proto::result_batch>(&message))
            for (auto const& one : batch->results) reports.push_back(proto::decode_report(one.report).value());
        if (auto* const told = std::get_if<proto::events>(&message))
            events.insert(events.end(), told->list.begin(), told->list.end());
    }
};

TEST_F(agent_test, a_list_of_anchors_opens_http_to_them_and_outlasts_a_restart)
{
    auto const key = signing::private_key::make().value(), stranger = signing::private_key::make().value();
    configuration_.trust = signing::trusted_keys::from({key.shared()}, 1).value();
    auto const list = [](signing::private_key const& by, std::uint64_t version, std::string_view content) {
        return signing::sealed({"anchors", version, wall_now() + 1h, content}, {&by});
    };
    document_giver giver;
    giver.documents = {list(key, 7, "anchor a.example 1 127.0.0.1\n"), list(stranger, 8, "")};
    auto const job = [](int number, std::uint16_t port) {
        auto out = one_off(number);
        proto::http_options told;
        told.port = port;
        out.options = told;
        return out;
    };
    giver.jobs = {job(1, 1), job(2, 2)};
    auto const& controller = add_controller([&](channel with) { return document_giver::serve(&giver, with); });
    answers_ = {placed({&controller})};
    agent one(io_, configuration_);
    run_until([&] { return giver.reports.size() == 2 && !giver.events.empty(); });
    EXPECT_TRUE(giver.held.empty());
    EXPECT_EQ(giver.events[0].kind, "document_refused");
    EXPECT_EQ(giver.events[0].text, "anchors: too few signatures of trusted keys");
    for (auto const& report : giver.reports) {
        ASSERT_TRUE(report.failed);
        bool const asked = report.failed->source != proto::failure_source::guard;
        EXPECT_EQ(asked ? "connect: Connection refused" : "address not allowed", report.failed->text);
    }
    EXPECT_NE(giver.reports[0].failed->source, giver.reports[1].failed->source) << "one port is on the list";
    stop(one);

    agent again(io_, configuration_);
    run_until([&] { return controller.opened() == 2 && !giver.held.empty(); });
    EXPECT_EQ(giver.held, (std::vector<proto::held_document>{{"anchors", 7}}));
    stop(again);
}

}  // namespace
}  // namespace tp::probe
