#include "store/pool.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>

#include "base/backoff.hpp"
#include "base/coroutine.hpp"
#include "base/log.hpp"

namespace tp::store {

database::pool::pool(asio::any_io_executor executor, database::options options)
    : executor_(std::move(executor)), options_(std::move(options))
{
}

database::pool::lease& database::pool::lease::operator=(lease&& other) noexcept
{
    if (this != &other) {
        give_back();
        owner_ = other.owner_;
        held_ = std::move(other.held_);
    }
    return *this;
}

void database::pool::lease::give_back() noexcept
{
    if (held_) owner_->give_back(std::move(held_));
}

void database::pool::give_back(std::unique_ptr<connection> held) noexcept
{
    --in_use_;
    if (!held->broken() && !held->in_transaction()) idle_.push_back(std::move(held));
    if (!waiting_.empty()) waiting_.front()->cancel();
}

asio::awaitable<result<database::pool::lease>> database::pool::acquire()
{
    if (in_use_ >= options_.connections) {
        if (waiting_.size() >= options_.waiting) co_return errc::unavailable;
        asio::steady_timer turn(executor_, options_.statement_limit);
        waiting_.push_back(&turn);
        // Cancelled by give_back(), which leaves the turn in front until its owner has run: first come, first served.
        while (in_use_ >= options_.connections || waiting_.front() != &turn) {
            auto const [ec] = co_await turn.async_wait(as_values);
            if (!ec) {
                std::erase(waiting_, &turn);
                co_return errc::timed_out;
            }
            auto const state = co_await asio::this_coro::cancellation_state;
            if (state.cancelled() != asio::cancellation_type::none) {
                std::erase(waiting_, &turn);
                co_return asio::error::operation_aborted;
            }
        }
        std::erase(waiting_, &turn);
    }
    ++in_use_;
    if (!idle_.empty()) {
        auto held = std::move(idle_.back());
        idle_.pop_back();
        if (!held->broken()) co_return lease(this, std::move(held));
    }
    auto opened = co_await connection::open(options_);
    if (!opened) {
        --in_use_;
        if (!waiting_.empty()) waiting_.front()->cancel();
        co_return opened.error();
    }
    co_return lease(this, std::move(*opened));
}

asio::awaitable<result<rows>> database::pool::run(std::string sql, parameters values)
{
    auto held = co_await acquire();
    if (!held) co_return held.error();
    co_return co_await (*held)->run(std::move(sql), std::move(values));
}

database::database(asio::io_context& io, database::options chosen)
    : pool_(std::make_unique<pool>(io.get_executor(), std::move(chosen)))
{
}

database::~database() = default;

asio::awaitable<result<void>> database::wait_until_ready(std::chrono::seconds limit)
{
    constexpr std::chrono::milliseconds first_pause{100}, longest_pause{2'000};
    auto const deadline = std::chrono::steady_clock::now() + limit;
    backoff pause(first_pause, longest_pause, 1);
    for (;;) {
        auto const answer = co_await pool_->run("select 1");
        if (answer) co_return result<void>{};
        if (std::chrono::steady_clock::now() >= deadline) {
            log::error("store", "the database does not answer: " + answer.error().message());
            co_return errc::timed_out;
        }
        co_await pause_for(pause.next());
    }
}

}  // namespace tp::store
