#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/ssh/channel.hpp"
#include "base/time.hpp"
#include "controller/dispatch.hpp"
#include "controller/intake.hpp"
#include "proto/messages.hpp"

namespace tp::controller {

/// A probe's presence here: what it was told, what it is still to be told, and when it was last heard. Whoever has
/// something to say queues it and goes on; a queue that its probe does not read in time ends the session.
class session final : public receiver, public std::enable_shared_from_this<session> {
public:
    static constexpr std::size_t most_queued = 256 * 1024;  // octets

    session(boost::asio::any_io_executor executor, std::shared_ptr<ssh::channel> channel, probe_id probe);

    probe_id probe() const noexcept { return probe_; }
    ssh::channel& channel() noexcept { return *channel_; }

    /// Queues a frame.
    void send(std::string frame);
    /// Queues the last frame, and closes once it has left.
    void end(proto::refuse why);
    void acknowledge(std::vector<std::uint64_t> batches) override;
    /// Tells news about a job now, or once the whole list was sent.
    void tell(job_news const& news);

    /// Sends the whole job list, page by page as the probe reads it, and what changed meanwhile. Errors: as channel.
    boost::asio::awaitable<result<void>> send_all(std::vector<proto::job> jobs);

    void heard(steady_time now) noexcept { last_heard_ = now; }
    /// A session that waits for the store does not read, so that silence says nothing.
    void set_busy(bool busy) noexcept { busy_ = busy; }
    /// Keeps the session alive, or ends it when the probe was silent three times as long as agreed.
    void watch(steady_time now, std::chrono::seconds keepalive);

    /// Marks the end of the conversation, and wakes those who wait for it.
    void leave();
    /// Waits until the conversation has ended, for `limit` at most.
    boost::asio::awaitable<void> wait_left(std::chrono::seconds limit);

private:
    static boost::asio::awaitable<void> drain(std::shared_ptr<session> self);
    void queue(std::string frame);

    boost::asio::any_io_executor executor_;
    std::shared_ptr<ssh::channel> channel_;
    probe_id probe_;
    job_ledger jobs_;
    std::deque<std::string> out_;
    std::size_t octets_out_ = 0;
    steady_time last_heard_, last_sent_;
    boost::asio::steady_timer left_;  // never expires but for wait_left()
    bool draining_ = false, ending_ = false, busy_ = false, has_left_ = false;
};

}  // namespace tp::controller
