#include "store/pool.hpp"

#include <boost/asio/io_context.hpp>
#include <list>
#include <random>

#include "base/backoff.hpp"
#include "base/coroutine.hpp"
#include "base/log.hpp"

namespace tp::store {

/// Connections are opened as they are needed and kept. Those who wait get in turn either a connection that came back,
/// or the right to open one in the place of one that broke.
struct pool_state {
    struct waiter {
        explicit waiter(asio::any_io_executor const& executor) : timer(executor) {}
        asio::steady_timer timer;
        bool called = false;
        std::unique_ptr<connection> given;  // none when called: open one
    };

    pool_state(asio::any_io_executor on, database::options wanted) : executor(std::move(on)), options(std::move(wanted))
    {
    }

    std::unique_ptr<connection> take_idle()
    {
        while (!idle.empty()) {
            auto candidate = std::move(idle.back());
            idle.pop_back();
            if (!candidate->lost()) return candidate;
            --open;
        }
        return nullptr;
    }

    /// Takes a connection back, or (none) the right to have one.
    void give_back(std::unique_ptr<connection> held)
    {
        if (held && (held->broken() || held->in_transaction())) held.reset();
        for (auto* const each : waiting) {
            if (each->called) continue;
            each->called = true;
            each->given = std::move(held);
            each->timer.cancel();
            return;
        }
        if (held)
            idle.push_back(std::move(held));
        else
            --open;
    }

    void note(bool reached, std::string const& why)
    {
        if (reached == reachable) return;
        reachable = reached;
        if (reached)
            log::info("store", "the database answers again");
        else
            log::warning("store", "the database cannot be reached: " + why);
    }

    asio::any_io_executor executor;
    database::options options;
    std::vector<std::unique_ptr<connection>> idle;
    std::list<waiter*> waiting;
    std::size_t open = 0;  // idle, lent, and being opened
    bool reachable = true;
};

namespace {

/// A place in the queue, left when the scope ends; what was given and not taken goes on to the next.
class queued {
public:
    explicit queued(pool_state& state) : state_(state), self_(state.executor)
    {
        place_ = state_.waiting.insert(state_.waiting.end(), &self_);
    }
    ~queued()
    {
        state_.waiting.erase(place_);
        if (self_.called && !taken_) state_.give_back(std::move(self_.given));
    }
    queued(queued const&) = delete;
    queued& operator=(queued const&) = delete;

    asio::awaitable<bool> called()
    {
        self_.timer.expires_after(state_.options.statement_limit);
        co_await self_.timer.async_wait(as_values);
        co_return self_.called;
    }
    /// @pre called
    std::unique_ptr<connection> take() noexcept
    {
        taken_ = true;
        return std::move(self_.given);
    }

private:
    pool_state& state_;
    pool_state::waiter self_;
    bool taken_ = false;
    std::list<pool_state::waiter*>::iterator place_;
};

/// The right to have one of the connections, given up when the scope ends unless it was used.
class permit {
public:
    explicit permit(pool_state& state) : state_(&state) {}
    ~permit()
    {
        if (state_ != nullptr) state_->give_back(nullptr);
    }
    permit(permit const&) = delete;
    permit& operator=(permit const&) = delete;
    void use() noexcept { state_ = nullptr; }

private:
    pool_state* state_;
};

asio::awaitable<result<database::pool::lease>> open_one(std::shared_ptr<pool_state> state, permit& right)
{
    std::string why;
    auto opened = co_await connection::open(state->options, why);
    if (opened || opened.error() != asio::error::operation_aborted) state->note(opened.has_value(), why);
    if (!opened) co_return opened.error();
    right.use();
    co_return database::pool::lease(state, std::move(*opened));
}

asio::awaitable<result<database::pool::lease>> wait_in_turn(std::shared_ptr<pool_state> state)
{
    if (state->waiting.size() >= state->options.waiting) co_return errc::unavailable;
    queued place(*state);
    bool const called = co_await place.called();
    if (!called) co_return errc::timed_out;
    auto given = place.take();
    if (given) co_return database::pool::lease(state, std::move(given));
    permit right(*state);
    co_return co_await open_one(state, right);
}

}  // namespace

database::pool::lease::lease(std::shared_ptr<pool_state> owner, std::unique_ptr<connection> held)
    : owner_(std::move(owner)), held_(std::move(held))
{
}

database::pool::lease& database::pool::lease::operator=(lease&& other) noexcept
{
    std::swap(owner_, other.owner_);
    std::swap(held_, other.held_);
    return *this;
}

database::pool::lease::~lease()
{
    if (held_) owner_->give_back(std::move(held_));
}

database::pool::pool(asio::any_io_executor executor, database::options options)
    : state_(std::make_shared<pool_state>(std::move(executor), std::move(options)))
{
}

asio::awaitable<result<database::pool::lease>> database::pool::acquire()
{
    auto const state = state_;
    auto idle = state->take_idle();
    if (idle) co_return lease(state, std::move(idle));
    if (state->open >= state->options.connections) co_return co_await wait_in_turn(state);
    ++state->open;
    permit right(*state);
    co_return co_await open_one(state, right);
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
    backoff pause(first_pause, longest_pause, std::random_device{}());
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
