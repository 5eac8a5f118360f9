#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <utility>

#include "base/coroutine.hpp"
#include "store/accounts.hpp"
#include "store/database.hpp"
#include "store/enrolment.hpp"
#include "store/fleet.hpp"
#include "store/measurements.hpp"
#include "store/migrations.hpp"
#include "store/probes.hpp"
#include "store/result_store.hpp"
#include "store/trust.hpp"
#include "tests/support/cluster.hpp"

namespace tp::store {

/// A key that differs in its number only, well-formed as far as the store looks.
inline ssh::public_key key_number(unsigned number)
{
    std::string octets("\0\0\0\013ssh-ed25519\0\0\0\040", 19);
    octets.append(28, 'k');
    for (int shift = 24; shift >= 0; shift -= 8) octets.push_back(static_cast<char>((number >> shift) & 0xff));
    constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < octets.size(); i += 3) {
        auto const octet = [&](std::size_t at) { return static_cast<unsigned char>(octets[at]); };
        unsigned const bits = static_cast<unsigned>(octet(i) << 16 | octet(i + 1) << 8 | octet(i + 2));
        for (int shift = 18; shift >= 0; shift -= 6) text.push_back(letters[(bits >> shift) & 63]);
    }
    return ssh::public_key::parse(text).value();
}

/// A fresh database with the schema in it, and a loop to run coroutines on.
class store_test : public ::testing::Test {
protected:
    store_test() : conninfo_(test::cluster::shared().make_database()), database_(io_, {.conninfo = conninfo_})
    {
        EXPECT_TRUE(wait(migrate(database_)));
    }

    /// Runs until the coroutine has ended.
    template <class T>
    result<T> wait(asio::awaitable<result<T>> work)
    {
        std::optional<result<T>> outcome;
        asio::co_spawn(io_, put(std::move(work), outcome), [](std::exception_ptr thrown) {
            if (thrown) std::rethrow_exception(thrown);
        });
        io_.restart();
        while (!outcome && io_.run_one() > 0) {
        }
        return std::move(*outcome);
    }

    template <class T>
    static asio::awaitable<void> put(asio::awaitable<result<T>> work, std::optional<result<T>>& outcome)
    {
        outcome.emplace(co_await std::move(work));
    }

    account_id account() { return wait(first_administrator(database_)).value(); }
    /// A probe that has been admitted.
    probe_id probe(unsigned number)
    {
        auto const id = wait(add_probe(database_, key_number(number), account(), "")).value();
        EXPECT_TRUE(wait(change_trust(database_, id, trust_event::admitted, "it proved its key")));
        return id;
    }
    /// By the word of the first administrator.
    trust_outcome by_hand(probe_id id, trust_event event, std::string reason = "because")
    {
        trust_wish wish{id, event, trust_actor::operator_, account(), std::move(reason)};
        return wait(change_trust(database_, std::move(wish))).value();
    }
    controller_start start_controller(std::string name = "c1")
    {
        return wait(register_controller(database_, std::move(name), {"192.0.2.1:7441"}, key_number(99'999), 100))
            .value();
    }
    controller_id controller(std::string name = "c1") { return start_controller(std::move(name)).id; }
    /// Without caps.
    result<std::vector<measurement_id>> create(std::vector<new_measurement> wanted)
    {
        auto done = wait(create_measurements(database_, std::move(wanted), no_target_caps));
        if (!done) return done.error();
        return std::move(done->made);
    }
    new_measurement ping(std::vector<probe_id> participants, std::optional<std::chrono::seconds> interval = {})
    {
        new_measurement out{.job = {.measurement = *measurement_id::from(1), .target = "192.0.2.7"},
                            .owner = account()};
        out.job.when.start = wall_now();
        out.job.when.interval = interval;
        out.participants = std::move(participants);
        out.probes_requested = 1;
        return out;
    }

    asio::io_context io_;
    std::string conninfo_;
    database database_;
};

}  // namespace tp::store
