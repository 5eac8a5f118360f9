#include "probe/agent/kept.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/files.hpp"
#include "proto/codec.hpp"
#include "tests/unit/probe/support.hpp"

namespace tp::probe {
namespace {

auto const host_key =
    ssh::public_key::parse("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJpb6UbTqVuNVqrWnmM7w0wYkmHzE7Yh2VqtFZbnWC3k").value();

kept_assignment sample_assignment()
{
    proto::assignment value{.version = 1, .probe = probe_id::from(7).value(), .lease = 3600s, .ask_again_after = 60s};
    value.controllers.push_back({"a", {"192.0.2.1:7441"}, {host_key}});
    return {value, start_of_test.wall};
}

kept_jobs sample_jobs()
{
    return {probe_id::from(7).value(),
            start_of_test.wall,
            {ping_job(1, {start_of_test.wall, {}, 60s, 10s}), ping_job(2, {start_of_test.wall, {}, {}, 0s})}};
}

TEST(kept, everything_comes_back_after_a_restart)
{
    temporary_folder folder;
    kept_files const files(folder.path());
    EXPECT_FALSE(files.assignment());
    EXPECT_FALSE(files.jobs());
    done_list done;
    done.add(msm(5));
    ASSERT_TRUE(files.keep(sample_assignment()));
    ASSERT_TRUE(files.keep(sample_jobs()));
    ASSERT_TRUE(files.keep(done));

    kept_files const again(folder.path());
    auto const assignment = again.assignment();
    ASSERT_TRUE(assignment);
    EXPECT_EQ(assignment->obtained, start_of_test.wall);
    EXPECT_EQ(assignment->value.probe.value(), 7);
    EXPECT_EQ(assignment->value.controllers.at(0).host_keys.at(0), host_key);
    auto const jobs = again.jobs();
    ASSERT_TRUE(jobs);
    EXPECT_EQ(jobs->contact, start_of_test.wall);
    EXPECT_EQ(jobs->jobs, sample_jobs().jobs);
    EXPECT_TRUE(again.done().has(msm(5)));
}

TEST(kept, the_days_octets_and_the_platforms_caps_come_back_too)
{
    temporary_folder folder;
    kept_files const files(folder.path());
    EXPECT_EQ(files.day().used, day_budget::account{});
    EXPECT_EQ(files.platform_limits(), proto::cap_limits{});
    kept_day const day{{20'000, 123'456'789'012}, start_of_test.wall};
    proto::cap_limits limits;
    limits.packets_per_second = 5;
    limits.bytes_per_day = 7'000'000'000;
    limits.shortest_interval = 60s;
    limits.refused_kinds = {proto::result_kind::tls};
    auto set_back = day;
    set_back.latest = {20'001, 7};
    EXPECT_EQ(decode_kept_day(encode_kept(day))->latest, day_budget::account{});
    EXPECT_EQ(decode_kept_day(encode_kept(set_back))->latest, set_back.latest);
    EXPECT_EQ(decode_kept_day(encode_kept(set_back))->used, day.used);
    ASSERT_TRUE(files.keep(day));
    ASSERT_TRUE(files.keep(limits));
    EXPECT_EQ(files.day().used, day.used);
    EXPECT_EQ(files.day().at, day.at);
    EXPECT_EQ(files.platform_limits(), limits);
    for (auto const& whole : {encode_kept(day), encode_kept(set_back), encode_kept(limits)}) {
        for (std::size_t length = 0; length < whole.size(); ++length) {
            EXPECT_FALSE(decode_kept_day(whole.substr(0, length)));
            EXPECT_FALSE(decode_kept_limits(whole.substr(0, length)));
        }
    }
    EXPECT_FALSE(decode_kept_limits(encode_kept(day)));
    EXPECT_FALSE(decode_kept_day(encode_kept(limits)));
}

TEST(kept, no_cut_and_no_flipped_bit_is_taken_for_a_file)
{
    auto const assignment = encode_kept(sample_assignment());
    auto const jobs = encode_kept(sample_jobs());
    for (std::size_t length = 0; length < assignment.size(); ++length)
        EXPECT_FALSE(decode_kept_assignment(assignment.substr(0, length)));
    for (std::size_t length = 0; length < jobs.size(); ++length) EXPECT_FALSE(decode_kept_jobs(jobs.substr(0, length)));
    for (std::size_t at = 0; at < jobs.size(); ++at) {
        auto changed = jobs;
        changed[at] = static_cast<char>(changed[at] ^ 0x10);
        EXPECT_FALSE(decode_kept_jobs(changed)) << at;
    }
    EXPECT_FALSE(decode_kept_jobs(jobs + "x"));
    EXPECT_FALSE(decode_kept_assignment(jobs));
}

TEST(kept, of_a_list_of_anchors_the_version_holds_although_the_octets_are_damaged)
{
    temporary_folder folder;
    kept_files const files(folder.path());
    EXPECT_FALSE(files.anchors());
    kept_anchors const sent{UINT64_MAX, "keys", "octets that carry signatures"};
    ASSERT_TRUE(files.keep(sent));
    auto const kept = files.anchors();
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->version, sent.version);
    EXPECT_EQ(kept->keys, sent.keys);
    EXPECT_EQ(kept->octets, sent.octets);

    auto const whole = encode_kept(sent);
    auto const head = whole.size() - sent.octets.size();
    for (std::size_t length = 0; length < whole.size(); ++length) {
        auto const cut = decode_kept_anchors(whole.substr(0, length));
        ASSERT_EQ(cut.has_value(), length >= head) << length;
        if (cut) {
            EXPECT_EQ(cut->version, sent.version);
        }
    }
    for (std::size_t at = 0; at < head; ++at) {
        auto changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ 0x10);
        EXPECT_FALSE(decode_kept_anchors(changed)) << at;
    }
}

proto::block_list many_blocks()
{
    proto::block_list out{.version = 7, .prefixes = {}};
    for (unsigned i = 0; i < proto::block_list::most; ++i)
        out.prefixes.push_back(ip_prefix::around(boost::asio::ip::address_v4(0xC6000000 + (i << 8)), 24).value());
    return out;
}

TEST(kept, a_list_of_blocks_comes_back_however_long_it_is)
{
    temporary_folder folder;
    kept_files const files(folder.path());
    EXPECT_EQ(files.blocks().error(), boost::system::errc::no_such_file_or_directory);
    for (auto const& list :
         {proto::block_list{}, proto::block_list{1, {ip_prefix::parse("2001:db8::/32").value()}}, many_blocks()}) {
        ASSERT_TRUE(files.keep(list));
        EXPECT_EQ(files.blocks().value(), list);
    }
}

TEST(kept, a_list_of_blocks_is_whole_or_none)
{
    auto const whole = encode_kept(many_blocks());
    constexpr std::size_t step = 997;  // the file has 150 KiB
    for (std::size_t length = 0; length < whole.size(); length += step)
        EXPECT_FALSE(decode_kept_blocks(whole.substr(0, length))) << length;
    for (std::size_t at = 0; at < whole.size(); at += step) {
        auto changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ 0x10);
        EXPECT_FALSE(decode_kept_blocks(changed)) << at;
    }
    auto const whole_records = 16 + 8 + 64 * 1024;  // the head, and the first part
    EXPECT_FALSE(decode_kept_blocks(std::string_view(whole).substr(0, whole_records)));
    EXPECT_FALSE(decode_kept_blocks(whole + "x"));
    EXPECT_FALSE(decode_kept_blocks(encode_kept(sample_jobs())));
}

TEST(kept, starts_are_counted_and_a_damaged_counter_is_not_guessed)
{
    temporary_folder folder;
    kept_files const files(folder.path());
    EXPECT_EQ(files.next_boot().value(), 1U);
    EXPECT_EQ(files.next_boot().value(), 2U);
    EXPECT_EQ(kept_files(folder.path()).next_boot().value(), 3U);
    for (auto const* content : {"", "x", "-1", "4294967295", "99999999999"}) {
        std::ofstream(folder.path() / "boot", std::ios::trunc) << content;
        EXPECT_FALSE(files.next_boot()) << content;
    }
    EXPECT_FALSE(kept_files("/proc/no/such").next_boot());
}

}  // namespace
}  // namespace tp::probe
