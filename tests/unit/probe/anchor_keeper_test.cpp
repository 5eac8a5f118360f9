#include "probe/agent/anchor_keeper.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/files.hpp"
#include "firmware-signing/anchor_list.hpp"
#include "firmware-signing/refusal.hpp"
#include "firmware-signing/signed_document.hpp"
#include "tests/unit/firmware_signing/samples.hpp"
#include "tests/unit/probe/support.hpp"

namespace tp::probe {
namespace {

using signing::refusal;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::string words(error_code why)
{
    return "document_refused anchors: " + why.message();
}

class anchor_keeper_test : public testing::Test {
protected:
    /// A keeper as the agent makes it at its start, and what it told.
    struct agent {
        agent(anchor_keeper_test const& test, signing::trusted_keys keys, wall_time now)
            : keeper(std::move(keys), kept_files(test.folder_.path()),
                     {[this](anchors list) { in_use = std::move(list); },
                      [this](std::string kind, std::string text) { told.push_back(kind + ' ' + text); }})
        {
            keeper.start(now);
        }
        std::vector<std::string> names() const
        {
            std::vector<std::string> out;
            for (std::string const name : {"a.example", "b.example", "c.example"})
                if (in_use.have(address_of(name), 8080)) out.push_back(name);
            return out;
        }

        anchors in_use;
        std::vector<std::string> told;
        anchor_keeper keeper;
    };

    static signing::trusted_keys trust(std::initializer_list<signing::private_key const*> keys, std::size_t count = 1)
    {
        std::vector<signing::public_key> list;
        for (auto const* each : keys) list.push_back(each->shared());
        return signing::trusted_keys::from(std::move(list), count).value();
    }
    agent start(clocks now) { return {*this, trust({&ours_}), now.wall}; }

    static ip_address address_of(std::string const& name)
    {
        return boost::asio::ip::address_v4({192, 0, 2, static_cast<unsigned char>(name.front())});
    }
    static std::string content(std::vector<std::string> const& names)
    {
        std::vector<signing::listed_anchor> list;
        for (auto const& name : names) {
            list.push_back({.name = name, .ports = {80, 8080}, .addresses = {address_of(name)}});
            list.back().about = {{"country", "NL"}};
        }
        return signing::write_anchor_list(std::move(list)).content;
    }
    std::string signed_list(std::uint64_t version, std::vector<std::string> const& names,
                            std::chrono::seconds lasts = 1h, signing::private_key const* by = nullptr) const
    {
        auto const text = content(names);
        return signing::sealed({"anchors", version, start_of_test.wall + lasts, text}, {by != nullptr ? by : &ours_});
    }

    std::filesystem::path file() const { return folder_.path() / "anchors"; }

    temporary_folder folder_;
    signing::private_key ours_ = signing::private_key::make().value();
    signing::private_key strangers_ = signing::private_key::make().value();
    clocks now_ = start_of_test;
};

TEST_F(anchor_keeper_test, a_list_that_trusted_keys_signed_is_used_and_kept)
{
    {
        auto one = start(now_);
        EXPECT_EQ(one.in_use.size(), 0U);
        EXPECT_FALSE(one.keeper.version());
        one.keeper.take(signed_list(7, {"a.example", "b.example"}), now_);
        EXPECT_THAT(one.names(), ElementsAre("a.example", "b.example"));
        EXPECT_FALSE(one.in_use.have(address_of("a.example"), 443));
        EXPECT_EQ(one.keeper.version(), 7U);
        EXPECT_THAT(one.told, IsEmpty());
    }
    auto const again = start(now_);
    EXPECT_THAT(again.names(), ElementsAre("a.example", "b.example"));
    EXPECT_EQ(again.keeper.version(), 7U);
    EXPECT_THAT(again.told, IsEmpty());
}

TEST_F(anchor_keeper_test, a_newer_list_replaces_the_older)
{
    auto one = start(now_);
    one.keeper.take(signed_list(7, {"a.example"}), now_);
    one.keeper.take(signed_list(8, {"b.example"}), now_);
    EXPECT_THAT(one.names(), ElementsAre("b.example"));
    one.keeper.take(signed_list(9, {}), now_);
    EXPECT_THAT(one.names(), IsEmpty()) << "also by none";
    EXPECT_EQ(start(now_).keeper.version(), 9U);
}

TEST_F(anchor_keeper_test, an_equal_version_is_taken_without_a_word)
{
    auto one = start(now_);
    one.keeper.take(signed_list(7, {"a.example"}), now_);
    one.keeper.take(signed_list(7, {"a.example"}), now_);
    one.keeper.take(signed_list(7, {"a.example"}, 2h), now_);
    EXPECT_THAT(one.names(), ElementsAre("a.example"));
    EXPECT_THAT(one.told, IsEmpty());
    one.keeper.look((now_ + 90min).wall);
    EXPECT_THAT(one.names(), ElementsAre("a.example")) << "the later one lasts longer";
}

TEST_F(anchor_keeper_test, what_is_refused_is_told_once_and_the_old_list_stays)
{
    auto one = start(now_);
    one.keeper.take(signed_list(7, {"a.example"}), now_);
    auto forged = signed_list(8, {"b.example"});
    forged[forged.find("b.example")] = 'c';
    std::vector<std::pair<result<std::string>, error_code>> const rows{
        {signed_list(8, {"b.example"}, 1h, &strangers_), refusal::too_few_signatures},
        {forged, refusal::bad_signature},
        {signed_list(6, {"b.example"}), refusal::older_than_known},
        {signed_list(8, {"b.example"}, 0s), refusal::expired},
        {signing::sealed({"firmware", 8, now_.wall + 1h, content({"b.example"})}, {&ours_}), refusal::other_name},
        {signing::sealed({"anchors", 8, now_.wall + 1h, "anchor B.example 80 192.0.2.1\n"}, {&ours_}),
         refusal::malformed},
        {std::string("no document"), refusal::malformed},
        {std::string(), refusal::malformed},
        {errc::too_large, errc::too_large},
        {errc::malformed, errc::malformed},
    };
    for (auto const& [document, why] : rows) {
        one.told.clear();
        one.keeper.take(document, now_);
        one.keeper.take(document, now_);
        EXPECT_THAT(one.told, ElementsAre(words(why)));
        EXPECT_THAT(one.names(), ElementsAre("a.example"));
    }
    EXPECT_EQ(start(now_).keeper.version(), 7U);
}

TEST_F(anchor_keeper_test, does_not_tell_without_end_of_ever_new_ones)
{
    auto one = start(now_);
    auto const flood = [&] {
        for (int i = 0; i < 100; ++i) one.keeper.take("junk " + std::to_string(i), now_);
    };
    flood();
    EXPECT_THAT(one.told, SizeIs(update::seldom::most));
    now_ = now_ + update::seldom::period;
    flood();
    EXPECT_THAT(one.told,
                SizeIs(testing::AllOf(testing::Gt(update::seldom::most), testing::Le(2 * update::seldom::most))));
}

TEST_F(anchor_keeper_test, needs_as_many_signatures_as_the_host_says)
{
    agent one(*this, trust({&ours_, &strangers_}, 2), now_.wall);
    one.keeper.take(signed_list(1, {"a.example"}), now_);
    EXPECT_THAT(one.told, ElementsAre(words(refusal::too_few_signatures)));
    auto const text = content({"a.example"});
    one.keeper.take(signing::sealed({"anchors", 1, now_.wall + 1h, text}, {&ours_, &strangers_}), now_);
    EXPECT_THAT(one.names(), ElementsAre("a.example"));
}

TEST_F(anchor_keeper_test, a_rollback_is_refused_after_a_restart_too)
{
    start(now_).keeper.take(signed_list(7, {"a.example"}), now_);
    auto again = start(now_);
    again.keeper.take(signed_list(6, {"b.example"}), now_);
    EXPECT_THAT(again.told, ElementsAre(words(refusal::older_than_known)));
    EXPECT_THAT(again.names(), ElementsAre("a.example"));
}

TEST_F(anchor_keeper_test, goes_out_of_use_when_it_expires_and_back_when_the_clock_is_set_back)
{
    auto one = start(now_);
    one.keeper.take(signed_list(7, {"a.example"}), now_);
    one.keeper.look((now_ + (1h - 1ns)).wall);
    EXPECT_THAT(one.names(), ElementsAre("a.example"));
    one.keeper.look((now_ + 1h).wall);
    EXPECT_THAT(one.names(), IsEmpty());
    one.keeper.look((now_ + 2h).wall);
    EXPECT_EQ(one.keeper.version(), 7U) << "nobody needs to send it again";
    one.keeper.look(now_.wall);
    EXPECT_THAT(one.names(), ElementsAre("a.example"));
    one.keeper.look((now_ + 1h).wall);
    one.keeper.take(signed_list(8, {"b.example"}, 2h), now_ + 1h);
    EXPECT_THAT(one.names(), ElementsAre("b.example"));
    EXPECT_THAT(one.told, IsEmpty());
}

TEST_F(anchor_keeper_test, an_expired_list_is_not_used_after_a_restart_and_its_version_is_remembered)
{
    start(now_).keeper.take(signed_list(7, {"a.example"}), now_);
    auto again = start(now_ + 1h);
    EXPECT_THAT(again.names(), IsEmpty());
    EXPECT_EQ(again.keeper.version(), 7U);
    again.keeper.take(signed_list(6, {"b.example"}, 2h), now_ + 1h);
    EXPECT_THAT(again.told, ElementsAre(words(refusal::older_than_known)));
    again.keeper.look(now_.wall);
    EXPECT_THAT(again.names(), ElementsAre("a.example")) << "the clock was wrong";
}

TEST_F(anchor_keeper_test, what_was_changed_on_the_disk_is_not_believed)
{
    start(now_).keeper.take(signed_list(7, {"a.example"}), now_);
    auto const whole = read_file(file(), kept_files::largest).value();
    for (auto const at : {whole.find("a.example"), whole.find("expires") + 9, whole.size() - 2}) {
        auto damaged = whole;
        damaged[at] = damaged[at] == '1' ? '2' : '1';
        ASSERT_TRUE(write_atomically(file(), damaged));
        auto again = start(now_);
        EXPECT_THAT(again.names(), IsEmpty());
        EXPECT_FALSE(again.keeper.version());
        again.keeper.take(signed_list(6, {"b.example"}), now_);
        EXPECT_THAT(again.told, ElementsAre(words(refusal::older_than_known))) << "its version is known all the same";
    }
    for (auto const& none : {std::string(), whole.substr(1), whole.substr(0, 20)}) {
        ASSERT_TRUE(write_atomically(file(), none));
        auto again = start(now_);
        EXPECT_THAT(again.names(), IsEmpty());
        again.keeper.take(signed_list(7, {"a.example"}), now_);
        EXPECT_THAT(again.names(), ElementsAre("a.example"));
    }
}

TEST_F(anchor_keeper_test, other_keys_judge_anew_and_begin_anew)
{
    start(now_).keeper.take(signed_list(7, {"a.example"}), now_);
    agent other(*this, trust({&strangers_}), now_.wall);
    EXPECT_THAT(other.names(), IsEmpty()) << "its keys did not sign what was kept";
    other.keeper.take(signed_list(7, {"a.example"}), now_);
    EXPECT_THAT(other.told, ElementsAre(words(refusal::too_few_signatures)));
    other.keeper.take(signed_list(2, {"c.example"}, 1h, &strangers_), now_);
    EXPECT_THAT(other.names(), ElementsAre("c.example")) << "whoever lost a key to a thief counts anew";

    agent both(*this, trust({&ours_, &strangers_}), now_.wall);
    EXPECT_THAT(both.names(), ElementsAre("c.example")) << "a key more";
    both.keeper.take(signed_list(1, {"a.example"}), now_);
    EXPECT_THAT(both.names(), ElementsAre("c.example"));
}

TEST_F(anchor_keeper_test, without_trusted_keys_nothing_is_believed_and_nothing_told)
{
    start(now_).keeper.take(signed_list(7, {"a.example"}), now_);
    agent trusting_nobody(*this, {}, now_.wall);
    EXPECT_THAT(trusting_nobody.names(), IsEmpty());
    testing::internal::CaptureStderr();
    for (std::uint64_t version = 7; version < 10; ++version)
        trusting_nobody.keeper.take(signed_list(version, {"a.example"}), now_);
    trusting_nobody.keeper.take(errc::too_large, now_);
    auto const logged = testing::internal::GetCapturedStderr();
    EXPECT_EQ(std::count(logged.begin(), logged.end(), '\n'), 1) << logged;
    EXPECT_THAT(trusting_nobody.names(), IsEmpty());
    EXPECT_THAT(trusting_nobody.told, IsEmpty());
    EXPECT_EQ(start(now_).keeper.version(), 7U) << "what was kept waits for the key to come back";
}

TEST_F(anchor_keeper_test, a_disk_that_cannot_be_written_is_no_reason_not_to_measure)
{
    auto one = start(now_);
    std::filesystem::create_directory(file());
    one.keeper.take(signed_list(7, {"a.example"}), now_);
    EXPECT_THAT(one.names(), ElementsAre("a.example"));
}

TEST_F(anchor_keeper_test, the_largest_list_is_taken)
{
    std::vector<std::string> names;
    for (std::size_t i = 0; i < signing::most_anchors; ++i)
        names.push_back("anchor-" + std::to_string(10'000 + i) + ".example");
    auto one = start(now_);
    one.keeper.take(signed_list(1, names), now_);
    EXPECT_EQ(one.in_use.size(), signing::most_anchors);
    EXPECT_EQ(start(now_).in_use.size(), signing::most_anchors);
}

}  // namespace
}  // namespace tp::probe
