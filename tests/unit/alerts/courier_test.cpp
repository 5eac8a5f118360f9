#include "registry/alerts/courier.hpp"

#include <gmock/gmock.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include "base/files.hpp"
#include "base/tls.hpp"
#include "registry/alerts/webhook.hpp"
#include "store/pool.hpp"
#include "tests/unit/base/temporary_folder.hpp"
#include "tests/unit/store/fixture.hpp"

namespace tp::registry {
namespace {

using namespace std::chrono_literals;
using tcp = asio::ip::tcp;
using testing::HasSubstr;

/// Takes requests, and answers them with the statuses it was told, in turn, the last one again and again. Status 0:
/// hangs up.
class receiver {
public:
    explicit receiver(asio::io_context& io, std::shared_ptr<asio::ssl::context> tls = {})
        : tls_(std::move(tls)), acceptor_(io, {asio::ip::address_v4::loopback(), 0})
    {
        asio::co_spawn(io, serve(*this), expect_cancelled);
    }
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

    std::vector<unsigned> statuses{200};
    std::vector<std::string> got;

private:
    unsigned next_status()
    {
        auto const out = statuses.front();
        if (statuses.size() > 1) statuses.erase(statuses.begin());
        return out;
    }
    template <class Stream>
    static asio::awaitable<void> talk(receiver& self, Stream& stream)
    {
        std::string text;
        auto const [error, head] =
            co_await asio::async_read_until(stream, asio::dynamic_buffer(text), "\r\n\r\n", as_values);
        if (error) co_return;
        auto const at = text.find("Content-Length: ");
        auto const length = std::stoul(text.substr(at + 16));
        while (text.size() < head + length) {
            std::array<char, 1024> more{};
            auto const [read_error, count] = co_await stream.async_read_some(asio::buffer(more), as_values);
            if (read_error) co_return;
            text.append(more.data(), count);
        }
        self.got.push_back(text);
        auto const status = self.next_status();
        if (status == 0) co_return;
        auto const answer = "HTTP/1.1 " + std::to_string(status) + " x\r\nContent-Length: 0\r\n\r\n";
        co_await asio::async_write(stream, asio::buffer(answer), as_values);
    }
    static asio::awaitable<void> serve(receiver& self)
    {
        for (;;) {
            auto [error, socket] = co_await self.acceptor_.async_accept(as_values);
            if (error) co_return;
            if (!self.tls_) {
                co_await talk(self, socket);
                continue;
            }
            asio::ssl::stream<tcp::socket> stream(std::move(socket), *self.tls_);
            auto const [shaken] = co_await stream.async_handshake(asio::ssl::stream_base::server, as_values);
            if (!shaken) co_await talk(self, stream);
        }
    }
    std::shared_ptr<asio::ssl::context> tls_;
    tcp::acceptor acceptor_;
};

class courier_test : public store::store_test {
protected:
    static constexpr auto secret = "0123456789abcdef";

    courier_test() { EXPECT_TRUE(write_atomically(folder_ / "secret", std::string(secret) + '\n', 0600)); }

    std::unique_ptr<courier> courier_to(std::string const& url, std::string ca = "", std::string name = "pager")
    {
        alert_receiver to{std::move(name), http_call::url::parse(url).value(), folder_ / "secret", std::move(ca)};
        auto out = courier::open(database_, std::move(to), ++seed_);
        EXPECT_TRUE(out);
        return std::move(out).value();
    }
    std::unique_ptr<courier> courier_to(receiver const& to)
    {
        return courier_to("http://127.0.0.1:" + std::to_string(to.port()) + "/hook");
    }
    void raise(std::string subject)
    {
        store::alert what{"proposal", std::move(subject), "peers", "look at it"};
        ASSERT_TRUE(wait(store::raise_alert(database_, std::move(what), 0s)));
    }
    void sql(std::string const& text) { ASSERT_TRUE(wait(database_.connections().run(text))) << text; }
    void time_passes() { sql("update alert_delivery set next_at = now()"); }
    std::size_t round(courier& one) { return wait(one.round()).value(); }
    store::delivery_record delivery(std::size_t of = 0)
    {
        return wait(store::list_told_alerts(database_, 0, 10)).value().rows.at(of).deliveries.at(0);
    }

    test::temporary_folder folder_;
    std::uint64_t seed_ = 0;
};

TEST_F(courier_test, brings_what_was_raised_since_it_was_first_seen_once)
{
    receiver pager(io_);
    raise("of before");
    auto const one = courier_to(pager);
    EXPECT_EQ(round(*one), 0U);
    raise("probe 1");
    raise("probe 2");
    EXPECT_EQ(round(*one), 2U);
    EXPECT_EQ(round(*one), 0U);
    ASSERT_EQ(pager.got.size(), 2U);
    EXPECT_THAT(pager.got[0], HasSubstr("POST /hook HTTP/1.1"));
    EXPECT_THAT(pager.got[0], HasSubstr("probe 1"));
    EXPECT_THAT(pager.got[1], HasSubstr("Trigpoint-Alert: 3"));
    EXPECT_TRUE(delivery().delivered);
}

TEST_F(courier_test, signs_what_it_sends)
{
    receiver pager(io_);
    auto const one = courier_to(pager);
    round(*one);
    raise("probe 1");
    EXPECT_EQ(round(*one), 1U);
    auto const& request = pager.got.at(0);
    auto const header = [&](std::string const& name) {
        auto const from = request.find(name + ": ") + name.size() + 2;
        return request.substr(from, request.find("\r\n", from) - from);
    };
    auto const body = request.substr(request.find("\r\n\r\n") + 4);
    EXPECT_EQ(header("Trigpoint-Signature"), signature_of(secret, std::stoll(header("Trigpoint-Timestamp")), body));
}

TEST_F(courier_test, tries_again_what_failed_until_it_is_taken)
{
    receiver pager(io_);
    pager.statuses = {500, 0, 302, 204};
    auto const one = courier_to(pager);
    round(*one);
    raise("probe 1");
    for (std::uint32_t i = 1; i <= 3; ++i) {
        EXPECT_EQ(round(*one), 0U);
        EXPECT_EQ(round(*one), 0U) << "not before its time";
        EXPECT_EQ(pager.got.size(), i);
        EXPECT_EQ(delivery().attempts, i);
        EXPECT_FALSE(delivery().delivered);
        time_passes();
    }
    EXPECT_EQ(round(*one), 1U);
    EXPECT_EQ(pager.got.size(), 4U);
    EXPECT_TRUE(delivery().delivered);
    EXPECT_EQ(delivery().last_error, "");
}

TEST_F(courier_test, what_waits_survives_a_restart)
{
    receiver pager(io_);
    pager.statuses = {503, 200};
    auto one = courier_to(pager);
    round(*one);
    raise("probe 1");
    EXPECT_EQ(round(*one), 0U);
    one.reset();
    sql("delete from leader");
    time_passes();
    auto const next = courier_to(pager);
    EXPECT_EQ(round(*next), 1U);
    EXPECT_EQ(delivery().attempts, 2U);
}

TEST_F(courier_test, an_alert_that_is_refused_holds_up_no_other)
{
    receiver pager(io_);
    pager.statuses = {400, 200};
    auto const one = courier_to(pager);
    round(*one);
    raise("probe 1");
    raise("probe 2");
    EXPECT_EQ(round(*one), 1U);
    EXPECT_EQ(pager.got.size(), 2U);
}

TEST_F(courier_test, each_receiver_is_told_whatever_becomes_of_the_others)
{
    receiver pager(io_), chat(io_);
    pager.statuses = {500};
    auto const first = courier_to(pager);
    auto const second = courier_to("http://127.0.0.1:" + std::to_string(chat.port()) + "/", "", "chat");
    round(*first);
    round(*second);
    raise("probe 1");
    EXPECT_EQ(round(*first), 0U);
    EXPECT_EQ(round(*second), 1U);
    auto const told = wait(store::list_told_alerts(database_, 0, 10)).value();
    EXPECT_EQ(told.count, 1U);
    EXPECT_EQ(told.rows.at(0).deliveries.size(), 2U);
}

TEST_F(courier_test, one_registry_at_a_time_tells)
{
    receiver pager(io_);
    auto const ours = courier_to(pager), theirs = courier_to(pager);
    round(*ours);
    raise("probe 1");
    EXPECT_EQ(round(*theirs), 0U);
    EXPECT_EQ(round(*ours), 1U);
}

TEST_F(courier_test, verifies_the_server_of_an_https_receiver)
{
    auto const files = self_made_certificate(folder_ / "tls", {}).value();
    receiver pager(io_, open_tls(files).value());
    auto const url = "https://localhost:" + std::to_string(pager.port()) + "/";
    auto const strict = courier_to(url);
    round(*strict);
    raise("probe 1");
    EXPECT_EQ(round(*strict), 0U);
    EXPECT_TRUE(pager.got.empty());
    EXPECT_THAT(delivery().last_error, HasSubstr("verify failed"));
    sql("delete from leader");
    time_passes();
    auto const trusting = courier_to(url, files.certificate.string());
    EXPECT_EQ(round(*trusting), 1U);
}

TEST_F(courier_test, wants_a_secret_that_is_long_enough_and_nobody_elses_to_read)
{
    ASSERT_TRUE(write_atomically(folder_ / "short", "0123456789abcde\n", 0600));
    ASSERT_TRUE(write_atomically(folder_ / "open", secret, 0644));
    auto const open = [&](char const* file) {
        alert_receiver to{"pager", http_call::url::parse("http://127.0.0.1/").value(), folder_ / file, ""};
        return courier::open(database_, std::move(to), 1).error();
    };
    EXPECT_EQ(open("short"), errc::out_of_range);
    EXPECT_EQ(open("open"), errc::rejected);
    EXPECT_TRUE(open("missing"));
}

}  // namespace
}  // namespace tp::registry
