#include "controller/service.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <deque>
#include <optional>
#include <random>

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "base/ssh/server.hpp"
#include "controller/conversation.hpp"
#include "store/change_feed.hpp"
#include "store/fleet.hpp"
#include "store/result_store.hpp"

namespace tp::controller {
namespace {

constexpr std::chrono::seconds ready_limit{60};     // for the database at the start; whoever started us tries again
constexpr std::chrono::seconds beat_every{5};       // registries count a controller as dead after 15 s
constexpr unsigned beats_between_maintenance = 36;  // 3 minutes; partitions are made hours ahead
constexpr std::chrono::seconds last_word_limit{3};
constexpr std::chrono::milliseconds look_every{20};  // whether the last words are written

error_code complain(std::string const& what, error_code why)
{
    log::error("controller", what + ": " + why.message());
    return why;
}

relay::seams files_in(store::database& database)
{
    auto* const db = &database;
    return {.list = [db] { return store::firmware_files(*db); },
            .read = [db](piece_key key) { return store::read_firmware_piece(*db, key.file, key.number); }};
}

}  // namespace

struct service::parts {
    parts(asio::io_context& io_, struct config config_, ssh::private_key key_, std::unique_ptr<ssh::server> server_)
        : io(io_),
          config(std::move(config_)),
          key(std::move(key_)),
          server(std::move(server_)),
          database(io, config.database),
          feed(io, config.database)
    {
    }

    asio::awaitable<result<void>> begin();
    asio::awaitable<result<void>> take_up(store::controller_start as);
    void serve();
    asio::awaitable<void> beat();
    void give_way(store::tenure because);
    asio::awaitable<result<void>> end_overtaken();
    asio::awaitable<void> tell_farewells();
    asio::awaitable<void> end();

    /// Runs until stop() or the end; its cancellation signal is kept.
    void run(asio::awaitable<void> work)
    {
        asio::co_spawn(io, std::move(work), asio::bind_cancellation_slot(crew.emplace_back().slot(), expect_cancelled));
    }

    asio::io_context& io;
    struct config config;
    ssh::private_key key;
    std::unique_ptr<ssh::server> server;
    store::database database;
    store::change_feed feed;
    sessions present;
    std::optional<store::controller_start> self;
    // Made once we know who we are:
    std::optional<relay> files;
    std::optional<instruction_rounds> instructions;
    std::optional<dispatcher> changes;
    std::optional<intake> results;
    std::optional<farewells> endings;
    std::optional<host> conversations;

    asio::cancellation_signal starting, serving;
    std::deque<asio::cancellation_signal> crew;
    std::function<void()> over;
    bool failed = false, taken_over = false;
};

service::service(std::unique_ptr<parts> all) : parts_(std::move(all))
{
}
service::~service() = default;

bool service::failed() const noexcept
{
    return parts_->failed;
}

bool service::replaced() const noexcept
{
    return parts_->taken_over;
}

std::vector<asio::ip::tcp::endpoint> service::endpoints() const
{
    return parts_->server->endpoints();
}

result<std::unique_ptr<service>> service::open(asio::io_context& io, config const& config)
{
    auto key = ssh::private_key::load_or_make(config.host_key);
    if (!key) return complain("host key " + config.host_key.string(), key.error());
    ssh::server::options options{
        .listen = config.listen, .host_key = *key, .subsystems = {std::string(subsystem)}, .limits = config.limits};
    auto server = ssh::server::open(io, std::move(options));
    if (!server) return complain("cannot listen", server.error());
    return std::unique_ptr<service>(
        new service(std::make_unique<parts>(io, config, std::move(*key), std::move(*server))));
}

void service::start(std::function<void()> over)
{
    parts_->over = std::move(over);
    asio::co_spawn(parts_->io, parts_->begin(),
                   asio::bind_cancellation_slot(parts_->starting.slot(),
                                                [this](std::exception_ptr thrown, result<void> const& begun) {
                                                    expect_cancelled(thrown);
                                                    if (!thrown && begun) return parts_->serve();
                                                    parts_->failed = !thrown;
                                                    parts_->over();
                                                }));
}

void service::stop()
{
    log::info("controller", "stopping");
    parts_->starting.emit(asio::cancellation_type::terminal);
    parts_->serving.emit(asio::cancellation_type::terminal);
}

asio::awaitable<result<void>> service::parts::begin()
{
    auto const ready = co_await database.wait_until_ready(ready_limit);
    if (!ready) co_return complain("the database does not answer", ready.error());
    auto const addresses = addresses_for(config, server->endpoints());
    auto const registered = co_await store::register_controller(database, config.name, addresses, key.shared(),
                                                                config.terms.capacity, config.site);
    if (!registered) co_return complain("cannot register", registered.error());
    auto const taken_up = co_await take_up(*registered);
    if (!taken_up) co_return complain("cannot begin", taken_up.error());
    log::info("controller",
              config.name + " is controller " + registered->id.text() + ", host key " + key.shared().text());
    for (auto const& address : addresses) log::info("controller", "probes are told to call " + address);
    co_return result<void>{};
}

asio::awaitable<result<void>> service::parts::take_up(store::controller_start as)
{
    self = as;
    auto const closed = co_await store::close_sessions_of(database, as);
    if (!closed) co_return closed.error();
    // From here on no change is missed; whatever is read about probes and jobs is read later.
    auto const following = co_await feed.start();
    if (!following) co_return following.error();

    auto* const db = &database;
    auto const executor = io.get_executor();
    std::random_device random;
    intake::seams store{.commit =
                            [db, id = as.id](std::int64_t commit, std::vector<store::result_row> rows,
                                             std::vector<store::refused_result> refused) {
                                return store::commit_results(*db, id, commit, std::move(rows), std::move(refused));
                            },
                        .history =
                            [db](std::vector<measurement_id> measurements, std::vector<probe_id> probes) {
                                return store::participations(*db, std::move(measurements), std::move(probes));
                            }};
    backoff const pause(intake::first_pause, intake::longest_pause, random());
    files.emplace(executor, files_in(database), config.files);
    auto const listed = co_await files->read_catalogue();
    if (!listed) co_return listed.error();
    instructions.emplace(executor, database, present);
    changes.emplace(executor, database, as.id, present, *files, *instructions);
    auto const read = co_await changes->read_documents();
    if (!read) co_return read.error();
    results.emplace(executor, std::move(store), store::first_commit_of(as.number), pause);
    endings.emplace(executor, database);
    host::parts const connected{database, present, *changes, *results, *endings, *files};
    conversations.emplace(executor, connected, as.id, config.terms, random());
    co_return result<void>{};
}

void service::parts::serve()
{
    run(feed.run([this](std::vector<store::change> list) { return changes->take(std::move(list)); }));
    run(instructions->run());
    run(results->run());
    run(endings->run());
    run(conversations->watch());
    run(beat());
    auto const each = [this](std::shared_ptr<ssh::channel> channel) {
        return conversations->serve(std::move(channel));
    };
    asio::co_spawn(io, server->run(each),
                   asio::bind_cancellation_slot(serving.slot(), [this](std::exception_ptr thrown) {
                       expect_cancelled(thrown);
                       asio::co_spawn(io, end(), expect_cancelled);
                   }));
}

asio::awaitable<void> service::parts::beat()
{
    bool well = true;
    for (unsigned number = 0;; ++number) {  // left by cancellation only
        auto const sessions_now = static_cast<std::uint32_t>(present.size());
        auto const still = co_await store::beat(database, *self, sessions_now);
        if (still && *still != store::tenure::holds) co_return give_way(*still);
        result<void> heard;
        if (!still) heard = still.error();
        if (heard) heard = co_await end_overtaken();
        if (heard && number % beats_between_maintenance == 0) heard = co_await store::maintain_results(database);
        if (!heard && heard.error() == asio::error::operation_aborted) co_return;
        if (!heard && well) log::warning("controller", "heartbeat failed: " + heard.error().message());
        well = heard.has_value();
        co_await pause_for(beat_every);
    }
}

/// Two with one name would end each other's sessions, and only the newer one's addresses are told to probes. Nothing is
/// lost: probes keep what was not acknowledged.
void service::parts::give_way(store::tenure because)
{
    taken_over = because == store::tenure::replaced;
    log::error("controller", taken_over ? "another process has started as controller \"" + config.name +
                                              "\", so this one ends; each controller needs a name of its own"
                                        : "the database does not know this start of controller \"" + config.name +
                                              "\" any more: it has to start again");
    failed = true;
    serving.emit(asio::cancellation_type::terminal);
}

/// A probe is on one controller, the one where it came last: else a copied key would measure twice.
asio::awaitable<result<void>> service::parts::end_overtaken()
{
    std::vector<store::held_session> held;
    for (auto const& each : present.all()) {
        if (each->number() != 0) held.push_back({each->probe(), each->number()});
    }
    if (held.empty()) co_return result<void>{};
    auto const replaced = co_await store::replaced_of(database, std::move(held));
    if (!replaced) co_return replaced.error();
    auto const now = std::chrono::steady_clock::now();
    for (auto const& each : *replaced) {
        auto const found = present.find(each.probe);
        if (found && found->number() == each.number && found->overtaken(now)) found->end(sessions::replaced());
    }
    co_return result<void>{};
}

/// Of a process that was replaced, each session's end has to be told for itself: all of the controller are another's.
asio::awaitable<void> service::parts::tell_farewells()
{
    auto const limit = std::chrono::steady_clock::now() + last_word_limit;
    while (!endings->empty() && std::chrono::steady_clock::now() < limit) co_await pause_for(look_every);
    if (!endings->empty()) log::warning("controller", "not all ends of sessions are recorded");
}

/// All sessions have ended: says so once for all of them, and lets the others go.
asio::awaitable<void> service::parts::end()
{
    if (taken_over) co_await tell_farewells();
    auto const closed = co_await within(last_word_limit, store::close_sessions_of(database, *self));
    if (!closed) log::warning("controller", "the ends of the sessions are not recorded: " + closed.error().message());
    files->stop();
    for (auto& each : crew) each.emit(asio::cancellation_type::terminal);
    over();
}

}  // namespace tp::controller
