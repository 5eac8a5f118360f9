#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <unordered_set>
#include <vector>

#include "controller/relay/catalogue.hpp"
#include "controller/relay/pace.hpp"
#include "controller/relay/pieces.hpp"
#include "controller/relay/turnstile.hpp"
#include "proto/messages.hpp"

namespace tp::controller {

class session;

struct relay_terms {
    std::size_t cache = 64UL << 20;                      // octets
    std::uint64_t session_bits_per_second = 16'000'000;  // of one session
    std::uint64_t bits_per_second = 500'000'000;         // of all of them

    std::chrono::milliseconds longest_wait{15'000};  // for a turn; then the probe is told to ask later
    std::chrono::milliseconds part_limit{60'000};    // for a part to leave; then the probe does not read
};

/// Gives probes the files of the signed repository, from a cache over the store, each session one part after the other
/// and beside whatever else it does. Whether files are rightly signed is for the probes to say.
///
/// What it costs in memory: the cache; parts that have not left yet, most_under_way of them; and some KiB of coroutine
/// for each session that waits.
class relay {
public:
    static constexpr std::size_t most_under_way = 32UL << 20;  // octets
    static constexpr std::size_t empty_answer = 8 * 1024;      // octets that an answer without any is paced as
    static constexpr std::chrono::milliseconds session_burst{250}, burst{100};

    struct seams {
        std::function<boost::asio::awaitable<result<std::vector<store::firmware_file>>>()> list;
        pieces::reader read;
    };

    relay(boost::asio::any_io_executor executor, seams store, relay_terms terms);

    /// Reads anew which files there are. Errors: as store; then what was known stays known.
    boost::asio::awaitable<result<void>> read_catalogue();
    /// Takes a request, and answers it in its own time. One that comes while another of the session is under way is
    /// answered at once: not now.
    void ask(std::shared_ptr<session> of, proto::file_request request);
    /// Answers nobody any more, so that all coroutines end.
    void stop();

    std::size_t under_way() const noexcept { return leaving_.inside(); }
    std::size_t cached_octets() const noexcept { return pieces_.cached_octets(); }

private:
    boost::asio::awaitable<void> answer(std::shared_ptr<session> own, proto::file_request asked);
    boost::asio::awaitable<bool> wait_for_turn(std::shared_ptr<session> own, std::size_t octets);
    boost::asio::awaitable<void> send(std::shared_ptr<session> own, std::uint64_t number, portion what);
    boost::asio::awaitable<result<void>> hand_over(std::shared_ptr<session> own, std::string frame);

    boost::asio::any_io_executor executor_;
    seams store_;
    relay_terms terms_;
    catalogue files_;
    pieces pieces_;
    pace pace_;
    turnstile leaving_;
    std::unordered_set<boost::asio::steady_timer*> sleeping_;
    bool stopped_ = false;
};

}  // namespace tp::controller
