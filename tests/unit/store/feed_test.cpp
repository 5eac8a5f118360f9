#include "store/change_feed.hpp"

#include <libpq-fe.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include "base/handle.hpp"
#include "tests/unit/store/fixture.hpp"

namespace tp::store {
namespace {

using namespace std::chrono_literals;

class feed_test : public store_test {
protected:
    feed_test() : feed_(io_, {.conninfo = conninfo_})
    {
        EXPECT_TRUE(wait(feed_.start()));
        asio::co_spawn(io_, feed_.run([this](std::vector<change> changes) { return take(std::move(changes)); }),
                       asio::bind_cancellation_slot(stop_.slot(), expect_cancelled));
    }

    ~feed_test() override
    {
        stop_.emit(asio::cancellation_type::terminal);
        io_.restart();
        io_.run();
    }

    asio::awaitable<result<void>> take(std::vector<change> changes)
    {
        if (failures_ > 0) {
            --failures_;
            co_return errc::unavailable;
        }
        for (auto const& each : changes) seen_.push_back(each.key);
        co_return result<void>{};
    }

    /// Runs until so many changes were seen, for half a minute at most.
    bool see(std::size_t count)
    {
        auto const limit = std::chrono::steady_clock::now() + 30s;
        io_.restart();
        while (seen_.size() < count && std::chrono::steady_clock::now() < limit) io_.run_one_for(100ms);
        return seen_.size() >= count;
    }

    /// A connection of somebody else, blocking.
    struct other {
        explicit other(std::string const& conninfo) : link(PQconnectdb(conninfo.c_str())) {}
        void operator()(char const* sql) { handle<PGresult, PQclear> answer(PQexec(link.get(), sql)); }
        handle<PGconn, PQfinish> link;
    };

    change_feed feed_;
    asio::cancellation_signal stop_;
    std::vector<std::int32_t> seen_;
    int failures_ = 0;
};

TEST_F(feed_test, a_change_is_seen_once_and_in_order)
{
    other writer(conninfo_);
    writer("select announce('measurement', 1)");
    writer("select announce('measurement', 2)");
    ASSERT_TRUE(see(2));
    writer("select announce('measurement', 3)");
    ASSERT_TRUE(see(3));
    EXPECT_EQ(seen_, (std::vector{1, 2, 3}));
}

TEST_F(feed_test, a_change_committed_late_behind_newer_ones_is_not_missed)
{
    other early(conninfo_), late(conninfo_);
    early("begin");
    early("create temporary table x (a int)");  // it has a transaction number of its own by now: the oldest of all
    late("select announce('measurement', 2)");
    ASSERT_TRUE(see(1));
    early("select announce('measurement', 1)");
    early("commit");
    ASSERT_TRUE(see(2));
    EXPECT_EQ(seen_, (std::vector{2, 1}));
}

TEST_F(feed_test, whoever_announces_second_waits_for_the_first_commit)
{
    other first(conninfo_), second(conninfo_);
    first("begin");
    first("select announce('measurement', 1)");
    ASSERT_EQ(PQsendQuery(second.link.get(), "select announce('measurement', 2)"), 1);
    first("commit");
    ASSERT_TRUE(see(2));
    EXPECT_EQ(seen_, (std::vector{1, 2})) << "numbers follow the order of commits";
}

TEST_F(feed_test, a_change_without_a_notification_is_seen_a_little_later)
{
    other writer(conninfo_);
    writer("insert into change (kind, key) values ('measurement', 7)");
    ASSERT_TRUE(see(1));
}

TEST_F(feed_test, a_handler_that_failed_gets_the_same_changes_again)
{
    failures_ = 1;
    other writer(conninfo_);
    writer("select announce('measurement', 1)");
    ASSERT_TRUE(see(1));
    EXPECT_EQ(seen_, std::vector{1});
}

TEST_F(feed_test, it_goes_on_after_the_server_was_restarted)
{
    other{conninfo_}("select announce('measurement', 1)");
    ASSERT_TRUE(see(1));
    test::cluster::shared().restart();
    other{conninfo_}("select announce('measurement', 2)");
    ASSERT_TRUE(see(2));
    EXPECT_EQ(seen_, (std::vector{1, 2}));
}

}  // namespace
}  // namespace tp::store
