#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ssh/channel.hpp"
#include "base/time.hpp"
#include "proto/messages.hpp"
#include "tests/bench/load_setup.hpp"

namespace tp::bench {

struct load {
    double rate = 0;         // results a second of all probes together; 0: they are idle
    std::size_t batch = 20;  // results in a frame
    std::chrono::seconds length{30};
    std::size_t dialling = 32;  // at once; a controller limits half-open sessions per address
};

struct outcome {
    std::size_t connected = 0, failed = 0, lost = 0;  // sessions; `lost` were connected once
    std::uint64_t sent = 0, acknowledged = 0;         // results
    std::uint64_t octets = 0, put_off = 0;            // of files; requests that were answered "not now"
    double connect_seconds = 0, seconds = 0;  // for connecting all; from the first batch to the last acknowledgement
    std::vector<double> latencies;            // of batches, from sending to acknowledgement, seconds, sorted
};

/// Many simulated probes that speak the real protocol.
class swarm {
public:
    static constexpr std::chrono::seconds answer_limit{60};  // for welcome and job list
    static constexpr std::chrono::seconds patience{60};      // for the last acknowledgements
    static constexpr std::chrono::seconds keepalive{10};

    swarm(boost::asio::io_context& io, stage const& on, load what) : io_(io), stage_(on), load_(what) {}

    /// Connects all of them. Sessions that fail are counted.
    boost::asio::awaitable<void> connect();
    /// Delivers the load, or stays idle, for its length; then hangs up.
    boost::asio::awaitable<outcome> deliver();
    /// Each of them fetches this file of the repository, as often as it takes to have it whole; then hangs up.
    boost::asio::awaitable<outcome> fetch(std::string path);

private:
    struct member {
        identity const* who = nullptr;
        std::shared_ptr<ssh::channel> link;
        std::uint64_t next_batch = 1;
        std::uint32_t next_sequence = 1;
        std::unordered_map<std::uint64_t, std::pair<steady_time, std::size_t>> unanswered;  // by batch number
    };

    boost::asio::awaitable<void> dial_from(std::size_t first);
    boost::asio::awaitable<result<void>> join(member& one);
    boost::asio::awaitable<void> listen(member& one);
    boost::asio::awaitable<void> fetch_file(member& one, std::string path);
    boost::asio::awaitable<result<proto::file_part>> ask(member& one, proto::file_request wish);
    boost::asio::awaitable<void> send(member& one, std::chrono::duration<double> delay);
    boost::asio::awaitable<void> keep_alive();
    std::string next_frame(member& one);
    void spawn(boost::asio::awaitable<void> work);
    boost::asio::awaitable<void> all_ended(std::chrono::steady_clock::duration limit, std::size_t left);

    boost::asio::io_context& io_;
    stage const& stage_;
    load load_;
    std::deque<member> members_;
    outcome outcome_;
    std::size_t running_ = 0;                                                       // coroutines
    std::uint64_t boot_ = static_cast<std::uint64_t>(to_unix_seconds(wall_now()));  // a new one with each run
    steady_time stop_at_{};
    bool over_ = false;
};

}  // namespace tp::bench
