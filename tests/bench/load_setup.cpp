#include "tests/bench/load_setup.hpp"

#include <optional>

#include "base/coroutine.hpp"
#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "store/accounts.hpp"
#include "store/enrolment.hpp"
#include "store/fleet.hpp"
#include "store/measurements.hpp"

namespace tp::bench {
namespace {

constexpr std::chrono::hours lease{24};
constexpr std::size_t at_once = 8;  // probes that are added
constexpr std::chrono::milliseconds look_again{20};
constexpr std::chrono::hours interval{1};  // of the measurements, which nobody really does
constexpr auto target = "198.20.0.1";      // which somebody can ask to be left alone

boost::asio::awaitable<result<store::controller_record>> find_controller(store::database& database, std::string name)
{
    auto const all = co_await store::list_controllers(database);
    if (!all) co_return all.error();
    for (auto const& each : *all) {
        if (name.empty() || each.name == name) co_return each;
    }
    co_return errc::not_found;
}

boost::asio::awaitable<result<identity>> enrol(store::database& database, ssh::private_key key, account_id owner,
                                               std::optional<controller_id> controller)
{
    auto const known = co_await store::find_probe(database, key.shared());
    std::optional<probe_id> probe;
    if (known) probe = known->id;
    if (!probe) {
        auto const added = co_await store::add_probe(database, key.shared(), owner, "simulated");
        if (!added) co_return added.error();
        probe = *added;
        auto const admitted = co_await store::change_trust(database, *probe, store::trust_event::admitted, "simulated");
        if (!admitted) co_return admitted.error();
    }
    if (!controller) co_return identity{std::move(key), *probe};
    std::vector<controller_id> const ranked(1, *controller);
    auto const placed = co_await store::place_probe(database, *probe, ranked, lease);
    if (!placed) co_return placed.error();
    co_return identity{std::move(key), *probe};
}

struct enrolment {
    store::database& database;
    setup_options const& options;
    account_id owner;
    std::optional<controller_id> controller;  // none: they are not placed
    std::vector<std::optional<identity>> done = std::vector<std::optional<identity>>(options.probes);
    std::size_t running = 0;
    error_code failed{};
};

/// Every nth probe.
boost::asio::awaitable<void> enrol_some(enrolment& all, std::size_t first, std::size_t step)
{
    for (auto i = first; i < all.done.size() && !all.failed; i += step) {
        auto key = ssh::private_key::load_or_make(all.options.keys / ("probe" + std::to_string(i)));
        if (!key) {
            all.failed = key.error();
            break;
        }
        auto enrolled = co_await enrol(all.database, std::move(*key), all.owner, all.controller);
        if (enrolled)
            all.done[i] = std::move(*enrolled);
        else
            all.failed = enrolled.error();
    }
    --all.running;
}

boost::asio::awaitable<result<std::vector<identity>>> enrol_all(enrolment all)
{
    auto const executor = co_await asio::this_coro::executor;
    all.running = at_once;
    for (std::size_t i = 0; i < at_once; ++i) asio::co_spawn(executor, enrol_some(all, i, at_once), expect_cancelled);
    while (all.running > 0) co_await pause_for(look_again);
    if (all.failed) co_return all.failed;
    std::vector<identity> out;
    for (auto& each : all.done) out.push_back(std::move(*each));
    co_return std::move(out);
}

store::new_measurement some_measurement(account_id owner, std::vector<identity> const& probes)
{
    proto::job job{.measurement = measurement_id::from(1).value(), .target = target};
    job.address = asio::ip::make_address(target);
    job.when.start = wall_now();
    job.when.interval = interval;
    store::new_measurement out{.job = job, .owner = owner, .description = "load", .probes_requested = 1};
    for (auto const& each : probes) out.participants.push_back(each.probe);
    return out;
}

}  // namespace

boost::asio::awaitable<result<stage>> set_up(store::database& database, setup_options options)
{
    auto const controller = co_await find_controller(database, options.controller);
    if (!controller) co_return controller.error();
    auto const owner = co_await store::first_administrator(database);
    if (!owner) co_return owner.error();

    stage out{.controller = {}, .host_key = controller->host_key, .probes = {}, .measurements = {}};
    for (auto const& address : controller->addresses) {
        auto const endpoint = parse_endpoint(address);
        if (endpoint) out.controller.push_back(*endpoint);
    }
    enrolment all{database, options, *owner, options.place ? std::optional(controller->id) : std::nullopt};
    auto enrolled = co_await enrol_all(std::move(all));
    if (!enrolled) co_return enrolled.error();
    out.probes = std::move(*enrolled);
    if (options.measurements == 0) co_return std::move(out);
    std::vector<store::new_measurement> wanted(options.measurements, some_measurement(*owner, out.probes));
    auto made = co_await store::create_measurements(database, std::move(wanted), store::no_target_caps);
    if (!made) co_return made.error();
    out.measurements = std::move(made->made);
    co_return std::move(out);
}

}  // namespace tp::bench
