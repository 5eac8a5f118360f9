#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/ssh/channel.hpp"
#include "base/ssh/keys.hpp"
#include "base/time.hpp"
#include "probe/spool/spool.hpp"
#include "proto/block_list.hpp"
#include "proto/document_parts.hpp"
#include "proto/messages.hpp"

namespace tp::probe {

/// What the rest of the agent hears from a session, and gives to it.
struct session_events {
    virtual ~session_events() = default;
    virtual void on_welcome(proto::welcome const& said) = 0;
    /// The whole job list.
    virtual void on_jobs(std::vector<proto::job> jobs) = 0;
    virtual void on_job_change(proto::job_change change) = 0;
    /// What the platform asks this probe to stay below; a session in which it asks nothing says so by its job list.
    virtual void on_limits(proto::cap_limits limits) = 0;
    /// The list of anchors as it was signed; or errc::malformed or too_large: what came is no document.
    virtual void on_document(result<std::string> document) = 0;
    /// The list of blocks, as text; or as above.
    virtual void on_blocks(result<std::string> list) = 0;
    /// Anything was heard from the controller.
    virtual void on_contact() = 0;
    /// Up to proto::most_events.
    virtual std::vector<proto::event> take_events() = 0;
    /// What runs here, if the controller is to hear of it now.
    virtual std::optional<proto::signed_report> take_report() = 0;
    /// The controller keeps the report of this number.
    virtual void on_report_taken(std::uint64_t number) = 0;
    virtual void on_key_nonce(proto::key_nonce const& nonce) = 0;
    virtual void on_key_answer(proto::key_answer const& answer) = 0;
    /// What is to be said about a change of the key.
    virtual std::optional<proto::to_controller> take_key_words() = 0;
    /// What the director wants of this probe.
    virtual void on_instruction(proto::signed_instruction instruction) = 0;
    /// A part of a file of the signed repository, if one is wanted now.
    virtual std::optional<proto::file_request> take_file_request() = 0;
    virtual void on_file_part(proto::file_part part) = 0;
};

struct session_dial {
    std::vector<boost::asio::ip::tcp::endpoint> to;
    std::vector<ssh::public_key> host_keys;
    ssh::private_key key;
    proto::controller_hello hello;
};

/// How a session ended.
struct session_end {
    bool welcomed = false;              // it was up
    std::chrono::nanoseconds lasted{};  // since the welcome
    error_code why;                     // unless the controller said it:
    std::variant<std::monostate, proto::wait, proto::refuse> said;
};

/// One session with a controller: jobs down, results up.
class controller_session {
public:
    /// How long the controller may take to answer the hello.
    static constexpr std::chrono::seconds welcome_limit{20};
    static constexpr std::chrono::seconds shortest_keepalive{1}, longest_keepalive{300};
    static constexpr std::size_t most_jobs = 8192;  // of one list; more are left out

    controller_session(boost::asio::any_io_executor executor, session_events& events, spool& results);

    /// Dials, and holds the session until it breaks, close() is called or the caller is cancelled.
    /// @param end  filled in; must outlive the coroutine.
    boost::asio::awaitable<void> run(session_dial dial, session_end& end);

    /// Results or events are there.
    void notify() { wake_.cancel(); }
    /// Ends the session in good order.
    void close();

private:
    boost::asio::awaitable<void> hold(session_dial dial, session_end& end);
    boost::asio::awaitable<error_code> greet(proto::controller_hello hello, session_end& end);
    boost::asio::awaitable<void> read(error_code& why, session_end& end);
    boost::asio::awaitable<void> write(error_code& why);
    std::optional<proto::to_controller> next_message();
    /// False: the session is over.
    bool take(proto::from_controller message, session_end& end);
    void take_page(proto::job_page page);

    session_events& events_;
    spool& results_;
    boost::asio::steady_timer wake_;
    std::shared_ptr<ssh::channel> channel_;
    std::chrono::seconds keepalive_{};
    steady_time last_write_;
    std::vector<proto::job> pages_;
    proto::document_joiner document_{proto::document_part::anchors};
    proto::document_joiner blocks_{proto::blocks_document};
    bool limited_ = false;  // the platform's limits were heard in this session
};

}  // namespace tp::probe
