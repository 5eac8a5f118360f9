#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "firmware-signing/tuf/transport.hpp"
#include "proto/messages.hpp"

namespace tp::update {

/// The signed repository as a controller hands it on: each file in pieces, one request after the other, inside the
/// session that is there anyway. A file that a session's end cuts off is gone on with in the next one, by whoever asks.
/// It judges nothing: what comes is held against signatures, lengths and times by the client.
class tunnel final : public tuf::transport {
public:
    /// Octets of one answer. README.md has what other sizes cost.
    static constexpr std::uint32_t piece = 16'000;
    /// How long an answer may take, and an answer that nobody waits for any more holds up the next request.
    static constexpr std::chrono::seconds answer_limit{30};

    /// @param on_news  called when take_request() has something.
    /// @param limit    how long an answer may take here.
    tunnel(boost::asio::any_io_executor executor, std::function<void()> on_news,
           std::chrono::nanoseconds limit = answer_limit);

    /// One file at a time. Errors: errc::not_found when the controller says that there is no such file; errc::closed
    /// when there is no session, or it ended; errc::unavailable when the controller cannot tell now; errc::timed_out;
    /// errc::too_large for a name that no request has room for; errc::malformed for an answer that is none.
    boost::asio::awaitable<result<std::unique_ptr<tuf::incoming>>> open(tuf::part from, std::string file,
                                                                        std::uint64_t offset) override;

    // What the session says and asks.
    void session_began();
    void session_ended();
    bool in_session() const noexcept { return session_ % 2 == 1; }
    /// What is to be sent, if anything.
    std::optional<proto::file_request> take_request(steady_time now = std::chrono::steady_clock::now());
    void take(proto::file_part part);

private:
    friend class tunnelled_file;
    struct sent_request {
        std::uint64_t number = 0;
        steady_time at;
    };
    boost::asio::awaitable<result<proto::file_part>> ask(std::string path, std::uint64_t offset);
    result<proto::file_part> answer_in(std::uint64_t session);
    void forget_request() noexcept;

    std::function<void()> on_news_;
    std::chrono::nanoseconds limit_;
    boost::asio::steady_timer answered_;
    std::uint64_t session_ = 0;  // odd: there is one
    std::uint64_t number_ = 0;   // of the request that was made last
    std::optional<proto::file_request> waiting_;
    std::optional<sent_request> sent_;
    std::uint64_t awaited_ = 0;  // number of the request whose answer somebody waits for; 0: nobody
    std::optional<proto::file_part> answer_;
};

}  // namespace tp::update
