// A change of the probe's key, with something going wrong at every call into the file system and at every message: the
// platform and the probe always share a key, and simply going on ends with the new one.
#include <gtest/gtest.h>

#include <cstdio>
#include <deque>
#include <functional>

#include "probe/agent/key_keeper.hpp"
#include "tests/unit/probe/key_platform.hpp"
#include "tests/unit/slots/model_disk.hpp"

namespace tp::probe {
namespace {

using namespace std::chrono_literals;
using firmware::test::fault;
using firmware::test::killed;
using firmware::test::leftover;
using firmware::test::model_disk;
using test::key_platform;
using verdict = proto::key_answer::verdict;

constexpr char const* state = "/state";
auto const self = key_platform::self;

std::string text_of(ssh::private_key const& key)
{
    return key.text().value();
}

/// A probe that is started again as often as it dies, and a platform that it reaches but for one message.
class world {
public:
    world() { disk.put(std::string(state) + "/key", text_of(first_)); }

    /// Starts, and goes on for so many rounds. Throws killed.
    void run(int rounds)
    {
        auto key = stored("key");
        ASSERT_TRUE(key) << "the key is gone";
        key_keeper keys(disk, state, std::move(*key), [] {});
        std::optional<ssh::public_key> session;
        for (int i = 0; i < rounds; ++i, now_ += key_keeper::ask_again + 1s) {
            keys.look(now_);
            if (!session && !log_in(keys, session)) continue;
            talk(keys, session);
        }
    }
    void ask() { disk.put(std::string(state) + "/rotate-key", ""); }
    bool over()
    {
        auto const key = stored("key");
        return key && !stored("key.next") && !disk.content(std::string(state) + "/rotate-key") &&
               key->shared() == there.current() && there.changes() > 0;
    }
    /// The secret of what the platform takes is on the disk.
    bool shares_a_key()
    {
        auto const key = stored("key"), next = stored("key.next");
        return (key && key->shared() == there.current()) || (next && next->shared() == there.current());
    }
    std::optional<ssh::private_key> stored(char const* name) const
    {
        auto text = disk.content(std::filesystem::path(state) / name);
        auto key = text ? ssh::private_key::parse(std::move(*text)) : result<ssh::private_key>(errc::not_found);
        if (!key) return std::nullopt;
        return *key;
    }

    model_disk disk;
    int cut_before = 0,
        cut_after = 0;  // the session breaks before, or after, the platform heard the message of this number
    int messages = 0;
    ssh::private_key first_ = ssh::private_key::make().value();
    key_platform there{first_.shared()};

private:
    /// A login is a message, too, and its answer may be lost.
    bool log_in(key_keeper& keys, std::optional<ssh::public_key>& session)
    {
        auto const key = keys.login().shared();
        if (++messages == cut_before) return false;
        bool const taken = there.takes(key);
        if (messages == cut_after) return false;
        if (!taken) {
            static_cast<void>(keys.turned_down());
            return false;
        }
        keys.logged_in();
        keys.session(true);
        session = key;
        return true;
    }
    void talk(key_keeper& keys, std::optional<ssh::public_key>& session)
    {
        auto const lose = [&] {
            session.reset();
            keys.session(false);
        };
        while (auto const message = keys.take_words(self, now_)) {
            if (++messages == cut_before) return lose();
            auto const answer = there.answer(*message, *session);
            if (messages == cut_after) return lose();
            if (auto const* const nonce = std::get_if<proto::key_nonce>(&answer)) keys.hear(*nonce, now_);
            if (auto const* const said = std::get_if<proto::key_answer>(&answer)) keys.hear(*said);
            if (keys.take_new_login()) return lose();
        }
    }

    steady_time now_ = steady_time() + 1h;
};

constexpr int enough = 12;  // rounds, for any one fault

/// As often as it takes.
void recover(world& at)
{
    EXPECT_TRUE(at.shares_a_key()) << "the platform takes no key that is left";
    at.run(enough);
    EXPECT_TRUE(at.over());
    EXPECT_EQ(at.there.changes(), 1u);
}

std::uint64_t calls_of_a_change()
{
    world undisturbed;
    undisturbed.ask();
    undisturbed.run(enough);
    EXPECT_TRUE(undisturbed.over());
    EXPECT_EQ(undisturbed.there.offers(), 1u);
    return undisturbed.disk.calls();
}

TEST(key_change_faults, one_at_any_call_is_recovered_from)
{
    auto const calls = calls_of_a_change();
    struct row {
        fault is;
        char const* name;
    };
    for (auto const& [is, name] : {row{fault::kill, "kill"}, row{fault::io_error, "EIO"},
                                   row{fault::no_space, "ENOSPC"}, row{fault::half, "half a write"}}) {
        std::uint64_t struck = 0, recovered = 0;
        for (std::uint64_t call = 1; call <= calls; ++call) {
            SCOPED_TRACE(std::string(name) + " at call " + std::to_string(call));
            world at;
            at.ask();
            at.disk.fail_at(call, is);
            try {
                at.run(enough);
            } catch (killed const&) {
            }
            if (!at.disk.struck()) continue;
            ++struck;
            at.disk.heal();
            recover(at);
            if (!HasFailure()) ++recovered;
        }
        std::printf("%s: recovered from %ju of %ju\n", name, std::uintmax_t{recovered}, std::uintmax_t{struck});
        EXPECT_EQ(recovered, struck);
        EXPECT_GT(struck, is == fault::half ? 0u : 5u);
    }
}

TEST(key_change_faults, a_power_cut_at_any_call_is_recovered_from_whatever_it_leaves)
{
    auto const calls = calls_of_a_change();
    std::uint64_t cuts = 0, recovered = 0;
    for (auto const is : {leftover::nothing, leftover::all, leftover::names_only, leftover::octets_only,
                          leftover::names_and_half, leftover::names_and_zeros, leftover::random}) {
        for (std::uint64_t call = 1; call <= calls; ++call) {
            SCOPED_TRACE("at call " + std::to_string(call) + ", leftover " + std::to_string(static_cast<int>(is)));
            world at;
            at.ask();
            at.disk.fail_at(call, fault::kill);
            try {
                at.run(enough);
            } catch (killed const&) {
            }
            ++cuts;
            at.disk.heal();
            at.disk.cut_power(is, call);
            recover(at);
            if (!HasFailure()) ++recovered;
        }
    }
    std::printf("power cuts: recovered from %ju of %ju\n", std::uintmax_t{recovered}, std::uintmax_t{cuts});
    EXPECT_EQ(recovered, cuts);
}

TEST(key_change_faults, a_session_that_breaks_at_any_message_is_recovered_from)
{
    world undisturbed;
    undisturbed.ask();
    undisturbed.run(enough);
    std::uint64_t cuts = 0, recovered = 0;
    for (int message = 1; message <= undisturbed.messages; ++message) {
        for (bool const before : {true, false}) {
            SCOPED_TRACE(std::string(before ? "before" : "after") + " message " + std::to_string(message));
            world at;
            at.ask();
            (before ? at.cut_before : at.cut_after) = message;
            at.run(enough);
            ++cuts;
            EXPECT_TRUE(at.over());
            EXPECT_EQ(at.there.changes(), 1u);
            if (!HasFailure()) ++recovered;
        }
    }
    std::printf("broken sessions: recovered from %ju of %ju\n", std::uintmax_t{recovered}, std::uintmax_t{cuts});
    EXPECT_EQ(recovered, cuts);
    EXPECT_GT(cuts, 6u);
}

TEST(key_change_faults, a_disk_that_takes_nothing_any_more_leaves_the_old_key_at_work)
{
    auto const calls = calls_of_a_change();
    for (auto const is : {fault::full_disk, fault::bad_writes}) {
        std::uint64_t tried = 0, working = 0;
        for (std::uint64_t call = 1; call <= calls; ++call) {
            SCOPED_TRACE("from call " + std::to_string(call));
            world at;
            at.ask();
            at.disk.fail_at(call, is);
            at.run(enough);
            if (!at.disk.struck()) continue;
            ++tried;
            at.run(enough);  // and started again
            EXPECT_TRUE(at.shares_a_key());
            at.disk.heal();
            recover(at);
            if (!HasFailure()) ++working;
        }
        std::printf("%s: working with %ju of %ju\n", is == fault::full_disk ? "full disk" : "disk that takes no writes",
                    std::uintmax_t{working}, std::uintmax_t{tried});
        EXPECT_EQ(working, tried);
        EXPECT_GT(tried, 5u);
    }
}

TEST(key_change, is_made_when_the_platform_wishes_it_but_not_again_and_again)
{
    world at;
    key_keeper keys(at.disk, state, at.first_, [] {});
    steady_time const now = steady_time() + 1h;
    keys.session(true);
    keys.hear(at.there.nonce(true), now);
    auto const words = keys.take_words(self, now);
    ASSERT_TRUE(words && std::holds_alternative<proto::key_change>(*words));
    auto const answer = at.there.answer(*words, at.first_.shared());
    keys.hear(std::get<proto::key_answer>(answer));
    EXPECT_TRUE(keys.take_new_login());
    EXPECT_FALSE(keys.take_new_login());
    EXPECT_TRUE(at.there.takes(keys.login().shared()));
    keys.logged_in();
    EXPECT_FALSE(keys.with_next());
    EXPECT_TRUE(at.over());
    keys.session(true);
    keys.hear(at.there.nonce(true), now + 1min);
    EXPECT_FALSE(keys.take_words(self, now + 1min));
    keys.hear(at.there.nonce(true), now + key_keeper::between_wishes);
    EXPECT_TRUE(keys.take_words(self, now + key_keeper::between_wishes));
}

TEST(key_change, does_not_begin_by_a_nonce_that_nobody_asked_for)
{
    world at;
    key_keeper keys(at.disk, state, at.first_, [] {});
    keys.hear(at.there.nonce(false), steady_time() + 1h);
    EXPECT_FALSE(keys.take_words(self, steady_time() + 1h));
    EXPECT_FALSE(at.stored("key.next"));
}

TEST(key_change, that_is_refused_leaves_the_old_key)
{
    world at;
    key_keeper keys(at.disk, state, at.first_, [] {});
    keys.hear(at.there.nonce(true), steady_time() + 1h);
    EXPECT_TRUE(at.stored("key.next"));
    keys.hear({verdict::later, "not now"});
    EXPECT_TRUE(at.stored("key.next"));
    keys.hear({verdict::refused, "known"});
    EXPECT_FALSE(at.stored("key.next"));
    EXPECT_FALSE(keys.take_new_login());
    EXPECT_EQ(keys.login().shared(), at.first_.shared());
}

TEST(key_change, writes_over_the_old_key_once_nothing_leads_to_it)
{
    world at;
    auto const old = at.disk.reopen(std::string(state) + "/key").value();
    auto const reader = at.disk.open(std::string(state) + "/key").value();
    at.ask();
    at.run(enough);
    ASSERT_TRUE(at.over());
    auto const left = reader->read(key_keeper::largest_file).value();
    EXPECT_EQ(left, std::string(left.size(), '\0'));
}

}  // namespace
}  // namespace tp::probe
