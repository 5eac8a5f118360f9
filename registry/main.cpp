#include <CLI/CLI.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>
#include <list>
#include <optional>
#include <random>

#include "base/coroutine.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "base/ssh/server.hpp"
#include "registry/alerts/courier.hpp"
#include "registry/config.hpp"
#include "registry/director/director.hpp"
#include "registry/director/stored_files.hpp"
#include "registry/housekeeping.hpp"
#include "registry/mover.hpp"
#include "registry/watch/watch.hpp"

namespace tp::registry {
namespace {

int complain(std::string const& what, error_code why)
{
    log::error("registry", what + ": " + why.message());
    return EXIT_FAILURE;
}

void say_where(ssh::server const& server, ssh::private_key const& key)
{
    for (auto const& endpoint : server.endpoints()) {
        log::info("registry", "listening on " + endpoint.address().to_string() + " port " +
                                  std::to_string(endpoint.port()) + " with host key " + key.shared().text());
    }
}

using courier_list = std::vector<std::unique_ptr<courier>>;

std::optional<courier_list> open_couriers(store::database& database, std::vector<alert_receiver> const& receivers)
{
    courier_list out;
    for (auto const& each : receivers) {
        auto one = courier::open(database, each, std::random_device{}());
        if (!one) {
            complain("receiver of alerts " + each.name + " (secret of 16 octets or more, mode 0600?)", one.error());
            return std::nullopt;
        }
        out.push_back(std::move(*one));
    }
    return out;
}

/// None if this registry is to lead no rollouts.
result<std::unique_ptr<director>> open_director(store::database& database, tuf::transport& repository,
                                                director_settings const& chosen)
{
    if (chosen.key.empty()) return std::unique_ptr<director>();
    auto key = signing::private_key::load(chosen.key);
    if (!key) return key.error();
    auto root = read_file(chosen.root, tuf::limits{}.root);
    if (!root) return root.error();
    log::info("registry", "rollouts are signed with the key " + key->shared().text());
    return std::make_unique<director>(database, chosen, scribe(std::move(*key)), std::move(*root), repository,
                                      std::random_device{}());
}

int serve(config const& config)
{
    auto const key = ssh::private_key::load_or_make(config.host_key);
    if (!key) return complain("host key " + config.host_key.string(), key.error());
    auto const places = location_files::open(config.location);
    if (!places) return complain("MaxMind files", places.error());

    asio::io_context io{1};
    store::database database(io, config.database);
    auto server = ssh::server::open(
        io,
        {.listen = config.listen, .host_key = *key, .subsystems = {std::string(subsystem)}, .limits = config.limits});
    if (!server) return complain("cannot listen", server.error());
    say_where(**server, *key);

    desk desk(database, *places, config.terms, {}, std::random_device{}());
    asio::cancellation_signal stop_serving, stop_housekeeping, stop_moving, stop_watching, stop_directing;
    auto const each = [&desk](std::shared_ptr<ssh::channel> channel) { return desk.serve(std::move(channel)); };
    asio::co_spawn(io, (*server)->run(each), asio::bind_cancellation_slot(stop_serving.slot(), expect_cancelled));
    housekeeping house{database, *places};
    asio::co_spawn(io, house.run(), asio::bind_cancellation_slot(stop_housekeeping.slot(), expect_cancelled));
    mover moves(database, config.terms.areas, {config.moves_per_second, config.terms.lease}, std::random_device{}());
    asio::co_spawn(io, moves.run(), asio::bind_cancellation_slot(stop_moving.slot(), expect_cancelled));
    watch detectors(database, config.detectors, std::random_device{}());
    asio::co_spawn(io, detectors.run(), asio::bind_cancellation_slot(stop_watching.slot(), expect_cancelled));
    auto couriers = open_couriers(database, config.alert_receivers);
    if (!couriers) return EXIT_FAILURE;
    std::list<asio::cancellation_signal> stop_telling;
    for (auto const& one : *couriers)
        asio::co_spawn(io, one->run(),
                       asio::bind_cancellation_slot(stop_telling.emplace_back().slot(), expect_cancelled));
    stored_files repository(database);
    auto const rollouts = open_director(database, repository, config.director);
    if (!rollouts) return complain("director's key " + config.director.key.string(), rollouts.error());
    if (*rollouts)
        asio::co_spawn(io, (*rollouts)->run(), asio::bind_cancellation_slot(stop_directing.slot(), expect_cancelled));
    asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](error_code, int) {
        log::info("registry", "stopping");
        stop_serving.emit(asio::cancellation_type::terminal);
        stop_housekeeping.emit(asio::cancellation_type::terminal);
        stop_moving.emit(asio::cancellation_type::terminal);
        stop_watching.emit(asio::cancellation_type::terminal);
        for (auto& one : stop_telling) one.emit(asio::cancellation_type::terminal);
        stop_directing.emit(asio::cancellation_type::terminal);
    });
    io.run();
    return EXIT_SUCCESS;
}

}  // namespace
}  // namespace tp::registry

int main(int count, char** arguments)
{
    CLI::App app{"Trigpoint registry: first contact, identity and placement of probes"};
    std::string file = "/etc/trigpoint/trigpoint-registry.toml";
    app.add_option("--config", file, "Configuration file")->capture_default_str();
    CLI11_PARSE(app, count, arguments);

    auto settings = tp::settings::read_file(file);
    auto const config = tp::registry::read_config(settings);
    if (auto const complaint = settings.finish()) {
        std::fprintf(stderr, "trigpoint-registry: %s\n", complaint->c_str());
        return EXIT_FAILURE;
    }
    return tp::registry::serve(config);
}
