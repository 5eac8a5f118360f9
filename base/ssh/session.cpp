#include "base/ssh/session.hpp"

#include <netinet/tcp.h>

#include <algorithm>
#include <boost/asio/socket_base.hpp>
#include <utility>

#include "base/coroutine.hpp"

namespace tp::ssh {
namespace {

using boost::asio::ip::tcp;

// libssh reads this much at once (its socket.c), so a shorter read has emptied the socket.
constexpr std::uint64_t octets_per_pass = 4096;
// After this many the other sessions have their turn.
constexpr unsigned passes_per_event = 16;
// libssh's buffers grow to the largest packet and never shrink: this keeps them below 8 KiB.
constexpr std::size_t largest_write = 4000;
// libssh's receive window is compiled in (1,280,000 octets) and not enforced by it: a peer that sends more than that
// and a packet on top ignores it.
constexpr std::size_t most_held_back = 1'280'000 + 64 * 1024;
constexpr int kernel_send_buffer = 64 * 1024;  // octets
constexpr std::size_t kept_capacity = 1024;    // an emptied queue larger than this is given back
constexpr std::size_t worth_compacting = 64 * 1024;

}  // namespace

session::session(tcp::socket socket, std::shared_ptr<limits const> limits, steady_time handshake_end)
    : limits_(std::move(limits)),
      socket_(std::move(socket)),
      readers_(socket_.get_executor(), steady_time::max()),
      writers_(socket_.get_executor(), steady_time::max()),
      alarm_(socket_.get_executor()),
      deadlines_(*limits_, handshake_end),
      in_(limits_->largest_frame)
{
    error_code ec;
    address_ = socket_.remote_endpoint(ec).address();
}

session::~session()
{
    tear_down();
}

result<void> session::prepare()
{
    error_code ec;
    socket_.set_option(tcp::no_delay(true), ec);
    if (!ec) socket_.set_option(asio::socket_base::send_buffer_size(kernel_send_buffer), ec);
    // What lies in the kernel's buffer escapes our own stall limit.
    using user_timeout = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_USER_TIMEOUT>;
    if (!ec) socket_.set_option(user_timeout(static_cast<int>(limits_->stall.count())), ec);
    // libssh does plain send and recv, and would block the loop.
    if (!ec) socket_.native_non_blocking(true, ec);
    if (ec) return ec;

    native_.reset(ssh_new());
    if (!native_) throw std::bad_alloc();
    bool const off = false;
    ssh_options_set(native(), SSH_OPTIONS_PROCESS_CONFIG, &off);  // read nothing in /etc/ssh or ~/.ssh
    ssh_set_blocking(native(), 0);
    ssh_set_counters(native(), &on_socket_, nullptr);
    return {};
}

void session::forget_descriptor()
{
    error_code ignored;
    if (socket_.is_open()) socket_.release(ignored);
}

void session::start()
{
    event_.reset(ssh_event_new());
    if (!event_) throw std::bad_alloc();
    if (ssh_event_add_session(event_.get(), native()) != SSH_OK) end_with(errc::unavailable);
    ready();
}

void session::set_open()
{
    phase_ = phase::open;
    deadlines_.opened();
}

void session::end_with(error_code why) noexcept
{
    if (!end_) end_ = why;
}

void session::watch_channel(ssh_channel channel)
{
    channel_ = channel;
    channel_callbacks_.userdata = this;
    channel_callbacks_.channel_data_function = on_data;
    channel_callbacks_.channel_eof_function = on_eof;
    channel_callbacks_.channel_close_function = on_close;
    ssh_callbacks_init(&channel_callbacks_);
    ssh_set_channel_callbacks(channel_, &channel_callbacks_);
}

// ---- libssh's callbacks

int session::on_data(ssh_session, ssh_channel, void* data, std::uint32_t size, int is_stderr, void* self)
{
    if (is_stderr != 0) return static_cast<int>(size);
    return static_cast<session*>(self)->take_in({static_cast<char const*>(data), size});
}

void session::on_eof(ssh_session, ssh_channel, void* self)
{
    static_cast<session*>(self)->peer_ended_ = true;
}

void session::on_close(ssh_session, ssh_channel, void* self)
{
    auto& me = *static_cast<session*>(self);
    me.peer_ended_ = me.peer_closed_ = true;
}

/// How much was taken. What is not stays in libssh's buffer, which then keeps the peer's window shut; libssh offers it
/// again with the next packet only, so drain() fetches it when there is room.
int session::take_in(std::string_view octets)
{
    auto const all = static_cast<int>(octets.size());
    if (closed_here_ || end_) return all;
    if (in_.waiting() >= limits_->queued) {
        held_back_ = true;
        if (octets.size() > most_held_back) end_with(errc::too_large);
        return 0;
    }
    held_back_ = false;
    auto const fed = in_.feed(octets);
    if (!fed) unreadable_ = fed.error();
    return all;
}

// ---- in and out of libssh

void session::ready()
{
    auto const self = shared_from_this();
    pump();
    flush();
    settle();
}

void session::pump()
{
    inside const guard(*this);
    for (unsigned number = 0; number < passes_per_event && !end_; ++number) {
        if (!pass(number)) return;
        if (reading_pauses()) return;
    }
}

/// One poll, one recv, the callbacks. False when another pass is of no use now.
bool session::pass(unsigned number)
{
    auto const before = on_socket_;
    auto const outcome = ssh_event_dopoll(event_.get(), 0);
    if (phase_ == phase::opening) advance();
    if (outcome == SSH_ERROR) end_broken();
    notice_loss();
    if (end_) return false;
    if (outcome == SSH_AGAIN) return false;
    // libssh sends a reply only in the pass after. No progress then: the peer does not read, so do not read from it.
    if (write_pending()) return number == 0 || on_socket_.out_bytes != before.out_bytes;
    bool const socket_is_empty = on_socket_.in_bytes - before.in_bytes < octets_per_pass;
    return !socket_is_empty || (number == 0 && !is_open());
}

void session::end_broken() noexcept
{
    if (peer_ended_ || closed_here_)
        end_with(errc::closed);
    else
        end_with(is_open() ? make_error_code(errc::unavailable) : why_not_open());
}

/// Any entry into libssh may have found the transport gone; libssh has then closed the descriptor, and Asio hears
/// nothing.
void session::notice_loss() noexcept
{
    if ((ssh_get_status(native()) & (SSH_CLOSED | SSH_CLOSED_ERROR)) != 0) end_broken();
}

void session::flush()
{
    if (end_ || channel_ == nullptr || !is_open()) return;
    inside const guard(*this);
    while (waiting_out() > 0 && !write_pending()) {
        auto const window = ssh_channel_window_size(channel_);
        auto const size = std::min({waiting_out(), std::size_t{window}, largest_write});
        if (size == 0) break;
        // This polls the descriptor as well, and may come back into on_data().
        auto const written = ssh_channel_write(channel_, out_.data() + out_sent_, static_cast<std::uint32_t>(size));
        if (written < 0) end_broken();
        if (written <= 0) break;  // zero: keys are being exchanged anew
        out_sent_ += static_cast<std::size_t>(written);
        out_total_ += static_cast<std::uint64_t>(written);
    }
    compact();
    if (phase_ == phase::closing && waiting_out() == 0) say_goodbye();
}

void session::say_goodbye()
{
    if (std::exchange(goodbye_said_, true)) return;
    say_last();
    ssh_channel_close(channel_);  // sends EOF first
}

void session::compact()
{
    if (waiting_out() == 0) {
        if (out_.capacity() > kept_capacity) std::string().swap(out_);  // an assignment would keep the memory
        out_.clear();
        out_sent_ = 0;
    } else if (out_sent_ > worth_compacting) {
        out_.erase(0, out_sent_);
        out_sent_ = 0;
    }
}

/// Fetches all that was held back. All of it: with each read libssh opens the window fully, whatever is still unread,
/// so that reading in parts lets its buffer grow without bound.
void session::drain()
{
    if (!held_back_ || channel_ == nullptr) return;
    inside const guard(*this);
    auto left = ssh_channel_poll(channel_, 0);
    char block[8 * 1024];
    while (left > 0) {
        auto const wanted = std::min<int>(left, sizeof block);
        auto const size = ssh_channel_read_nonblocking(channel_, block, static_cast<std::uint32_t>(wanted), 0);
        if (size <= 0) break;
        left -= size;
        auto const fed = closed_here_ ? result<void>() : in_.feed({block, static_cast<std::size_t>(size)});
        if (!fed) unreadable_ = fed.error();
    }
    held_back_ = false;
}

// ---- conclusions, outside of libssh

bool session::reading_pauses() const noexcept
{
    // While output waits the peer must be heard: it may be about to open its window.
    return in_.waiting() >= limits_->queued && waiting_out() == 0;
}

void session::settle()
{
    if (phase_ == phase::over || inside_) return;
    if (phase_ == phase::open && !was_open_) {
        was_open_ = true;
        readers_.cancel();  // opened() waits there
        on_open();
    }
    if (peer_closed_) end_with(errc::closed);
    notice_loss();
    if (end_) return finish();
    rearm();
    watch_time();
    wake();
}

void session::rearm()
{
    bool const pending = write_pending();
    // Octets that libssh could not send bound what a peer which never reads can make us queue.
    if (!pending && !reading_pauses()) wait_for(tcp::socket::wait_read, read_armed_);
    if (pending) wait_for(tcp::socket::wait_write, write_armed_);
}

void session::wait_for(tcp::socket::wait_type what, bool& armed)
{
    if (std::exchange(armed, true)) return;
    socket_.async_wait(what, [self = shared_from_this(), &armed](error_code ec) {
        armed = false;
        if (!ec && self->phase_ != phase::over) self->ready();
    });
}

void session::watch_time()
{
    if (waiting_out() > 0)
        deadlines_.output_waits(std::chrono::steady_clock::now(), out_total_);
    else if (write_pending())
        deadlines_.output_waits(std::chrono::steady_clock::now(), on_socket_.out_bytes);
    else
        deadlines_.output_is_gone();

    auto const next = deadlines_.next();
    // An alarm that comes too early looks again; so the deadlines of a busy session cost nothing.
    if (!next || (alarm_armed_ && alarm_.expiry() <= *next)) return;
    alarm_armed_ = true;
    alarm_.expires_at(*next);
    alarm_.async_wait([self = shared_from_this()](error_code ec) {
        if (ec || self->phase_ == phase::over) return;
        self->alarm_armed_ = false;
        if (self->deadlines_.expired(std::chrono::steady_clock::now())) self->end_with(errc::timed_out);
        self->settle();
    });
}

void session::wake()
{
    if (!in_.empty() || peer_ended_ || unreadable_) readers_.cancel();
    if (waiting_out() <= limits_->queued) writers_.cancel();
}

void session::finish()
{
    auto const self = shared_from_this();
    drain();
    phase_ = phase::over;
    std::string().swap(out_);
    out_sent_ = 0;
    tear_down();
    alarm_.cancel();
    readers_.cancel();
    writers_.cancel();
    on_end(end_, was_open_);
}

// Without ssh_disconnect(), which would leave a client's descriptor open. The channel's end has said it all.
void session::tear_down() noexcept
{
    if (!native_) return;
    if (event_) ssh_event_remove_session(event_.get(), native());
    event_.reset();
    forget_descriptor();
    channel_ = nullptr;
    native_.reset();
}

// ---- for the owner

asio::awaitable<result<void>> session::opened()
{
    auto const self = shared_from_this();
    while (phase_ == phase::opening) co_await readers_.async_wait(as_values);
    if (phase_ == phase::over && !was_open_) co_return end_;
    co_return result<void>();
}

asio::awaitable<result<std::string>> session::read()
{
    auto const self = shared_from_this();
    for (;;) {
        if (closed_here_) co_return errc::closed;
        if (auto frame = in_.take()) {
            bool const paused = held_back_ || !read_armed_;
            if (phase_ != phase::over && paused && in_.waiting() <= limits_->queued / 2) {
                drain();
                settle();
            }
            co_return std::move(*frame);
        }
        if (unreadable_) co_return unreadable_;
        if (phase_ == phase::over && end_ != errc::closed) co_return end_;
        if (peer_ended_ || phase_ == phase::over) co_return in_.in_midst() ? errc::unavailable : errc::closed;
        co_await readers_.async_wait(as_values);
    }
}

error_code session::why_not_writable() const noexcept
{
    if (closed_here_) return errc::closed;
    return phase_ == phase::over ? end_ : error_code();
}

asio::awaitable<result<void>> session::write(std::string frame)
{
    auto const self = shared_from_this();
    if (frame.size() > limits_->largest_frame) co_return errc::too_large;
    while (!why_not_writable() && waiting_out() > limits_->queued) co_await writers_.async_wait(as_values);
    auto const obstacle = why_not_writable();
    if (obstacle) co_return obstacle;
    auto const header = frame_header(static_cast<std::uint32_t>(frame.size()));
    out_.append(header.data(), header.size());
    out_.append(frame);
    flush();
    settle();
    co_return result<void>();
}

asio::awaitable<result<void>> session::settled(std::size_t most)
{
    auto const self = shared_from_this();
    while (!why_not_writable() && waiting_out() > most) co_await writers_.async_wait(as_values);
    auto const obstacle = why_not_writable();
    if (obstacle) co_return obstacle;
    co_return result<void>();
}

void session::close()
{
    if (phase_ == phase::over || std::exchange(closed_here_, true)) return;
    auto const self = shared_from_this();
    in_.clear();
    if (phase_ == phase::opening)
        end_with(errc::closed);
    else {
        phase_ = phase::closing;
        deadlines_.closing(std::chrono::steady_clock::now());
        drain();
        flush();
    }
    settle();
}

void session::abort()
{
    if (phase_ == phase::over) return;
    closed_here_ = true;
    end_with(errc::closed);
    settle();
}

}  // namespace tp::ssh
