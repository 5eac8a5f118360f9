// The decisions of the relay: which octets, from where, and when.
#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/coroutine.hpp"
#include "controller/relay/catalogue.hpp"
#include "controller/relay/pace.hpp"
#include "controller/relay/piece_cache.hpp"
#include "controller/relay/pieces.hpp"

namespace tp::controller {
namespace {

using namespace std::chrono_literals;
using proto::file_status;

store::firmware_file_id id(int number)
{
    return store::firmware_file_id::from(number).value();
}

catalogue with(std::string path, std::uint64_t size)
{
    catalogue out;
    std::vector<store::firmware_file> files;
    files.push_back({id(7), std::move(path), size, std::string(32, 'h'), {}});
    out.replace(files);
    return out;
}

TEST(catalogue, cuts_parts_at_the_ends_of_pieces_and_of_the_file)
{
    constexpr std::uint64_t piece = store::firmware_piece_size, size = 2 * piece + 100;
    auto const files = with("targets/a", size);
    struct row {
        std::uint64_t offset;
        std::uint32_t most, number;
        std::size_t from, count;
    };
    for (auto const& [offset, most, number, from, count] :
         {row{0, 60'000, 0, 0, 60'000}, row{60'000, 60'000, 0, 60'000, 60'000},
          row{240'000, 60'000, 0, 240'000, 22'144}, row{piece, 1, 1, 0, 1}, row{2 * piece, 60'000, 2, 0, 100},
          row{size - 1, 60'000, 2, 99, 1}}) {
        SCOPED_TRACE(offset);
        auto const found = files.look_up({1, "targets/a", offset, most});
        auto const& what = std::get<portion>(found);
        EXPECT_EQ(what.file, id(7));
        EXPECT_EQ(what.size, size);
        EXPECT_EQ(what.number, number);
        EXPECT_EQ(what.from, from);
        EXPECT_EQ(what.count, count);
    }
    for (auto const beyond : {size, size + 1, UINT64_MAX}) {
        auto const found = files.look_up({9, "targets/a", beyond, 60'000});
        EXPECT_EQ(std::get<proto::file_part>(found), (proto::file_part{9, file_status::here, size, ""}));
    }
}

TEST(catalogue, knows_nothing_but_the_paths_that_are_there)
{
    auto files = with("targets/a", 1);
    for (auto const* path : {"", "targets", "targets/", "targets/a/", "targets//a", "targets/./a",
                             "targets/../targets/a", "/targets/a", "TARGETS/a", "targets/b", "../../etc/passwd"}) {
        auto const found = files.look_up({3, path, 0, 1});
        EXPECT_EQ(std::get<proto::file_part>(found), (proto::file_part{3, file_status::absent, 0, ""})) << path;
    }
    files.replace({});
    EXPECT_TRUE(std::holds_alternative<proto::file_part>(files.look_up({3, "targets/a", 0, 1})));
}

TEST(pace, lets_a_stretch_go_at_once_and_then_keeps_the_rate)
{
    rate const kept{8'000'000, 100ms};  // an octet a microsecond, 100,000 at once
    steady_time const start{1h};
    pace one;
    EXPECT_EQ(one.reserve(start, 60'000, kept), start);
    EXPECT_EQ(one.reserve(start, 60'000, kept), start);
    EXPECT_EQ(one.next(start, kept), start + 20ms);
    EXPECT_EQ(one.reserve(start, 60'000, kept), start + 20ms);
    EXPECT_EQ(one.reserve(start, 60'000, kept), start + 80ms);
    EXPECT_EQ(one.next(start + 1s, kept), start + 1s) << "what was not used is not saved";
    EXPECT_EQ(one.reserve(start + 1s, 60'000, kept), start + 1s);
    EXPECT_EQ(one.reserve(start + 1s, 60'000, kept), start + 1s);
    EXPECT_EQ(one.reserve(start + 1s, 60'000, kept), start + 1s + 20ms);
}

piece_ptr octets(std::size_t size)
{
    return std::make_shared<std::string const>(size, 'x');
}

TEST(piece_cache, forgets_what_was_not_asked_for_longest)
{
    piece_cache cache(30);
    cache.put({id(1), 0}, octets(10));
    cache.put({id(1), 1}, octets(10));
    cache.put({id(2), 0}, octets(10));
    EXPECT_TRUE(cache.find({id(1), 0}));
    cache.put({id(2), 1}, octets(10));
    EXPECT_FALSE(cache.find({id(1), 1}));
    EXPECT_TRUE(cache.find({id(1), 0}));
    EXPECT_TRUE(cache.find({id(2), 0}));
    EXPECT_EQ(cache.octets(), 30U);
    cache.put({id(3), 0}, octets(25));
    EXPECT_EQ(cache.octets(), 25U);
    EXPECT_FALSE(cache.find({id(2), 0}));
}

TEST(piece_cache, never_holds_more_than_it_may)
{
    piece_cache cache(30);
    cache.put({id(1), 0}, octets(31));
    EXPECT_EQ(cache.octets(), 0U);
    cache.put({id(1), 1}, octets(30));
    cache.put({id(1), 1}, octets(30));
    EXPECT_EQ(cache.octets(), 30U);
}

asio::awaitable<result<std::string>> read_for_ever(piece_key)
{
    asio::steady_timer never(co_await asio::this_coro::executor, steady_time::max());
    co_await never.async_wait(as_values);
    co_return errc::unavailable;
}

TEST(pieces, give_up_a_reading_that_takes_too_long_and_read_anew_for_the_next_one)
{
    constexpr auto patience = 60s;
    asio::io_context io{1};
    int readings = 0;
    pieces::reader const read = [&readings](piece_key key) {
        ++readings;
        return read_for_ever(key);
    };
    pieces all(io.get_executor(), read, 100, 0ns);
    for (int expected : {1, 2}) {
        result<piece_ptr> outcome = errc::closed;
        asio::co_spawn(io, all.get({id(1), 0}, steady_time::max()),
                       [&](std::exception_ptr, result<piece_ptr> done) { outcome = std::move(done); });
        io.restart();
        io.run_for(patience);
        ASSERT_TRUE(io.stopped());
        EXPECT_EQ(outcome.error(), errc::timed_out);
        EXPECT_EQ(readings, expected);
    }
}

}  // namespace
}  // namespace tp::controller
