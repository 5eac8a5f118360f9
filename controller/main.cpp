#include <CLI/CLI.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>
#include <deque>
#include <random>

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "base/ssh/server.hpp"
#include "controller/config.hpp"
#include "controller/service.hpp"

namespace {

constexpr int exit_replaced = 3;  // whoever starts us again is not to do so (deploy/trigpoint-controller.service)

int serve(tp::controller::config const& config)
{
    boost::asio::io_context io{1};
    auto const opened = tp::controller::service::open(io, config);
    if (!opened) return EXIT_FAILURE;  // it said why
    boost::asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](tp::error_code, int) { (*opened)->stop(); });
    (*opened)->start([&] { signals.cancel(); });
    io.run();
    if ((*opened)->replaced()) return exit_replaced;
    return (*opened)->failed() ? EXIT_FAILURE : EXIT_SUCCESS;
}

}  // namespace

int main(int count, char** arguments)
{
    CLI::App app{"Trigpoint controller: sessions, jobs and results of probes"};
    std::string file = "/etc/trigpoint/trigpoint-controller.toml";
    app.add_option("--config", file, "Configuration file")->capture_default_str();
    CLI11_PARSE(app, count, arguments);

    auto settings = tp::settings::read_file(file);
    auto const config = tp::controller::read_config(settings);
    if (auto const complaint = settings.finish()) {
        std::fprintf(stderr, "trigpoint-controller: %s\n", complaint->c_str());
        return EXIT_FAILURE;
    }
    return serve(config);
}
