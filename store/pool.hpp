#pragma once

#include <libpq-fe.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/handle.hpp"
#include "base/time.hpp"
#include "store/database.hpp"

/// libpq on Asio. For this folder only: everybody else calls the typed functions.
namespace tp::store {

/// What a statement is given, in order ($1, $2, ...). Values travel as text, octets in binary; nothing is ever pasted
/// into SQL.
class parameters {
public:
    template <class... T>
    static parameters of(T const&... values)
    {
        parameters out;
        (out.add(values), ...);
        return out;
    }

    void add(std::string_view text) { push(std::string(text), false); }
    void add(char const* text) { push(text, false); }
    void add(std::string const& text) { push(text, false); }
    void add(bool value) { push(value ? "t" : "f", false); }
    void add(std::int16_t value) { push(std::to_string(value), false); }
    void add(std::int32_t value) { push(std::to_string(value), false); }
    void add(std::uint32_t value) { push(std::to_string(value), false); }
    void add(std::int64_t value) { push(std::to_string(value), false); }
    void add(double value);
    void add(wall_time at);  // microseconds since 1970, as timestamptz holds them: moment($n) in SQL
    void add(std::vector<std::int32_t> const& values);
    void add(std::vector<std::int64_t> const& values);
    void add(std::vector<std::string> const& values);
    template <class T>
    void add(std::optional<T> const& value)
    {
        if (value)
            add(*value);
        else
            push(std::nullopt, false);
    }
    /// For bytea.
    void add_octets(std::string octets) { push(std::move(octets), true); }
    std::size_t count() const noexcept { return values_.size(); }

private:
    friend class connection;
    void push(std::optional<std::string> value, bool binary);
    std::vector<std::optional<std::string>> values_;
    std::vector<int> formats_;
};

/// The rows of an answer. Columns are read by their place in the select list; null only where optional_* is asked.
class rows {
public:
    rows() = default;
    explicit rows(PGresult* answer) : answer_(answer) {}

    int count() const noexcept { return answer_ ? PQntuples(answer_.get()) : 0; }
    bool empty() const noexcept { return count() == 0; }
    PGresult const* raw() const noexcept { return answer_.get(); }
    std::uint64_t affected() const;
    bool null(int row, int column) const { return PQgetisnull(answer_.get(), row, column) != 0; }
    std::string text(int row, int column) const;
    std::int64_t integer(int row, int column) const;
    bool flag(int row, int column) const { return text(row, column) == "t"; }
    double real(int row, int column) const;
    wall_time time(int row, int column) const;  // of a column made by micros(...)
    std::string octets(int row, int column) const;
    std::vector<std::string> texts(int row, int column) const;  // of a text[]
    std::optional<std::string> optional_text(int row, int column) const;
    std::optional<std::int64_t> optional_integer(int row, int column) const;
    std::optional<wall_time> optional_time(int row, int column) const;
    std::optional<double> optional_real(int row, int column) const;

private:
    handle<PGresult, PQclear> answer_;
};

/// One connection. Broken after errc::unavailable or errc::timed_out: the pool then drops it.
class connection {
public:
    /// The server ends a statement at options.statement_limit itself; so much later we no longer wait for its word.
    static constexpr std::chrono::seconds grace{3};

    /// Errors: errc::unavailable; `why` then has libpq's words, without the conninfo. (libpq resolves a host's name in
    /// PQconnectStart, which blocks: name the server by its address or its socket's folder.)
    static boost::asio::awaitable<result<std::unique_ptr<connection>>> open(database::options const& options,
                                                                            std::string& why);

    /// Runs one statement. Errors: as database.
    boost::asio::awaitable<result<rows>> run(std::string sql, parameters values = {});
    /// COPY ... FROM STDIN (FORMAT binary) with these octets.
    boost::asio::awaitable<result<std::uint64_t>> copy_in(std::string sql, std::string octets);
    /// Several statements without parameters, in one implicit transaction.
    boost::asio::awaitable<result<void>> script(std::string sql);
    /// Waits until the server sends something (a NOTIFY), for so long at most, and forgets what it was.
    boost::asio::awaitable<result<void>> wait_for_notice(std::chrono::milliseconds longest);

    /// True also while an answer is outstanding: whoever was cancelled in between leaves a connection of no use.
    bool broken() const noexcept { return broken_ || busy_ || PQstatus(link_.get()) != CONNECTION_OK; }
    /// Looks whether the server has hung up meanwhile, without waiting. For a connection that is idle.
    bool lost() noexcept;
    /// The SQLSTATE of the last error that the server named: five characters, or none.
    std::string const& last_state() const noexcept { return last_state_; }
    bool in_transaction() const noexcept { return PQtransactionStatus(link_.get()) != PQTRANS_IDLE; }

private:
    explicit connection(PGconn* link, std::chrono::seconds limit) : link_(link), limit_(limit + grace) {}
    boost::asio::awaitable<result<void>> prepare(std::chrono::seconds statement_limit);
    boost::asio::awaitable<result<void>> flush();
    boost::asio::awaitable<result<rows>> answer();
    boost::asio::awaitable<result<rows>> collect();
    boost::asio::awaitable<result<std::uint64_t>> copy_all(std::string sql, std::string octets);
    error_code complain(PGresult const* answer);

    handle<PGconn, PQfinish> link_;
    std::chrono::seconds limit_;
    std::string last_state_;
    bool broken_ = false;
    bool busy_ = false;
};

/// For which timestamps result_hot has partitions, as of a moment ago.
struct hot_window {
    std::int64_t first = 0, last = 0;  // [first, last), microseconds since 1970
    bool late_inside = false;          // result_late holds rows of these hours (they were implausible when they came)
    steady_time checked{};
};

struct pool_state;

class database::pool {
public:
    pool(boost::asio::any_io_executor executor, database::options options);

    /// A connection for one caller, given back when destroyed; one that is broken or in a transaction is dropped.
    class lease {
    public:
        lease() = default;
        lease(std::shared_ptr<pool_state> owner, std::unique_ptr<connection> held);
        lease(lease&& other) noexcept = default;
        lease& operator=(lease&& other) noexcept;
        ~lease();
        connection* operator->() const noexcept { return held_.get(); }
        connection& operator*() const noexcept { return *held_; }

    private:
        std::shared_ptr<pool_state> owner_;
        std::unique_ptr<connection> held_;
    };

    /// Waits in turn, at most statement_limit. Errors: errc::unavailable; errc::timed_out.
    boost::asio::awaitable<result<lease>> acquire();
    /// Acquires, runs one statement, gives back.
    boost::asio::awaitable<result<rows>> run(std::string sql, parameters values = {});
    hot_window& results_window() noexcept { return results_window_; }

private:
    std::shared_ptr<pool_state> state_;  // shared with leases, which may outlive the pool when the loop is torn down
    hot_window results_window_;
};

}  // namespace tp::store
