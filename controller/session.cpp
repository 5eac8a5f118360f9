#include "controller/session.hpp"

#include <boost/asio/post.hpp>

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "proto/codec.hpp"

namespace tp::controller {

session::session(boost::asio::any_io_executor executor, std::shared_ptr<ssh::channel> channel, probe_id probe,
                 store::trust_state trust)
    : executor_(executor),
      channel_(std::move(channel)),
      probe_(probe),
      trust_(trust),
      last_heard_(std::chrono::steady_clock::now()),
      last_sent_(last_heard_),
      left_(executor),
      documents_left_(executor),
      parting_(executor)
{
}

bool session::trust(store::trust_state now) noexcept
{
    auto const before = std::exchange(trust_, now);
    return store::measures(before) != store::measures(now);
}

void session::send(std::string frame)
{
    if (!ending_) queue(std::move(frame));
}

void session::queue(std::string frame)
{
    if (!out_.add(std::move(frame))) return give_up("does not read what it is sent");
    set_draining();
}

void session::send_news(std::string frame)
{
    if (ending_) return;
    if (!out_.add_news(std::move(frame))) return give_up("does not read what it is sent");
    set_draining();
}

void session::set_draining()
{
    if (std::exchange(draining_, true)) return;
    // Its owner is the session itself, which it keeps until nothing waits or the channel is broken. There is no such
    // coroutine, and no memory for it, while there is nothing to say.
    boost::asio::co_spawn(executor_, drain(shared_from_this()), expect_cancelled);
}

void session::give_up(std::string why)
{
    if (!std::exchange(ending_, true)) {
        log::warning("controller", "probe " + probe_.text() + " " + why + ": session ended");
        why_ = {"the probe " + why, false};
    }
    channel_->abort();
}

boost::asio::awaitable<void> session::drain(std::shared_ptr<session> self)
{
    while (!self->out_.empty()) {
        if (self->out_.next_is_document()) {
            // A part of a document is copied when nothing of before lies here any more, and the other sessions have
            // their turn between two: so thousands that are given the same cost a part each.
            auto const ready = co_await self->channel_->settled(0);
            if (!ready) break;
            co_await boost::asio::post(boost::asio::use_awaitable);
        }
        auto frame = self->out_.take();
        if (!frame) break;
        auto const sent = co_await self->channel_->write(std::move(*frame));
        if (!sent) break;
        self->last_sent_ = std::chrono::steady_clock::now();
        if (!self->out_.has_documents()) self->documents_left_.cancel();
    }
    self->out_.clear();
    self->draining_ = false;
    self->documents_left_.cancel();
    if (self->ending_) co_await self->part();
}

/// Whoever was replaced is given a moment to end the session itself.
boost::asio::awaitable<void> session::part()
{
    if (replaced_ && !has_left_) {
        parting_.expires_after(goodbye_limit);
        co_await parting_.async_wait(as_values);
    }
    parted_ = true;
    channel_->close();
}

void session::goodbye() noexcept
{
    if (replaced_ && !parted_ && why_) why_->answered = true;
}

bool session::overtaken(steady_time now) noexcept
{
    if (!overtaken_since_) overtaken_since_ = now;
    return last_heard_ > *overtaken_since_;
}

void session::end(proto::refuse why)
{
    if (std::exchange(ending_, true)) return;
    replaced_ = why.code == proto::refusal::replaced;
    why_ = {why.reason, !replaced_};
    out_.drop_documents();
    proto::from_controller const last = std::move(why);
    queue(proto::encode(last));
}

void session::acknowledge(std::vector<std::uint64_t> batches)
{
    proto::from_controller const message = proto::acknowledge{std::move(batches)};
    send(proto::encode(message));
}

void session::tell(job_news const& news)
{
    auto const next = jobs_.note(news);
    if (next == job_ledger::next::send) send_news(*news.frame);
    if (next == job_ledger::next::too_many && !ending_) give_up("has too many changes to wait for");
}

boost::asio::awaitable<void> session::give_all(std::vector<document_ptr> documents)
{
    takes_documents_ = true;
    for (auto& each : documents) give(std::move(each));
    auto const until = std::chrono::steady_clock::now() + documents_limit;
    while (draining_ && out_.has_documents() && std::chrono::steady_clock::now() < until) {
        documents_left_.expires_at(until);
        co_await documents_left_.async_wait(as_values);
    }
}

void session::give(document_ptr document)
{
    if (!takes_documents_ || ending_) return;
    out_.add(std::move(document));
    set_draining();
}

void session::instruct(store::kept_instruction const& what)
{
    auto frame = frame_of(what);
    if (!frame) {
        log::error("controller", "the instruction for probe " + probe_.text() + " is none");
    } else if (handed_.take(what.issued)) {
        send(std::move(*frame));
    }
}

boost::asio::awaitable<result<void>> session::send_jobs(job_reader read)
{
    // What lies in the box is older than the list to come, and what the channel holds must go before it.
    out_.drop_news();
    auto const settled = co_await channel_->settled(0);
    if (!settled) co_return settled.error();
    do {
        jobs_.begin();
        auto list = co_await read();
        if (!list) co_return list.error();
        auto const sent = co_await send_list(std::move(*list));
        if (!sent) co_return sent.error();
    } while (jobs_.outdated());
    for (auto const& frame : jobs_.caught_up()) send_news(*frame);
    co_return result<void>{};
}

boost::asio::awaitable<result<void>> session::send_list(std::vector<proto::job> jobs)
{
    jobs_.listed(jobs);
    for (auto& page : pages_of(std::move(jobs))) {
        if (ending_) co_return errc::closed;
        proto::from_controller const message = std::move(page);
        auto frame = proto::encode(message);
        auto const sent = co_await channel_->write(std::move(frame));
        if (!sent) co_return sent.error();
    }
    co_return result<void>{};
}

void session::send_key_nonce(bool wanted)
{
    auto random = random_nonce();
    auto nonce = random ? keys_.offer(std::move(*random), wanted) : std::nullopt;
    if (!nonce) return;
    proto::from_controller const message = std::move(*nonce);
    send(proto::encode(message));
}

void session::want_new_key()
{
    key_wanted_ = true;
    if (begun_ && keys_.ask()) send_key_nonce(true);
}

void session::begun()
{
    begun_ = true;
    if (key_wanted_) want_new_key();
}

void session::watch(steady_time now, std::chrono::seconds keepalive)
{
    constexpr int silences = 3;
    if (!busy_ && now - last_heard_ > silences * keepalive) {
        if (!std::exchange(ending_, true)) why_ = {"the probe was silent", false};
        channel_->abort();
    } else if (now - last_sent_ >= keepalive && !draining_) {
        last_sent_ = now;
        proto::from_controller const message = proto::keepalive{};
        send(proto::encode(message));
    }
}

void session::leave()
{
    has_left_ = true;
    left_.cancel();
    parting_.cancel();
}

boost::asio::awaitable<void> session::wait_left(std::chrono::seconds limit)
{
    if (has_left_) co_return;
    left_.expires_after(limit);
    co_await left_.async_wait(as_values);
}

}  // namespace tp::controller
