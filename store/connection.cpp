#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "store/pool.hpp"

namespace tp::store {
namespace {

using descriptor = asio::posix::stream_descriptor;

/// Lends libpq's socket to Asio: Asio forgets it again, libpq closes it.
class borrowed_fd {
public:
    borrowed_fd(asio::any_io_executor const& executor, int fd) : descriptor_(executor, fd) {}
    ~borrowed_fd() { descriptor_.release(); }
    borrowed_fd(borrowed_fd const&) = delete;
    borrowed_fd& operator=(borrowed_fd const&) = delete;

    asio::awaitable<result<void>> ready(descriptor::wait_type what)
    {
        auto const [ec] = co_await descriptor_.async_wait(what, as_values);
        if (ec) co_return ec;
        co_return result<void>{};
    }

private:
    descriptor descriptor_;
};

asio::awaitable<result<void>> wait_on(PGconn* link, descriptor::wait_type what)
{
    auto const executor = co_await asio::this_coro::executor;
    borrowed_fd socket(executor, PQsocket(link));
    co_return co_await socket.ready(what);
}

asio::awaitable<result<void>> drive_connect(PGconn* link)
{
    auto step = PGRES_POLLING_WRITING;  // libpq's manual: begin as if it had asked to write
    while (step != PGRES_POLLING_OK) {
        if (step == PGRES_POLLING_FAILED) co_return errc::unavailable;
        auto const what = step == PGRES_POLLING_READING ? descriptor::wait_read : descriptor::wait_write;
        auto const waited = co_await wait_on(link, what);
        if (!waited) co_return waited.error();
        step = PQconnectPoll(link);
    }
    co_return result<void>{};
}

bool is_conflict(std::string_view state)
{
    return state == "23505" || state == "40001" || state == "40P01";
}

constexpr std::string_view cancelled = "57014";  // by statement_timeout

/// The server ends, or has ended, this connection (classes 08 and 57), lacks memory, disk or connections (53), has
/// become a standby (25006) or fails itself (58). Source: PostgreSQL 15 manual, appendix A.
bool is_outage(std::string_view state)
{
    return state.starts_with("08") || state.starts_with("57") || state.starts_with("53") || state.starts_with("58") ||
           state == "25006";
}

}  // namespace

asio::awaitable<result<std::unique_ptr<connection>>> connection::open(database::options const& options,
                                                                      std::string& why)
{
    std::unique_ptr<connection> made(new connection(PQconnectStart(options.conninfo.c_str()), options.statement_limit));
    auto* const link = made->link_.get();
    if (link == nullptr) throw std::bad_alloc();
    result<void> connected = errc::unavailable;
    if (PQstatus(link) != CONNECTION_BAD) connected = co_await within(options.connect_limit, drive_connect(link));
    if (connected) connected = co_await made->prepare(options.statement_limit);
    if (connected) co_return std::move(made);
    if (connected.error() == asio::error::operation_aborted) co_return connected.error();
    why = connected.error() == errc::timed_out ? "no answer within the limit" : PQerrorMessage(link);
    std::ranges::replace(why, '\n', ' ');
    co_return errc::unavailable;
}

// The server ends what takes too long, and what nobody waits for any more, instead of going on for nobody.
asio::awaitable<result<void>> connection::prepare(std::chrono::seconds statement_limit)
{
    PQsetnonblocking(link_.get(), 1);
    PQsetNoticeReceiver(
        link_.get(), [](void*, PGresult const*) {}, nullptr);
    std::chrono::milliseconds const limit = statement_limit;
    auto const set = co_await run(
        "select set_config('statement_timeout', $1, false), set_config('idle_in_transaction_session_timeout', '60s', "
        "false), set_config('client_connection_check_interval', '5s', false), set_config('client_encoding', 'UTF8', "
        "false)",
        parameters::of(static_cast<std::int64_t>(limit.count())));
    if (!set) co_return set.error();
    co_return result<void>{};
}

bool connection::lost() noexcept
{
    // First the words of farewell, if any, then the end behind them: libpq reads one at a time.
    if (PQconsumeInput(link_.get()) == 0 || PQisBusy(link_.get()) != 0 || PQconsumeInput(link_.get()) == 0) return true;
    return broken();
}

error_code connection::complain(PGresult const* answer)
{
    auto const* const field = answer == nullptr ? nullptr : PQresultErrorField(answer, PG_DIAG_SQLSTATE);
    std::string_view const state = field == nullptr ? "" : field;
    last_state_ = state;
    if (state == cancelled) return errc::timed_out;
    if (state.empty() || is_outage(state)) {
        broken_ = true;
        return errc::unavailable;
    }
    if (is_conflict(state)) return errc::conflict;
    auto const* const primary = PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY);
    // The primary message only: details may quote rows.
    log::error("store", "PostgreSQL refuses (" + std::string(state) + "): " + (primary == nullptr ? "" : primary));
    return errc::rejected;
}

asio::awaitable<result<void>> connection::flush()
{
    for (;;) {
        auto const left = PQflush(link_.get());
        if (left == 0) co_return result<void>{};
        if (left < 0) {
            broken_ = true;
            co_return errc::unavailable;
        }
        // The manual: while writing waits, read what comes, or both sides may wait for each other.
        auto const waited = co_await wait_on(link_.get(), descriptor::wait_write);
        if (!waited) co_return waited.error();
        if (PQconsumeInput(link_.get()) == 0) {
            broken_ = true;
            co_return errc::unavailable;
        }
    }
}

/// The next result of the statement under way; a null one when there is none.
asio::awaitable<result<rows>> connection::answer()
{
    auto const flushed = co_await flush();
    if (!flushed) co_return flushed.error();
    while (PQisBusy(link_.get()) != 0) {
        auto const waited = co_await wait_on(link_.get(), descriptor::wait_read);
        if (!waited) co_return waited.error();
        if (PQconsumeInput(link_.get()) == 0) {
            broken_ = true;
            co_return errc::unavailable;
        }
    }
    co_return rows(PQgetResult(link_.get()));
}

/// All results of the statement under way: the first error, or the last rows.
asio::awaitable<result<rows>> connection::collect()
{
    rows last;
    error_code failed;
    for (;;) {
        auto next = co_await answer();
        if (!next) co_return next.error();
        auto const* const raw = next->raw();
        if (raw == nullptr) break;
        auto const status = PQresultStatus(raw);
        if (status == PGRES_COPY_IN) co_return std::move(*next);
        bool const good = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
        if (!good && !failed) failed = complain(raw);
        last = std::move(*next);
    }
    busy_ = false;
    if (failed) co_return failed;
    co_return std::move(last);
}

asio::awaitable<result<rows>> connection::run(std::string sql, parameters values)
{
    std::vector<char const*> texts;
    std::vector<int> lengths;
    for (auto const& value : values.values_) {
        texts.push_back(value ? value->data() : nullptr);
        lengths.push_back(value ? static_cast<int>(value->size()) : 0);
    }
    constexpr int text_answer = 0;
    busy_ = true;
    if (PQsendQueryParams(link_.get(), sql.c_str(), static_cast<int>(texts.size()), nullptr, texts.data(),
                          lengths.data(), values.formats_.data(), text_answer) == 0) {
        co_return errc::unavailable;
    }
    co_return co_await within(limit_, collect());
}

asio::awaitable<result<void>> connection::script(std::string sql)
{
    busy_ = true;
    if (PQsendQuery(link_.get(), sql.c_str()) == 0) co_return errc::unavailable;
    auto const outcome = co_await within(limit_, collect());
    if (!outcome) co_return outcome.error();
    co_return result<void>{};
}

asio::awaitable<result<std::uint64_t>> connection::copy_in(std::string sql, std::string octets)
{
    busy_ = true;
    co_return co_await within(limit_, copy_all(std::move(sql), std::move(octets)));
}

asio::awaitable<result<std::uint64_t>> connection::copy_all(std::string sql, std::string octets)
{
    constexpr std::size_t piece = 256 * 1024;
    if (PQsendQuery(link_.get(), sql.c_str()) == 0) co_return errc::unavailable;
    auto const begun = co_await collect();
    if (!begun) co_return begun.error();
    for (std::size_t at = 0; at < octets.size(); at += piece) {
        auto const length = static_cast<int>(std::min(piece, octets.size() - at));
        if (PQputCopyData(link_.get(), octets.data() + at, length) < 0) co_return errc::unavailable;
        auto const flushed = co_await flush();
        if (!flushed) co_return flushed.error();
    }
    if (PQputCopyEnd(link_.get(), nullptr) < 0) co_return errc::unavailable;
    auto const done = co_await collect();
    if (!done) co_return done.error();
    co_return done->affected();
}

asio::awaitable<result<void>> connection::wait_for_notice(std::chrono::milliseconds longest)
{
    // One that came while a statement ran is there already, and the socket would not become readable for it again.
    bool noticed = false;
    while (auto* const notice = PQnotifies(link_.get())) {
        PQfreemem(notice);
        noticed = true;
    }
    if (noticed) co_return result<void>{};
    auto const waited = co_await within(longest, wait_on(link_.get(), descriptor::wait_read));
    if (!waited && waited.error() != errc::timed_out) co_return waited.error();
    if (PQconsumeInput(link_.get()) == 0) {
        broken_ = true;
        co_return errc::unavailable;
    }
    while (auto* const notice = PQnotifies(link_.get())) PQfreemem(notice);
    co_return result<void>{};
}

}  // namespace tp::store
