#pragma once

#include <gmock/gmock.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <map>
#include <optional>

#include "base/coroutine.hpp"
#include "base/ssh/client.hpp"
#include "controller/service.hpp"
#include "proto/codec.hpp"
#include "proto/report.hpp"
#include "store/accounts.hpp"
#include "store/enrolment.hpp"
#include "store/fleet.hpp"
#include "store/measurements.hpp"
#include "store/migrations.hpp"
#include "store/probes.hpp"
#include "store/result_store.hpp"
#include "tests/support/cluster.hpp"
#include "tests/unit/base/temporary_folder.hpp"

namespace tp::controller {

/// A controller on the loopback with a database of its own, and scripts that play probes, in one io_context. Scripts
/// throw when something is not as they need it; what is to be tested they expect.
struct controller_fixture : testing::Test {
    static constexpr std::chrono::seconds patience{180};      // for a whole test, on a busy machine
    static constexpr std::chrono::seconds answer_limit{20};   // for one message
    static constexpr std::chrono::seconds connect_limit{60};  // of handshakes, which the tests are not about

    struct player {
        ssh::private_key key;
        std::optional<probe_id> id;
    };
    using link = std::shared_ptr<ssh::channel>;

    template <class T>
    static T need(result<T> outcome)
    {
        if (!outcome) throw std::runtime_error("failed: " + outcome.error().message());
        if constexpr (!std::is_void_v<T>) return std::move(*outcome);
    }

    /// Runs the script beside a controller, then stops it. Fails when anything still runs at the end.
    template <class Script>
    void play(Script script, struct terms terms = {})
    {
        asio::co_spawn(io_, run(std::move(script), terms), [this](std::exception_ptr thrown) {
            ended_ = true;
            if (service_) service_->stop();
            try {  // not out of the loop: all is to end in good order
                if (thrown) std::rethrow_exception(thrown);
            } catch (std::exception const& error) {
                ADD_FAILURE() << "the script ended early: " << error.what();
            }
        });
        io_.run_for(patience);
        EXPECT_TRUE(ended_);
        EXPECT_TRUE(io_.stopped());
        EXPECT_TRUE(service_ && !service_->failed());
    }

    template <class Script>
    asio::awaitable<void> run(Script script, struct terms terms)
    {
        need(co_await store::migrate(owner_));
        account_.emplace(need(co_await store::first_administrator(owner_)));
        start_controller(terms);
        co_await until_registered();
        co_await script(*this);
    }

    void start_controller(struct terms terms)
    {
        config config;
        config.name = "controller-under-test";
        config.listen = {{asio::ip::address_v4::loopback(), 0}};
        config.host_key = folder_ / "host_key";
        config.limits.handshake = connect_limit;
        config.database.conninfo = test::cluster::shared().conninfo(database_name_, "tp_controller");
        config.database.connect_limit = connect_limit;
        config.terms = terms;
        service_ = need(service::open(io_, config));
        host_key_ = need(ssh::private_key::load_or_make(config.host_key)).shared();
        service_->start([] {});
    }
    asio::awaitable<void> until_registered()
    {
        for (;;) {
            auto const all = need(co_await store::list_controllers(owner_));
            // The entry comes before the service takes calls, and those who call too early are simply served later.
            if (!all.empty()) self_.emplace(all.front().id);
            if (self_) co_return;
            co_await pause_for(std::chrono::milliseconds(20));
        }
    }

    // GCC 12 cannot have a list in braces inside a co_await expression.
    template <class... Players>
    static std::vector<probe_id> ids(Players const&... players)
    {
        return {players.id.value()...};
    }
    static std::vector<controller_id> at(controller_id one) { return {one}; }

    player make_player(std::string const& name) { return {need(ssh::private_key::load_or_make(folder_ / name)), {}}; }
    asio::awaitable<player> add_probe(std::string name, bool placed = true)
    {
        auto out = make_player(name);
        out.id = need(co_await store::add_probe(owner_, out.key.shared(), *account_, ""));
        need(co_await store::change_trust(owner_, *out.id, store::trust_event::admitted, ""));
        if (placed) need(co_await store::place_probe(owner_, *out.id, at(*self_), std::chrono::hours(1)));
        co_return out;
    }
    asio::awaitable<void> by_hand(player const& who, store::trust_event event)
    {
        store::trust_wish wish{*who.id, event, store::trust_actor::operator_, *account_, "because"};
        need(co_await store::change_trust(owner_, std::move(wish)));
    }
    asio::awaitable<measurement_id> measure(std::vector<probe_id> participants)
    {
        return measure(std::move(participants), std::chrono::seconds(60));
    }
    asio::awaitable<measurement_id> measure(std::vector<probe_id> participants, std::chrono::seconds interval)
    {
        proto::job job{.measurement = measurement_id::from(1).value(), .target = "target.example"};
        job.when.start = wall_now();
        job.when.interval = interval;
        std::vector<store::new_measurement> wanted{
            {.job = job, .owner = *account_, .probes_requested = 1, .participants = std::move(participants)}};
        co_return need(co_await store::create_measurements(owner_, std::move(wanted), store::no_target_caps))
            .made.front();
    }

    asio::awaitable<link> call(player const& who)
    {
        ssh::dial_options options{.host_keys = {*host_key_},
                                  .key = who.key,
                                  .subsystem = std::string(subsystem),
                                  .limits = {.handshake = connect_limit}};
        co_return need(co_await ssh::dial(service_->endpoints(), std::move(options)));
    }
    static asio::awaitable<void> say(link to, proto::to_controller message)
    {
        need(co_await to->write(proto::encode(message)));
    }
    static proto::controller_hello hello_of(player const& who)
    {
        return {.versions = proto::our_versions,
                .runs = {"test 1", {"ping", "ping4"}},
                .probe = who.id.value_or(probe_id::from(1).value()),
                .boot_count = 1,
                .clock = wall_now()};
    }
    /// The next message of this kind; others before it are passed over.
    template <class T>
    static asio::awaitable<T> hear(link from)
    {
        for (;;) {
            auto const frame = need(co_await within(answer_limit, from->read()));
            auto message = need(proto::decode_from_controller(frame));
            if (auto* wanted = std::get_if<T>(&message)) co_return std::move(*wanted);
        }
    }
    /// True once the other side has ended the session.
    static asio::awaitable<bool> hears_the_end(link from)
    {
        for (;;) {
            auto const frame = co_await within(answer_limit, from->read());
            if (!frame) co_return frame.error() == errc::closed;
        }
    }
    /// Calls, says hello, and reads up to the end of the job list.
    asio::awaitable<link> join(player const& who, std::vector<proto::job>* jobs = nullptr)
    {
        auto to = co_await call(who);
        proto::to_controller const hello = hello_of(who);
        co_await say(to, hello);
        co_await hear<proto::welcome>(to);
        for (;;) {
            auto page = co_await hear<proto::job_page>(to);
            if (jobs != nullptr) jobs->insert(jobs->end(), page.jobs.begin(), page.jobs.end());
            if (page.last) co_return to;
        }
    }

    static proto::result_item item(measurement_id of, std::uint64_t sequence)
    {
        return {of, wall_now(), sequence, proto::result_kind::ping, proto::encode(proto::report{})};
    }

    asio::io_context io_{1};
    test::temporary_folder folder_;
    std::string database_name_ = test::cluster::shared().make_database();
    store::database owner_{
        io_, {.conninfo = test::cluster::shared().conninfo(database_name_), .connect_limit = connect_limit}};
    std::optional<account_id> account_;
    std::optional<controller_id> self_;
    std::optional<ssh::public_key> host_key_;
    std::unique_ptr<service> service_;
    bool ended_ = false;
};

}  // namespace tp::controller
