#include <gmock/gmock.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <random>

#include "ssh_fixture.hpp"

namespace tp::ssh {
namespace {

using namespace std::chrono_literals;

class ssh_session_test : public ssh_fixture {
protected:
    /// The same frames for whoever starts with the same seed.
    class frame_source {
    public:
        explicit frame_source(unsigned seed) : random_(seed) {}
        std::string next()
        {
            std::string out(std::uniform_int_distribution<std::size_t>(0, largest)(random_), '\0');
            for (auto& octet : out) octet = static_cast<char>(random_());
            return out;
        }
        static constexpr std::size_t largest = 5000;

    private:
        std::minstd_rand random_;
    };

    static asio::awaitable<void> send_all(std::shared_ptr<channel> to, int count, unsigned seed)
    {
        frame_source source(seed);
        for (int i = 0; i < count; ++i) {
            auto const written = co_await to->write(source.next());
            EXPECT_TRUE(written) << written.error().message();
            if (!written) co_return;
        }
    }

    static asio::awaitable<void> expect_all(std::shared_ptr<channel> from, int count, unsigned seed)
    {
        frame_source source(seed);
        for (int i = 0; i < count; ++i) {
            auto const frame = co_await from->read();
            EXPECT_TRUE(frame) << i << ": " << frame.error().message();
            if (!frame) co_return;
            EXPECT_TRUE(*frame == source.next()) << i;
        }
    }

    static asio::awaitable<error_code> read_error(std::shared_ptr<channel> from)
    {
        for (;;) {
            auto const frame = co_await from->read();
            if (!frame) co_return frame.error();
        }
    }
};

TEST_F(ssh_session_test, echoes_frames_of_every_size)
{
    serve(echo);
    play([](auto& self) -> asio::awaitable<void> {
        auto const link = co_await self.connect();
        for (std::size_t size = 0; size <= 65536; size = size * 3 + 1) {
            std::string const sent(size, static_cast<char>('a' + size % 26));
            auto const written = co_await link->write(sent);
            EXPECT_TRUE(written);
            auto const read = co_await link->read();
            EXPECT_TRUE(read);
            if (!read) co_return;
            EXPECT_EQ(*read, sent);
        }
    }(*this));
    EXPECT_EQ(server_->counts().opened, 1U);
}

TEST_F(ssh_session_test, each_side_knows_the_other)
{
    serve([](std::shared_ptr<channel> with) -> asio::awaitable<void> {
        auto const said =
            with->peer().text() + ' ' + with->user() + ' ' + with->subsystem() + ' ' + with->address().to_string();
        co_await with->write(said);
    });
    play([](auto& self) -> asio::awaitable<void> {
        auto const link = co_await self.connect();
        EXPECT_EQ(link->peer(), self.host_key_.shared());
        auto const said = co_await link->read();
        EXPECT_EQ(said.value(), self.key_.shared().text() + " somebody echo 127.0.0.1");
    }(*this));
}

TEST_F(ssh_session_test, each_side_learns_from_the_kernel_how_far_the_other_is)
{
    serve([](std::shared_ptr<channel> with) -> asio::awaitable<void> {
        EXPECT_TRUE(with->round_trip());
        auto const ended = co_await with->read();
        EXPECT_FALSE(ended);
    });
    play([](auto& self) -> asio::awaitable<void> {
        auto const link = co_await self.connect();
        EXPECT_GT(link->round_trip().value_or(std::chrono::microseconds{0}).count(), 0);
        link->abort();
        EXPECT_FALSE(link->round_trip());
    }(*this));
}

TEST_F(ssh_session_test, calls_from_the_address_that_it_is_told_to)
{
    serve([](std::shared_ptr<channel> with) -> asio::awaitable<void> {
        auto const said = with->address().to_string();
        co_await with->write(said);
    });
    play([](auto& self) -> asio::awaitable<void> {
        auto from_another = self.options();
        from_another.from = asio::ip::make_address("127.1.2.3");
        auto const dialled = co_await dial(self.address(), std::move(from_another));
        EXPECT_TRUE(dialled);
        if (!dialled) co_return;
        auto const said = co_await (*dialled)->read();
        EXPECT_EQ(said.value(), "127.1.2.3");

        auto from_elsewhere = self.options();
        from_elsewhere.from = asio::ip::make_address("192.0.2.1");  // not ours
        auto const refused = co_await dial(self.address(), std::move(from_elsewhere));
        EXPECT_FALSE(refused);
    }(*this));
}

TEST_F(ssh_session_test, carries_many_frames_both_ways_at_once)
{
    static constexpr int count = 2000;
    serve([](std::shared_ptr<channel> with) -> asio::awaitable<void> {
        using namespace asio::experimental::awaitable_operators;
        co_await (send_all(with, count, 1) && expect_all(with, count, 2));
    });
    play([](auto& self) -> asio::awaitable<void> {
        using namespace asio::experimental::awaitable_operators;
        auto const link = co_await self.connect();
        co_await (send_all(link, count, 2) && expect_all(link, count, 1));
    }(*this));
}

TEST_F(ssh_session_test, keeps_frames_of_several_writers_whole)
{
    static constexpr std::size_t size = 20'000, each = 100;
    serve([](std::shared_ptr<channel> with) -> asio::awaitable<void> {
        using namespace asio::experimental::awaitable_operators;
        auto const writer = [](std::shared_ptr<channel> to, char letter) -> asio::awaitable<void> {
            for (std::size_t i = 0; i < each; ++i) co_await to->write(std::string(size, letter));
        };
        co_await (writer(with, 'a') && writer(with, 'b'));
    });
    play([](auto& self) -> asio::awaitable<void> {
        auto const link = co_await self.connect();
        for (std::size_t i = 0; i < 2 * each; ++i) {
            auto const frame = co_await link->read();
            EXPECT_TRUE(frame);
            if (!frame) co_return;
            EXPECT_EQ(*frame, std::string(size, frame->front()));
        }
    }(*this));
}

TEST_F(ssh_session_test, a_reader_that_waits_holds_the_writer_back_and_loses_nothing)
{
    static constexpr std::size_t frames = 200, size = 50'000;  // 10 MB
    // Both queues, libssh's window, two kernel buffers each way.
    static constexpr std::size_t most_under_way = 2 * 256 * 1024 + 1'280'000 + 4 * 1024 * 1024;
    static bool go;
    static std::size_t received, first_stop;
    go = false;
    received = first_stop = 0;
    serve([](std::shared_ptr<channel> with) -> asio::awaitable<void> {
        while (!go) co_await pause_for(5ms);
        for (; received < frames; ++received) {
            auto const frame = co_await with->read();
            if (!frame || *frame != std::string(size, static_cast<char>(received))) co_return;
        }
        co_await with->write("all");
    });
    play([](auto& self) -> asio::awaitable<void> {
        auto const link = co_await self.connect();
        for (std::size_t i = 0; i < frames;) {
            auto const written =
                co_await within(go ? 30'000ms : 500ms, link->write(std::string(size, static_cast<char>(i))));
            if (written)
                ++i;
            else if (std::exchange(go, true))
                break;
            else
                first_stop = i * size;
        }
        EXPECT_TRUE(go) << "the writer was never held back";
        auto const answer = co_await link->read();
        EXPECT_TRUE(answer);
    }(*this));
    EXPECT_EQ(received, frames);
    EXPECT_LT(first_stop, most_under_way);
}

TEST_F(ssh_session_test, who_asks_first_is_told_when_nothing_waits_any_more)
{
    static constexpr std::size_t most_frames = 500, size = 50'000;  // 25 MB: more than fits under way
    static bool go;
    static std::size_t written, received;
    go = false;
    written = received = 0;
    serve([](std::shared_ptr<channel> with) -> asio::awaitable<void> {
        while (!go) co_await pause_for(5ms);
        for (; received < written; ++received) {
            auto const frame = co_await with->read();
            if (!frame) co_return;
        }
        co_await with->write("all");
    });
    play([](auto& self) -> asio::awaitable<void> {
        auto const link = co_await self.connect();
        for (bool settled = true; settled && written < most_frames;) {
            co_await link->write(std::string(size, 'x'));
            ++written;
            auto const told = co_await within(500ms, link->settled(0));
            settled = told.has_value();
        }
        EXPECT_LT(written, most_frames) << "the writer was never held back";
        auto const room = co_await link->settled(2 * size);
        EXPECT_TRUE(room) << "one frame waits, which others may do";
        go = true;
        auto const settled = co_await within(30'000ms, link->settled(0));
        EXPECT_TRUE(settled);
        auto const answer = co_await link->read();
        EXPECT_TRUE(answer);
        link->close();
        auto const closed = co_await link->settled(0);
        EXPECT_EQ(closed.error(), errc::closed);
    }(*this));
    EXPECT_EQ(received, written);
}

TEST_F(ssh_session_test, a_close_in_good_order_delivers_what_is_queued)
{
    static constexpr int count = 500;
    serve([](std::shared_ptr<channel> with) -> asio::awaitable<void> {
        co_await send_all(with, count, 7);
        with->close();
        with->close();
        auto const read = co_await with->read();
        EXPECT_EQ(read.error(), errc::closed);
        auto const written = co_await with->write("too late");
        EXPECT_EQ(written.error(), errc::closed);
    });
    play([](auto& self) -> asio::awaitable<void> {
        auto const link = co_await self.connect();
        co_await expect_all(link, count, 7);
        auto const last = co_await link->read();
        EXPECT_EQ(last.error(), errc::closed);
    }(*this));
}

TEST_F(ssh_session_test, a_client_that_lets_go_of_its_channel_ends_in_good_order)
{
    static int received;
    static error_code seen;
    received = 0;
    seen = {};
    serve([](std::shared_ptr<channel> with) -> asio::awaitable<void> {
        for (;;) {
            auto const frame = co_await with->read();
            if (!frame) seen = frame.error();
            if (!frame) co_return;
            ++received;
        }
    });
    play([](auto& self) -> asio::awaitable<void> {
        auto link = co_await self.connect();
        co_await send_all(link, 100, 3);
        link.reset();
        while (!seen) co_await pause_for(5ms);
    }(*this));
    EXPECT_EQ(received, 100);
    EXPECT_EQ(seen, errc::closed);
}

TEST_F(ssh_session_test, an_abort_is_not_good_order)
{
    static error_code seen;
    seen = {};
    serve([](std::shared_ptr<channel> with) -> asio::awaitable<void> { seen = co_await read_error(with); });
    play([](auto& self) -> asio::awaitable<void> {
        auto const link = co_await self.connect();
        link->abort();
        auto const read = co_await link->read();
        EXPECT_EQ(read.error(), errc::closed);
        while (!seen) co_await pause_for(5ms);
    }(*this));
    EXPECT_EQ(seen, errc::unavailable);
}

TEST_F(ssh_session_test, an_oversized_frame_ends_its_own_session_only)
{
    static error_code seen;
    static int ended;
    ended = 0;
    serve([](std::shared_ptr<channel> with) -> asio::awaitable<void> {
        for (;;) {
            auto frame = co_await with->read();
            if (!frame) {
                if (ended++ == 0) seen = frame.error();
                co_return;
            }
            co_await with->write(std::move(*frame));
        }
    });
    play([](auto& self) -> asio::awaitable<void> {
        auto const other = co_await self.connect();
        limits const generous{.largest_frame = 1024 * 1024};
        auto const bad = co_await dial(self.address(), self.options(generous));
        EXPECT_TRUE(bad);
        if (!bad) co_return;
        auto const refused = co_await other->write(std::string(64 * 1024 + 1, 'x'));
        EXPECT_EQ(refused.error(), errc::too_large) << "the sender's own limit";
        co_await (*bad)->write(std::string(64 * 1024 + 1, 'x'));
        auto const end = co_await read_error(*bad);
        EXPECT_TRUE(end == errc::unavailable || end == errc::closed) << end.message();
        co_await other->write("still here");
        auto const answer = co_await other->read();
        EXPECT_EQ(answer.value(), "still here");
    }(*this));
    EXPECT_EQ(seen, errc::too_large);
}

TEST_F(ssh_session_test, output_without_progress_is_a_stall)
{
    static error_code seen;
    seen = {};
    serve(
        [](std::shared_ptr<channel> with) -> asio::awaitable<void> {
            while (!seen) {
                auto const written = co_await with->write(std::string(60'000, 'x'));
                if (!written) seen = written.error();
            }
        },
        {.stall = 500ms});
    play([](auto& self) -> asio::awaitable<void> {
        auto const link = co_await self.connect();  // and never reads
        while (!seen) co_await pause_for(5ms);
    }(*this));
    EXPECT_EQ(seen, errc::timed_out);
}

TEST_F(ssh_session_test, cancellation_of_run_ends_every_session_and_handler)
{
    static int ended;
    ended = 0;
    serve(
        [](std::shared_ptr<channel> with) -> asio::awaitable<void> {
            struct counter {
                ~counter() { ++ended; }
            } const at_end;
            if (ended == 0 && with->user() == "stuck") co_await pause_for(1h);  // hears nothing of its channel
            co_await read_error(with);
        },
        {.closing = 200ms});
    play([](auto& self) -> asio::awaitable<void> {
        auto stuck = self.options();
        stuck.user = "stuck";
        auto const first = co_await dial(self.address(), stuck);
        auto const second = co_await self.connect();
        EXPECT_TRUE(first);
        self.stop_.emit(asio::cancellation_type::terminal);
        auto const end = co_await second->read();
        EXPECT_EQ(end.error(), errc::closed);
        if (first) co_await read_error(*first);
        auto const again = co_await dial(self.address(), self.options());
        EXPECT_EQ(again.error(), boost::system::errc::connection_refused);
    }(*this));
    EXPECT_EQ(ended, 2);
    EXPECT_EQ(server_->counts().opened, 2U);
}

TEST_F(ssh_session_test, a_cancelled_read_leaves_the_channel_usable)
{
    serve(echo);
    play([](auto& self) -> asio::awaitable<void> {
        auto const link = co_await self.connect();
        auto const nothing = co_await within(50ms, link->read());
        EXPECT_EQ(nothing.error(), errc::timed_out);
        co_await link->write("hello");
        auto const frame = co_await link->read();
        EXPECT_EQ(frame.value(), "hello");
    }(*this));
}

TEST_F(ssh_session_test, many_sessions_come_and_go)
{
    static constexpr int together = 50;
    serve(echo);
    play([](auto& self) -> asio::awaitable<void> {
        for (int round = 0; round < 3; ++round) {
            std::vector<std::shared_ptr<channel>> links;
            for (int i = 0; i < together; ++i) links.push_back(co_await self.connect());
            for (auto const& link : links) co_await send_all(link, 3, 5);
            for (auto const& link : links) co_await expect_all(link, 3, 5);
        }
    }(*this));
    EXPECT_EQ(server_->counts().opened, 150U);
    EXPECT_EQ(server_->counts().protocol_errors, 0U);
}

}  // namespace
}  // namespace tp::ssh
