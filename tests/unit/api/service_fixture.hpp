#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "api/service.hpp"
#include "base/coroutine.hpp"
#include "firmware-signing/signer.hpp"
#include "proto/report.hpp"
#include "store/accounts.hpp"
#include "store/enrolment.hpp"
#include "store/fleet.hpp"
#include "store/migrations.hpp"
#include "store/result_store.hpp"
#include "store/trust.hpp"
#include "tests/support/cluster.hpp"

namespace tp::api {

/// The API in its database role on a real database, asked without a socket.
class service_fixture : public testing::Test {
protected:
    static constexpr std::chrono::seconds patience{60};  // for one call, on a busy machine

    service_fixture()
        : name_(test::cluster::shared().make_database()),
          db_(io_, {.conninfo = test::cluster::shared().conninfo(name_)}),
          api_database_(io_, {.conninfo = test::cluster::shared().conninfo(name_, "tp_api")}),
          service_(io_, api_database_, lab_limits(), trusted())
    {
        get(store::migrate(db_));
        std::vector<std::string> addresses{"192.0.2.1:7441"};
        controller_ = get(store::register_controller(db_, "controller-1", std::move(addresses), make_key(), 10'000)).id;
        admin_ = key_of(get(store::first_administrator(db_)));
        user_ = key_of(account("user@example.net"));
    }

    /// Runs one coroutine to its end.
    template <class T>
    T call(asio::awaitable<T> work)
    {
        auto const value = std::make_shared<std::optional<T>>();
        asio::co_spawn(io_, keep(std::move(work), value), [](std::exception_ptr thrown) {
            if (thrown) std::rethrow_exception(thrown);
        });
        auto const until = std::chrono::steady_clock::now() + patience;
        while (!*value) {
            if (std::chrono::steady_clock::now() > until) throw std::runtime_error("waited too long");
            io_.restart();
            io_.run_one_for(std::chrono::milliseconds(50));
        }
        return std::move(**value);
    }
    /// The same where success is expected.
    template <class T>
    T get(asio::awaitable<result<T>> work)
    {
        auto outcome = call(std::move(work));
        if (!outcome) throw std::runtime_error("call failed: " + outcome.error().message());
        if constexpr (!std::is_void_v<T>) return std::move(*outcome);
    }

    /// A key that differs from all before in its last octets.
    static ssh::public_key make_key()
    {
        static constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        static std::size_t number = 0;
        auto text = "AAAAC3NzaC1lZDI1NTE5AAAAI" + std::string(43, 'A');
        for (std::size_t rest = ++number, at = 60; rest != 0; rest /= 64, --at) text[at] = letters[rest % 64];
        return ssh::public_key::parse(text).value();
    }

    account_id account(std::string const& email) { return get(store::create_account(db_, email, store::role::user)); }
    /// A probe of the first administrator, admitted.
    probe_id probe()
    {
        auto const id = get(store::add_probe(db_, make_key(), get(store::first_administrator(db_)), ""));
        get(store::change_trust(db_, id, store::trust_event::admitted, ""));
        return id;
    }

    static limits lab_limits()
    {
        limits out;
        out.allow_special_targets = true;
        return out;
    }

    /// Whose signatures make a list of anchors.
    static signing::trusted_keys trusted()
    {
        return signing::trusted_keys::from({first_officer().shared(), second_officer().shared()}, 2).value();
    }
    static signing::private_key const& first_officer()
    {
        static auto const key = signing::private_key::make().value();
        return key;
    }
    static signing::private_key const& second_officer()
    {
        static auto const key = signing::private_key::make().value();
        return key;
    }

    std::string key_of(account_id owner, std::vector<std::string> scopes = {"*"})
    {
        return get(store::create_key(db_, owner, "test", std::move(scopes), {})).key;
    }

    http::response ask(http::method verb, std::string const& target, std::string body = "", std::string const& key = "")
    {
        http::request out;
        out.verb = verb;
        auto const question = target.find('?');
        out.path = target.substr(0, question);
        if (question != std::string::npos) out.query = http::parse_query(std::string_view(target).substr(question + 1));
        out.host = "api.example:7480";
        if (!key.empty()) out.authorization = "Key " + key;
        out.body = std::move(body);
        return call(answered(service_, std::move(out)));
    }

    /// The JSON of an answer whose status is as expected.
    boost::json::value expect(unsigned status, http::response const& answer)
    {
        EXPECT_EQ(answer.status, status) << answer.body;
        return answer.body.empty() ? boost::json::value() : boost::json::parse(answer.body);
    }

    /// A probe with a session on a controller.
    probe_id connected_probe(std::vector<std::string> capabilities = {"ping4", "ping6"})
    {
        auto const id = probe();
        auto const address = parse_address("198.51.100." + std::to_string(id.value() % 250 + 1)).value();
        get(store::session_opened(db_, id, *controller_, address, "0.1.0", std::move(capabilities)));
        return id;
    }

    void store_result(measurement_id measurement, probe_id probe, wall_time at, std::int64_t sequence = 1,
                      std::int16_t flags = 0)
    {
        proto::report report;
        report.software = "0.1.0";
        report.target = "192.0.2.1";
        report.destination = parse_address("192.0.2.1").value();
        report.found = proto::ping_report{48, {{std::chrono::microseconds(1500), 57, {}, {}, {}, 0}}};
        store::result_row row{measurement, probe, at, sequence, 1, flags, {}, proto::encode(report)};
        std::vector<store::result_row> rows{row};
        std::vector<store::refused_result> none;
        get(store::maintain_results(db_));
        get(store::commit_results(db_, *controller_, ++commit_, std::move(rows), std::move(none)));
    }

    asio::io_context io_;
    std::string name_;
    store::database db_;            // as the owner
    store::database api_database_;  // as the API
    service service_;
    std::optional<controller_id> controller_;
    std::string admin_, user_;

private:
    template <class T>
    static asio::awaitable<void> keep(asio::awaitable<T> work, std::shared_ptr<std::optional<T>> value)
    {
        value->emplace(co_await std::move(work));
    }

    /// The whole answer, streams collected into the body.
    static asio::awaitable<http::response> answered(service& from, http::request given)
    {
        class collector final : public http::body_writer {
        public:
            asio::awaitable<result<void>> write(std::string text) override
            {
                all += text;
                co_return result<void>();
            }
            std::string all;
        };
        auto out = co_await from.answer_request(std::move(given));
        if (out.stream) {
            collector body;
            auto const written = co_await out.stream(body);
            EXPECT_TRUE(written);
            out.body = body.all;
        }
        co_return out;
    }

    std::int64_t commit_ = 0;
};

}  // namespace tp::api
