/// trigpoint-bench-fleet: one process that plays a whole fleet of probes which find their way by themselves. It reads
/// orders from its standard input, one a line, and answers with lines of JSON.
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <cinttypes>
#include <cstdio>
#include <fstream>

#include "base/coroutine.hpp"
#include "base/endpoint.hpp"
#include "tests/bench/fleet_load/fleet.hpp"

namespace {

using namespace tp;
using namespace tp::bench;
using std::chrono::seconds;

constexpr seconds all_limit{300};    // until everybody works
constexpr seconds again_limit{120};  // until everybody measures again
constexpr seconds patience{30};      // for the last acknowledgements
constexpr std::size_t connections = 8;

struct request {
    std::string database, acknowledged;
    std::vector<std::string> registries, registry_keys;
    setup_options setup{.keys = {}, .controller = {}, .probes = 300, .measurements = 2, .place = false};
    long long every = 10, spread = 0;  // seconds
};

bool read(request& out, int count, char** arguments)
{
    CLI::App app{"Plays a fleet of probes. The store gets the probes and measurements that it needs."};
    app.add_option("--database", out.database, "libpq's connection string of the owner")->required();
    app.add_option("--registry", out.registries, "Address and port; may be given again")->required();
    app.add_option("--registry-key", out.registry_keys, "Host key; may be given again")->required();
    app.add_option("--probes", out.setup.probes, "How many")->capture_default_str();
    app.add_option("--measurements", out.setup.measurements, "How many are made for them")->capture_default_str();
    app.add_option("--every", out.every, "Seconds from one result of a probe to the next")->capture_default_str();
    app.add_option("--spread", out.spread, "Seconds over which probes are switched on")->capture_default_str();
    app.add_option("--keys", out.setup.keys, "Folder for their keys")->required();
    app.add_option("--acknowledged", out.acknowledged, "File for what was acknowledged")->required();
    try {
        app.parse(count, arguments);
        return true;
    } catch (CLI::ParseError const& error) {
        app.exit(error);
        return false;
    }
}

bool find_registries(request const& from, known_registries& out)
{
    for (auto const& text : from.registries) {
        auto const at = parse_endpoint(text);
        if (!at) return false;
        out.at.push_back(*at);
    }
    for (auto const& text : from.registry_keys) {
        auto const key = ssh::public_key::parse(text);
        if (!key) return false;
        out.keys.push_back(*key);
    }
    return true;
}

double seconds_since(steady_time start)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double monotonic_now()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void print_moment(char const* what, probe_id which)
{
    std::printf("{\"event\": \"%s\", \"probe\": %s, \"at\": %.6f}\n", what, which.text().c_str(), monotonic_now());
    std::fflush(stdout);
}

void print_counts(std::map<std::string, std::size_t> const& list, char const* name)
{
    std::printf(", \"%s\": {", name);
    char const* between = "";
    for (auto const& [controller, count] : list) {
        std::printf("%s\"%s\": %zu", between, controller.c_str(), count);
        between = ", ";
    }
    std::printf("}");
}

/// The end of every line: what the fleet looks like now.
void print_state(fleet const& all)
{
    auto const& so_far = all.counts();
    std::printf(", \"working\": %zu, \"kept\": %zu, \"acknowledged\": %zu", all.working_now(), all.results_kept(),
                all.acknowledged_results().size());
    print_counts(all.sessions(), "sessions");
    print_counts(all.most_sessions(), "most_sessions");
    std::printf(", \"assigned\": %" PRIu64 ", \"registry_waits\": %" PRIu64 ", \"registry_refusals\": %" PRIu64
                ", \"registry_silent\": %" PRIu64 ", \"logins\": %" PRIu64 ", \"ended\": %" PRIu64
                ", \"controller_waits\": %" PRIu64 ", \"controller_refusals\": %" PRIu64 ", \"dials_failed\": %" PRIu64
                "}\n",
                so_far.assigned, so_far.told_to_wait, so_far.refused, so_far.registry_silent, so_far.sessions,
                so_far.sessions_ended, so_far.controller_waits, so_far.controller_refusals, so_far.dials_failed);
    std::fflush(stdout);
}

asio::awaitable<void> connect(fleet& all, std::chrono::milliseconds spread)
{
    auto const begun = std::chrono::steady_clock::now();
    all.switch_on(spread);
    co_await all.until([&] { return all.working_now() == all.size(); }, all_limit);
    std::printf("{\"event\": \"connected\", \"seconds\": %.2f", seconds_since(begun));
    print_state(all);
}

void look(fleet const& all)
{
    std::printf("{\"event\": \"seen\"");
    print_state(all);
}

asio::awaitable<void> lose(fleet& all, std::string controller)
{
    auto const& lost = all.lose(std::move(controller));
    std::printf("{\"event\": \"marked\", \"concerned\": %zu", lost.concerned);
    print_state(all);  // whoever reads this kills the controller now
    co_await all.until([&] { return lost.missing.empty(); }, again_limit);
    auto const at = [&](double share) {  // of all that were concerned; the times come in order
        auto const place = static_cast<std::size_t>(share * static_cast<double>(lost.concerned - 1));
        return place < lost.again.size() ? lost.again[place] : -1;
    };
    auto const limit = 60.0;
    auto const soon = std::count_if(lost.again.begin(), lost.again.end(), [&](double each) { return each <= limit; });
    std::printf(
        "{\"event\": \"again\", \"concerned\": %zu, \"again\": %zu, \"within_60\": %td, \"p50\": %.2f, "
        "\"p95\": %.2f, \"p99\": %.2f, \"last\": %.2f",
        lost.concerned, lost.again.size(), soon, at(0.5), at(0.95), at(0.99), at(1));
    print_state(all);
}

asio::awaitable<void> stop(fleet& all, std::string file)
{
    co_await all.switch_off(patience);
    std::ofstream out(file);
    for (auto const& each : all.acknowledged_results())
        out << each.measurement.text() << '|' << each.probe.text() << '|' << each.sequence << '\n';
    out.close();
    std::printf("{\"event\": \"stopped\"");
    print_state(all);
}

asio::awaitable<void> obey(fleet& all, request const& what)
{
    asio::posix::stream_descriptor input(co_await asio::this_coro::executor, ::dup(STDIN_FILENO));
    std::string buffer;
    for (;;) {
        constexpr std::size_t longest = 1000;
        auto const [ec, size] =
            co_await asio::async_read_until(input, asio::dynamic_buffer(buffer, longest), '\n', as_values);
        if (ec) co_return;
        auto const order = buffer.substr(0, size - 1);
        buffer.erase(0, size);
        if (order == "connect")
            co_await connect(all, std::chrono::seconds(what.spread));
        else if (order.starts_with("lose "))
            co_await lose(all, order.substr(5));
        else if (order == "look")
            look(all);
        else if (order == "stop")
            co_await stop(all, what.acknowledged);
        else
            std::fprintf(stderr, "trigpoint-bench-fleet: no such order: %s\n", order.c_str());
        if (order == "stop") co_return;
    }
}

asio::awaitable<int> play(asio::io_context& io, request const& what, known_registries const& registries)
{
    auto const begun = std::chrono::steady_clock::now();
    store::database database(io, {.conninfo = what.database, .connections = connections});
    auto const stage = co_await set_up(database, what.setup);
    if (!stage) {
        std::fprintf(stderr, "trigpoint-bench-fleet: cannot prepare the store: %s\n", stage.error().message().c_str());
        co_return EXIT_FAILURE;
    }
    fleet all(io, *stage, registries, std::chrono::seconds(what.every));
    all.on_revoked = [](probe_id which) { print_moment("cut", which); };
    all.on_jobless = [](probe_id which) { print_moment("jobless", which); };
    all.on_told = [](probe_id which) { print_moment("told", which); };
    all.on_begun = [](probe_id which) { print_moment("begun", which); };
    std::printf("{\"event\": \"ready\", \"seconds\": %.2f}\n", seconds_since(begun));
    std::fflush(stdout);
    co_await obey(all, what);
    std::_Exit(EXIT_SUCCESS);  // thousands of coroutines that wait: nothing is gained by taking them apart
}

}  // namespace

int main(int count, char** arguments)
{
    request what;
    known_registries registries;
    if (!read(what, count, arguments)) return EXIT_FAILURE;
    if (!find_registries(what, registries)) {
        std::fprintf(stderr, "trigpoint-bench-fleet: a registry's address or key is not one\n");
        return EXIT_FAILURE;
    }
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);

    asio::io_context io{1};
    int status = EXIT_FAILURE;
    asio::co_spawn(io, play(io, what, registries), [&](std::exception_ptr thrown, int answer) {
        if (thrown) std::rethrow_exception(thrown);
        status = answer;
        io.stop();
    });
    io.run();
    return status;
}
