#pragma once

#include <gtest/gtest.h>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/coroutine.hpp"
#include "base/ssh/server.hpp"
#include "probe/agent/linking.hpp"
#include "probe/agent/measuring.hpp"
#include "tests/unit/probe/support.hpp"

namespace tp::probe {

using channel = std::shared_ptr<ssh::channel>;

/// A server with one subsystem whose sessions a test answers.
class peer {
public:
    using handler = std::function<asio::awaitable<void>(channel)>;

    peer(asio::io_context& io, std::filesystem::path const& folder, std::string subsystem, handler each);
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

/// What a controller says.
asio::awaitable<void> say(channel with, std::vector<proto::from_controller> messages);

/// One agent, as main() puts it together.
struct agent {
    agent(asio::io_context& io, configuration const& with, std::optional<own_slot> from = {},
          std::string first_root = {});
    void stop() { stop_.emit(asio::cancellation_type::terminal); }

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

private:
    update::updater_seams update_seams();
    void start(asio::io_context& io);
};

/// An agent's two halves against a registry and controllers in the same process: real SSH, real pings of loopback.
class agent_test : public testing::Test {
protected:
    static constexpr std::chrono::seconds patience{60};

    void SetUp() override;
    void TearDown() override;

    peer& add_controller(peer::handler each);
    proto::assignment placed(std::initializer_list<peer const*> at) const;
    void run_until(std::function<bool()> const& condition);
    void stop(agent& one);

    /// What a controller does first. False: the session ended.
    static asio::awaitable<bool> welcome(channel with, std::chrono::seconds keepalive);
    /// A controller that sends jobs, keeps results and acknowledges them if it is to.
    peer::handler controlling()
    {
        return [this](channel with) { return control(this, with); };
    }

    static proto::job one_off(int measurement, std::string_view to = "127.0.0.1");

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

private:
    static asio::awaitable<void> answer(agent_test* self, channel with);
    static asio::awaitable<void> control(agent_test* self, channel with);
};

}  // namespace tp::probe
