#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/frame.hpp"
#include "base/ssh/channel.hpp"
#include "base/ssh/deadlines.hpp"
#include "base/ssh/library.hpp"
#include "base/ssh/limits.hpp"
#include "base/ssh/round_trip.hpp"

namespace tp::ssh {

/// What client and server share: one libssh session driven by Asio's readiness, its channel, and the frames in it.
/// - libssh is entered only by start(), pump(), flush(), drain() and finish(); its callbacks set flags and fill queues
///   and do nothing else. settle(), outside of libssh, draws the conclusions.
/// - libssh closes the descriptor; Asio is made to forget it before.
/// - One thread.
class session : public std::enable_shared_from_this<session> {
public:
    session(boost::asio::ip::tcp::socket socket, std::shared_ptr<limits const> limits, steady_time handshake_end);
    session(session const&) = delete;
    session& operator=(session const&) = delete;
    virtual ~session();

    /// As in `channel`.
    boost::asio::awaitable<result<std::string>> read();
    boost::asio::awaitable<result<void>> write(std::string frame);
    boost::asio::awaitable<result<void>> settled(std::size_t most);
    void close();
    void abort();
    virtual void vouch() {}
    ip_address address() const noexcept { return address_; }
    std::optional<std::chrono::microseconds> round_trip() { return shortest_round_trip(descriptor()); }
    std::optional<public_key> const& peer() const noexcept { return peer_; }
    std::string const& subsystem() const noexcept { return subsystem_; }
    std::string const& user() const noexcept { return user_; }

    /// Waits until the session is open. Errors: why it never was.
    boost::asio::awaitable<result<void>> opened();

protected:
    /// Marks the time in which libssh is on the stack.
    class inside {
    public:
        explicit inside(session& owner) noexcept : owner_(owner) { owner_.inside_ = true; }
        inside(inside const&) = delete;
        inside& operator=(inside const&) = delete;
        ~inside() { owner_.inside_ = false; }

    private:
        session& owner_;
    };

    /// Prepares the socket and an empty libssh session on which options may be set. Errors: those of setsockopt(2).
    result<void> prepare();
    /// Gives libssh's descriptors to a private event, once they exist, and takes the first steps.
    void start();

    /// Takes the set-up further after each pass, inside of libssh, until it calls set_open().
    virtual void advance() = 0;
    /// Called once each, outside of libssh. `why` is set; `was_open` tells whether on_open() came before.
    virtual void on_open() {}
    virtual void on_end(error_code /*why*/, bool /*was_open*/) noexcept {}
    /// The last thing sent before the channel ends, inside of libssh.
    virtual void say_last() {}
    /// Why a session that broke before it was open broke.
    virtual error_code why_not_open() const { return errc::unavailable; }

    void set_open();
    /// The first reason counts. Takes effect in settle().
    void end_with(error_code why) noexcept;
    void watch_channel(ssh_channel channel);

    ssh_session native() const noexcept { return native_.get(); }
    int descriptor() { return socket_.native_handle(); }
    void forget_descriptor();
    /// Frees libssh's part, for good. Derived classes whose callbacks libssh holds call it in their destructor.
    void tear_down() noexcept;
    std::uint64_t octets_in() const noexcept { return on_socket_.in_bytes; }
    bool ending() const noexcept { return end_.failed(); }
    bool was_readable() const noexcept { return !unreadable_; }
    bool is_open() const noexcept { return phase_ != phase::opening; }
    limits const& limits_of_session() const noexcept { return *limits_; }

    ssh_channel channel_ = nullptr;  // libssh's, freed with the session
    ssh_channel_callbacks_struct channel_callbacks_{};
    std::optional<public_key> peer_;
    std::string subsystem_, user_;

private:
    enum class phase : std::uint8_t { opening, open, closing, over };

    static int on_data(ssh_session, ssh_channel, void* data, std::uint32_t size, int is_stderr, void* self);
    static void on_eof(ssh_session, ssh_channel, void* self);
    static void on_close(ssh_session, ssh_channel, void* self);

    void ready();
    void pump();
    bool pass(unsigned number);
    void flush();
    void end_broken() noexcept;
    void notice_loss() noexcept;
    void say_goodbye();
    void compact();
    int take_in(std::string_view octets);
    void drain();
    void settle();
    void rearm();
    void wait_for(boost::asio::ip::tcp::socket::wait_type what, bool& armed);
    void watch_time();
    void wake();
    void finish();

    bool write_pending() const { return (ssh_get_status(native_.get()) & SSH_WRITE_PENDING) != 0; }
    bool reading_pauses() const noexcept;
    std::size_t waiting_out() const noexcept { return out_.size() - out_sent_; }
    error_code why_not_writable() const noexcept;

    std::shared_ptr<limits const> limits_;
    boost::asio::ip::tcp::socket socket_;
    boost::asio::steady_timer readers_, writers_;  // never expire: cancelled to wake who waits
    boost::asio::steady_timer alarm_;
    link_handle native_;
    event_handle event_;
    ssh_counter_struct on_socket_{};
    deadlines deadlines_;
    frame_reader in_;
    std::string out_;  // frames with their headers
    std::size_t out_sent_ = 0;
    std::uint64_t out_total_ = 0;
    ip_address address_;
    error_code end_;
    error_code unreadable_;  // no frame can be found in what comes any more; an answer can still be sent
    phase phase_ = phase::opening;
    bool was_open_ = false;  // on_open() was called
    bool inside_ = false;    // libssh is on the stack
    bool read_armed_ = false, write_armed_ = false, alarm_armed_ = false;
    bool peer_ended_ = false;  // EOF or close on the channel
    bool peer_closed_ = false;
    bool closed_here_ = false;  // close() or abort()
    bool goodbye_said_ = false;
    bool held_back_ = false;  // octets stay in libssh's buffer until there is room
};

/// A channel on a session; ends it in good order when destroyed. @pre the session is open.
std::shared_ptr<channel> make_channel(std::shared_ptr<session> of);

}  // namespace tp::ssh
