#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/coroutine.hpp"
#include "base/ssh/keys.hpp"
#include "proto/job.hpp"
#include "store/accounts.hpp"
#include "store/database.hpp"
#include "store/enrolment.hpp"
#include "store/fleet.hpp"
#include "store/measurements.hpp"
#include "store/pool.hpp"
#include "tests/support/cluster.hpp"

namespace tp::store {

/// A fresh database with the schema, in the program's own PostgreSQL.
class store_fixture : public testing::Test {
protected:
    static constexpr std::chrono::seconds patience{60};  // for one call, on a busy machine

    store_fixture();

    database::options options(std::string const& user = "platform") const;

    /// Something that runs on the loop; its value once wait() has been called.
    template <class T>
    struct running {
        std::shared_ptr<std::optional<T>> value = std::make_shared<std::optional<T>>();
    };
    template <class T>
    running<T> begin(asio::awaitable<T> work)
    {
        running<T> out;
        asio::co_spawn(io_, keep(std::move(work), out.value), [](std::exception_ptr thrown) {
            if (thrown) std::rethrow_exception(thrown);
        });
        return out;
    }
    template <class T>
    T wait(running<T> const& work)
    {
        run_until([&] { return work.value->has_value(); });
        return std::move(**work.value);
    }
    /// Runs one call to its end.
    template <class T>
    T call(asio::awaitable<T> work)
    {
        return wait(begin(std::move(work)));
    }
    /// The same where success is expected.
    template <class T>
    T get(asio::awaitable<result<T>> work)
    {
        auto outcome = call(std::move(work));
        if (!outcome) throw std::runtime_error("call failed: " + outcome.error().message());
        if constexpr (!std::is_void_v<T>) return std::move(*outcome);
    }
    /// Runs the loop until the condition holds; an exception after `patience`.
    template <class Condition>
    void run_until(Condition condition)
    {
        auto const deadline = std::chrono::steady_clock::now() + patience;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("waited too long");
            io_.restart();
            io_.run_one_for(std::chrono::milliseconds(50));
        }
    }

    /// A statement as the owner, whose first value is the answer (empty if none).
    std::string sql(std::string text, parameters values = {});
    /// Ends all connections but the owner's own.
    void kill_connections();

    static ssh::public_key make_key();
    account_id account(std::string const& email = "someone@example.net");
    probe_id probe();
    controller_id controller(std::string const& name = "controller-1");
    new_measurement ping(account_id owner, std::vector<probe_id> participants, bool one_off = false);

private:
    template <class T>
    static asio::awaitable<void> keep(asio::awaitable<T> work, std::shared_ptr<std::optional<T>> value)
    {
        value->emplace(co_await std::move(work));
    }

protected:
    asio::io_context io_;
    std::string name_;
    database db_;
    database owner_;
};

}  // namespace tp::store
