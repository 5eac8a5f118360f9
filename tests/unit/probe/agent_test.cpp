// The agent's two halves against a registry and controllers in the same process: real SSH, real pings of loopback.
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <fstream>

#include "base/coroutine.hpp"
#include "base/files.hpp"
#include "base/ssh/server.hpp"
#include "firmware-signing/signer.hpp"
#include "probe/agent/linking.hpp"
#include "probe/agent/measuring.hpp"
#include "probe/firmware/changing.hpp"
#include "probe/firmware/sha256.hpp"
#include "probe/together.hpp"
#include "proto/block_list.hpp"
#include "proto/codec.hpp"
#include "proto/document_parts.hpp"
#include "proto/version_report.hpp"
#include "tests/unit/firmware_signing/samples.hpp"
#include "tests/unit/probe/support.hpp"
#include "tests/unit/update/world.hpp"

namespace tp::probe {
namespace {

using channel = std::shared_ptr<ssh::channel>;
using tcp = boost::asio::ip::tcp;

/// A server with one subsystem whose sessions a test answers.
class peer {
public:
    using handler = std::function<asio::awaitable<void>(channel)>;

    peer(asio::io_context& io, std::filesystem::path const& folder, std::string subsystem, handler each)
        : key_(ssh::private_key::load_or_make(folder / (subsystem + std::to_string(next_++))).value())
    {
        tcp::endpoint const any(asio::ip::address_v4::loopback(), 0);
        server_ = ssh::server::open(io, {.listen = {any}, .host_key = key_, .subsystems = {subsystem}}).value();
        asio::co_spawn(io, server_->run(std::move(each)), asio::bind_cancellation_slot(stop_.slot(), expect_cancelled));
    }
    void stop() { stop_.emit(asio::cancellation_type::terminal); }
    ssh::public_key key() const { return key_.shared(); }
    std::string address() const { return "127.0.0.1:" + std::to_string(server_->endpoints().at(0).port()); }
    std::uint64_t opened() const { return server_->counts().opened; }

private:
    static inline int next_ = 0;
    ssh::private_key key_;
    std::unique_ptr<ssh::server> server_;
    asio::cancellation_signal stop_;
};

class agent_test : public testing::Test {
protected:
    static constexpr auto patience = 60s;

    /// One agent, as main() puts it together.
    struct agent {
        agent(asio::io_context& io, configuration const& with, std::optional<own_slot> from = {},
              std::string first_root = {})
            : files(with.state),
              boot(files.next_boot().value()),
              results(spool::open(with.state / "spool", with.spool).value()),
              measures(io.get_executor(), with, files, boot, sockets(io), results, [this] { link.notify(); }),
              firmware(from, with.commit_after, std::chrono::steady_clock::now(),
                       {[this](std::function<void(bool)> done) { measures.check_self(std::move(done)); },
                        [this] { link.notify(); }}),
              keys(disk, with.state, ssh::private_key::load_or_make(with.key()).value(), [this] { link.notify(); }),
              places(with, with.state / "registries"),
              updates(io.get_executor(),
                      {.folder = with.updates_folder(),
                       .first_root = std::move(first_root),
                       .from = from,
                       .host = with.updates,
                       .times = {.after_welcome = 0ms},
                       .built = {}},
                      update_seams()),
              link(io.get_executor(), with, files, boot, keys, results, measures, firmware, updates, places)
        {
            measures.read_allow_list();
            std::vector<asio::awaitable<void>> both;
            both.push_back(measures.run());
            both.push_back(link.run());
            both.push_back(firmware.run());
            both.push_back(keys.run());
            both.push_back(updates.run());
            asio::co_spawn(io, together(std::move(both)),
                           asio::bind_cancellation_slot(stop_.slot(), [this](auto thrown) {
                               ended = true;
                               measures.finish();
                               link.finish();
                               expect_cancelled(thrown);
                           }));
        }
        void stop() { stop_.emit(asio::cancellation_type::terminal); }

        update::updater_seams update_seams()
        {
            return {.wall = [] { return update::test::now; },
                    .on_news = [this] { link.notify(); },
                    .tell = [this](update::update_report what) { firmware.tell(std::move(what)); },
                    .report = [this](std::string kind,
                                     std::string text) { measures.report_event(std::move(kind), std::move(text)); },
                    .committed = [this] { return firmware.committed(); },
                    .hand_over =
                        [this] {
                            handed_over = true;
                            stop();
                        },
                    .use_control =
                        [this](control::content which, std::optional<std::string_view> octets) {
                            return which == control::content::hosts ? places.use(octets)
                                                                    : measures.use_control(which, octets);
                        }};
        }

        static opened_sockets sockets(asio::io_context& io)
        {
            opened_sockets out;
            if (auto v4 = echo_socket::open(io.get_executor(), proto::family::v4)) out.v4 = std::move(*v4);
            return out;
        }

        kept_files files;
        std::uint32_t boot;
        spool results;
        measuring measures;
        firmware_keeper firmware;
        firmware::real_disk disk;
        key_keeper keys;
        known_places places;
        update::updater updates;
        linking link;
        asio::cancellation_signal stop_;
        bool ended = false, handed_over = false;
    };

    void SetUp() override
    {
        std::ofstream(folder_.path() / "allowed") << "127.0.0.0/8\n";
        registry_ = std::make_unique<peer>(io_, folder_.path(), "trigpoint-registry",
                                           [this](channel with) { return answer(this, with); });
        configuration_.registry_keys = {registry_->key()};
        configuration_.registries = {host_port::parse(registry_->address()).value()};
        configuration_.state = folder_.path() / "state";
        configuration_.allow_file = folder_.path() / "allowed";
        configuration_.redial = {.first_pause = 10ms, .longest_pause = 50ms};
        std::filesystem::create_directory(configuration_.state);
    }

    /// The registry answers with what is next in `answers_`, the last one again and again.
    static asio::awaitable<void> answer(agent_test* self, channel with)
    {
        auto const hello = co_await with->read();
        if (!hello) co_return;
        self->asked_.push_back(std::get<proto::registry_hello>(proto::decode_to_registry(*hello).value()));
        auto frame = proto::encode(self->answers_.front());
        if (self->answers_.size() > 1) self->answers_.pop_front();
        co_await with->write(std::move(frame));
        with->close();
    }

    peer& add_controller(peer::handler each)
    {
        controllers_.push_back(std::make_unique<peer>(io_, folder_.path(), "trigpoint-controller", std::move(each)));
        return *controllers_.back();
    }

    proto::assignment placed(std::initializer_list<peer const*> at, std::chrono::seconds lease = 3600s) const
    {
        proto::assignment out{
            .version = 1, .probe = probe_id::from(7).value(), .lease = lease, .ask_again_after = 1800s};
        for (auto const* one : at)
            out.controllers.push_back({"c" + std::to_string(out.controllers.size()), {one->address()}, {one->key()}});
        return out;
    }

    void run_until(std::function<bool()> const& condition)
    {
        auto const end = std::chrono::steady_clock::now() + patience;
        while (!condition() && std::chrono::steady_clock::now() < end) io_.run_one_for(50ms);
        EXPECT_TRUE(condition());
    }

    void stop(agent& one)
    {
        one.stop();
        run_until([&] { return one.ended; });
    }

    void TearDown() override
    {
        registry_->stop();
        for (auto& one : controllers_) one->stop();
        io_.run_for(patience);
        EXPECT_TRUE(io_.stopped());
    }

    static asio::awaitable<bool> welcome(channel with, std::chrono::seconds keepalive = 60s)
    {
        auto const hello = co_await with->read();
        if (!hello) co_return false;
        auto frame = proto::encode(proto::from_controller(proto::welcome{1, wall_now(), keepalive}));
        auto const written = co_await with->write(std::move(frame));
        co_return written.has_value();
    }

    static asio::awaitable<void> send(channel with, proto::from_controller message)
    {
        auto frame = proto::encode(message);
        co_await with->write(std::move(frame));
    }

    static proto::job one_off(int measurement, std::string_view to = "127.0.0.1")
    {
        auto job = ping_job(measurement, {wall_now(), {}, {}, 0s});
        job.target = to;
        job.address = parse_address(to).value();
        job.options = proto::ping_options{.packets = 2, .packet_interval = 2ms};
        return job;
    }

    /// A controller that sends jobs, keeps results and acknowledges them if it is to.
    static asio::awaitable<void> control(agent_test* self, channel with)
    {
        bool const up = co_await welcome(with);
        if (!up) co_return;
        proto::job_page page{true, true, self->jobs_};
        co_await send(with, std::move(page));
        for (;;) {
            auto const frame = co_await with->read();
            if (!frame) co_return;
            auto const message = proto::decode_to_controller(*frame).value();
            auto const* const batch = std::get_if<proto::result_batch>(&message);
            if (!batch) continue;
            self->results_.insert(self->results_.end(), batch->results.begin(), batch->results.end());
            proto::acknowledge done;
            done.batches.push_back(batch->number);
            if (self->acknowledging_)
                co_await send(with, std::move(done));
            else
                with->abort();
        }
    }
    peer::handler controlling()
    {
        return [this](channel with) { return control(this, with); };
    }

    temporary_folder folder_;
    asio::io_context io_{1};
    configuration configuration_;
    std::unique_ptr<peer> registry_;
    std::vector<std::unique_ptr<peer>> controllers_;
    std::deque<proto::from_registry> answers_;
    std::vector<proto::registry_hello> asked_;
    std::vector<proto::job> jobs_;
    std::vector<proto::result_item> results_;
    bool acknowledging_ = true;
};

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

TEST_F(agent_test, a_release_on_trial_is_committed_once_its_signed_report_was_answered)
{
    static std::vector<proto::signed_report> reports;
    reports.clear();
    auto const& controller = add_controller([](channel with) -> asio::awaitable<void> {
        bool const up = co_await welcome(with, 1s);
        while (up) {
            auto const frame = co_await with->read();
            if (!frame) co_return;
            auto const message = proto::decode_to_controller(*frame).value();
            auto const* const report = std::get_if<proto::signed_report>(&message);
            auto answer = proto::encode(proto::from_controller(proto::keepalive{}));
            if (report) {
                reports.push_back(*report);
                answer = proto::encode(proto::from_controller(proto::report_taken{report->number}));
            }
            auto const sent = co_await with->write(std::move(answer));
            if (!sent) co_return;
        }
    });
    answers_ = {placed({&controller})};
    configuration_.commit_after = 0s;
    firmware::real_disk disk;
    firmware::slot_folders slots(disk, folder_.path() / "slots");
    std::filesystem::create_directory(slots.folder());
    std::ofstream(folder_.path() / "program") << "program";
    firmware::offer const what{.content = {"p", "m", 17, 3, 7, firmware::sha256_hex("program")}};
    auto const installed =
        firmware::install(slots, what, {"m", {}}, std::nullopt, [&] { return disk.open(folder_.path() / "program"); });
    ASSERT_EQ(installed.why, firmware::cause::none);
    agent one(io_, configuration_, own_slot{slots.folder(), {installed.into, 17}});
    run_until([&] { return reports.size() == 2; });
    stop(one);
    EXPECT_EQ(slots.load()->state.of(installed.into).is, firmware::standing::committed);
    auto const key = ssh::private_key::load(configuration_.key()).value();
    for (auto const& each : reports)
        EXPECT_TRUE(key.shared().verifies(proto::signed_octets_of_report(each.report), each.signature));
    auto const first = proto::decode_version_report(reports[0].report).value();
    EXPECT_EQ(first.from->standing, 1U);
    EXPECT_EQ(first.from->release, 17U);
    EXPECT_EQ(proto::decode_version_report(reports[1].report)->from->standing, 2U);
}

/// A controller that gives an instruction, and the files that the probe asks for.
struct update_giver {
    update::test::platform platform;
    proto::signed_instruction order;
    std::vector<proto::version_report> reports;
    std::size_t requests = 0;

    static asio::awaitable<void> serve(update_giver* self, channel with)
    {
        auto const hello = co_await with->read();
        if (!hello) co_return;
        std::vector<proto::from_controller> said;
        said.emplace_back(proto::welcome{1, wall_now(), 60s});
        said.emplace_back(self->order);
        for (auto const& message : said) {
            auto frame = proto::encode(message);
            co_await with->write(std::move(frame));
        }
        for (;;) {
            auto const frame = co_await with->read();
            if (!frame) co_return;
            auto const answer = self->answer(proto::decode_to_controller(*frame).value());
            if (!answer) continue;
            auto out = proto::encode(*answer);
            co_await with->write(std::move(out));
        }
    }
    std::optional<proto::from_controller> answer(proto::to_controller const& message)
    {
        if (auto const* const asked = std::get_if<proto::file_request>(&message)) {
            ++requests;
            return platform.answer(*asked);
        }
        auto const* const report = std::get_if<proto::signed_report>(&message);
        if (!report) return std::nullopt;
        reports.push_back(proto::decode_version_report(report->report).value());
        return proto::report_taken{report->number};
    }
};

TEST_F(agent_test, an_instruction_is_carried_out_through_the_session_and_the_agent_ends_to_be_replaced)
{
    update_giver giver;
    auto const wish = giver.platform.wish(17);
    giver.order = giver.platform.order(wish);
    auto const& controller = add_controller([&](channel with) { return update_giver::serve(&giver, with); });
    answers_ = {placed({&controller})};
    update::test::machine machine(folder_.path() / "slots");
    agent one(io_, configuration_, own_slot{machine.slots.folder(), {firmware::slot::a, 16}},
              giver.platform.repository.files.at("1.root.json"));
    run_until([&] { return one.ended; });
    EXPECT_TRUE(one.handed_over);
    EXPECT_EQ(machine.program_in(firmware::slot::b), update::test::program_of(17));
    ASSERT_FALSE(giver.reports.empty());
    auto const& last = giver.reports.back();
    EXPECT_EQ(last.update_state, 3U) << "the platform heard of it before it happened";
    EXPECT_EQ(last.instruction, wish.nonce);
    EXPECT_EQ(last.root_version, 1U);
    EXPECT_EQ(last.from->release, 16U);
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

/// A controller that asks for less, and then sends jobs.
asio::awaitable<void> limiting(channel with, proto::cap_limits limits, std::vector<proto::job> jobs)
{
    auto const hello = co_await with->read();
    if (!hello) co_return;
    std::vector<proto::from_controller> said;
    said.emplace_back(proto::welcome{1, wall_now(), 60s});
    if (limits != proto::cap_limits{}) said.emplace_back(limits);
    said.emplace_back(proto::job_page{true, true, std::move(jobs)});
    for (auto const& message : said) {
        auto frame = proto::encode(message);
        co_await with->write(std::move(frame));
    }
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
    limits.refused_kinds = {proto::result_kind::ping};
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
        for (auto const& message : said) {
            auto frame = proto::encode(message);
            co_await with->write(std::move(frame));
        }
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
        EXPECT_EQ(report.failed->text.substr(0, 23), "dns resolution failed: ");
        EXPECT_FALSE(report.resolve_time) << "nobody was asked";
        EXPECT_FALSE(report.destination);
    }
    stop(one);
}

}  // namespace
}  // namespace tp::probe
