#include "controller/key_exchange.hpp"

#include "controller_fixture.hpp"
#include "proto/key_change.hpp"
#include "store/hosting.hpp"
#include "store/probe_keys.hpp"

namespace tp::controller {
namespace {

using verdict = proto::key_answer::verdict;

proto::key_change signed_change(std::string const& nonce, probe_id probe, ssh::private_key const& from,
                                ssh::private_key const& to)
{
    auto const octets = proto::signed_octets_of_key_change(nonce, probe, from.shared(), to.shared());
    return {to.shared(), from.sign(octets).value(), to.sign(octets).value()};
}

struct key_exchange_test : testing::Test {
    ssh::private_key old_ = ssh::private_key::make().value(), new_ = ssh::private_key::make().value(),
                     other_ = ssh::private_key::make().value();
    probe_id probe_ = probe_id::from(7).value();
    key_exchange exchange_;
};

TEST_F(key_exchange_test, takes_a_change_that_both_keys_signed_over_the_nonce_once)
{
    auto const nonce = exchange_.offer(random_nonce().value(), false).value();
    EXPECT_EQ(nonce.octets.size(), proto::key_nonce::length);
    auto const change = signed_change(nonce.octets, probe_, old_, new_);
    EXPECT_FALSE(exchange_.judge(change, probe_, old_.shared()));
    EXPECT_TRUE(exchange_.judge(change, probe_, old_.shared())) << "a replay";
}

TEST_F(key_exchange_test, takes_none_without_a_nonce_or_over_another_one)
{
    auto const first = exchange_.offer(std::string(32, '1'), false).value();
    EXPECT_TRUE(key_exchange().judge(signed_change(first.octets, probe_, old_, new_), probe_, old_.shared()));
    EXPECT_TRUE(exchange_.judge(signed_change(std::string(32, '2'), probe_, old_, new_), probe_, old_.shared()));
    exchange_.offer(std::string(32, '3'), false);
    EXPECT_TRUE(exchange_.judge(signed_change(first.octets, probe_, old_, new_), probe_, old_.shared()));
}

TEST_F(key_exchange_test, two_wishes_that_cross_are_about_one_nonce)
{
    auto const by_platform = exchange_.offer(std::string(32, '1'), true).value();
    auto const by_probe = exchange_.offer(std::string(32, '2'), false).value();
    EXPECT_EQ(by_probe.octets, by_platform.octets);
    EXPECT_FALSE(exchange_.judge(signed_change(by_platform.octets, probe_, old_, new_), probe_, old_.shared()));
    EXPECT_NE(exchange_.offer(std::string(32, '3'), false).value().octets, by_platform.octets) << "it was used";
}

TEST_F(key_exchange_test, takes_none_that_somebody_else_signed)
{
    auto const judge = [&](proto::key_change change) {
        return exchange_.judge(change, probe_, old_.shared()).has_value();
    };
    auto const nonce = [&] { return exchange_.offer(random_nonce().value(), false).value().octets; };
    auto n = nonce();
    auto change = signed_change(n, probe_, old_, new_);
    change.by_old = signed_change(n, probe_, other_, new_).by_old;
    EXPECT_TRUE(judge(change)) << "the old key";
    n = nonce();
    change = signed_change(n, probe_, old_, new_);
    change.by_new = signed_change(n, probe_, old_, other_).by_new;
    EXPECT_TRUE(judge(change)) << "the new key";
    n = nonce();
    change = signed_change(n, probe_, old_, new_);
    change.key = other_.shared();
    EXPECT_TRUE(judge(change)) << "another new key";
    EXPECT_TRUE(judge(signed_change(nonce(), probe_id::from(8).value(), old_, new_))) << "another probe";
    EXPECT_FALSE(judge(signed_change(nonce(), probe_, old_, new_)));
}

TEST_F(key_exchange_test, gives_so_many_nonces_in_a_session)
{
    for (unsigned i = 0; i < key_exchange::most; ++i) EXPECT_TRUE(exchange_.offer(std::string(32, 'n'), false));
    EXPECT_FALSE(exchange_.offer(std::string(32, 'n'), false));
}

class key_change : public controller_fixture {
public:
    static asio::awaitable<proto::key_answer> change(link to, probe_id probe, ssh::private_key from,
                                                     ssh::private_key key)
    {
        co_await say(to, proto::key_wish{});
        auto const nonce = co_await hear<proto::key_nonce>(to);
        EXPECT_FALSE(nonce.wanted);
        proto::to_controller const wish = signed_change(nonce.octets, probe, from, key);
        co_await say(to, wish);
        co_return co_await hear<proto::key_answer>(to);
    }
    asio::awaitable<proto::refuse> refused(player who)
    {
        auto const to = co_await call(who);
        proto::to_controller const hello = hello_of(who);
        co_await say(to, hello);
        co_return co_await hear<proto::refuse>(to);
    }
};

TEST_F(key_change, ends_with_the_login_of_the_new_key_after_which_the_old_one_is_dead)
{
    play([](auto& base) -> asio::awaitable<void> {
        auto& self = static_cast<key_change&>(base);
        auto const probe = co_await self.add_probe("probe");
        auto fresh = self.make_player("fresh");
        fresh.id = probe.id;
        auto to = co_await self.join(probe);
        auto answer = co_await self.change(to, *probe.id, probe.key, fresh.key);
        EXPECT_EQ(answer.is, verdict::taken);
        answer = co_await self.change(to, *probe.id, probe.key, fresh.key);
        EXPECT_EQ(answer.is, verdict::taken) << "asked again, as after an answer that was lost";
        to = co_await self.join(probe);  // the old one goes on working
        to = co_await self.join(fresh);
        auto const refuse = co_await self.refused(probe);
        EXPECT_EQ(refuse.code, proto::refusal::unknown_key);
        answer = co_await self.change(to, *probe.id, fresh.key, probe.key);
        EXPECT_EQ(answer.is, verdict::refused) << "back to a dead key";
    });
}

TEST_F(key_change, ends_the_session_of_whoever_else_has_the_old_key)
{
    play([](auto& base) -> asio::awaitable<void> {
        auto& self = static_cast<key_change&>(base);
        auto const probe = co_await self.add_probe("probe");
        auto const to = co_await self.join(probe);
        auto const fresh = ssh::private_key::make().value();
        auto const answer = co_await self.change(to, *probe.id, probe.key, fresh);
        EXPECT_EQ(answer.is, verdict::taken);
        // It logs in elsewhere: at a registry, or at another controller.
        self.need(co_await store::adopt_key(self.owner_, fresh.shared()));
        auto const refuse = co_await self.hear<proto::refuse>(to);
        EXPECT_EQ(refuse.code, proto::refusal::unknown_key);
    });
}

TEST_F(key_change, to_the_key_of_another_probe_is_refused)
{
    play([](auto& base) -> asio::awaitable<void> {
        auto& self = static_cast<key_change&>(base);
        auto const probe = co_await self.add_probe("probe");
        auto const other = co_await self.add_probe("other");
        auto const to = co_await self.join(probe);
        auto const answer = co_await self.change(to, *probe.id, probe.key, other.key);
        EXPECT_EQ(answer.is, verdict::refused);
        co_await self.join(other);
        co_await self.join(probe);
    });
}

TEST_F(key_change, over_the_nonce_of_another_session_is_not_taken)
{
    play([](auto& base) -> asio::awaitable<void> {
        auto& self = static_cast<key_change&>(base);
        auto const probe = co_await self.add_probe("probe");
        auto const first = co_await self.join(probe);
        co_await self.say(first, proto::key_wish{});
        auto const nonce = co_await self.template hear<proto::key_nonce>(first);
        auto const second = co_await self.join(probe);
        auto const fresh = ssh::private_key::make().value();
        proto::to_controller const wish = signed_change(nonce.octets, *probe.id, probe.key, fresh);
        co_await self.say(second, wish);
        auto const answer = co_await self.template hear<proto::key_answer>(second);
        EXPECT_EQ(answer.is, verdict::later);
        auto const known = co_await store::find_probe(self.owner_, fresh.shared());
        EXPECT_EQ(known.error(), errc::not_found);
    });
}

TEST_F(key_change, is_asked_for_in_a_session_that_is_open_and_in_the_next_one)
{
    play([](auto& base) -> asio::awaitable<void> {
        auto& self = static_cast<key_change&>(base);
        auto const probe = co_await self.add_probe("probe");
        auto to = co_await self.join(probe);
        auto const said =
            self.need(co_await store::want_new_key(self.owner_, *probe.id, store::trust_actor::host, *self.account_));
        EXPECT_EQ(said, store::key_wish_outcome::wanted);
        auto nonce = co_await self.template hear<proto::key_nonce>(to);
        EXPECT_TRUE(nonce.wanted);
        to = co_await self.join(probe);
        nonce = co_await self.template hear<proto::key_nonce>(to);
        EXPECT_TRUE(nonce.wanted);
    });
}

TEST_F(key_change, of_a_probe_that_was_revoked_meanwhile_comes_to_nothing)
{
    play([](auto& base) -> asio::awaitable<void> {
        auto& self = static_cast<key_change&>(base);
        auto const probe = co_await self.add_probe("probe");
        auto fresh = self.make_player("fresh");
        fresh.id = probe.id;
        auto const to = co_await self.join(probe);
        auto const answer = co_await self.change(to, *probe.id, probe.key, fresh.key);
        EXPECT_EQ(answer.is, verdict::taken);
        co_await self.by_hand(probe, store::trust_event::revoked);
        auto const refuse = co_await self.refused(fresh);
        EXPECT_EQ(refuse.code, proto::refusal::revoked);
    });
}

class failing_storage : public controller_fixture {
public:
    static asio::awaitable<void> tell(link to, std::string kind)
    {
        proto::to_controller const message =
            proto::events{{{wall_now(), std::move(kind), "spool: Input/output error"}}};
        co_await say(to, message);
    }
    asio::awaitable<void> until(player who, bool known)
    {
        for (;;) {
            auto const page = need(co_await store::hosting_of(owner_, *who.id));
            if (page.storage.has_value() == known) co_return;
            co_await pause_for(std::chrono::milliseconds(20));
        }
    }
};

TEST_F(failing_storage, is_known_as_soon_as_the_probe_says_so_and_until_it_is_well)
{
    play([](auto& base) -> asio::awaitable<void> {
        auto& self = static_cast<failing_storage&>(base);
        auto const probe = co_await self.add_probe("probe");
        auto const to = co_await self.join(probe);
        co_await self.tell(to, "storage_failing");
        co_await self.until(probe, true);
        co_await self.tell(to, "storage_well");
        co_await self.until(probe, false);
    });
}

}  // namespace
}  // namespace tp::controller
