#include "store/change_feed.hpp"

#include "base/backoff.hpp"
#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "store/pool.hpp"

namespace tp::store {

struct change_feed::parts {
    database::options options;
    std::unique_ptr<connection> link;
    std::int64_t position = 0;

    asio::awaitable<result<void>> connect()
    {
        std::string why;
        auto opened = co_await connection::open(options, why);
        if (!opened) co_return opened.error();
        link = std::move(*opened);
        co_return co_await link->script("listen tp_change");
    }

    /// Reads what is new and hands it over, until nothing is.
    asio::awaitable<result<void>> read_on(handler const& take)
    {
        for (;;) {
            auto const found = co_await link->run(
                "select seq, kind, key from change where seq > $1::bigint order by seq limit $2::bigint",
                parameters::of(position, static_cast<std::int64_t>(largest_read)));
            if (!found) co_return found.error();
            if (found->empty()) co_return result<void>{};
            std::vector<change> changes;
            for (int row = 0; row < found->count(); ++row) {
                changes.push_back(
                    {found->integer(row, 0), found->text(row, 1), static_cast<std::int32_t>(found->integer(row, 2))});
            }
            auto const newest = changes.back().seq;
            auto const taken = co_await take(std::move(changes));
            if (!taken) co_return taken.error();
            position = newest;
        }
    }

    asio::awaitable<result<void>> follow(handler const& take)
    {
        if (!link || link->broken()) {
            auto const connected = co_await connect();
            if (!connected) co_return connected.error();
        }
        for (;;) {
            auto const read = co_await read_on(take);
            if (!read) co_return read.error();
            auto const woken = co_await link->wait_for_notice(longest_quiet);
            if (!woken) co_return woken.error();
        }
    }
};

change_feed::change_feed(asio::io_context&, database::options options) : parts_(std::make_unique<parts>())
{
    parts_->options = std::move(options);
}

change_feed::~change_feed() = default;

std::int64_t change_feed::position() const noexcept
{
    return parts_->position;
}

asio::awaitable<result<void>> change_feed::start()
{
    auto const connected = co_await parts_->connect();
    if (!connected) co_return connected.error();
    auto const newest = co_await parts_->link->run("select coalesce(max(seq), 0) from change");
    if (!newest) co_return newest.error();
    parts_->position = newest->integer(0, 0);
    co_return result<void>{};
}

asio::awaitable<void> change_feed::run(handler take)
{
    constexpr std::chrono::milliseconds first_pause{100}, longest_pause{3'000};
    backoff pause(first_pause, longest_pause, 1);
    for (;;) {
        auto const before = parts_->position;
        auto const ended = co_await parts_->follow(take);
        if (ended.error() == asio::error::operation_aborted) co_return;
        log::warning("store", "the change feed was interrupted: " + ended.error().message());
        parts_->link.reset();
        if (parts_->position != before) pause.reset();
        co_await pause_for(pause.next());
    }
}

}  // namespace tp::store
