/// trigpoint-bench-probes: one process that plays thousands of probes against one controller, and prints what became of
/// their results as one line of JSON.
#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <filesystem>

#include "base/coroutine.hpp"
#include "tests/bench/load_probes.hpp"

namespace {

using namespace tp;
using namespace tp::bench;

struct request {
    std::string database;
    setup_options setup{.keys = {}, .controller = {}, .probes = 100, .measurements = 4};
    struct load load;
    bool idle = false;
    std::string file;  // fetched instead of delivering results
};

bool read(request& out, int count, char** arguments)
{
    CLI::App app{"Plays many probes against one controller. The store gets the probes and measurements that it needs."};
    long long seconds = out.load.length.count();
    out.load.rate = 1000;
    app.add_option("--database", out.database, "libpq's connection string of the owner")->required();
    app.add_option("--controller", out.setup.controller, "Its name; else the first");
    app.add_option("--probes", out.setup.probes, "How many")->capture_default_str();
    app.add_option("--measurements", out.setup.measurements, "How many are made for them")->capture_default_str();
    app.add_option("--rate", out.load.rate, "Results a second, of all together")->capture_default_str();
    app.add_option("--batch", out.load.batch, "Results in a frame")->capture_default_str();
    app.add_option("--seconds", seconds, "How long")->capture_default_str();
    app.add_option("--dialling", out.load.dialling, "How many connect at once")->capture_default_str();
    app.add_option("--keys", out.setup.keys, "Folder of keys, kept for the next run; else they are made anew");
    app.add_option("--fetch", out.file, "Fetch this file of the repository, each of them, instead");
    app.add_flag("--idle", out.idle, "Connect and stay, without results");
    try {
        app.parse(count, arguments);
    } catch (CLI::ParseError const& error) {
        app.exit(error);
        return false;
    }
    out.load.length = std::chrono::seconds(seconds);
    if (out.idle) out.load.rate = 0;
    return true;
}

void print(outcome const& what)
{
    auto const at = [&](double share) {
        if (what.latencies.empty()) return 0.0;
        return what.latencies[static_cast<std::size_t>(share * static_cast<double>(what.latencies.size() - 1))] * 1000;
    };
    std::printf(
        "{\"connected\": %zu, \"failed\": %zu, \"lost\": %zu, \"connect_seconds\": %.3f, \"sent\": %llu, "
        "\"acknowledged\": %llu, \"seconds\": %.3f, \"rate\": %.1f, \"ack_p50_ms\": %.2f, \"ack_p99_ms\": %.2f}\n",
        what.connected, what.failed, what.lost, what.connect_seconds, static_cast<unsigned long long>(what.sent),
        static_cast<unsigned long long>(what.acknowledged), what.seconds,
        static_cast<double>(what.acknowledged) / what.seconds, at(0.5), at(0.99));
}

asio::awaitable<int> play(asio::io_context& io, request const& what)
{
    store::database database(io, {.conninfo = what.database});
    auto const stage = co_await set_up(database, what.setup);
    if (!stage) {
        std::fprintf(stderr, "trigpoint-bench-probes: cannot prepare the store: %s\n", stage.error().message().c_str());
        co_return EXIT_FAILURE;
    }
    swarm swarm(io, *stage, what.load);
    co_await swarm.connect();
    std::fprintf(stderr, "CONNECTED\n");  // whoever measures a controller with idle sessions waits for this line
    if (!what.file.empty()) {
        auto const fetched = co_await swarm.fetch(what.file);
        std::printf("{\"connected\": %zu, \"lost\": %zu, \"octets\": %llu, \"put_off\": %llu, \"seconds\": %.3f}\n",
                    fetched.connected, fetched.lost, static_cast<unsigned long long>(fetched.octets),
                    static_cast<unsigned long long>(fetched.put_off), fetched.seconds);
        co_return fetched.failed == 0 && fetched.lost == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    auto const outcome = co_await swarm.deliver();
    print(outcome);
    bool const well = outcome.failed == 0 && outcome.lost == 0 && outcome.acknowledged == outcome.sent;
    co_return well ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int count, char** arguments)
{
    request what;
    if (!read(what, count, arguments)) return EXIT_FAILURE;
    std::string made;
    if (what.setup.keys.empty()) {
        made = (std::filesystem::temp_directory_path() / "trigpoint-keys-XXXXXX").string();
        if (::mkdtemp(made.data()) == nullptr) return EXIT_FAILURE;
        what.setup.keys = made;
    }
    std::filesystem::create_directories(what.setup.keys);

    asio::io_context io{1};
    int status = EXIT_FAILURE;
    asio::co_spawn(io, play(io, what), [&](std::exception_ptr thrown, int answer) {
        if (thrown) std::rethrow_exception(thrown);
        status = answer;
    });
    io.run();
    if (!made.empty()) std::filesystem::remove_all(made);
    return status;
}
