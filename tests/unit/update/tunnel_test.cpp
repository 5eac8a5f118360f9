// Files of the repository through a session that may end, say nothing, or say something else.
#include "probe/update/tunnel.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "base/coroutine.hpp"

namespace tp::update {
namespace {

using namespace std::chrono_literals;
using proto::file_part;
using proto::file_status;

class tunnel_test : public testing::Test {
protected:
    explicit tunnel_test(std::chrono::nanoseconds limit = tunnel::answer_limit)
        : tunnel_(
              io_.get_executor(), [this] { ++news_; }, limit)
    {
        tunnel_.session_began();
    }

    /// A whole file, or why there is none.
    static asio::awaitable<void> fetch(tunnel_test* self, tuf::part from, std::string file, std::uint64_t offset)
    {
        auto const opened = co_await self->tunnel_.open(from, std::move(file), offset);
        self->outcome_ = opened ? result<std::string>(std::string()) : opened.error();
        while (self->outcome_) {
            auto const more = co_await (*opened)->read();
            if (!more) self->outcome_ = more.error();
            if (!more || more->empty()) break;
            *self->outcome_ += *more;
        }
        self->ended_ = true;
    }
    void start(std::string file = "dir/file", std::uint64_t offset = 0)
    {
        ended_ = false;
        asio::co_spawn(io_, fetch(this, tuf::part::targets, std::move(file), offset), [](std::exception_ptr thrown) {
            if (thrown) std::rethrow_exception(thrown);
        });
        run();
    }
    void run()
    {
        io_.restart();
        io_.poll();
    }
    std::optional<proto::file_request> request() { return tunnel_.take_request(); }
    void answer(file_part part)
    {
        tunnel_.take(std::move(part));
        run();
    }
    /// As a controller that has the file.
    void answer(proto::file_request const& to, std::string const& file)
    {
        answer({to.number, file_status::here, file.size(),
                to.offset < file.size() ? file.substr(to.offset, to.most) : std::string()});
    }

    asio::io_context io_{1};
    int news_ = 0;
    tunnel tunnel_;
    result<std::string> outcome_ = errc::not_found;
    bool ended_ = false;
    std::string const octets_ = std::string(tunnel::piece, 'a') + std::string(tunnel::piece, 'b') + "c";
};

/// All the time that an answer may take has passed when it is asked for.
class hurried_tunnel_test : public tunnel_test {
protected:
    static constexpr auto patience = 60s;

    hurried_tunnel_test() : tunnel_test(0ns) {}
    void run_to_the_end()
    {
        io_.restart();
        io_.run_for(patience);
        ASSERT_TRUE(ended_);
    }
};

TEST_F(tunnel_test, asks_piece_after_piece_one_at_a_time)
{
    start();
    std::vector<std::uint64_t> offsets;
    while (auto const asked = request()) {
        EXPECT_EQ(asked->path, "targets/dir/file");
        EXPECT_EQ(asked->most, tunnel::piece);
        EXPECT_FALSE(request()) << "one is outstanding";
        offsets.push_back(asked->offset);
        answer(*asked, octets_);
    }
    EXPECT_EQ(offsets, (std::vector<std::uint64_t>{0, tunnel::piece, 2 * tunnel::piece}));
    ASSERT_TRUE(ended_);
    EXPECT_EQ(outcome_, result<std::string>(octets_));
    EXPECT_EQ(news_, 3);
}

TEST_F(tunnel_test, metadata_lies_in_its_own_folder)
{
    asio::co_spawn(io_, fetch(this, tuf::part::metadata, "timestamp.json", 0), asio::detached);
    run();
    EXPECT_EQ(request()->path, "metadata/timestamp.json");
    tunnel_.session_ended();
    run();
}

TEST_F(tunnel_test, goes_on_from_an_offset_and_knows_the_end)
{
    start("f", 4);
    answer(*request(), "01234567");
    EXPECT_EQ(outcome_, result<std::string>("4567"));
    start("f", 8);
    answer(*request(), "01234567");
    EXPECT_EQ(outcome_, result<std::string>(""));
    start("f");
    answer(*request(), "");
    EXPECT_EQ(outcome_, result<std::string>(""));
}

TEST_F(tunnel_test, tells_what_is_not_there_from_what_nobody_knows)
{
    start();
    answer({request()->number, file_status::absent, 0, {}});
    EXPECT_EQ(outcome_.error(), errc::not_found);
    start();
    answer({request()->number, file_status::unavailable, 0, {}});
    EXPECT_EQ(outcome_.error(), errc::unavailable);
}

TEST_F(tunnel_test, an_answer_that_is_none_is_refused)
{
    start();
    answer({request()->number, file_status::here, 10, {}});
    EXPECT_EQ(outcome_.error(), errc::malformed) << "nothing, and not the end";
    start();
    answer({request()->number, file_status::here, 100'000, std::string(tunnel::piece + 1, 'x')});
    EXPECT_EQ(outcome_.error(), errc::malformed) << "more than was asked for";
    start();
    answer({request()->number, file_status::here, 10, "12345"});
    answer({request()->number, file_status::here, 10, {}});
    EXPECT_EQ(outcome_.error(), errc::malformed);
    start();
    answer({request()->number, file_status::here, 10, "12345"});
    answer({request()->number, file_status::here, 11, "67890"});
    EXPECT_EQ(outcome_.error(), errc::conflict) << "another file";
}

TEST_F(tunnel_test, a_name_that_no_request_has_room_for_is_not_asked_for)
{
    start(std::string(proto::file_request::longest_path, 'x'));
    EXPECT_EQ(outcome_.error(), errc::too_large);
    EXPECT_FALSE(request());
}

TEST_F(tunnel_test, ends_with_the_session_and_begins_with_the_next)
{
    start();
    auto const old = *request();
    tunnel_.session_ended();
    run();
    ASSERT_TRUE(ended_);
    EXPECT_EQ(outcome_.error(), errc::closed);
    start();
    EXPECT_EQ(outcome_.error(), errc::closed) << "there is none";
    tunnel_.session_began();
    start();
    tunnel_.take({old.number, file_status::here, 1, "x"});
    auto const fresh = *request();
    EXPECT_NE(fresh.number, old.number);
    answer(fresh, "y");
    EXPECT_EQ(outcome_, result<std::string>("y"));
}

TEST_F(tunnel_test, a_session_that_ends_and_begins_before_anybody_looks_ends_the_file)
{
    start();
    ASSERT_TRUE(request());
    tunnel_.session_ended();
    tunnel_.session_began();
    run();
    EXPECT_EQ(outcome_.error(), errc::closed);
}

TEST_F(tunnel_test, answers_to_nothing_are_passed_over)
{
    tunnel_.take({1, file_status::here, 1, "x"});
    start();
    auto const asked = *request();
    answer({asked.number + 1, file_status::here, 1, "x"});
    EXPECT_FALSE(ended_);
    answer(asked, "y");
    EXPECT_EQ(outcome_, result<std::string>("y"));
}

TEST_F(tunnel_test, an_answer_that_nobody_waits_for_any_more_still_holds_up_the_next_request)
{
    asio::cancellation_signal stop;
    asio::co_spawn(io_, fetch(this, tuf::part::targets, "first", 0),
                   asio::bind_cancellation_slot(stop.slot(), expect_cancelled));
    run();
    auto const first = *request();
    stop.emit(asio::cancellation_type::terminal);
    run();
    start("second");
    EXPECT_FALSE(request()) << "the controller works on the first";
    answer(first, "1");
    auto const second = request();
    ASSERT_TRUE(second);
    EXPECT_EQ(second->path, "targets/second");
    answer(*second, "2");
    EXPECT_EQ(outcome_, result<std::string>("2"));
}

TEST_F(tunnel_test, an_answer_that_nobody_waits_for_holds_up_the_next_request_no_longer_than_it_may_take)
{
    steady_time const sent{1h};
    asio::cancellation_signal stop;
    asio::co_spawn(io_, fetch(this, tuf::part::targets, "first", 0),
                   asio::bind_cancellation_slot(stop.slot(), expect_cancelled));
    run();
    ASSERT_TRUE(tunnel_.take_request(sent));
    stop.emit(asio::cancellation_type::terminal);
    run();
    start("second");
    EXPECT_FALSE(tunnel_.take_request(sent + tunnel::answer_limit - 1ns));
    auto const second = tunnel_.take_request(sent + tunnel::answer_limit);
    ASSERT_TRUE(second);
    answer(*second, "2");
    EXPECT_EQ(outcome_, result<std::string>("2"));
}

TEST_F(hurried_tunnel_test, gives_up_an_answer_that_does_not_come_in_time)
{
    start("first");
    run_to_the_end();
    EXPECT_EQ(outcome_.error(), errc::timed_out);
    EXPECT_FALSE(request()) << "nobody waits for it any more";
    start("second");
    run_to_the_end();
    EXPECT_EQ(outcome_.error(), errc::timed_out);
}

TEST_F(tunnel_test, a_request_that_is_given_up_before_it_was_sent_is_never_sent)
{
    asio::cancellation_signal stop;
    asio::co_spawn(io_, fetch(this, tuf::part::targets, "first", 0),
                   asio::bind_cancellation_slot(stop.slot(), expect_cancelled));
    run();
    stop.emit(asio::cancellation_type::terminal);
    run();
    EXPECT_FALSE(request());
}

}  // namespace
}  // namespace tp::update
