#include "controller/relay/relay.hpp"

#include <algorithm>
#include <utility>

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "controller/session.hpp"
#include "proto/codec.hpp"

namespace tp::controller {
namespace {

using proto::file_part;
using proto::file_status;

std::string frame_of(file_part part)
{
    proto::from_controller const message = std::move(part);
    return proto::encode(message);
}

std::string not_now(std::uint64_t number)
{
    return frame_of({number, file_status::unavailable, 0, {}});
}

/// Whatever way an answer ends, the session may ask for the next part. @pre its mark is set.
class under_way_mark {
public:
    explicit under_way_mark(std::shared_ptr<session> of) : of_(std::move(of)) {}
    under_way_mark(under_way_mark const&) = delete;
    under_way_mark& operator=(under_way_mark const&) = delete;
    ~under_way_mark() { of_->files().under_way = false; }

private:
    std::shared_ptr<session> of_;
};

}  // namespace

relay::relay(asio::any_io_executor executor, seams store, relay_terms terms)
    : executor_(executor),
      store_(std::move(store)),
      terms_(terms),
      pieces_(executor, store_.read, terms.cache),
      leaving_(executor, most_under_way)
{
}

asio::awaitable<result<void>> relay::read_catalogue()
{
    auto const found = co_await store_.list();
    if (!found) co_return found.error();
    files_.replace(*found);
    log::debug("controller", "the repository has " + std::to_string(found->size()) + " files");
    co_return result<void>{};
}

void relay::ask(std::shared_ptr<session> of, proto::file_request request)
{
    if (stopped_) return;
    if (std::exchange(of->files().under_way, true)) return of->send(not_now(request.number));
    // Its owner is the session, which it keeps until the part has left; stop() ends its waits.
    asio::co_spawn(executor_, answer(std::move(of), std::move(request)), expect_cancelled);
}

void relay::stop()
{
    stopped_ = true;
    for (auto* each : sleeping_) each->cancel();
    leaving_.close();
    pieces_.close();
}

asio::awaitable<void> relay::answer(std::shared_ptr<session> own, proto::file_request asked)
{
    under_way_mark const mark(own);
    auto found = files_.look_up(asked);
    auto const* const what = std::get_if<portion>(&found);
    bool const its_turn = co_await wait_for_turn(own, what != nullptr ? what->count : empty_answer);
    if (!its_turn)
        own->send(not_now(asked.number));
    else if (what != nullptr)
        co_await send(own, asked.number, *what);
    else
        own->send(frame_of(std::move(std::get<file_part>(found))));
}

/// False: too many are before it.
asio::awaitable<bool> relay::wait_for_turn(std::shared_ptr<session> own, std::size_t octets)
{
    rate const of_all{terms_.bits_per_second, burst}, of_one{terms_.session_bits_per_second, session_burst};
    auto const now = std::chrono::steady_clock::now();
    auto const last = now + terms_.longest_wait;
    if (pace_.next(now, of_all) > last) co_return false;
    auto const turn = std::max(pace_.reserve(now, octets, of_all), own->files().kept.reserve(now, octets, of_one));
    if (turn > now) {
        asio::steady_timer timer(executor_, std::min(turn, last));
        sleeping_.insert(&timer);
        co_await timer.async_wait(as_values);
        sleeping_.erase(&timer);
    }
    co_return !stopped_ && turn <= last;
}

asio::awaitable<void> relay::send(std::shared_ptr<session> own, std::uint64_t number, portion what)
{
    // Nothing is copied for a session that has not taken what it was sent before.
    auto const ready = co_await own->channel().settled(0);
    if (!ready) co_return;
    auto const until = std::chrono::steady_clock::now() + terms_.longest_wait;
    auto const entered = co_await leaving_.enter(what.count, until);
    if (!entered) co_return own->send(not_now(number));
    passage const inside(leaving_, what.count);

    std::string frame;
    {
        // The piece is let go before the frame is handed over: a cache that is too small must not live on in who waits.
        auto const piece = co_await pieces_.get({what.file, what.number}, until);
        bool const whole = piece && (*piece)->size() >= what.from + what.count;
        frame = whole ? frame_of({number, file_status::here, what.size, (*piece)->substr(what.from, what.count)})
                      : not_now(number);
    }
    auto const gone = co_await within(terms_.part_limit, hand_over(own, std::move(frame)));
    if (gone || gone.error() != errc::timed_out) co_return;
    log::warning("controller",
                 "probe " + own->probe().text() + " does not read a file that it asked for: session ended");
    own->channel().abort();
}

asio::awaitable<result<void>> relay::hand_over(std::shared_ptr<session> own, std::string frame)
{
    auto const queued = co_await own->channel().write(std::move(frame));
    if (!queued) co_return queued.error();
    co_return co_await own->channel().settled(0);
}

}  // namespace tp::controller
