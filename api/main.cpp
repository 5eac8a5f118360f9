#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "api/config.hpp"
#include "api/results/text.hpp"
#include "api/service.hpp"
#include "base/coroutine.hpp"
#include "base/files.hpp"
#include "base/log.hpp"

namespace tp::api {
namespace {

constexpr std::string_view usage =
    "trigpoint-api --config FILE\n"
    "Serves the REST API for people and tools. Every key of the file, with its default: trigpoint-api.toml in the\n"
    "documentation. SIGTERM and SIGINT end it in good order.\n";
constexpr std::chrono::seconds database_limit{30};  // to answer at the start

/// Certificate and key, self-made ones if the configuration names none.
result<std::shared_ptr<boost::asio::ssl::context>> open_tls(config const& chosen)
{
    if (!chosen.certificate.empty()) return http::open_tls({chosen.certificate, chosen.key});
    auto const made = http::self_made_certificate(chosen.tls_folder, chosen.tls_names);
    if (!made) return made.error();
    return http::open_tls(*made);
}

result<http::server::options> server_options(config const& chosen)
{
    auto out = chosen.server;
    out.listen = listeners(chosen);
    if (chosen.https_port < 0) return out;
    auto const tls = open_tls(chosen);
    if (!tls) {
        log::error("api", "cannot serve HTTPS: " + tls.error().message());
        return tls.error();
    }
    out.tls = *tls;
    return out;
}

/// What hosts agree to: the text is read once, so that a file that is not there is known at the start.
result<host_terms> read_terms(config const& chosen)
{
    auto out = chosen.terms;
    if (chosen.consent_file.empty()) return out;
    auto text = read_file(chosen.consent_file, largest_consent);
    if (text && !is_storable_text(*text)) text = errc::malformed;
    if (!text) {
        log::error("api", chosen.consent_file.string() + ": " + text.error().message());
        return text.error();
    }
    out.consent_text = std::move(*text);
    return out;
}

/// Serves until it is told to stop. What it owns goes in the order that it was made in, backwards.
int serve(config const& chosen)
{
    asio::io_context io{1};
    store::database database(io, {.conninfo = chosen.database, .connections = chosen.database_connections});
    auto terms = read_terms(chosen);
    auto options = server_options(chosen);
    if (!terms || !options) return EXIT_FAILURE;
    service answers(io, database, chosen.limits, chosen.trusted, chosen.abuse, std::move(*terms));
    auto const server = http::server::open(
        io, std::move(*options), [&answers](http::request given) { return answers.answer_request(std::move(given)); });
    if (!server) return EXIT_FAILURE;

    asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](error_code error, int) {
        if (!error) (*server)->stop();
    });
    auto const run = [](http::server& serving, asio::signal_set& waiting,
                        store::database& ready) -> asio::awaitable<void> {
        auto const reached = co_await ready.wait_until_ready(database_limit);
        if (!reached) log::warning("api", "the database does not answer yet: " + reached.error().message());
        log::info("api", "ready");
        co_await serving.run();
        waiting.cancel();
    };
    asio::co_spawn(io, run(**server, signals, database), expect_cancelled);
    io.run();
    log::info("api", "stopped");
    return EXIT_SUCCESS;
}

int run_program(int count, char** arguments)
{
    std::string_view const option = count > 1 ? arguments[1] : "";
    if (count == 2 && (option == "--help" || option == "-h")) {
        std::cout << usage;
        return EXIT_SUCCESS;
    }
    if (count != 3 || option != "--config") {
        std::cerr << usage;
        return 2;
    }
    auto from = settings::read_file(arguments[2]);
    auto const chosen = read_config(from);
    if (auto const complaint = from.finish()) {
        std::cerr << *complaint << '\n';
        return 2;
    }
    // The system's resolver blocks a thread; a name that nobody answers for must not do so for long.
    ::setenv("RES_OPTIONS", "timeout:2 attempts:2", 0);
    return serve(chosen);
}

}  // namespace
}  // namespace tp::api

int main(int count, char** arguments)
{
    return tp::api::run_program(count, arguments);
}
