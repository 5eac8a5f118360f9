#include "registry/alerts/courier.hpp"

#include "base/coroutine.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "registry/alerts/webhook.hpp"
#include "store/fleet.hpp"

namespace tp::registry {
namespace {

constexpr http_call::limits call_limits{std::chrono::milliseconds{10'000}, 8 * 1024, 64 * 1024};

result<std::string> read_webhook_secret(std::filesystem::path const& file)
{
    auto secret = read_secret(file, longest_secret);
    if (!secret) return secret;
    while (secret->ends_with('\n') || secret->ends_with('\r')) secret->pop_back();
    if (secret->size() < shortest_secret) return errc::out_of_range;
    return secret;
}

}  // namespace

result<std::unique_ptr<courier>> courier::open(store::database& database, alert_receiver to, std::uint64_t seed)
{
    auto secret = read_webhook_secret(to.secret_file);
    if (!secret) return secret.error();
    std::shared_ptr<asio::ssl::context> tls;
    if (to.url.secure) {
        auto const opened = http_call::verifying_tls(to.ca);
        if (!opened) return opened.error();
        tls = *opened;
    }
    return std::unique_ptr<courier>(new courier(database, std::move(to), std::move(*secret), std::move(tls), seed));
}

courier::courier(store::database& database, alert_receiver to, std::string secret,
                 std::shared_ptr<asio::ssl::context> tls, std::uint64_t seed)
    : database_(database),
      to_(std::move(to)),
      secret_(std::move(secret)),
      tls_(std::move(tls)),
      random_(seed),
      name_("courier " + std::to_string(random_()))
{
}

asio::awaitable<void> courier::run()
{
    bool well = true;
    for (;;) {  // left by cancellation only
        auto const done = co_await round();
        if (!done && well) log::warning("registry", "alerts cannot be read: " + done.error().message());
        well = done.has_value();
        co_await pause_for(pause);
    }
}

asio::awaitable<result<std::size_t>> courier::round()
{
    auto const leads = co_await store::take_lead(database_, "alerts to " + to_.name, name_, lead);
    if (!leads) co_return leads.error();
    if (*leads == store::leadership::theirs) co_return std::size_t{0};
    auto due = co_await store::due_alerts(database_, to_.name, in_a_round);
    if (!due) co_return due.error();
    std::size_t taken = 0;
    for (auto& one : *due) {
        auto const brought = co_await bring(std::move(one));
        if (!brought) co_return brought.error();
        if (*brought == attempt::unreached) break;  // the others would fare no better now
        if (*brought == attempt::taken) ++taken;
    }
    co_return taken;
}

asio::awaitable<result<courier::attempt>> courier::bring(store::due_alert one)
{
    auto request = webhook_request(to_.url, secret_, one.what, wall_now());
    auto const got = co_await http_call::ask(std::move(request), call_limits, tls_.get());
    auto const chance = std::uniform_real_distribution<double>(0, 1)(random_);
    auto outcome = outcome_of(got, one, wall_now(), chance);
    bool const taken = outcome.is == store::delivery_outcome::kind::taken;
    if (!taken && reached_)
        log::warning("registry", "alerts do not reach the receiver " + to_.name + ": " + outcome.error);
    if (taken && !reached_) log::info("registry", "alerts reach the receiver " + to_.name + " again");
    reached_ = taken;
    auto const noted = co_await store::note_delivery(database_, one.what.number, to_.name, std::move(outcome));
    if (!noted) co_return noted.error();
    co_return taken ? attempt::taken : got ? attempt::refused : attempt::unreached;
}

}  // namespace tp::registry
