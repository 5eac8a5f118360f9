#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "base/error.hpp"

namespace tp::store {

/// Connections to PostgreSQL on one loop: a pool of non-blocking libpq connections, each used by one query or
/// transaction at a time, replaced when it breaks. Every function of the store takes one; SQL is written in this folder
/// only. Errors of all of them: errc::unavailable when the server cannot be reached or went away (whether the work was
/// done is then unknown, and every write is made so that it can be repeated); errc::timed_out; errc::conflict for a
/// unique violation or a failed serialisation; errc::rejected for any other complaint of the server, which is logged.
class database {
public:
    struct options {
        std::string conninfo;          // libpq's; may hold a password: never logged
        std::size_t connections = 4;   // opened as they are needed
        std::size_t waiting = 10'000;  // callers waiting for a connection; more are errc::unavailable
        std::chrono::seconds connect_limit{5};
        std::chrono::seconds statement_limit{30};
    };

    database(boost::asio::io_context& io, options chosen);
    ~database();
    database(database const&) = delete;
    database& operator=(database const&) = delete;

    /// Waits until the server answers, trying again with back-off. Errors: errc::timed_out.
    boost::asio::awaitable<result<void>> wait_until_ready(std::chrono::seconds limit);

    class pool;  // store/pool.hpp, for this folder only
    pool& connections() noexcept { return *pool_; }

private:
    std::unique_ptr<pool> pool_;
};

}  // namespace tp::store
