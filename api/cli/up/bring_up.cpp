#include "api/cli/up/bring_up.hpp"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>

#include "base/coroutine.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "store/accounts.hpp"
#include "store/fleet.hpp"
#include "store/migrations.hpp"

namespace tp::cli {
namespace {

using tcp = asio::ip::tcp;
using std::chrono::seconds;

constexpr seconds database_limit{120};            // to answer: after a crash it reads its log first
constexpr std::chrono::hours migration_limit{1};  // for a statement: a migration may go over every row there is
constexpr seconds serve_limit{60};                // for all programs to serve
constexpr seconds dial_limit{2};
constexpr std::chrono::milliseconds between_looks{100};
constexpr seconds fresh_beat{30};  // a controller that was heard of since is there

asio::awaitable<result<void>> make_admin_key(store::database& database, std::filesystem::path const& file)
{
    if (std::filesystem::exists(file)) co_return result<void>();
    auto const account = co_await store::first_administrator(database);
    if (!account) co_return account.error();
    std::vector<std::string> const all{"*"};
    auto const made = co_await store::create_key(database, *account, "trigpoint up", all, std::nullopt);
    if (!made) co_return made.error();
    co_return write_atomically(file, made->key + '\n', 0600);
}

/// What is to answer: a name for people, and where.
struct service {
    std::string name;
    tcp::endpoint at;
};

std::vector<service> services(up_plan const& plan)
{
    // The wildcard address stands for this machine when it is dialled, too.
    auto const host = plan.listen.front();
    auto const at = [&](int port) { return tcp::endpoint(host, static_cast<std::uint16_t>(port)); };
    auto const& chosen = plan.settings;
    std::vector<service> out{{"registry", at(chosen.registry_port)}};
    for (unsigned i = 0; i < chosen.controllers; ++i)
        out.push_back({controller_name(i), at(chosen.controller_port(i))});
    if (chosen.http_port >= 0) out.push_back({"api (http)", at(chosen.http_port)});
    if (chosen.https_port >= 0) out.push_back({"api (https)", at(chosen.https_port)});
    return out;
}

asio::awaitable<result<void>> dial(tcp::endpoint at)
{
    tcp::socket socket(co_await asio::this_coro::executor);
    auto const [ec] = co_await socket.async_connect(at, as_values);
    if (ec) co_return ec;
    co_return result<void>();
}

asio::awaitable<result<void>> wait_for(service const& one, steady_time deadline)
{
    for (;;) {
        auto const answered = co_await within(dial_limit, dial(one.at));
        if (answered) co_return result<void>();
        if (std::chrono::steady_clock::now() >= deadline) {
            log::error("up", one.name + " does not serve: " + answered.error().message());
            co_return errc::timed_out;
        }
        co_await pause_for(between_looks);
    }
}

/// A controller listens before the registry can place probes on it: that needs its entry in the database.
asio::awaitable<result<void>> wait_for_controllers(store::database& database, up_plan const& plan, steady_time deadline)
{
    for (;;) {
        auto const known = co_await store::list_controllers(database);
        if (!known) co_return known.error();
        std::size_t count = 0;
        for (unsigned i = 0; i < plan.settings.controllers; ++i) {
            count += std::any_of(known->begin(), known->end(), [&](store::controller_record const& each) {
                return each.name == controller_name(i) && each.heartbeat_age < fresh_beat;
            });
        }
        if (count == plan.settings.controllers) co_return result<void>();
        if (std::chrono::steady_clock::now() >= deadline) {
            log::error("up", "not all controllers have announced themselves");
            co_return errc::timed_out;
        }
        co_await pause_for(between_looks);
    }
}

asio::awaitable<result<void>> prepare_database(store::database& database, up_plan const& plan)
{
    auto const ready = co_await database.wait_until_ready(database_limit);
    if (!ready) {
        log::error("up", "the database does not answer: " + ready.error().message());
        co_return ready.error();
    }
    auto const migrated = co_await store::migrate(database);
    if (!migrated) {
        log::error("up", "the schema cannot be made: " + migrated.error().message());
        co_return migrated.error();
    }
    auto const key = co_await make_admin_key(database, plan.places.admin_key());
    if (!key) log::error("up", "the administrator's key cannot be made: " + key.error().message());
    co_return key;
}

}  // namespace

asio::awaitable<result<void>> bring_up(asio::io_context& io, children& programs, up_plan const& plan)
{
    programs.open(stage_postgres);
    store::database database(
        io, {.conninfo = conninfo_for(plan, owner_role), .connections = 1, .statement_limit = migration_limit});
    auto const prepared = co_await prepare_database(database, plan);
    if (!prepared) co_return prepared.error();

    programs.open(stage_api);
    auto const deadline = std::chrono::steady_clock::now() + serve_limit;
    auto const wanted = services(plan);
    for (auto const& each : wanted) {
        auto const serves = co_await wait_for(each, deadline);
        if (!serves) co_return serves.error();
    }
    co_return co_await wait_for_controllers(database, plan, deadline);
}

}  // namespace tp::cli
