#include "probe/spool/spool.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "base/files.hpp"
#include "probe/spool/crc32c.hpp"
#include "probe/spool/record.hpp"
#include "tests/unit/probe/support.hpp"

namespace tp::probe {
namespace {

proto::result_item item(std::uint64_t sequence, std::size_t octets = 100)
{
    return {msm(5), start_of_test.wall, sequence, proto::result_kind::ping, std::string(octets, 'r')};
}

class spool_test : public testing::Test {
protected:
    spool open(spool_limits limits = {}) { return spool::open(folder_.path() / "spool", limits).value(); }

    static std::vector<std::uint64_t> drain(spool& from)
    {
        std::vector<std::uint64_t> out;
        while (auto const batch = from.next()) {
            for (auto const& one : batch->results) out.push_back(one.sequence);
            from.acknowledge(std::array{batch->number});
        }
        return out;
    }

    static std::vector<std::uint64_t> numbers(std::uint64_t first, std::uint64_t last)
    {
        std::vector<std::uint64_t> out;
        for (auto i = first; i <= last; ++i) out.push_back(i);
        return out;
    }

    static void fill(spool& into, std::uint64_t first, std::uint64_t last)
    {
        for (auto i = first; i <= last; ++i) ASSERT_TRUE(into.append(item(i)));
    }

    std::vector<std::filesystem::path> segments() const
    {
        std::vector<std::filesystem::path> out;
        for (auto const& one : std::filesystem::directory_iterator(folder_.path() / "spool"))
            if (one.path().extension() == ".segment") out.push_back(one.path());
        std::sort(out.begin(), out.end());
        return out;
    }

    temporary_folder folder_;
};

TEST(record, check_value_is_that_of_the_standard)
{
    EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
}

TEST(record, every_cut_is_torn_and_every_flipped_bit_is_seen)
{
    auto const whole = frame_record(encode_result(item(7, 20)));
    for (std::size_t length = 0; length < whole.size(); ++length)
        EXPECT_EQ(read_record(std::string_view(whole).substr(0, length)).is, framed::kind::torn) << length;
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
        auto changed = whole;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_NE(read_record(changed).is, framed::kind::whole) << bit;
    }
    EXPECT_EQ(decode_result(read_record(whole).body)->sequence, 7U);
    EXPECT_EQ(read_record(std::string(64, '\0')).is, framed::kind::damaged);
}

TEST(record, a_result_beyond_its_limits_is_refused)
{
    auto const body = encode_result(item(7, 20));
    for (std::size_t length = 0; length < 22; ++length) EXPECT_FALSE(decode_result(body.substr(0, length)));
    EXPECT_FALSE(decode_result(encode_result(item(7, proto::largest_report + 1))));
    EXPECT_FALSE(decode_result(std::string(22, '\0'))) << "measurement 0";
}

TEST_F(spool_test, gives_back_what_was_put_in_whole_and_in_order)
{
    auto kept = open();
    auto wanted = item(1);
    wanted.report = std::string("\0\xff\n", 3);
    ASSERT_TRUE(kept.append(wanted));
    auto const batch = kept.next();
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->number, 1U);
    ASSERT_EQ(batch->results.size(), 1U);
    auto const& got = batch->results[0];
    EXPECT_EQ(got.measurement, wanted.measurement);
    EXPECT_EQ(got.timestamp, wanted.timestamp);
    EXPECT_EQ(got.sequence, wanted.sequence);
    EXPECT_EQ(got.kind, wanted.kind);
    EXPECT_EQ(got.report, wanted.report);
    EXPECT_FALSE(kept.next()) << "it is in flight";
}

TEST_F(spool_test, a_result_of_a_type_that_only_a_newer_release_measures_comes_like_any_other)
{
    auto kept = open();
    for (int const kind : {1, 7, 32'767, 2}) {
        auto one = item(static_cast<std::uint64_t>(kind));
        one.kind = static_cast<proto::result_kind>(kind);
        ASSERT_TRUE(kept.append(one));
    }
    auto const batch = kept.next();
    ASSERT_TRUE(batch);
    ASSERT_EQ(batch->results.size(), 4U);
    for (auto const& one : batch->results) EXPECT_EQ(static_cast<std::uint64_t>(one.kind), one.sequence);
    for (int const kind : {0, -1}) {
        auto one = item(1);
        one.kind = static_cast<proto::result_kind>(kind);
        EXPECT_FALSE(decode_result(encode_result(one)));
    }
}

TEST_F(spool_test, batches_stay_near_their_size_and_few_are_in_flight)
{
    auto kept = open({.batch = 1000, .in_flight = 3});
    fill(kept, 1, 100);
    for (std::uint64_t number = 1; number <= 3; ++number) {
        auto const batch = kept.next();
        ASSERT_TRUE(batch);
        EXPECT_EQ(batch->number, number);
        EXPECT_EQ(batch->results.size(), 7U);  // 130 octets each
    }
    EXPECT_FALSE(kept.next());
    kept.acknowledge(std::array<std::uint64_t, 2>{2, 99});
    EXPECT_TRUE(kept.next());
    ASSERT_TRUE(kept.append(item(101, proto::largest_report)));
}

TEST_F(spool_test, one_result_larger_than_a_batch_still_goes)
{
    auto kept = open();
    ASSERT_TRUE(kept.append(item(1, proto::largest_report)));
    ASSERT_TRUE(kept.append(item(2)));
    EXPECT_EQ(drain(kept), numbers(1, 2));
}

TEST_F(spool_test, a_reopened_spool_has_everything_that_was_not_acknowledged)
{
    {
        auto kept = open({.segment = 1500, .batch = 400});  // never flushed, never closed in good order
        fill(kept, 1, 50);
        auto const first = kept.next(), second = kept.next();
        kept.acknowledge(std::array{first->number});
        EXPECT_EQ(second->results.front().sequence, first->results.back().sequence + 1);
    }
    auto kept = open({.segment = 1500, .batch = 400});
    fill(kept, 51, 60);
    auto const got = drain(kept);
    EXPECT_EQ(got, numbers(got.front(), 60));
    EXPECT_GT(got.front(), 1U);
    EXPECT_LE(got.front(), 4U);
    EXPECT_EQ(kept.take_dropped(), 0U);
}

TEST_F(spool_test, acknowledged_segments_are_deleted_and_nothing_comes_back_after_a_restart)
{
    {
        auto kept = open({.segment = 1000});
        fill(kept, 1, 100);
        EXPECT_GT(segments().size(), 10U);
        EXPECT_EQ(drain(kept).size(), 100U);
        EXPECT_LE(segments().size(), 1U);
    }
    auto kept = open({.segment = 1000});
    EXPECT_FALSE(kept.next());
    fill(kept, 101, 103);
    EXPECT_EQ(drain(kept), numbers(101, 103));
}

TEST_F(spool_test, acknowledgements_in_any_order_are_taken)
{
    auto kept = open({.segment = 700, .batch = 300, .in_flight = 100});
    fill(kept, 1, 40);
    std::vector<std::uint64_t> given;
    while (auto const batch = kept.next()) given.push_back(batch->number);
    std::reverse(given.begin(), given.end());
    kept.acknowledge(given);
    EXPECT_EQ(kept.in_flight(), 0U);
    EXPECT_LE(segments().size(), 1U);
    EXPECT_FALSE(open().next());
}

TEST_F(spool_test, a_lost_session_gives_back_what_was_in_flight_and_only_that)
{
    auto kept = open({.segment = 700, .batch = 300});
    fill(kept, 1, 10);
    kept.next();
    auto const second = kept.next();
    kept.next();
    kept.acknowledge(std::array{second->number});
    kept.returned();
    EXPECT_EQ(kept.in_flight(), 0U);
    auto const again = kept.next();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->number, 1U) << "numbers belong to a session";
    EXPECT_EQ(again->results[0].sequence, 1U);
    kept.acknowledge(std::array{again->number});
    auto const rest = drain(kept);
    EXPECT_EQ(std::find(rest.begin(), rest.end(), second->results[0].sequence), rest.end());
    EXPECT_EQ(again->results.size() + second->results.size() + rest.size(), 10U);
}

TEST_F(spool_test, a_torn_tail_of_every_length_costs_only_its_own_record)
{
    auto const record = frame_record(encode_result(item(3)));
    for (std::size_t cut = 0; cut < record.size(); ++cut) {
        temporary_folder folder;
        {
            auto kept = spool::open(folder.path() / "s", {}).value();
            fill(kept, 1, 3);
        }
        auto const file = folder.path() / "s" / "0000000000000001.segment";
        std::filesystem::resize_file(file, 2 * record.size() + cut);
        auto kept = spool::open(folder.path() / "s", {}).value();
        fill(kept, 4, 5);
        EXPECT_EQ(drain(kept), (std::vector<std::uint64_t>{1, 2, 4, 5})) << cut;
        EXPECT_EQ(kept.take_dropped(), 0U) << cut;
    }
}

TEST_F(spool_test, damage_costs_the_rest_of_a_segment_and_is_counted)
{
    {
        auto kept = open();
        fill(kept, 1, 3);
    }
    {
        std::fstream file(segments().at(0), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(150);
        file.put('X');
    }
    auto kept = open();
    fill(kept, 4, 4);
    EXPECT_EQ(drain(kept), (std::vector<std::uint64_t>{1, 4}));
    EXPECT_EQ(kept.take_dropped(), 1U);
}

TEST_F(spool_test, a_damaged_place_only_means_that_results_go_twice)
{
    {
        auto kept = open();
        fill(kept, 1, 3);
        kept.acknowledge(std::array{kept.next()->number});
    }
    std::ofstream(folder_.path() / "spool" / "acknowledged") << "nonsense";
    auto kept = open();
    EXPECT_EQ(drain(kept), numbers(1, 3));
}

TEST_F(spool_test, an_emptied_folder_makes_no_new_segment_look_acknowledged)
{
    {
        auto kept = open({.segment = 1300});
        fill(kept, 1, 45);
        EXPECT_EQ(drain(kept).size(), 45U);  // acknowledged up to segment 5
    }
    for (auto const& one : segments()) std::filesystem::remove(one);
    {
        auto kept = open({.segment = 1300});
        fill(kept, 46, 115);  // seven segments
    }
    auto kept = open({.segment = 1300});
    EXPECT_EQ(drain(kept), numbers(46, 115));
    EXPECT_EQ(kept.take_dropped(), 0U);
}

TEST_F(spool_test, a_place_beyond_every_segment_is_forgotten_for_good)
{
    {
        auto kept = open({.segment = 1300});
        fill(kept, 1, 45);
        drain(kept);
    }
    for (auto const& one : segments()) std::filesystem::remove(one);
    {
        temporary_folder other;
        auto kept = spool::open(other.path() / "spool", {.segment = 1300}).value();
        fill(kept, 46, 65);
        for (auto const& one : std::filesystem::directory_iterator(other.path() / "spool"))
            std::filesystem::copy(one.path(), folder_.path() / "spool" / one.path().filename());  // segments 1 and 2
    }
    {
        auto kept = open({.segment = 1300});
        fill(kept, 66, 67);
    }
    auto kept = open({.segment = 1300});
    EXPECT_EQ(drain(kept), numbers(46, 67));
}

TEST_F(spool_test, a_full_spool_drops_the_oldest_and_counts_them)
{
    auto kept = open({.octets = 13'000, .segment = 1300});  // ten records a segment, ten segments
    fill(kept, 1, 250);
    EXPECT_LE(kept.octets(), 13'000U);
    auto const got = drain(kept);
    ASSERT_FALSE(got.empty());
    EXPECT_EQ(got, numbers(got.front(), 250));
    EXPECT_EQ(kept.take_dropped(), 250 - got.size());
    EXPECT_EQ(kept.take_dropped(), 0U);
    EXPECT_GE(got.size(), 90U);
}

TEST_F(spool_test, dropping_does_not_confuse_what_is_in_flight)
{
    auto kept = open({.octets = 2600, .segment = 1300, .batch = 400});
    fill(kept, 1, 20);
    auto const gone = kept.next();
    fill(kept, 21, 30);
    kept.acknowledge(std::array{gone->number});
    auto const got = drain(kept);
    EXPECT_EQ(got, numbers(got.front(), 30));
    EXPECT_EQ(kept.take_dropped(), got.front() - 1);
}

TEST_F(spool_test, one_result_larger_than_the_spool_is_dropped)
{
    auto kept = open({.octets = 500, .segment = 300});
    EXPECT_EQ(kept.append(item(1, 600)).error(), errc::too_large);
    EXPECT_EQ(kept.take_dropped(), 1U);
    fill(kept, 2, 2);
    EXPECT_EQ(drain(kept), numbers(2, 2));
}

// A disk of which `room` octets are left, until files are removed by the spool.
std::uint64_t room = 0;
int failing_with = ENOSPC;
std::filesystem::path watched;

ssize_t write_on_small_disk(int fd, void const* octets, std::size_t count)
{
    std::uint64_t used = 0;
    for (auto const& one : std::filesystem::directory_iterator(watched)) used += one.file_size();
    if (used >= room) return errno = failing_with, -1;
    return ::write(fd, octets, std::min<std::uint64_t>(count, room - used));  // the last write is cut short
}

TEST_F(spool_test, a_full_disk_is_made_room_on_by_dropping_the_oldest)
{
    watched = folder_.path() / "spool";
    room = 5000;
    failing_with = ENOSPC;
    auto kept = open({.segment = 1300, .write = write_on_small_disk});
    fill(kept, 1, 100);
    auto const got = drain(kept);
    EXPECT_GE(got.size(), 25U);
    EXPECT_EQ(got, numbers(got.front(), 100));
    EXPECT_EQ(kept.take_dropped(), 100 - got.size());
}

TEST_F(spool_test, a_broken_disk_is_an_error_and_a_count_and_the_spool_goes_on_when_it_is_well)
{
    watched = folder_.path() / "spool";
    room = 200;  // one record, and a part of the second
    failing_with = EIO;
    auto kept = open({.write = write_on_small_disk});
    ASSERT_TRUE(kept.append(item(1)));
    EXPECT_EQ(kept.append(item(2)).error().value(), EIO);
    EXPECT_EQ(kept.append(item(3)).error().value(), EIO);
    EXPECT_EQ(kept.take_dropped(), 2U);
    room = 100'000;
    fill(kept, 4, 6);
    EXPECT_EQ(drain(kept), (std::vector<std::uint64_t>{1, 4, 5, 6}));
}

TEST_F(spool_test, a_folder_that_vanished_is_an_error_not_a_crash)
{
    auto kept = open({.segment = 200});
    fill(kept, 1, 1);
    std::filesystem::remove_all(folder_.path() / "spool");
    EXPECT_FALSE(kept.append(item(2)));
    EXPECT_FALSE(kept.next());
    EXPECT_FALSE(spool::open("/proc/no/such/folder", {}));
}

/// No further file can be opened while it lives.
class no_descriptors {
public:
    no_descriptors()
    {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        rlimit none = before_;
        none.rlim_cur = 0;
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    no_descriptors(no_descriptors const&) = delete;
    no_descriptors& operator=(no_descriptors const&) = delete;
    ~no_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

TEST_F(spool_test, what_cannot_be_read_for_want_of_a_descriptor_stays)
{
    auto kept = open({.segment = 1300, .batch = 400});  // ten records a segment
    fill(kept, 1, 35);
    {
        no_descriptors const held;
        EXPECT_FALSE(kept.next());
    }
    EXPECT_EQ(kept.take_unreadable().value(), EMFILE);
    EXPECT_TRUE(kept.next());
    kept.returned();
    {
        no_descriptors const held;
        EXPECT_FALSE(kept.next()) << "nor what was given back";
    }
    EXPECT_EQ(segments().size(), 4U);
    EXPECT_EQ(drain(kept), numbers(1, 35));
    EXPECT_EQ(kept.take_dropped(), 0U);
}

steady_time now_of_test;

TEST_F(spool_test, a_bad_block_holds_up_what_stands_behind_it_for_a_minute_and_is_counted)
{
    now_of_test = {};
    auto kept = open({.segment = 1300, .batch = 400, .now = [] { return now_of_test; }});
    fill(kept, 1, 25);
    auto const first = segments().at(0);
    std::filesystem::rename(first, folder_.path() / "aside");
    std::filesystem::create_symlink("/proc/self/mem", first);  // at offset 0 it has nothing but EIO
    EXPECT_FALSE(kept.next());
    EXPECT_EQ(kept.take_unreadable().value(), EIO);
    now_of_test += 59s;
    EXPECT_FALSE(kept.next());
    EXPECT_EQ(kept.take_dropped(), 0U);
    now_of_test += 1s;
    EXPECT_EQ(drain(kept), numbers(11, 25));
    EXPECT_EQ(kept.take_dropped(), 1U) << "at least one";
}

TEST_F(spool_test, a_block_that_can_be_read_again_in_time_loses_nothing)
{
    now_of_test = {};
    auto kept = open({.segment = 1300, .batch = 400, .now = [] { return now_of_test; }});
    fill(kept, 1, 25);
    auto const first = segments().at(0), aside = folder_.path() / "aside";
    for (int round = 0; round < 2; ++round) {
        std::filesystem::rename(first, aside);
        std::filesystem::create_symlink("/proc/self/mem", first);
        EXPECT_FALSE(kept.next());
        std::filesystem::rename(aside, first);
        EXPECT_TRUE(kept.next());
        kept.returned();
        now_of_test += 2min;
    }
    EXPECT_EQ(drain(kept), numbers(1, 25));
    EXPECT_EQ(kept.take_dropped(), 0U);
}

TEST_F(spool_test, segments_that_vanished_are_counted)
{
    auto kept = open({.segment = 1300, .batch = 400});
    fill(kept, 1, 25);
    kept.next();
    kept.returned();
    std::filesystem::remove(segments().at(0));
    EXPECT_EQ(drain(kept), numbers(11, 25));
    EXPECT_EQ(kept.take_dropped(), 2U) << "what had been handed out, and what had not";
}

TEST_F(spool_test, is_dirty_until_flushed)
{
    auto kept = open();
    EXPECT_FALSE(kept.dirty());
    fill(kept, 1, 1);
    EXPECT_TRUE(kept.dirty());
    EXPECT_TRUE(kept.flush());
    EXPECT_FALSE(kept.dirty());
}

}  // namespace
}  // namespace tp::probe
