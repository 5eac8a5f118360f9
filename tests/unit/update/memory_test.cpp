// What is remembered over a restart: read as it was written, or not at all.
#include "probe/update/memory.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "probe/firmware/checked_text.hpp"
#include "probe/update/put_off.hpp"
#include "probe/update/status_text.hpp"
#include "tests/unit/base/temporary_folder.hpp"
#include "tests/unit/update/world.hpp"

namespace tp::update {
namespace {

using namespace std::chrono_literals;
using test::now;

memory some_memory(proto::signed_instruction const& sent, wall_time issued)
{
    memory out;
    out.accepted = now;
    out.root_version = 3;
    out.control = {{"director", std::string(64, 'a')}, {"hosts", std::string(64, '0')}};
    out.last = last_accepted{sent.key, issued, sent.instruction};
    out.signature = sent.signature;
    out.at = phase::downloading;
    out.why = firmware::cause::not_reached;
    out.plan = begin_plan{begin_plan::kind::at, now + 1h};
    return out;
}

class memory_test : public testing::Test {
protected:
    test::platform platform_;
    proto::instruction const wish_ = platform_.wish(17, proto::instruction::mode::lazy);
    memory const some_ = some_memory(platform_.order(wish_), wish_.issued);
};

TEST_F(memory_test, is_read_as_it_was_written)
{
    auto forgotten = some_;
    forgotten.last->octets.clear();
    forgotten.signature.clear();
    forgotten.plan.reset();
    forgotten.over = true;
    for (auto const& each : {memory(), some_, forgotten}) {
        auto const read = memory::parse(each.text());
        ASSERT_TRUE(read);
        EXPECT_EQ(*read, each);
    }
}

TEST_F(memory_test, of_the_largest_instruction_fits)
{
    auto large = some_;
    large.last->octets = std::string(proto::signed_instruction::largest, '\xff');
    EXPECT_TRUE(memory::parse(large.text()));
    large.last->octets += 'x';
    EXPECT_FALSE(memory::parse(large.text()));
}

TEST_F(memory_test, that_lost_or_changed_an_octet_is_none)
{
    auto const good = some_.text();
    for (std::size_t i = 0; i < good.size(); i += 3) {
        EXPECT_FALSE(memory::parse(good.substr(0, i))) << i;
        auto changed = good;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_FALSE(memory::parse(changed)) << i;
    }
    EXPECT_FALSE(memory::parse(good + "\n"));
}

TEST_F(memory_test, has_one_spelling)
{
    auto const text = std::string(firmware::without_check(some_.text(), memory::largest).value());
    auto const with = [&](std::string_view old, std::string_view fresh) {
        auto out = text;
        auto const at = out.find(old);
        EXPECT_NE(at, out.npos) << old;
        return firmware::with_check(out.replace(at, old.size(), fresh));
    };
    EXPECT_TRUE(memory::parse(with("root 3", "root 4")));
    for (auto const& [old, fresh] :
         std::vector<std::pair<std::string, std::string>>{{"trigpoint-updates 1", "trigpoint-updates 2"},
                                                          {"root 3", "root 03"},
                                                          {"root 3\n", ""},
                                                          {"control director", "control hosts"},
                                                          {"control hosts", "control a"},
                                                          {"aaaa", "AAAA"},
                                                          {"progress downloading", "progress dawdling"},
                                                          {"not-reached 0", "not-reached 2"},
                                                          {"not-reached 0", "bad-mood 0"},
                                                          {"plan at", "plan maybe"},
                                                          {"signature ", "sign "},
                                                          {"last ", "lost "}})
        EXPECT_FALSE(memory::parse(with(old, fresh))) << fresh;
}

TEST_F(memory_test, is_a_file_of_its_owner_alone)
{
    tp::test::temporary_folder folder;
    auto const file = memory_file(folder / "");
    EXPECT_EQ(load_memory(file), memory());
    ASSERT_TRUE(save_memory(file, some_));
    EXPECT_EQ(load_memory(file), some_);
    struct stat about {};
    ASSERT_EQ(::stat(file.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777u, 0600u);
    std::ofstream(file, std::ios::app) << "more";
    EXPECT_EQ(load_memory(file), memory()) << "a damaged one is none";
}

TEST_F(memory_test, is_shown_to_the_host)
{
    host_wishes host;
    ASSERT_TRUE(host.window.add("02:00-05:00"));
    EXPECT_EQ(status_text(memory(), {}, {}, now),
              "trusted root: none yet\nupdates: installed by themselves, at any hour\nlast instruction: none\n");
    EXPECT_EQ(
        status_text(some_, host, now + 30min, now),
        "trusted root: version 3\n"
        "updates: installed by themselves, between 02:00-05:00\n"
        "put off by this host until: 2026-06-15T00:30:00Z\n"
        "last instruction: rollout 1 of 2026-06-15T00:00:01Z, release 17 for m, from 2026-06-15T00:00:00Z, at the "
        "latest 2026-06-19T00:00:00Z, good until 2026-06-25T00:00:00Z\n"
        "update: downloading: nobody had the files that are needed (not-reached), to be tried again\n"
        "in LwM2M's words: Downloading, Connection lost\n"
        "it begins 2026-06-15T01:00:00Z\n");
    auto other = some_;
    other.plan = begin_plan{begin_plan::kind::declined, {}};
    other.why = firmware::cause::expired;
    host.how = host_wishes::mode::off;
    auto const text = status_text(other, host, {}, now);
    EXPECT_NE(text.find("not installed: this host wants none"), text.npos);
    EXPECT_NE(text.find("does not begin: this host does not want it"), text.npos);
    EXPECT_NE(text.find("Integrity check failure\nit looks like an attack\n"), text.npos);
}

TEST(put_off, is_remembered_and_bounded)
{
    tp::test::temporary_folder folder;
    EXPECT_EQ(load_put_off(folder / "updates"), wall_time());
    ASSERT_TRUE(save_put_off(folder / "updates", now + 48h));
    EXPECT_EQ(load_put_off(folder / "updates"), now + 48h);
    std::ofstream(folder / "updates" / "put-off") << "tomorrow\n";
    EXPECT_EQ(load_put_off(folder / "updates"), wall_time());
    EXPECT_EQ(parse_length("90s"), result<std::chrono::seconds>(90s));
    EXPECT_EQ(parse_length("2d"), result<std::chrono::seconds>(48h));
    EXPECT_EQ(parse_length("60d"), result<std::chrono::seconds>(longest_put_off));
    EXPECT_EQ(parse_length("61d").error(), errc::out_of_range);
    for (auto const* text : {"", "d", "2", "-2d", "2 d", "2w", "2dd"})
        EXPECT_EQ(parse_length(text).error(), errc::malformed) << text;
}

}  // namespace
}  // namespace tp::update
