#include "registry/conversation.hpp"

#include <gmock/gmock.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <optional>

#include "base/coroutine.hpp"
#include "base/files.hpp"
#include "base/ssh/client.hpp"
#include "base/ssh/server.hpp"
#include "proto/codec.hpp"
#include "store/accounts.hpp"
#include "store/fleet.hpp"
#include "store/migrations.hpp"
#include "store/probes.hpp"
#include "tests/support/cluster.hpp"
#include "tests/unit/base/temporary_folder.hpp"

namespace tp::registry {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

/// A registry on the loopback with a database of its own, and scripts that play probes, in one io_context.
struct conversation : testing::Test {
    explicit conversation(struct terms agreed = {}) : terms_(agreed) {}

    static constexpr std::chrono::seconds patience{60};      // for a whole test, on a busy machine
    static constexpr std::chrono::seconds answer_limit{20};  // for one message

    template <class T>
    static T need(result<T> outcome)
    {
        if (!outcome) throw std::runtime_error("failed: " + outcome.error().message());
        if constexpr (!std::is_void_v<T>) return std::move(*outcome);
    }

    void SetUp() override
    {
        ssh::server::options options{.listen = {{asio::ip::address_v4::loopback(), 0}},
                                     .host_key = host_key_,
                                     .subsystems = {std::string(subsystem)}};
        server_ = need(ssh::server::open(io_, std::move(options)));
        auto const each = [this](std::shared_ptr<ssh::channel> channel) { return desk_.serve(std::move(channel)); };
        asio::co_spawn(io_, server_->run(each), asio::bind_cancellation_slot(stop_.slot(), expect_cancelled));
    }

    /// Runs the script beside the registry, then stops that. Fails when anything still runs at the end.
    template <class Script>
    void play(Script script)
    {
        asio::co_spawn(io_, run(std::move(script)), [this](std::exception_ptr thrown) {
            ended_ = true;
            stop_.emit(asio::cancellation_type::terminal);
            try {  // not out of the loop: all is to end in good order
                if (thrown) std::rethrow_exception(thrown);
            } catch (std::exception const& error) {
                ADD_FAILURE() << "the script ended early: " << error.what();
            }
        });
        io_.run_for(patience);
        EXPECT_TRUE(ended_);
        EXPECT_TRUE(io_.stopped());
    }
    template <class Script>
    asio::awaitable<void> run(Script script)
    {
        need(co_await store::migrate(owner_));
        account_.emplace(need(co_await store::first_administrator(owner_)));
        co_await script(*this);
    }

    ssh::private_key key(std::string const& name) { return need(ssh::private_key::load_or_make(folder_ / name)); }
    asio::awaitable<controller_id> add_controller(std::string name, std::uint32_t capacity = 1'000)
    {
        std::vector<std::string> const addresses{"192.0.2.1:7441", "[2001:db8::1]:7441"};
        auto const start =
            need(co_await store::register_controller(owner_, name, addresses, key(name).shared(), capacity));
        need(co_await store::beat(owner_, start, 0));
        co_return start.id;
    }
    asio::awaitable<std::shared_ptr<ssh::channel>> call(ssh::private_key as)
    {
        ssh::dial_options options{.host_keys = {host_key_.shared()},
                                  .key = std::move(as),
                                  .subsystem = std::string(subsystem),
                                  .limits = {.largest_frame = 1024 * 1024}};
        co_return need(co_await ssh::dial(server_->endpoints(), std::move(options)));
    }
    static proto::registry_hello hello(std::string claim_code = {})
    {
        return {.versions = proto::our_versions,
                .runs = {"test 1", {"ping"}},
                .boot_count = 3,
                .claim_code = std::move(claim_code),
                .clock = wall_now(),
                .local_v4 = parse_address("192.0.2.99").value()};
    }
    asio::awaitable<void> by_hand(probe_id probe, store::trust_event event)
    {
        store::trust_wish wish{probe, event, store::trust_actor::operator_, *account_, "because"};
        need(co_await store::change_trust(owner_, std::move(wish)));
    }
    /// The one answer to a frame; and that the registry then closes.
    asio::awaitable<proto::from_registry> answer_to(ssh::private_key as, std::string frame)
    {
        auto const to = co_await call(std::move(as));
        need(co_await to->write(std::move(frame)));
        auto const answer = need(co_await within(answer_limit, to->read()));
        auto const end = co_await within(answer_limit, to->read());
        EXPECT_TRUE(!end && end.error() == errc::closed);
        co_return need(proto::decode_from_registry(answer));
    }
    template <class T>
    asio::awaitable<T> ask(ssh::private_key as, proto::registry_hello with)
    {
        proto::to_registry const message = std::move(with);
        auto answer = co_await answer_to(std::move(as), proto::encode(message));
        auto* wanted = std::get_if<T>(&answer);
        if (wanted == nullptr)
            throw std::runtime_error("another answer than expected: " + std::to_string(answer.index()));
        co_return std::move(*wanted);
    }

    struct terms terms_;
    asio::io_context io_{1};
    test::temporary_folder folder_;
    ssh::private_key host_key_ = key("host_key");
    std::string database_name_ = test::cluster::shared().make_database();
    store::database owner_{io_, {.conninfo = test::cluster::shared().conninfo(database_name_)}};
    store::database database_{io_, {.conninfo = test::cluster::shared().conninfo(database_name_, "tp_registry")}};
    location_files places_ = need(location_files::open({}));
    desk desk_{database_,
               places_,
               terms_,
               {.claims = {3, std::chrono::minutes{1}}, .unknown_keys = {3, std::chrono::minutes{1}}},
               1};
    asio::cancellation_signal stop_;
    std::unique_ptr<ssh::server> server_;
    std::optional<account_id> account_;
    bool ended_ = false;
};

TEST_F(conversation, places_a_known_probe_and_remembers_what_it_said)
{
    play([](auto& self) -> asio::awaitable<void> {
        co_await self.add_controller("c1");
        co_await self.add_controller("c2");
        auto const key = self.key("probe");
        auto const id = self.need(co_await store::add_probe(self.owner_, key.shared(), *self.account_, ""));
        auto const hello = self.hello();
        auto const given = co_await self.template ask<proto::assignment>(key, hello);
        EXPECT_EQ(given.probe, id);
        EXPECT_EQ(given.version, proto::our_versions.highest);
        EXPECT_EQ(given.lease, terms{}.lease);
        EXPECT_EQ(given.ask_again_after, terms{}.ask_again);
        EXPECT_THAT(given.controllers, SizeIs(2));
        EXPECT_EQ(given.controllers.at(0).host_keys.at(0), self.key(given.controllers.at(0).name).shared());
        EXPECT_EQ(given.controllers.at(0).addresses.size(), 2U);

        auto const known = self.need(co_await store::find_probe(self.owner_, key.shared()));
        EXPECT_EQ(known.boot_count, 3U);
        auto const record = self.need(co_await store::find_probe_by_id(self.owner_, id));
        EXPECT_EQ(record.software, "test 1");
        auto const placed = self.need(co_await store::placement_of(self.owner_, id));
        EXPECT_THAT(placed, SizeIs(2));
        auto const again = co_await self.template ask<proto::assignment>(key, hello);
        EXPECT_EQ(again.controllers.at(0).name, given.controllers.at(0).name);
    });
}

TEST_F(conversation, tells_a_probe_to_wait_when_there_is_no_controller)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const key = self.key("probe");
        self.need(co_await store::add_probe(self.owner_, key.shared(), *self.account_, ""));
        auto const hello = self.hello();
        auto const told = co_await self.template ask<proto::wait>(key, hello);
        EXPECT_GE(told.length, terms{}.wait);
        EXPECT_LE(told.length, 2 * terms{}.wait);
        EXPECT_THAT(told.reason, HasSubstr("no controller"));
    });
}

TEST_F(conversation, gives_no_place_away_that_another_gave_away_just_now)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const small = co_await self.add_controller("c1", 2);
        std::vector<probe_id> ids;
        for (auto const* const name : {"first", "second", "third"})
            ids.push_back(
                self.need(co_await store::add_probe(self.owner_, self.key(name).shared(), *self.account_, "")));
        auto const hello = self.hello();
        co_await self.template ask<proto::assignment>(self.key("first"), hello);
        // Of this the desk's list of controllers, which is not a second old, knows nothing.
        std::vector<controller_id> const there{small};
        self.need(co_await store::place_probe(self.owner_, ids[1], there, std::chrono::hours(1)));
        auto const told = co_await self.template ask<proto::wait>(self.key("third"), hello);
        EXPECT_THAT(told.reason, HasSubstr("full"));
        auto const again = co_await self.template ask<proto::assignment>(self.key("second"), hello);
        EXPECT_EQ(again.controllers.at(0).name, "c1");
    });
}

TEST_F(conversation, refuses_unknown_keys_and_slows_them_down)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const stranger = self.key("stranger");
        auto const hello = self.hello();
        for (int i = 0; i < 3; ++i) {
            auto const refused = co_await self.template ask<proto::refuse>(stranger, hello);
            EXPECT_EQ(refused.code, proto::refusal::unknown_key);
            EXPECT_THAT(refused.reason, HasSubstr(stranger.shared().fingerprint()));
            EXPECT_EQ(refused.retry_after, admission::unknown_retry);
        }
        auto const refused = co_await self.template ask<proto::refuse>(stranger, hello);
        EXPECT_EQ(refused.code, proto::refusal::too_many_attempts);
    });
}

TEST_F(conversation, lets_a_host_claim_its_probe)
{
    play([](auto& self) -> asio::awaitable<void> {
        co_await self.add_controller("c1");
        auto const code =
            self.need(co_await store::make_claim_code(self.owner_, *self.account_, std::chrono::hours(1)));
        auto const key = self.key("probe");
        auto const wrong = self.hello("7KQ2-WRONG-CODE");
        auto const refused = co_await self.template ask<proto::refuse>(key, wrong);
        EXPECT_EQ(refused.code, proto::refusal::bad_claim_code);

        auto const right = self.hello(code);
        auto const given = co_await self.template ask<proto::assignment>(key, right);
        auto const record = self.need(co_await store::find_probe_by_id(self.owner_, given.probe));
        EXPECT_EQ(record.owner, self.account_);
        auto const again = co_await self.template ask<proto::assignment>(key, right);
        EXPECT_EQ(again.probe, given.probe);

        auto const other = co_await self.template ask<proto::refuse>(self.key("other"), right);
        EXPECT_EQ(other.code, proto::refusal::bad_claim_code);
        co_await self.template ask<proto::refuse>(self.key("other"), wrong);
        auto const slower = co_await self.template ask<proto::refuse>(self.key("other"), wrong);
        EXPECT_EQ(slower.code, proto::refusal::too_many_attempts);
    });
}

TEST_F(conversation, takes_the_next_key_of_a_probe_at_its_first_login_and_the_old_one_never_again)
{
    play([](auto& self) -> asio::awaitable<void> {
        co_await self.add_controller("c1");
        auto const old = self.key("old"), fresh = self.key("fresh");
        auto const id = self.need(co_await store::add_probe(self.owner_, old.shared(), *self.account_, ""));
        auto given = co_await self.template ask<proto::assignment>(old, self.hello());
        self.need(co_await store::offer_key(self.owner_, id, old.shared(), fresh.shared()));
        given = co_await self.template ask<proto::assignment>(old, self.hello());
        given = co_await self.template ask<proto::assignment>(fresh, self.hello());
        EXPECT_EQ(given.probe, id);
        auto const code =
            self.need(co_await store::make_claim_code(self.owner_, *self.account_, std::chrono::hours(1)));
        auto const refused = co_await self.template ask<proto::refuse>(old, self.hello(code));
        EXPECT_EQ(refused.code, proto::refusal::unknown_key);
        EXPECT_THAT(refused.reason, HasSubstr("another key"));
    });
}

TEST_F(conversation, does_not_take_the_next_key_of_a_probe_that_was_revoked)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const old = self.key("old"), fresh = self.key("fresh");
        auto const id = self.need(co_await store::add_probe(self.owner_, old.shared(), *self.account_, ""));
        self.need(co_await store::change_trust(self.owner_, id, store::trust_event::admitted, ""));
        self.need(co_await store::offer_key(self.owner_, id, old.shared(), fresh.shared()));
        co_await self.by_hand(id, store::trust_event::revoked);
        auto const refused = co_await self.template ask<proto::refuse>(fresh, self.hello());
        EXPECT_EQ(refused.code, proto::refusal::revoked);
    });
}

TEST_F(conversation, refuses_a_revoked_probe)
{
    play([](auto& self) -> asio::awaitable<void> {
        co_await self.add_controller("c1");
        auto const key = self.key("probe");
        auto const id = self.need(co_await store::add_probe(self.owner_, key.shared(), *self.account_, ""));
        co_await self.by_hand(id, store::trust_event::revoked);
        auto const hello = self.hello();
        auto const refused = co_await self.template ask<proto::refuse>(key, hello);
        EXPECT_EQ(refused.code, proto::refusal::revoked);
    });
}

TEST_F(conversation, admits_a_new_probe_by_its_key_and_an_isolated_one_as_it_is)
{
    play([](auto& self) -> asio::awaitable<void> {
        co_await self.add_controller("c1");
        auto const key = self.key("probe");
        auto const id = self.need(co_await store::add_probe(self.owner_, key.shared(), *self.account_, ""));
        auto const hello = self.hello();
        co_await self.template ask<proto::assignment>(key, hello);
        auto now = self.need(co_await store::trust_of(self.owner_, id));
        EXPECT_EQ(now.state, store::trust_state::active);
        co_await self.by_hand(id, store::trust_event::isolated);
        co_await self.template ask<proto::assignment>(key, hello);
        now = self.need(co_await store::trust_of(self.owner_, id));
        EXPECT_EQ(now.state, store::trust_state::isolated);
    });
}

struct approval : conversation {
    approval() : conversation({.approve_by_hand = true}) {}
};

TEST_F(approval, lets_a_new_probe_wait_for_an_operator)
{
    play([](auto& self) -> asio::awaitable<void> {
        co_await self.add_controller("c1");
        auto const code =
            self.need(co_await store::make_claim_code(self.owner_, *self.account_, std::chrono::hours(1)));
        auto const key = self.key("probe");
        auto const hello = self.hello(code);
        auto const told = co_await self.template ask<proto::wait>(key, hello);
        EXPECT_THAT(told.reason, HasSubstr("operator"));
        auto const known = self.need(co_await store::find_probe(self.owner_, key.shared()));
        co_await self.by_hand(known.id, store::trust_event::released);
        auto const given = co_await self.template ask<proto::assignment>(key, hello);
        EXPECT_EQ(given.probe, known.id);
    });
}

TEST_F(conversation, refuses_a_version_that_it_does_not_speak)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto hello = self.hello();
        hello.versions = {proto::our_versions.highest + 1, proto::our_versions.highest + 2};
        auto const refused = co_await self.template ask<proto::refuse>(self.key("probe"), hello);
        EXPECT_EQ(refused.code, proto::refusal::version);
    });
}

TEST_F(conversation, says_what_is_wrong_with_a_frame)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const key = self.key("probe");
        for (auto const& frame :
             {std::string("this is no protobuf"), std::string(), std::string(proto::largest_frame + 1, 'x')}) {
            auto const answer = co_await self.answer_to(key, frame);
            auto const* refused = std::get_if<proto::refuse>(&answer);
            EXPECT_TRUE(refused != nullptr && refused->code == proto::refusal::malformed) << frame.size();
        }
    });
}

TEST_F(conversation, does_not_wait_for_ever_for_a_hello)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const to = co_await self.call(self.key("silent"));
        auto const frame = self.need(co_await within(self.answer_limit, to->read()));
        auto const answer = self.need(proto::decode_from_registry(frame));
        auto const& refused = std::get<proto::refuse>(answer);
        EXPECT_EQ(refused.code, proto::refusal::malformed);
        EXPECT_THAT(refused.reason, HasSubstr("no hello"));
    });
}

TEST_F(conversation, tells_probes_to_wait_while_the_database_is_away)
{
    play([](auto& self) -> asio::awaitable<void> {
        test::cluster::shared().kill();
        auto const hello = self.hello();
        auto const told = co_await self.template ask<proto::wait>(self.key("probe"), hello);
        test::cluster::shared().start();
        EXPECT_GE(told.length, terms{}.wait);
        EXPECT_THAT(told.reason, HasSubstr("database"));
    });
}

/// Stock ssh shows the words: whoever calls by hand, or with the wrong program, learns what is wrong.
TEST_F(conversation, is_readable_with_a_stock_ssh_client)
{
    play([](auto& self) -> asio::awaitable<void> {
        self.key("by_hand");  // makes the file
        auto const port = std::to_string(self.server_->endpoints().front().port());
        auto const out = (self.folder_ / "answer").string();
        auto const command = "echo 'hello, is anybody there?' | timeout 20 ssh -F none -T -s -p " + port + " -i " +
                             (self.folder_ / "by_hand").string() +
                             " -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes "
                             "probe@127.0.0.1 trigpoint-registry >" +
                             out + " 2>/dev/null &";
        EXPECT_EQ(std::system(command.c_str()), 0);
        auto const deadline = std::chrono::steady_clock::now() + self.answer_limit;
        std::string heard;
        while (heard.find("65536") == std::string::npos && std::chrono::steady_clock::now() < deadline) {
            co_await pause_for(std::chrono::milliseconds(20));
            auto const content = read_file(out, 10'000);
            if (content) heard = *content;
        }
        EXPECT_THAT(heard, HasSubstr("65536 octets"));
    });
}

}  // namespace
}  // namespace tp::registry
