#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ssh/channel.hpp"
#include "base/time.hpp"
#include "controller/dispatch.hpp"
#include "controller/instructions.hpp"
#include "controller/intake.hpp"
#include "controller/key_exchange.hpp"
#include "controller/outbox.hpp"
#include "controller/relay/pace.hpp"
#include "proto/messages.hpp"
#include "store/trust.hpp"

namespace tp::controller {

/// Why a session ended, for the connection log.
struct session_ending {
    std::string reason;
    bool by_platform = false;  // says nothing about the probe
    bool answered = false;     // replaced, and the probe was still there to say goodbye
};

/// What the relay knows of a session that asks for files.
struct file_account {
    pace kept;
    bool under_way = false;  // a part is on its way, or waits for its turn
};

/// A probe's presence here: what it was told, what it is still to be told, and when it was last heard. Whoever has
/// something to say queues it and goes on; a queue that its probe does not read in time ends the session.
class session final : public receiver, public std::enable_shared_from_this<session> {
public:
    /// For the documents to leave before the job list; after that they go on beside it.
    static constexpr std::chrono::seconds documents_limit{60};

    /// For a session that was replaced to end from its probe's side, which tells whether anybody is still there.
    static constexpr std::chrono::seconds goodbye_limit{2};

    using job_reader = std::function<boost::asio::awaitable<result<std::vector<proto::job>>>()>;

    session(boost::asio::any_io_executor executor, std::shared_ptr<ssh::channel> channel, probe_id probe,
            store::trust_state trust);

    probe_id probe() const noexcept { return probe_; }
    bool isolated() const noexcept { return trust_ == store::trust_state::isolated; }
    /// True: what it may do is another now, and its job list has to be sent again.
    bool trust(store::trust_state now) noexcept;
    ssh::channel& channel() noexcept { return *channel_; }
    file_account& files() noexcept { return files_; }

    /// Queues a frame.
    void send(std::string frame);
    /// Queues the last frame, and closes once it has left.
    void end(proto::refuse why);
    void acknowledge(std::vector<std::uint64_t> batches) override;
    /// Tells news about a job now, or once the whole list was sent.
    void tell(job_news const& news);

    /// Sends these documents as the probe reads them, and waits until they have left, for documents_limit at most.
    boost::asio::awaitable<void> give_all(std::vector<document_ptr> documents);
    /// A newer document. Nothing happens before give_all(), which is given the newest.
    void give(document_ptr document);
    /// The probe was welcomed: from here on it is told what the director wants. Whoever calls this reads that
    /// afterwards.
    void open_for_instructions() noexcept { handed_.open(); }
    handed_instructions const& handed() const noexcept { return handed_; }
    /// Sends it, unless this one or a newer one was sent before.
    void instruct(store::kept_instruction const& what);
    /// Whether the caller is to send_jobs(): no, when somebody does so already and will do it again.
    bool ask_jobs_again() { return jobs_.ask_again(); }
    /// Sends the whole job list, page by page as the probe reads it, and what changed meanwhile. Errors: those of
    /// `read`; errc::closed.
    boost::asio::awaitable<result<void>> send_jobs(job_reader read);

    /// What was said about a change of the probe's key.
    key_exchange& keys() noexcept { return keys_; }
    /// Sends a nonce, if there is another one to be had.
    void send_key_nonce(bool wanted);
    /// Asks the probe for a new key, once in a session and not before it was given its jobs.
    void want_new_key();
    /// The probe was welcomed and given its jobs.
    void begun();

    void heard(steady_time now) noexcept { last_heard_ = now; }
    /// Its number in the store, once it has one; 0 before.
    void recorded(std::int64_t number) noexcept { number_ = number; }
    std::int64_t number() const noexcept { return number_; }
    /// Its probe has a newer session on another controller. True: and was heard here since, so that it is there twice.
    bool overtaken(steady_time now) noexcept;
    /// A session that waits for the store does not read, so that silence says nothing.
    void set_busy(bool busy) noexcept { busy_ = busy; }
    /// Keeps the session alive, or ends it when the probe was silent three times as long as agreed.
    void watch(steady_time now, std::chrono::seconds keepalive);

    /// Why we ended it, if we did.
    std::optional<session_ending> const& ending() const noexcept { return why_; }
    /// The probe ended it in good order, after it was told that it was replaced.
    void goodbye() noexcept;

    /// Marks the end of the conversation, and wakes those who wait for it.
    void leave();
    /// Waits until the conversation has ended, for `limit` at most.
    boost::asio::awaitable<void> wait_left(std::chrono::seconds limit);

private:
    boost::asio::awaitable<void> part();
    static boost::asio::awaitable<void> drain(std::shared_ptr<session> self);
    void queue(std::string frame);
    void send_news(std::string frame);
    void set_draining();
    void give_up(std::string why);
    boost::asio::awaitable<result<void>> send_list(std::vector<proto::job> jobs);

    boost::asio::any_io_executor executor_;
    std::shared_ptr<ssh::channel> channel_;
    probe_id probe_;
    store::trust_state trust_;
    job_ledger jobs_;
    key_exchange keys_;
    handed_instructions handed_;
    outbox out_;
    file_account files_;
    steady_time last_heard_, last_sent_;
    std::optional<steady_time> overtaken_since_;
    std::int64_t number_ = 0;
    boost::asio::steady_timer left_;            // never expires but for wait_left()
    boost::asio::steady_timer documents_left_;  // never expires but for give_all()
    boost::asio::steady_timer parting_;         // never expires but for part()
    std::optional<session_ending> why_;
    bool replaced_ = false, parted_ = false;  // its place is taken; we closed it
    bool key_wanted_ = false, begun_ = false;
    bool draining_ = false, ending_ = false, busy_ = false, has_left_ = false, takes_documents_ = false;
};

}  // namespace tp::controller
